//! Cancelling an unpaid order.
//!
//! Steps: 1. cancel the order, its items and its place in a payment (a refusal ends here); 2. tell the followers;
//! 3. release the stock; 4. give the promotions back; 5. call the parcel back from its carrier, if it was announced;
//! 6. tell both parties. Nothing is undone: once the order is
//! cancelled the rest is driven to its end.

use contracts::{
    Call,
    account::{NOTIFY, NotificationKind},
    analytic::{InteractionKind, TRACK},
    chat::SYSTEM_MESSAGE,
    inventory::{RELEASE, Settle},
    promotion::{GIVE_BACK, GiveBack},
};
use kernel::ReservationId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{Platform, durable::operation, step};

use crate::{
    payment::{
        announcement,
        cancellation::{self, CancelAnswer, CancelOrder},
    },
    shipment::workflows::move_shipment::WITHDRAW,
};

/// Cancels an unpaid order.
pub(crate) const CANCEL: Call<CancelOrder, CancelAnswer> = Call::new("OrderCancellation", "cancel");

/// The durable handler of cancellations.
pub(crate) struct OrderCancellation {
    pub(crate) db: DatabaseConnection,
    pub(crate) platform: Platform,
}

#[restate_sdk::service(name = "OrderCancellation", client_visibility = "pub(crate)")]
impl OrderCancellation {
    /// Cancels an unpaid order of a buyer.
    #[handler]
    async fn cancel(
        &self,
        ctx: Context<'_>,
        Json(cancel): Json<CancelOrder>,
    ) -> Result<Json<CancelAnswer>, HandlerError> {
        let answer = step!(ctx, "cancel the order", cancellation::order_cancel(&self.db, &cancel))?;
        let CancelAnswer::Cancelled(cancelled) = &answer else { return Ok(Json(answer)) };
        let order_ids = [cancelled.order_id];
        let orders = announcement::orders_announce(&self.platform, &self.db, &order_ids);
        let orders = step!(ctx, "tell the followers", orders)?;
        let release = Settle {
            operation_id: operation(cancelled.order_id, "release"),
            actor_id: Some(cancel.buyer_id),
            reservation_ids: cancelled.items.iter().map(|(item_id, _)| ReservationId(item_id.uuid())).collect(),
        };
        RELEASE.call(&ctx, release).await?;
        let give_back = GiveBack {
            operation_id: operation(cancelled.order_id, "give back"),
            item_ids: cancelled.items.iter().map(|(item_id, _)| *item_id).collect(),
        };
        GIVE_BACK.call(&ctx, give_back).await?;
        WITHDRAW.send(&ctx, cancelled.order_id);
        for order in &orders {
            let text = ("Order cancelled", "The order was cancelled by its buyer before it was paid.");
            for party in [order.buyer_id, order.seller_id] {
                NOTIFY.send(&ctx, order.notification(party, "cancelled", NotificationKind::OrderCancelled, text));
            }
            SYSTEM_MESSAGE.send(&ctx, order.message(order.buyer_id, "cancelled", "Order cancelled."));
            TRACK.send(&ctx, order.interactions(InteractionKind::CancelOrder, "cancel order"));
        }
        Ok(Json(answer))
    }
}
