//! Units of stock for promotions that have one, in the midst of other handlers.
//!
//! A unit is reserved before its use is counted, so that a promotion whose stock is gone is priced as one that is used up;
//! it is sold when an item of the use is delivered, and comes back when the use ends. Its reservation is named by checkout
//! and promotion, so asking again changes nothing.

use contracts::{
    inventory::{
        COMMIT, RELEASE, RESERVE, Reserve, ReserveLine, ReserveOutcome, Settle, StockRef, TAKE_BACK, TakeBack,
        TakeBackLine,
    },
    promotion::{PriceQuote, Redeem},
};
use kernel::{AccountId, OperationId, PromotionId, ReservationId};
use restate_sdk::prelude::*;
use service_kit::durable::operation;

use crate::store::{self, Units};

/// Reserves a unit of a promotion for a checkout; `None` when there is none.
pub(super) async fn hold(
    ctx: &Context<'_>,
    command: &Redeem,
    promotion_id: PromotionId,
) -> Result<Option<ReservationId>, TerminalError> {
    let reservation_id = ReservationId(operation(command.operation_id, &format!("unit/{promotion_id}")).uuid());
    let reserve = Reserve {
        operation_id: operation(reservation_id, "hold"),
        // A checkout without a buyer was refused before.
        actor_id: command.request.buyer_id.unwrap_or(AccountId(command.operation_id.uuid())),
        lines: vec![ReserveLine { reservation_id, of: StockRef::Promotion(promotion_id), quantity: 1 }],
    };
    Ok(match RESERVE.call(ctx, reserve).await? {
        ReserveOutcome::Reserved(_) => Some(reservation_id),
        ReserveOutcome::Refused(_) => None,
    })
}

/// Gives units back that were reserved and that the quote does not use after all.
pub(super) async fn release_idle(
    ctx: &Context<'_>,
    command: &Redeem,
    units: &Units,
    quote: &PriceQuote,
) -> Result<(), TerminalError> {
    let used = store::promotions_used(quote);
    let idle = units.iter().filter(|(id, _)| !used.contains(id)).filter_map(|(_, unit)| *unit);
    let reservation_ids: Vec<ReservationId> = idle.collect();
    if reservation_ids.is_empty() {
        return Ok(());
    }
    let operation_id = operation(command.operation_id, "idle units");
    RELEASE.call(ctx, Settle { operation_id, actor_id: command.request.buyer_id, reservation_ids }).await
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
