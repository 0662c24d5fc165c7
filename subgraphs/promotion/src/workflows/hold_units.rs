//! Units of stock for promotions that have one, in the midst of other handlers.
//!
//! A unit is reserved before its use is counted, so that a promotion whose stock is gone is priced as one that is used up;
//! it is sold when an item of the use is delivered, and comes back when the use ends. Its reservation is named by checkout,
//! promotion and invocation: an invocation that ends without its use gives the unit back, and another one of the same
//! checkout reserves one of its own.

use contracts::{
    inventory::{
        COMMIT, RELEASE, RESERVE, Reserve, ReserveLine, ReserveOutcome, Settle, StockRef, TAKE_BACK, TakeBack,
        TakeBackLine,
    },
    promotion::Redeem,
};
use kernel::{AccountId, OperationId, PromotionId, ReservationId};
use restate_sdk::prelude::*;
use service_kit::durable::operation;

/// Units that an invocation has asked for, the last one perhaps without an answer.
#[derive(Default)]
pub(super) struct Held(Vec<Reserve>);

impl Held {
    /// Reserves a unit of a promotion for a checkout; `None` when there is none.
    pub(super) async fn hold(
        &mut self,
        ctx: &Context<'_>,
        command: &Redeem,
        promotion_id: PromotionId,
    ) -> Result<Option<ReservationId>, TerminalError> {
        let part = format!("unit/{promotion_id}/{}", ctx.invocation_id());
        let reservation_id = ReservationId(operation(command.operation_id, &part).uuid());
        let reserve = Reserve {
            operation_id: operation(reservation_id, "hold"),
            // A checkout without a buyer was refused before.
            actor_id: command.request.buyer_id.unwrap_or(AccountId(command.operation_id.uuid())),
            lines: vec![ReserveLine { reservation_id, of: StockRef::Promotion(promotion_id), quantity: 1 }],
        };
        self.0.push(reserve.clone());
        Ok(match RESERVE.call(ctx, reserve).await? {
            ReserveOutcome::Reserved(_) => Some(reservation_id),
            ReserveOutcome::Refused(_) => None,
        })
    }

    /// Whether no unit was asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes sure that the last unit is reserved or refused: an invocation that is cancelled while it asks does not wait
    /// for the answer. Asking again does, and changes nothing.
    pub(super) async fn settle(&self, ctx: &Context<'_>) -> Result<(), TerminalError> {
        if let Some(reserve) = self.0.last() {
            RESERVE.call(ctx, reserve.clone()).await?;
        }
        Ok(())
    }

    /// Gives units back that no use holds after all.
    pub(super) async fn release(
        &self,
        ctx: &Context<'_>,
        command: &Redeem,
        used: &[ReservationId],
    ) -> Result<(), TerminalError> {
        let asked = self.0.iter().flat_map(|reserve| &reserve.lines).map(|line| line.reservation_id);
        let reservation_ids: Vec<ReservationId> = asked.filter(|id| !used.contains(id)).collect();
        if reservation_ids.is_empty() {
            return Ok(());
        }
        let operation_id = operation(command.operation_id, &format!("idle units/{}", ctx.invocation_id()));
        RELEASE.call(ctx, Settle { operation_id, actor_id: command.request.buyer_id, reservation_ids }).await
    }
}

/// Sells units whose use has come to its end.
pub(super) async fn sell(
    ctx: &Context<'_>,
    operation_id: OperationId,
    reservation_ids: Vec<ReservationId>,
) -> Result<(), TerminalError> {
    if reservation_ids.is_empty() {
        return Ok(());
    }
    let operation_id = operation(operation_id, "units");
    COMMIT.call(ctx, Settle { operation_id, actor_id: None, reservation_ids }).await
}

/// Takes units back whose use has ended, sold or not.
pub(super) async fn take_back(ctx: &Context<'_>, reservation_ids: Vec<ReservationId>) -> Result<(), TerminalError> {
    for reservation_id in reservation_ids {
        let line = TakeBackLine {
            reservation_id,
            sellable: 1,
            damaged: 0,
            sellable_serials: Vec::new(),
            damaged_serials: Vec::new(),
        };
        let operation_id = operation(reservation_id, "take back");
        TAKE_BACK.call(ctx, TakeBack { operation_id, actor_id: None, lines: vec![line] }).await?;
    }
    Ok(())
}
