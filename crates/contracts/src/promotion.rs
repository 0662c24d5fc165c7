//! What other modules may ask of `promotion`.

use kernel::{AccountId, CategoryId, Money, OperationId, OrderItemId, ProductId, PromotionId, SkuId};
use serde::{Deserialize, Serialize};

use crate::{Call, Read};

/// Prices lines without counting any use: the cart and the card.
pub const PRICES: Read<PriceRequest, PriceQuote> = Read::new("promotion", "prices");

/// Prices the lines of a checkout and counts the uses and budgets of what applies, all or nothing.
pub const REDEEM: Call<Redeem, PriceQuote> = Call::new("PromotionPricing", "redeem");

/// Gives back the uses and budgets that items had counted. Items given back before are left as they are.
pub const GIVE_BACK: Call<GiveBack, ()> = Call::new("PromotionPricing", "give_back");

/// Gives back a part of what items had counted, as much as their units have come back: of budgets, and of cashback,
/// credited or not. The use itself ends with the item, by [`GIVE_BACK`]. A part that was given back before, or is
/// smaller than what was, changes nothing.
pub const GIVE_BACK_PART: Call<GiveBackPart, ()> = Call::new("PromotionPricing", "give_back_part");

/// What the shipping promotions that a checkout had earned take off the transport cost of an order. Counts nothing.
pub const SHIPPING_DISCOUNT: Call<ShippingDiscount, ShippingQuote> = Call::new("PromotionPricing", "shipping_discount");

/// The same, counted against the budgets of the promotions: for an order that is about to be made of the items. The same
/// operation again gives the first answer. When the items go, [`GIVE_BACK`] gives this back as well.
pub const REDEEM_SHIPPING: Call<RedeemShipping, ShippingOutcome> = Call::new("PromotionPricing", "redeem_shipping");

/// Takes a [`REDEEM_SHIPPING`] back whose order was not made after all. One that was never made changes nothing.
pub const RELEASE_SHIPPING: Call<OperationId, ()> = Call::new("PromotionPricing", "release_shipping");

/// Credits the cashback of items that have been delivered, each once: what was credited now or by an earlier call. Items
/// that were given back have none.
pub const CREDIT_CASHBACK: Call<CreditCashback, Vec<CreditedCashback>> =
    Call::new("PromotionPricing", "credit_cashback");

/// Everything that was credited, and taken back, as cashback of items so far: whoever keeps the ledger writes each entry
/// once. It reads only.
pub const CASHBACK_ENTRIES: Call<Vec<OrderItemId>, Vec<CashbackEntry>> =
    Call::new("PromotionPricing", "cashback_entries");

/// Lines to price, all in one currency.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PriceRequest {
    /// Who would buy, for limits per account; `None` for a stranger.
    pub buyer_id: Option<AccountId>,
    /// Codes the buyer entered.
    pub codes: Vec<String>,
    /// What would be bought.
    pub lines: Vec<PriceLine>,
}

/// One line to price.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PriceLine {
    /// Names the line in the answer; at checkout it is the order item.
    pub line_id: OrderItemId,
    /// The SKU.
    pub sku_id: SkuId,
    /// Its product.
    pub product_id: ProductId,
    /// Who sells it.
    pub seller_id: AccountId,
    /// The product's category and all its ancestors.
    pub category_path: Vec<CategoryId>,
    /// List price of one unit.
    pub unit_price: Money,
    /// How many units, at least one.
    pub quantity: i64,
}

/// Prices, and why they are so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceQuote {
    /// One entry a line, in the order of the request.
    pub lines: Vec<QuotedLine>,
    /// Promotions that were considered and did not apply.
    pub rejected: Vec<RejectedPromotion>,
}

/// The price of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedLine {
    /// The line.
    pub line_id: OrderItemId,
    /// Unit price × quantity.
    pub list_amount: Money,
    /// What the buyer pays for the line: never negative, never above the list amount.
    pub paid_amount: Money,
    /// What made the difference.
    pub applied: Vec<AppliedPromotion>,
    /// What the buyer is credited once the line is delivered; it does not lower what is paid now, and all of it together
    /// is never more than that. `saving` is the amount of the credit.
    #[serde(default)]
    pub cashback: Vec<AppliedPromotion>,
    /// Shipping promotions the line has earned, to be applied when the order and its transport cost are known.
    pub shipping_promotion_ids: Vec<PromotionId>,
}

