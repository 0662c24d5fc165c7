//! A parcel's way.
//!
//! `start`: 1. read the parcel; 2. hand it over to its carrier; 3. keep the carrier's code; then a clock moves it, or
//! the carrier reports.
//!
//! `withdraw`: 1. read the parcel of a cancelled order, if its carrier knows of it; 2. call it back from the carrier;
//! 3. tell the seller when the carrier does not let go of it. An order that is cancelled while its parcel is being handed
//! over is seen here or by `start`, whichever comes last.
//!
//! `advance`: 1. move the parcel and its order; 2. tell the followers; 3. at the door: the stock is sold, cashback is
//! credited and charged, and what goes back again is handed over; back with the sender: stock and promotions come back,
//! and the money goes; 4. tell the parties; 5. set the clock for the next move, or after a failed delivery the time after which the parcel counts as
//! back with its sender. Nothing is undone: parcels only move forward.

use std::time::Duration;

use contracts::{
    Call,
    account::{NOTIFY, NotificationKind},
    analytic::{InteractionKind, SALES_RECORD, TRACK},
    chat::SYSTEM_MESSAGE,
    inventory::{COMMIT, RELEASE, Settle},
    promotion::{CREDIT_CASHBACK, CreditCashback, GIVE_BACK, GiveBack},
};
use entities::order::{RefundStatus, ShipmentStatus};
use kernel::{OrderId, Percent, RefundId, ReservationId, ShipmentId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use service_kit::{Error, Platform, durable::operation, step};

use crate::{
    ledger::cashback::cashback_settle,
    payment::announcement::{self, OrderNews},
    providers::{
        Providers,
        transport::{Booking, Cancellation, Tracking, TransportProvider},
    },
    refund::{
        self,
        workflows::{pay_back, return_goods},
    },
    shipment::{
        moving::{self, Moved},
        store::{self, Handover, Unsent},
    },
};

/// Hands the parcel of an order over to its carrier.
pub(crate) const START: Call<OrderId, ()> = Call::new("ShippingDesk", "start");
/// Calls the parcel of a cancelled order back from its carrier.
pub(crate) const WITHDRAW: Call<OrderId, ()> = Call::new("ShippingDesk", "withdraw");
/// Moves a parcel.
pub(crate) const ADVANCE: Call<Advance, ()> = Call::new("ShippingDesk", "advance");

/// A move to make.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Advance {
    pub(crate) shipment_id: ShipmentId,
    pub(crate) to: ShipmentStatus,
    /// The time until the move after this one, when a clock moves the parcel.
    pub(crate) clock: Option<Duration>,
}

/// The durable handlers of shipments.
pub(crate) struct ShippingDesk {
    pub(crate) db: DatabaseConnection,
    pub(crate) platform: Platform,
    pub(crate) providers: Providers,
    /// The platform's share of goods, charged when the money is collected at the door.
    pub(crate) fee: Percent,
    /// How long a failed delivery can be mended before the parcel counts as back with its sender.
    pub(crate) mending: Duration,
}

#[restate_sdk::service(name = "ShippingDesk", client_visibility = "pub(crate)")]
impl ShippingDesk {
    /// Hands the parcel of an order over to its carrier.
    #[handler]
    async fn start(&self, ctx: Context<'_>, Json(order_id): Json<OrderId>) -> Result<Json<()>, HandlerError> {
        let handover = step!(ctx, "read the parcel", store::handover_fetch(&self.db, order_id))?;
        let Some(handover) = handover else { return Ok(Json(())) };
        let booking = step!(ctx, "hand the parcel over", self.ship(&handover))?;
        let shipment_id = handover.shipment_id;
        let Booking::Booked { tracking_code, tracking } = booking else {
            ADVANCE.send(&ctx, Advance { shipment_id, to: ShipmentStatus::Failed, clock: None });
            return Ok(Json(()));
        };
        let goes = step!(ctx, "keep the code", store::shipment_set_code(&self.db, order_id, &tracking_code))?;
        if !goes {
            WITHDRAW.send(&ctx, order_id);
            return Ok(Json(()));
        }
        if let Tracking::Clock(clock) = tracking {
            let advance = Advance { shipment_id, to: ShipmentStatus::PickedUp, clock: Some(clock) };
            ADVANCE.send_after(&ctx, clock, advance);
        }
        Ok(Json(()))
    }

