//! The way of goods back to their seller.
//!
//! `start`: 1. read the parcel; 2. hand it over to the carrier, who fetches it or to whom the buyer brings it; 3. keep
//! the carrier's code; then a clock moves it, or the carrier reports.
//!
//! `advance`: 1. move the parcel; 2. tell the followers; 3. at the seller's door: its serials are back, and the time in
//! which the seller has to look at them begins; 4. tell the parties; 5. set the clock for the next move.
//!
//! `receive`: 1. write in which condition the goods are and decide about the money (a refusal ends here); 2. tell the
//! followers; 3. stock, promotions and money; 4. tell the buyer. `assume` does so for a seller who says nothing, but for
//! the stock.
//!
//! `lapse`: 1. see whether the goods were handed over (then it ends here, or looks again later); 2. call the parcel back
//! from a carrier who expects it; 3. decline the refund; 4. tell the followers and the parties. Nothing is undone.

use std::time::Duration;

use contracts::{
    Call,
    account::{NOTIFY, NotificationKind},
    inventory::{ARRIVE, Arrive},
};
use entities::order::{RefundStatus, ShipmentStatus};
use kernel::{OrderId, RefundId, ReservationId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use service_kit::{Error, Platform, durable::operation, step};

use super::follow;
use crate::{
    payment::announcement,
    providers::{
        Providers,
        transport::{Booking, Cancellation, Tracking, TransportProvider},
    },
    refund::{
        Rules,
        command::{Answer, ConfirmReceipt},
        lapse::{self, Due},
        news::News,
        receipt,
        returning::{self, ReturnHandover},
    },
    shipment::moving,
};

/// Hands the parcel of a refund over to its carrier.
pub(crate) const START: Call<RefundId, ()> = Call::new("ReturnDesk", "start");
/// Moves the parcel of a refund.
pub(crate) const ADVANCE: Call<AdvanceReturn, ()> = Call::new("ReturnDesk", "advance");
/// The seller has the goods.
pub(crate) const RECEIVE: Call<ConfirmReceipt, Answer> = Call::new("ReturnDesk", "receive");
/// Ends a refund whose goods were never handed over.
pub(crate) const LAPSE: Call<RefundId, ()> = Call::new("ReturnDesk", "lapse");
/// Sends the money for a seller who says nothing of goods that have arrived.
pub(crate) const ASSUME: Call<RefundId, ()> = Call::new("ReturnDesk", "assume");

/// A move to make.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct AdvanceReturn {
    pub(crate) refund_id: RefundId,
    pub(crate) to: ShipmentStatus,
    /// The time until the move after this one, when a clock moves the parcel.
    pub(crate) clock: Option<Duration>,
}

/// The durable handlers of returns.
pub(crate) struct ReturnDesk {
    pub(crate) db: DatabaseConnection,
    pub(crate) platform: Platform,
    pub(crate) providers: Providers,
    pub(crate) rules: Rules,
}

#[restate_sdk::service(name = "ReturnDesk", client_visibility = "pub(crate)")]
impl ReturnDesk {
    /// Hands the parcel of a refund over to its carrier.
    #[handler]
    async fn start(&self, ctx: Context<'_>, Json(refund_id): Json<RefundId>) -> Result<Json<()>, HandlerError> {
        let handover = step!(ctx, "read the parcel", returning::return_handover_fetch(&self.db, refund_id))?;
        let Some(handover) = handover else { return Ok(Json(())) };
        let booking = step!(ctx, "hand the parcel over", self.ship(&handover))?;
        let Booking::Booked { tracking_code, tracking } = booking else {
            ADVANCE.send(&ctx, AdvanceReturn { refund_id, to: ShipmentStatus::Failed, clock: None });
            return Ok(Json(()));
        };
        step!(ctx, "keep the code", returning::return_set_code(&self.db, refund_id, &tracking_code))?;
        if let Tracking::Clock(clock) = tracking {
            let advance = AdvanceReturn { refund_id, to: ShipmentStatus::PickedUp, clock: Some(clock) };
            ADVANCE.send_after(&ctx, clock, advance);
        }
        Ok(Json(()))
    }

    /// Moves the parcel of a refund, and does what follows from it.
    #[handler]
    async fn advance(&self, ctx: Context<'_>, Json(advance): Json<AdvanceReturn>) -> Result<Json<()>, HandlerError> {
        let AdvanceReturn { refund_id, to, clock } = advance;
        let moved = step!(ctx, "move the parcel", returning::return_move(&self.db, refund_id, to))?;
        let Some(news) = moved else { return Ok(Json(())) };
        self.tell(&ctx, news.order_id).await?;
        let kind = NotificationKind::RefundChanged;
        match to {
            ShipmentStatus::Delivered => {
                ARRIVE.call(&ctx, arrived(&news)).await?;
                ASSUME.send_after(&ctx, self.rules.receipt, refund_id);
                let text = ("Goods are back", "A return has arrived. Say in which condition it is.");
                NOTIFY.send(&ctx, news.notification(news.seller_id, kind, text));
            }
            ShipmentStatus::Failed => {
                let text = ("Return failed", "The carrier does not bring the goods back: arrange it between you.");
                for party in [news.buyer_id, news.seller_id] {
                    NOTIFY.send(&ctx, news.notification(party, kind, text));
                }
            }
            _ => {}
        }
        if let (Some(clock), Some(to)) = (clock, moving::next(to)) {
            ADVANCE.send_after(&ctx, clock, AdvanceReturn { refund_id, to, clock: Some(clock) });
        }
        Ok(Json(()))
    }