/// A promotion that applies to a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedPromotion {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its name as buyers see it.
    pub name: String,
    /// What it takes off this line.
    pub saving: Money,
}

/// A promotion that does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedPromotion {
    /// The promotion; `None` when a code belongs to none.
    pub promotion_id: Option<PromotionId>,
    /// The code the buyer entered, if it came by a code.
    pub code: Option<String>,
    /// Why.
    pub reason: RejectionReason,
}

/// Why a promotion does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RejectionReason {
    /// No promotion has this code.
    UnknownCode,
    /// It has not begun, is over, or is outside its hours.
    NotActive,
    /// None of the lines is a target of it.
    NoMatchingLine,
    /// The lines it targets cost less than its minimum.
    MinimumNotReached,
    /// It has been used as often as it may be, in all or by this account.
    UsesExhausted,
    /// Its budget is spent.
    BudgetExhausted,
    /// Another promotion of its group saves more, or one of the group `exclusive` applies alone.
    Outranked,
    /// Its amounts are in another currency.
    OtherCurrency,
}

/// Prices a checkout and counts what applies.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Redeem {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// The lines; `buyer_id` is required.
    pub request: PriceRequest,
}

/// Gives back what items had counted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GiveBack {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// The items that are no more.
    pub item_ids: Vec<OrderItemId>,
}

/// Gives back a part of what items had counted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GiveBackPart {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// The items, each once.
    pub parts: Vec<Part>,
}

/// How much of an item has come back, in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The item.
    pub item_id: OrderItemId,
    /// How many of its units have come back since it was bought, not only now.
    pub given_back: i64,
    /// How many units were bought.
    pub quantity: i64,
}

/// Asks what shipping promotions take off.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShippingDiscount {
    /// The promotions that the items of the order had earned.
    pub promotion_ids: Vec<PromotionId>,
    /// What the items of the order cost after product promotions, for `min_spend`.
    pub product_amount: Money,
    /// The transport cost to reduce.
    pub transport_cost: Money,
}

/// What comes off the transport cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingQuote {
    /// Never more than the transport cost.
    pub discount: Money,
    /// What made it.
    pub applied: Vec<AppliedPromotion>,
    /// Promotions that were earned and take nothing off.
    #[serde(default)]
    pub rejected: Vec<RejectedPromotion>,
}

/// Counts what shipping promotions take off.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RedeemShipping {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// The items that are to make up the order.
    pub item_ids: Vec<OrderItemId>,
    /// What is asked.
    pub request: ShippingDiscount,
}

/// The answer to [`REDEEM_SHIPPING`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShippingOutcome {
    /// What comes off is counted.
    Counted(ShippingQuote),
    /// Another operation makes an order of one of these items at this moment, or has made one; nothing is counted.
    Claimed,
}

/// Credits cashback.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreditCashback {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// The items that the buyer has received.
    pub item_ids: Vec<OrderItemId>,
}

/// Cashback of one item that has been credited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditedCashback {
    /// The item.
    pub item_id: OrderItemId,
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its name as buyers see it.
    pub name: String,
    /// Whose credit it is.
    pub buyer_id: AccountId,
    /// The seller who bears it; `None` when the platform does.
    pub borne_by: Option<AccountId>,
    /// How much.
    pub amount: Money,
}

/// One entry of the account of cashback. Entries are never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashbackEntry {
    /// Names the entry for ever.
    pub entry_id: OperationId,
    /// The item.
    pub item_id: OrderItemId,
    /// Whose account it is.
    pub buyer_id: AccountId,
    /// The seller who bears it; `None` when the platform does.
    pub borne_by: Option<AccountId>,
    /// Positive when it was credited, negative when it was taken back.
    pub amount: Money,
}
