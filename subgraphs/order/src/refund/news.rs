//! What others are told of a refund, and what is to follow from a change of it.

use chrono::{DateTime, Utc};
use contracts::{
    account::{NotificationKind, Notify},
    analytic::{Interaction, InteractionKind, Sale},
    chat::SystemMessage,
    inventory::{TakeBack, TakeBackLine},
    promotion::Part,
};
use entities::order::{RefundKind, RefundStatus, refund, refund_item};
use kernel::{
    AccountId, MessageId, Money, NotificationId, OperationId, OrderId, OrderItemId, ProductId, RefundId, ReservationId,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::Result;

use crate::payment::amount;

/// A refund as it is after a change, with everything that durable handlers need to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct News {
    pub(crate) refund_id: RefundId,
    pub(crate) order_id: OrderId,
    pub(crate) buyer_id: AccountId,
    pub(crate) seller_id: AccountId,
    pub(crate) kind: RefundKind,
    pub(crate) status: RefundStatus,
    /// The number of the refund's last event: names what follows from this change.
    pub(crate) event_seq: i32,
    pub(crate) total: Money,
    pub(crate) lines: Vec<(refund_item::Model, ProductId)>,
    /// Items that this change has ended: no unit of them is left with the buyer.
    pub(crate) ended: Vec<OrderItemId>,
    /// Items of which this change has left the buyer fewer units than before, but some.
    #[serde(default)]
    pub(crate) parts: Vec<Part>,
    /// Whether the goods are to be handed over to a carrier now.
    pub(crate) ships: bool,
    /// Whether the seller has now said in which condition the goods are, or they had never left.
    pub(crate) stocks: bool,
    pub(crate) at: DateTime<Utc>,
}

impl News {
    /// What is known of a refund from its rows.
    pub(crate) fn of(refund: &refund::Model, lines: Vec<(refund_item::Model, ProductId)>) -> Result<Self> {
        Ok(Self {
            refund_id: refund.id,
            order_id: refund.order_id,
            buyer_id: refund.buyer_id,
            seller_id: refund.seller_id,
            kind: refund.kind,
            status: refund.status,
            event_seq: refund.event_seq,
            total: amount(refund.goods_minor + refund.transport_minor, &refund.currency)?,
            lines,
            ended: Vec::new(),
            parts: Vec::new(),
            ships: false,
            stocks: false,
            at: refund.updated_at,
        })
    }

    /// The operation that follows from this change under the name `part`.
    pub(crate) fn operation(&self, part: &str) -> OperationId {
        OperationId(self.refund_id.uuid()).child(format!("{}/{part}", self.event_seq))
    }

    /// A notification about the refund: for this change each account gets one.
    pub(crate) fn notification(&self, to: AccountId, kind: NotificationKind, (title, content): (&str, &str)) -> Notify {
        Notify {
            notification_id: NotificationId(self.operation(&format!("notify/{to}")).uuid()),
            account_id: to,
            kind,
            title: title.to_owned(),
            content: content.to_owned(),
            metadata: json!({"refundId": self.refund_id, "orderId": self.order_id}),
        }
    }

    /// What the conversation of buyer and seller shows of this change, caused by the party `from`: one message.
    pub(crate) fn message(&self, from: AccountId, body: &str) -> SystemMessage {
        SystemMessage {
            message_id: MessageId(self.operation("message").uuid()),
            from,
            to: if from == self.buyer_id { self.seller_id } else { self.buyer_id },
            body: format!("{body}: {}.", self.total),
            order_id: Some(self.order_id),
        }
    }

    /// The same interaction of the buyer with the product of each line.
    pub(crate) fn interactions(&self, kind: InteractionKind, part: &str) -> Vec<Interaction> {
        let interaction = |(line, product_id): &(refund_item::Model, ProductId)| Interaction {
            interaction_id: OperationId(self.refund_id.uuid()).child(format!("{part}/{}", line.item_id)).uuid(),
            account_id: Some(self.buyer_id),
            product_id: *product_id,
            kind,
            occurred_at: self.at,
        };
        self.lines.iter().map(interaction).collect()
    }

    /// What no longer counts as sold, for the seller's figures.
    pub(crate) fn returned_sales(&self) -> Vec<Sale> {
        let returned = |(line, product_id): &(refund_item::Model, ProductId)| Sale {
            sale_id: OperationId(self.refund_id.uuid()).child(format!("sale/{}", line.item_id)).uuid(),
            seller_id: self.seller_id,
            order_id: self.order_id,
            product_id: *product_id,
            units: -i64::from(line.quantity),
            amount_minor: -line.amount_minor,
            currency: self.total.currency.code().to_owned(),
            occurred_at: self.at,
        };
        self.lines.iter().map(returned).collect()
    }

    /// The command that brings the units back to the stock: those that had never left are all sellable.
    pub(crate) fn take_back(&self, actor_id: Option<AccountId>) -> TakeBack {
        let line = |(line, _): &(refund_item::Model, ProductId)| {
            let is_damaged = |serial: &&String| line.damaged_serials.contains(serial);
            TakeBackLine {
                reservation_id: ReservationId(line.item_id.uuid()),
                sellable: i64::from(line.sellable.unwrap_or(line.quantity)),
                damaged: i64::from(line.damaged.unwrap_or(0)),
                sellable_serials: line.serials.iter().filter(|serial| !is_damaged(serial)).cloned().collect(),
                damaged_serials: line.damaged_serials.clone(),
            }
        };
        TakeBack {
            operation_id: OperationId(self.refund_id.uuid()).child("take back"),
            actor_id,
            lines: self.lines.iter().map(line).collect(),
        }
    }
}
