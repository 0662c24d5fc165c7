//! `Cart.quotes`: what a checkout of the cart would cost now.

use std::collections::HashMap;

use async_graphql::{Context, Enum, SimpleObject};
use contracts::promotion::{AppliedPromotion, QuotedLine, RejectedPromotion, RejectionReason};
use entities::order::cart_item;
use kernel::{Money, SkuId};
use service_kit::{Error, Platform, Result, Viewer, graphql};

use crate::{
    cart::pricing::{CartPrices, cart_prices},
    checkout::input::CODES_MAX,
    references::{Promotion, Sku},
};

/// What a checkout of those SKUs in a cart that are in one currency would cost now, without transport.
#[derive(SimpleObject)]
pub struct CartQuote {
    /// One entry for each SKU that is for sale, in the order of the cart.
    pub lines: Vec<CartQuoteLine>,
    /// The list price of all lines.
    pub list_amount: graphql::Money,
    /// What promotions take off it.
    pub saving: graphql::Money,
    /// What the buyer would pay: the sum of the lines.
    pub paid_amount: graphql::Money,
    /// What would be credited after delivery.
    pub cashback_amount: graphql::Money,
    /// The promotions and codes that were considered and do not apply.
    pub rejected: Vec<CartRejection>,
}

/// The price of one SKU in a cart.
#[derive(SimpleObject)]
pub struct CartQuoteLine {
    /// The SKU.
    pub sku: Sku,
    /// How many units of it.
    pub quantity: i32,
    /// List price of one unit × quantity.
    pub list_amount: graphql::Money,
    /// What the buyer would pay for them.
    pub paid_amount: graphql::Money,
    /// The promotions that make the difference.
    pub applied: Vec<CartPromotion>,
    /// The promotions that credit something after delivery.
    pub cashback: Vec<CartPromotion>,
    /// The promotions on shipping that the line earns. What they take off shows once the transport cost is known.
    pub shipping_promotions: Vec<Promotion>,
}

/// A promotion that applies to a line of a cart.
#[derive(SimpleObject)]
pub struct CartPromotion {
    /// The promotion.
    pub promotion: Promotion,
    /// What it takes off the line, or credits for it.
    pub amount: graphql::Money,
}

/// A promotion or a code that does not apply to a cart.
#[derive(SimpleObject)]
pub struct CartRejection {
    /// The promotion. Null when a code belongs to none.
    pub promotion: Option<Promotion>,
    /// The code, as it was entered. Null when the promotion needs none.
    pub code: Option<String>,
    /// Why.
    pub reason: CartRejectionReason,
}

/// Why a promotion does not apply to a cart.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RejectionReason")]
pub enum CartRejectionReason {
    /// No promotion has this code.
    UnknownCode,
    /// It has not begun, is over, is switched off, or this is none of its hours.
    NotActive,
    /// None of the lines is a target of it, or none becomes cheaper by it.
    NoMatchingLine,
    /// The goods it is about cost too little, or are too few.
    MinimumNotReached,
    /// It has been used as often as it may be, in all or by this account.
    UsesExhausted,
    /// Its budget is spent.
    BudgetExhausted,
    /// Another promotion of its group saves more, or an exclusive one applies alone.
    Outranked,
    /// Its amounts are in another currency.
    OtherCurrency,
}

/// Prices a cart of the viewer: one quote for each currency among its SKUs that are for sale.
pub(crate) async fn quotes(
    ctx: &Context<'_>,
    items: &[cart_item::Model],
    codes: Vec<String>,
) -> Result<Vec<CartQuote>> {
    if codes.len() > CODES_MAX {
        return Err(Error::bad_input("codes", format!("at most {CODES_MAX}")));
    }
    if items.is_empty() {
        return Ok(vec![]);
    }
    let wanted: Vec<_> = items.iter().map(|item| (item.sku_id, item.quantity)).collect();
    let (peers, buyer_id) = (&ctx.data_unchecked::<Platform>().peers, Viewer::of(ctx)?.account_id);
    let prices = cart_prices(peers, buyer_id, &wanted, &codes).await?;
    prices.into_iter().map(CartQuote::of).collect()
}

impl CartQuote {
    fn of(prices: CartPrices) -> Result<Self> {
        let quoted = &prices.quote.lines;
        let currency = quoted.first().ok_or_else(|| Error::broken("a quote without lines"))?.list_amount.currency;
        let sum = |amount: fn(&QuotedLine) -> Money| Money::sum(currency, quoted.iter().map(amount));
        let (list, paid) = (sum(|line| line.list_amount)?, sum(|line| line.paid_amount)?);
        let cashback = quoted.iter().flat_map(|line| &line.cashback).map(|one| one.saving);
        let cashback = Money::sum(currency, cashback)?;
        let quantities: HashMap<SkuId, i32> = prices.quantities.into_iter().collect();
        Ok(Self {
            list_amount: list.into(),
            saving: list.minus(paid)?.into(),
            paid_amount: paid.into(),
            cashback_amount: cashback.into(),
            lines: prices.quote.lines.into_iter().map(|line| CartQuoteLine::of(line, &quantities)).collect(),
            rejected: prices.quote.rejected.into_iter().map(CartRejection::from).collect(),
        })
    }
}

impl CartQuoteLine {
    fn of(line: QuotedLine, quantities: &HashMap<SkuId, i32>) -> Self {
        let sku_id = SkuId(line.line_id.uuid());
        Self {
            sku: Sku { id: sku_id },
            quantity: quantities.get(&sku_id).copied().unwrap_or_default(),
            list_amount: line.list_amount.into(),
            paid_amount: line.paid_amount.into(),
            applied: line.applied.into_iter().map(CartPromotion::from).collect(),
            cashback: line.cashback.into_iter().map(CartPromotion::from).collect(),
            shipping_promotions: line.shipping_promotion_ids.into_iter().map(|id| Promotion { id }).collect(),
        }
    }
}

impl From<AppliedPromotion> for CartPromotion {
    fn from(applied: AppliedPromotion) -> Self {
        Self { promotion: Promotion { id: applied.promotion_id }, amount: applied.saving.into() }
    }
}

impl From<RejectedPromotion> for CartRejection {
    fn from(rejected: RejectedPromotion) -> Self {
        Self {
            promotion: rejected.promotion_id.map(|id| Promotion { id }),
            code: rejected.code,
            reason: rejected.reason.into(),
        }
    }
}