    /// Confirms that the goods are back, or refuses.
    #[handler]
    async fn receive(
        &self,
        ctx: Context<'_>,
        Json(confirm): Json<ConfirmReceipt>,
    ) -> Result<Json<Answer>, HandlerError> {
        let answer = step!(ctx, "write the receipt", receipt::receipt_confirm(&self.db, &confirm))?;
        let Answer::Done(news) = &answer else { return Ok(Json(answer)) };
        self.tell(&ctx, news.order_id).await?;
        follow(&ctx, &self.db, news, Some(confirm.seller_id)).await?;
        received(&ctx, news);
        Ok(Json(answer))
    }

    /// Sends the money of a refund whose goods have arrived at a seller who says nothing.
    #[handler]
    async fn assume(&self, ctx: Context<'_>, Json(refund_id): Json<RefundId>) -> Result<Json<()>, HandlerError> {
        let assumed = step!(ctx, "assume the receipt", receipt::receipt_assume(&self.db, refund_id))?;
        let Some(news) = assumed else { return Ok(Json(())) };
        self.tell(&ctx, news.order_id).await?;
        follow(&ctx, &self.db, &news, None).await?;
        received(&ctx, &news);
        Ok(Json(()))
    }

    /// Ends a refund whose goods were not handed over in time.
    #[handler]
    async fn lapse(&self, ctx: Context<'_>, Json(refund_id): Json<RefundId>) -> Result<Json<()>, HandlerError> {
        let expected = match step!(ctx, "see whether it was handed over", lapse::lapse_read(&self.db, refund_id))? {
            Due::Over => return Ok(Json(())),
            Due::Later => {
                LAPSE.send_after(&ctx, self.rules.handover, refund_id);
                return Ok(Json(()));
            }
            Due::Lapsed { expected } => expected,
        };
        if let Some((option_id, code)) = expected
            && step!(ctx, "call the parcel back", self.call_back(&option_id, &code))? == Cancellation::Refused
        {
            // The carrier has it by now, and will say so.
            LAPSE.send_after(&ctx, self.rules.handover, refund_id);
            return Ok(Json(()));
        }
        let lapsed = step!(ctx, "decline the refund", lapse::lapse(&self.db, &self.rules, refund_id))?;
        let Some(news) = lapsed else { return Ok(Json(())) };
        self.tell(&ctx, news.order_id).await?;
        let kind = NotificationKind::RefundChanged;
        let text = ("Refund lapsed", "The goods were not handed over in time. You can dispute it for some time.");
        NOTIFY.send(&ctx, news.notification(news.buyer_id, kind, text));
        let text = ("Refund lapsed", "The buyer did not hand the goods over in time.");
        NOTIFY.send(&ctx, news.notification(news.seller_id, kind, text));
        Ok(Json(()))
    }
}

impl ReturnDesk {
    async fn ship(&self, handover: &ReturnHandover) -> service_kit::Result<Booking> {
        self.carrier(&handover.option_id)?.ship(&handover.option_id, &handover.consignment).await
    }

    async fn call_back(&self, option_id: &str, code: &str) -> service_kit::Result<Cancellation> {
        self.carrier(option_id)?.cancel(code).await
    }

    fn carrier(&self, option_id: &str) -> service_kit::Result<&dyn TransportProvider> {
        let carrier = self.providers.transport.get(option_id);
        carrier.ok_or_else(|| Error::broken("the carrier of a parcel is configured"))
    }

    async fn tell(&self, ctx: &Context<'_>, order_id: OrderId) -> Result<(), HandlerError> {
        let order_ids = [order_id];
        let told = announcement::orders_announce(&self.platform, &self.db, &order_ids);
        step!(ctx, "tell the followers", told)?;
        Ok(())
    }
}

/// The command that marks the serials of a refund as back.
fn arrived(news: &News) -> Arrive {
    let serials = news.lines.iter().map(|(line, _)| (ReservationId(line.item_id.uuid()), line.serials.clone()));
    Arrive { operation_id: operation(news.refund_id, "arrive"), serials: serials.collect() }
}

/// Tells the buyer that the goods are back and the money goes.
fn received(ctx: &Context<'_>, news: &News) {
    if news.status == RefundStatus::Paying {
        let text = ("Goods received", "The seller has the goods: your money is on its way.");
        NOTIFY.send(ctx, news.notification(news.buyer_id, NotificationKind::RefundChanged, text));
    }
}
