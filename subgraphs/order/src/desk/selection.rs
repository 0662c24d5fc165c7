//! A selection of pending items that can become one order.

use contracts::promotion::ShippingDiscount;
use entities::order::{Address, order_item};
use kernel::{AccountId, Currency, Money, MoneyError, OrderItemId, PromotionId};
use serde::{Deserialize, Serialize};
use service_kit::Result;

use crate::{
    addresses, amounts,
    error::{ErrorCode, Refusal},
    items::release::pending_refusals,
    orders::totals::{Line, Totals},
    providers::transport::{Parcel, Route},
    shipment::store::Dispatch,
};

/// Items of one buyer and one address in one currency, and what has to be known of them to make their order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Selection {
    pub(crate) item_ids: Vec<OrderItemId>,
    pub(crate) buyer_id: AccountId,
    pub(crate) address: Address,
    pub(crate) address_key: String,
    pub(crate) currency: Currency,
    pub(crate) lines: Vec<Line>,
    pub(crate) weight_grams: i64,
    pub(crate) shipping_promotion_ids: Vec<PromotionId>,
    /// What the seller chose, or else what the buyer chose.
    pub(crate) transport_option: String,
}

/// What the transport of a selection costs, and where the parcel is picked up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Quoted {
    pub(crate) cost: Money,
    pub(crate) discount: Money,
    pub(crate) pickup: Option<Address>,
}

impl Selection {
    /// Makes a selection of the items that a seller has named.
    ///
    /// # Errors
    /// A fault. Items that are not pending, are not the seller's, or do not belong together are refusals.
    pub(crate) fn of(
        seller_id: AccountId,
        item_ids: &[OrderItemId],
        found: &[order_item::Model],
        transport_option: Option<String>,
    ) -> Result<Result<Self, Vec<Refusal>>> {
        let refusals = pending_refusals(item_ids, found, |item| item.seller_id == seller_id);
        if !refusals.is_empty() {
            return Ok(Err(refusals));
        }
        let Some(first) = found.first() else {
            return Ok(Err(vec![Refusal::at("itemIds", ErrorCode::LineCountOutOfRange, "Name at least one item.")]));
        };
        let alike = |item: &order_item::Model| {
            (item.buyer_id, &item.address_key, &item.currency) == (first.buyer_id, &first.address_key, &first.currency)
        };
        if !found.iter().all(alike) {
            let message = "One order has one buyer, one address and one currency.";
            return Ok(Err(vec![Refusal::at("itemIds", ErrorCode::ItemsNotTogether, message)]));
        }
        let currency = amounts::currency(&first.currency)?;
        let line = |item: &order_item::Model| Line {
            unit_price: Money::new(item.unit_price_minor, currency),
            quantity: i64::from(item.quantity),
            paid_amount: Money::new(item.paid_amount_minor, currency),
        };
        let mut shipping_promotion_ids: Vec<PromotionId> =
            found.iter().flat_map(|item| &item.shipping_promotion_ids).copied().map(Into::into).collect();
        shipping_promotion_ids.sort_unstable();
        shipping_promotion_ids.dedup();
        Ok(Ok(Self {
            item_ids: found.iter().map(|item| item.id).collect(),
            buyer_id: first.buyer_id,
            address: first.address.clone(),
            address_key: first.address_key.clone(),
            currency,
            lines: found.iter().map(line).collect(),
            weight_grams: found.iter().map(|item| i64::from(item.weight_grams) * i64::from(item.quantity)).sum(),
            shipping_promotion_ids,
            transport_option: transport_option.unwrap_or_else(|| first.transport_option.clone()),
        }))
    }

    /// What the buyer pays for the goods.
    ///
    /// # Errors
    /// Overflow.
    pub(crate) fn goods(&self) -> Result<Money, MoneyError> {
        Money::sum(self.currency, self.lines.iter().map(|line| line.paid_amount))
    }

    /// What a carrier has to know.
    ///
    /// # Errors
    /// Overflow.
    pub(crate) fn parcel(&self) -> Result<Parcel, MoneyError> {
        Ok(Parcel { weight_grams: self.weight_grams, value: self.goods()? })
    }

    /// From the seller's contact to the buyer's address.
    pub(crate) fn route(&self, from: Option<contracts::account::Contact>) -> Route {
        Route { from, to: addresses::to_contact(self.address.clone()) }
    }

    /// Whether any item has earned a promotion on shipping.
    pub(crate) fn earns_shipping(&self) -> bool {
        !self.shipping_promotion_ids.is_empty()
    }

    /// What to ask of the shipping promotions that the items have earned; `None` when there are none.
    ///
    /// # Errors
    /// Overflow.
    pub(crate) fn shipping_discount(&self, cost: Money) -> Result<Option<ShippingDiscount>, MoneyError> {
        if self.shipping_promotion_ids.is_empty() || cost.amount_minor == 0 {
            return Ok(None);
        }
        Ok(Some(ShippingDiscount {
            promotion_ids: self.shipping_promotion_ids.clone(),
            product_amount: self.goods()?,
            transport_cost: cost,
        }))
    }

    /// The totals of the order.
    ///
    /// # Errors
    /// Overflow.
    pub(crate) fn totals(&self, quoted: &Quoted) -> Result<Totals, MoneyError> {
        Totals::of(self.currency, &self.lines, quoted.cost, quoted.discount)
    }

    /// What the shipment has to know.
    pub(crate) fn dispatch(&self, quoted: &Quoted) -> Dispatch {
        Dispatch { weight_grams: self.weight_grams, pickup: quoted.pickup.clone() }
    }
}
