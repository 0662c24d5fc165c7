//! What clients see at the seller's desk.

use async_graphql::{Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use kernel::{AccountId, Money, MoneyError};
use service_kit::{Result, graphql};

use crate::{
    account::Account,
    addresses::OrderAddress,
    amounts,
    desk::store::Incoming,
    error::UserError,
    items::types::OrderItem,
    orders::{totals::Totals, types::Order},
};

/// Which groups of incoming items. A group is there when one of its items is as the filter says, and then with all of its
/// items.
#[derive(InputObject, Debug, Clone, Default)]
pub struct IncomingFilter {
    /// Only what this account buys.
    pub buyer_id: Option<AccountId>,
    /// Only items checked out at this time or later.
    pub created_from: Option<DateTime<Utc>>,
    /// Only items checked out before this time.
    pub created_before: Option<DateTime<Utc>>,
    /// Only items of which each of these words stands in the name of the product or of the variant, or in the name or the
    /// address of whoever receives them, whatever their case: 1–100 characters.
    pub search: Option<String>,
}

/// In which order groups of incoming items come.
#[derive(Enum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IncomingSort {
    /// The group that waits longest first.
    #[default]
    Oldest,
    /// The group that waits shortest first, by its first item.
    Newest,
    /// The group that pays most first, in minor units whatever the currency.
    PaidHighest,
    /// The group that pays least first, in minor units whatever the currency.
    PaidLowest,
}

/// Pending items of one buyer, one address and one currency: they can be confirmed together as one order.
pub struct IncomingGroup(pub(crate) Incoming);

/// Pending items of one buyer, one address and one currency: they can be confirmed together as one order.
#[Object]
impl IncomingGroup {
    /// Who buys.
    async fn buyer(&self) -> Account {
        Account { id: self.first().buyer_id }
    }

    /// Where the items go.
    async fn address(&self) -> OrderAddress {
        self.first().address.clone().into()
    }

    /// The items, the one that waits longest first.
    async fn items(&self) -> Vec<OrderItem> {
        self.0.items.iter().cloned().map(OrderItem).collect()
    }

    /// What the buyer pays for all items, without transport.
    async fn paid_amount(&self) -> Result<graphql::Money> {
        let currency = amounts::currency(&self.first().currency)?;
        let amounts = self.0.items.iter().map(|item| Money::new(item.paid_amount_minor, currency));
        Ok(Money::sum(currency, amounts)?.into())
    }

    /// When the first of the items expires.
    async fn deadline_at(&self) -> DateTime<Utc> {
        self.0.items.iter().map(|item| item.deadline_at).min().unwrap_or(self.first().deadline_at)
    }
}

impl IncomingGroup {
    fn first(&self) -> &entities::order::order_item::Model {
        self.0.items.first().expect("the store answers with groups that hold an item")
    }
}

/// What items would cost as one order with one way of transport.
#[derive(SimpleObject, Debug, Clone)]
pub struct TransportQuote {
    /// The transport option.
    pub transport_option: String,
    /// What the transport costs, before promotions.
    pub transport_cost: graphql::Money,
    /// What shipping promotions take off it.
    pub transport_discount: graphql::Money,
    /// The list price of all items.
    pub product_cost: graphql::Money,
    /// What promotions take off the product cost.
    pub product_discount: graphql::Money,
    /// What the buyer would pay.
    pub total: graphql::Money,
    /// The weight of the parcel in grams.
    pub weight_grams: graphql::BigInt,
}

impl TransportQuote {
    /// The quote of a selection.
    pub(crate) fn of(
        selection: &crate::desk::selection::Selection,
        quoted: &crate::desk::selection::Quoted,
    ) -> Result<Self, MoneyError> {
        let Totals { product_cost, product_discount, transport_cost, transport_discount, total } =
            selection.totals(quoted)?;
        Ok(Self {
            transport_option: selection.transport_option.clone(),
            transport_cost: transport_cost.into(),
            transport_discount: transport_discount.into(),
            product_cost: product_cost.into(),
            product_discount: product_discount.into(),
            total: total.into(),
            weight_grams: selection.weight_grams.into(),
        })
    }
}

/// The answer to `quoteTransport`.
#[derive(SimpleObject)]
pub struct QuoteTransportPayload {
    /// What it would cost. Null when the request was refused.
    pub quote: Option<TransportQuote>,
    /// Why the request was refused.
    pub user_errors: Vec<UserError>,
}

/// The answer to `confirmItems`.
#[derive(SimpleObject)]
pub struct ConfirmItemsPayload {
    /// The order. Null when the request was refused: then nothing has changed.
    pub order: Option<Order>,
    /// Why the request was refused.
    pub user_errors: Vec<UserError>,
}
