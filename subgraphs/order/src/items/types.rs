//! What clients see of order items.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entities::order::{order_item, orders};
use kernel::{OrderItemId, PromotionId};
use service_kit::{Result, Viewer, graphql::Money};

use crate::{
    account::Account,
    addresses::OrderAddress,
    amounts,
    error::UserError,
    loaders::Loaders,
    orders::types::Order,
    references::{Product, Promotion, Sku},
};

/// Where an order item stands. Pending items become confirmed, rejected, cancelled or expired; confirmed ones become
/// delivered, cancelled or returned.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::OrderItemState")]
pub enum OrderItemState {
    /// Waits for its seller. Its stock is reserved.
    Pending,
    /// Belongs to an order.
    Confirmed,
    /// The seller does not want to sell it; `reason` says why.
    Rejected,
    /// The buyer took it back, or its order was cancelled.
    Cancelled,
    /// The seller did not answer in time.
    Expired,
    /// The buyer has it.
    Delivered,
    /// It went back to the seller.
    Returned,
}

/// Which items.
#[derive(InputObject, Debug, Clone, Default)]
pub struct OrderItemFilter {
    /// Only items in one of these states; the pending ones when it is left out or empty.
    pub states: Option<Vec<OrderItemState>>,
    /// Only items whose product or variant has each of these words in its name, whatever their case: 1–100 characters.
    pub search: Option<String>,
}

/// In which order a list of items comes.
#[derive(Enum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OrderItemSort {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
}

/// One SKU and a quantity that a buyer checked out, with names, prices and address as they stood at that moment.
pub struct OrderItem(pub order_item::Model);

/// One SKU and a quantity that a buyer checked out, with names, prices and address as they stood at that moment.
#[Object]
impl OrderItem {
    /// Id.
    async fn id(&self) -> OrderItemId {
        self.0.id
    }

    /// Where it stands.
    async fn state(&self) -> OrderItemState {
        self.0.state.into()
    }

    /// The SKU as it is now; `productName` and `variantLabel` tell how it was.
    async fn sku(&self) -> Sku {
        Sku { id: self.0.sku_id }
    }

    /// The product as it is now.
    async fn product(&self) -> Product {
        Product { id: self.0.product_id }
    }

    /// The name of the product at checkout.
    async fn product_name(&self) -> &str {
        &self.0.product_name
    }

    /// What told the SKU from its siblings at checkout, as in `Red / M`; empty for an only SKU.
    async fn variant_label(&self) -> &str {
        &self.0.variant_label
    }

    /// How many.
    async fn quantity(&self) -> i32 {
        self.0.quantity
    }

    /// List price of one unit.
    async fn unit_price(&self) -> Result<Money> {
        amounts::shown(self.0.unit_price_minor, &self.0.currency)
    }

    /// Unit price × quantity, before promotions.
    async fn list_amount(&self) -> Result<Money> {
        amounts::shown(self.0.list_amount_minor, &self.0.currency)
    }

    /// What the buyer pays for the item, after promotions.
    async fn paid_amount(&self) -> Result<Money> {
        amounts::shown(self.0.paid_amount_minor, &self.0.currency)
    }

    /// For how many units the money went back, or is on its way.
    async fn refunded_quantity(&self) -> i32 {
        self.0.refunded_quantity
    }

    /// How many units no refund claims yet: what a new refund can ask for, once the order can be refunded.
    async fn refundable_quantity(&self) -> i32 {
        self.0.quantity - self.0.held_quantity
    }

    /// The promotions that made the difference between the list amount and the paid amount.
    async fn applied_promotions(&self) -> Result<Vec<OrderItemPromotion>> {
        let promotions = self.0.applied_promotions.0.iter().map(|applied| {
            Ok(OrderItemPromotion {
                promotion_id: applied.promotion_id,
                promotion: Some(Promotion { id: applied.promotion_id }),
                name: applied.name.clone(),
                saving: amounts::shown(applied.saving_minor, &self.0.currency)?,
            })
        });
        promotions.collect()
    }

    /// The serials of the units, for a SKU that has them.
    async fn serials(&self) -> &[String] {
        &self.0.serials
    }

    /// Where it goes.
    async fn address(&self) -> OrderAddress {
        self.0.address.clone().into()
    }

    /// The transport option the buyer chose; the seller may confirm with another.
    async fn transport_option(&self) -> &str {
        &self.0.transport_option
    }

    /// What the buyer wrote to the seller.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Why the seller rejected it. Null in any other state.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Until when the seller may answer; a pending item expires then.
    async fn deadline_at(&self) -> DateTime<Utc> {
        self.0.deadline_at
    }

    /// When it was checked out.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When its state changed last.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }

    /// Who buys.
    async fn buyer(&self) -> Account {
        Account { id: self.0.buyer_id }
    }

    /// Who sells.
    async fn seller(&self) -> Account {
        Account { id: self.0.seller_id }
    }

    /// The order it belongs to. Null before its seller has confirmed it.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>> {
        let Some(order_id) = self.0.order_id else { return Ok(None) };
        let order: Option<orders::Model> = Loaders::of(ctx)?.orders.load_one(order_id).await?;
        Ok(order.map(Order))
    }
}

impl OrderItem {
    /// Items by id, in the order of their ids. The caller knows that the viewer may see them.
    pub(crate) async fn load_many(ctx: &Context<'_>, ids: Vec<OrderItemId>) -> Result<Vec<Self>> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let mut rows: Vec<_> = Loaders::of(ctx)?.items.load_many(ids).await?.into_values().collect();
        rows.sort_by_key(|item| item.id);
        Ok(rows.into_iter().map(Self).collect())
    }

    /// Whether the viewer may know of the item: its two parties may, and administrators.
    pub(crate) fn is_visible_to(&self, viewer: &Viewer) -> bool {
        viewer.admin || [self.0.buyer_id, self.0.seller_id].contains(&viewer.account_id)
    }
}

/// A promotion that applies to an order item.
#[derive(SimpleObject)]
pub struct OrderItemPromotion {
    /// The id of the promotion.
    pub promotion_id: PromotionId,
    /// The promotion as it is now. Null when the viewer may not see it.
    pub promotion: Option<Promotion>,
    /// Its name at checkout.
    pub name: String,
    /// What it takes off the item.
    pub saving: Money,
}

/// The answer to `cancelItems`.
#[derive(SimpleObject)]
pub struct CancelItemsPayload {
    /// The items, cancelled. Empty when the request was refused: then nothing has changed.
    pub items: Vec<OrderItem>,
    /// Why the request was refused.
    pub user_errors: Vec<UserError>,
}

/// The answer to `rejectItems`.
#[derive(SimpleObject)]
pub struct RejectItemsPayload {
    /// The items, rejected. Empty when the request was refused: then nothing has changed.
    pub items: Vec<OrderItem>,
    /// Why the request was refused.
    pub user_errors: Vec<UserError>,
}