    /// Calls the parcel of a cancelled order back from its carrier.
    #[handler]
    async fn withdraw(&self, ctx: Context<'_>, Json(order_id): Json<OrderId>) -> Result<Json<()>, HandlerError> {
        let unsent = step!(ctx, "read what does not go", store::unsent_fetch(&self.db, order_id))?;
        let Some(unsent) = unsent else { return Ok(Json(())) };
        if step!(ctx, "call the parcel back", self.call_back(&unsent))? == Cancellation::Refused {
            let order_ids = [order_id];
            let orders = announcement::orders_announce(&self.platform, &self.db, &order_ids);
            for order in step!(ctx, "read whom to tell", orders)? {
                let text =
                    ("Parcel not called back", "The order is cancelled, but the carrier has the parcel already.");
                let kind = NotificationKind::ShipmentMoved;
                NOTIFY.send(&ctx, order.notification(order.seller_id, "not called back", kind, text));
            }
        }
        Ok(Json(()))
    }

    /// Moves a parcel, and does what follows from it.
    #[handler]
    async fn advance(&self, ctx: Context<'_>, Json(advance): Json<Advance>) -> Result<Json<()>, HandlerError> {
        let Advance { shipment_id, to, clock } = advance;
        let moved = step!(ctx, "move the parcel", moving::shipment_move(&self.db, self.fee, shipment_id, to))?;
        let Moved::To { order_id, status, paid_at_the_door, refund_id } = moved else { return Ok(Json(())) };
        let order_ids = [order_id];
        let orders = announcement::orders_announce(&self.platform, &self.db, &order_ids);
        for order in step!(ctx, "tell the followers", orders)? {
            if status == ShipmentStatus::Delivered {
                self.delivered(&ctx, &order, paid_at_the_door).await?;
                let waiting = refunds_waiting(&self.db, order_id);
                for refund_id in step!(ctx, "read what goes back again", waiting)? {
                    return_goods::START.send(&ctx, refund_id);
                }
            } else if status == ShipmentStatus::Returned {
                returned(&ctx, &order, refund_id).await?;
            } else {
                let part = format!("shipment/{status:?}");
                let kind = NotificationKind::ShipmentMoved;
                NOTIFY.send(&ctx, order.notification(order.buyer_id, &part, kind, news(status)));
                if let Some((part, body)) = said(status) {
                    SYSTEM_MESSAGE.send(&ctx, order.message(order.seller_id, part, body));
                }
            }
        }
        if status == ShipmentStatus::Failed {
            ADVANCE.send_after(&ctx, self.mending, Advance { shipment_id, to: ShipmentStatus::Returned, clock: None });
        }
        if let (Some(clock), Some(to)) = (clock, moving::next(status)) {
            ADVANCE.send_after(&ctx, clock, Advance { shipment_id, to, clock: Some(clock) });
        }
        Ok(Json(()))
    }

    /// What follows when the buyer has the parcel.
    async fn delivered(
        &self,
        ctx: &Context<'_>,
        order: &OrderNews,
        paid_at_the_door: bool,
    ) -> Result<(), HandlerError> {
        let commit = Settle {
            operation_id: operation(order.order_id, "commit"),
            actor_id: None,
            reservation_ids: order.items.iter().map(|(item_id, _)| ReservationId(item_id.uuid())).collect(),
        };
        COMMIT.call(ctx, commit).await?;
        let cashback = CreditCashback {
            operation_id: operation(order.order_id, "cashback"),
            item_ids: order.items.iter().map(|(item_id, _)| *item_id).collect(),
        };
        let item_ids = cashback.item_ids.clone();
        if !CREDIT_CASHBACK.call(ctx, cashback).await?.is_empty() {
            cashback_settle(ctx, &self.db, order.order_id, item_ids).await?;
        }
        for party in [order.buyer_id, order.seller_id] {
            let text = ("Order delivered", "The parcel has arrived.");
            NOTIFY.send(ctx, order.notification(party, "delivered", NotificationKind::OrderDelivered, text));
        }
        SYSTEM_MESSAGE.send(ctx, order.message(order.seller_id, "delivered", "Order delivered."));
        if paid_at_the_door {
            TRACK.send(ctx, order.interactions(InteractionKind::Purchase, "purchase"));
            SALES_RECORD.send(ctx, order.sales.clone());
        }
        Ok(())
    }

