//! Telling people that orders have changed: those who follow live, and those who are notified.

use chrono::{DateTime, Utc};
use contracts::{
    account::{NotificationKind, Notify},
    analytic::{Interaction, InteractionKind, Sale},
    chat::SystemMessage,
};
use entities::order::order_item;
use kernel::{AccountId, MessageId, NotificationId, OperationId, OrderId, OrderItemId, ProductId};
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::{Platform, Result};

use crate::{feed, items, orders};

/// What a workflow needs to know of an order that has changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OrderNews {
    pub(crate) order_id: OrderId,
    pub(crate) buyer_id: AccountId,
    pub(crate) seller_id: AccountId,
    pub(crate) items: Vec<(OrderItemId, ProductId)>,
    /// What of it counts as sold once it is paid.
    #[serde(default)]
    pub(crate) sales: Vec<Sale>,
    pub(crate) at: DateTime<Utc>,
}

/// Tells the followers of orders that there is something new, and says what the orders hold.
pub(crate) async fn orders_announce(
    platform: &Platform,
    db: &DatabaseConnection,
    order_ids: &[OrderId],
) -> Result<Vec<OrderNews>> {
    let rows = orders::store::orders_fetch(db, order_ids).await?;
    let items = items::store::items_of_orders(db, order_ids).await?;
    let mut news = Vec::with_capacity(rows.len());
    for order in rows {
        feed::publish(platform, &order).await;
        let held = || items.iter().filter(|item| item.order_id == Some(order.id));
        let sale = |item: &order_item::Model| Sale {
            sale_id: OperationId(item.id.uuid()).child("sale").uuid(),
            seller_id: order.seller_id,
            order_id: order.id,
            product_id: item.product_id,
            units: item.quantity.into(),
            amount_minor: item.paid_amount_minor,
            currency: item.currency.clone(),
            occurred_at: order.updated_at,
        };
        news.push(OrderNews {
            order_id: order.id,
            buyer_id: order.buyer_id,
            seller_id: order.seller_id,
            items: held().map(|item| (item.id, item.product_id)).collect(),
            sales: held().map(sale).collect(),
            at: order.updated_at,
        });
    }
    Ok(news)
}

impl OrderNews {
    /// A notification about the order. `part` names it among those of the order: the same part is sent once.
    pub(crate) fn notification(
        &self,
        to: AccountId,
        part: &str,
        kind: NotificationKind,
        (title, content): (&str, &str),
    ) -> Notify {
        let id = OperationId(self.order_id.uuid()).child(format!("{part}/{to}"));
        Notify {
            notification_id: NotificationId(id.uuid()),
            account_id: to,
            kind,
            title: title.to_owned(),
            content: content.to_owned(),
            metadata: json!({"orderId": self.order_id}),
        }
    }

    /// What the conversation of buyer and seller shows of the order, caused by the party `from`. `part` names it among
    /// what it shows of this order: the same part is shown once.
    pub(crate) fn message(&self, from: AccountId, part: &str, body: &str) -> SystemMessage {
        let id = OperationId(self.order_id.uuid()).child(format!("message/{part}"));
        SystemMessage {
            message_id: MessageId(id.uuid()),
            from,
            to: if from == self.buyer_id { self.seller_id } else { self.buyer_id },
            body: body.to_owned(),
            order_id: Some(self.order_id),
        }
    }

    /// The same interaction of the buyer with the product of each item.
    pub(crate) fn interactions(&self, kind: InteractionKind, part: &str) -> Vec<Interaction> {
        let interaction = |(item_id, product_id): &(OrderItemId, ProductId)| Interaction {
            interaction_id: OperationId(item_id.uuid()).child(part).uuid(),
            account_id: Some(self.buyer_id),
            product_id: *product_id,
            kind,
            occurred_at: self.at,
        };
        self.items.iter().map(interaction).collect()
    }
}