    async fn ship(&self, handover: &Handover) -> service_kit::Result<Booking> {
        self.carrier(&handover.option_id)?.ship(&handover.option_id, &handover.consignment).await
    }

    async fn call_back(&self, unsent: &Unsent) -> service_kit::Result<Cancellation> {
        self.carrier(&unsent.option_id)?.cancel(&unsent.tracking_code).await
    }

    fn carrier(&self, option_id: &str) -> service_kit::Result<&dyn TransportProvider> {
        let carrier = self.providers.transport.get(option_id);
        carrier.ok_or_else(|| Error::broken("the carrier of a parcel is configured"))
    }
}

/// What follows when the parcel is back with its sender.
async fn returned(ctx: &Context<'_>, order: &OrderNews, refund_id: Option<RefundId>) -> Result<(), HandlerError> {
    let release = Settle {
        operation_id: operation(order.order_id, "returned"),
        actor_id: None,
        reservation_ids: order.items.iter().map(|(item_id, _)| ReservationId(item_id.uuid())).collect(),
    };
    RELEASE.call(ctx, release).await?;
    let give_back = GiveBack {
        operation_id: operation(order.order_id, "give back"),
        item_ids: order.items.iter().map(|(item_id, _)| *item_id).collect(),
    };
    GIVE_BACK.call(ctx, give_back).await?;
    if let Some(refund_id) = refund_id {
        pay_back::PAY.send(ctx, refund_id);
    }
    let paid = if refund_id.is_some() { " What you paid comes back to you." } else { "" };
    let to_buyer = format!("The parcel could not be delivered and is back with the seller.{paid}");
    let kind = NotificationKind::ShipmentMoved;
    NOTIFY.send(ctx, order.notification(order.buyer_id, "returned", kind, ("Parcel returned", &to_buyer)));
    let to_seller = "The parcel could not be delivered. Its goods are in your stock again.";
    NOTIFY.send(ctx, order.notification(order.seller_id, "returned", kind, ("Parcel returned", to_seller)));
    let body = "The parcel could not be delivered and is back with the seller.";
    SYSTEM_MESSAGE.send(ctx, order.message(order.seller_id, "returned", body));
    Ok(())
}

/// The refunds of an order whose goods go back as soon as they have come.
async fn refunds_waiting(db: &DatabaseConnection, order_id: OrderId) -> service_kit::Result<Vec<RefundId>> {
    let refunds = refund::store::refunds_of_orders(db, &[order_id]).await?;
    let waiting = refunds.iter().filter(|refund| refund.status == RefundStatus::Accepted);
    Ok(waiting.map(|refund| refund.id).collect())
}

/// What the buyer is told of a move.
fn news(status: ShipmentStatus) -> (&'static str, &'static str) {
    match status {
        ShipmentStatus::Created => ("Parcel announced", "The parcel is still with the seller."),
        ShipmentStatus::PickedUp => ("Parcel picked up", "The carrier has the parcel."),
        ShipmentStatus::InTransit => ("Parcel on its way", "The parcel is on its way to you."),
        ShipmentStatus::Delivered => ("Parcel delivered", "The parcel has arrived."),
        ShipmentStatus::Failed => ("Delivery failed", "The carrier could not deliver the parcel."),
        ShipmentStatus::Returned => ("Parcel returned", "The parcel is back with the seller."),
    }
}

/// What the conversation of buyer and seller shows of a move on the way, under a name by which it is shown once: that the
/// parcel has left, and that it could not be delivered.
fn said(status: ShipmentStatus) -> Option<(&'static str, &'static str)> {
    match status {
        ShipmentStatus::PickedUp | ShipmentStatus::InTransit => Some(("shipped", "Order shipped.")),
        ShipmentStatus::Failed => Some(("failed", "The carrier could not deliver the parcel.")),
        ShipmentStatus::Created | ShipmentStatus::Delivered | ShipmentStatus::Returned => None,
    }
}
