//! Mutations of payouts.

use async_graphql::{Context, Object};
use sea_orm::DatabaseConnection;
use service_kit::{Admin, Platform, Result, SignedIn, Viewer};

use super::{
    Hold,
    store::{self, Answer, DecidePayout, RequestPayout},
    types::{DecidePayoutInput, Payout, PayoutDecision, PayoutPayload, RequestPayoutInput},
    workflows::decide_payout::DECIDE,
};
use crate::{
    error::Refusal,
    input::{operation_id, optional_text},
};

/// Mutations of payouts.
#[derive(Default)]
pub struct PayoutMutations;

#[Object]
impl PayoutMutations {
    /// Asks for a payout of what is available to the viewer as a seller. The amount is set aside at once; an
    /// administrator makes the transfer.
    ///
    /// Refused with `PAYOUT_AMOUNT_INVALID`.
    #[graphql(guard = "SignedIn")]
    async fn request_payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How much.")] input: RequestPayoutInput,
    ) -> Result<PayoutPayload> {
        let seller_id = Viewer::of(ctx)?.account_id;
        let operation_id = match operation_id(seller_id, "requestPayout", &input.idempotency_key) {
            Ok(operation_id) => operation_id,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let request = RequestPayout { operation_id, seller_id, amount: input.amount.into() };
        let hold = ctx.data_opt::<Hold>().copied().unwrap_or_default();
        let db = ctx.data_unchecked::<DatabaseConnection>();
        shown(db, store::payout_request(db, hold, &request).await?).await
    }

    /// Decides about a payout: marks it paid after the transfer was made, or rejects it. For administrators.
    ///
    /// Refused with `PAYOUT_NOT_FOUND`, `PAYOUT_DECIDED` or `TEXT_INVALID`.
    #[graphql(guard = "Admin")]
    async fn decide_payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payout, and what was decided.")] input: DecidePayoutInput,
    ) -> Result<PayoutPayload> {
        let admin_id = Viewer::of(ctx)?.account_id;
        let read = || {
            Ok(DecidePayout {
                operation_id: operation_id(admin_id, "decidePayout", &input.idempotency_key)?,
                admin_id,
                payout_id: input.payout_id,
                is_paid: input.decision == PayoutDecision::Paid,
                reference: optional_text("reference", input.reference.as_deref(), 100)?,
                note: optional_text("note", input.note.as_deref(), 1000)?,
            })
        };
        let decide = match read() {
            Ok(decide) => decide,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let ingress = &ctx.data_unchecked::<Platform>().ingress;
        let answer = DECIDE.at_ingress(ingress, decide.operation_id.to_string(), decide).await?;
        shown(ctx.data_unchecked(), answer).await
    }
}

fn refused(refusal: Refusal) -> PayoutPayload {
    PayoutPayload { payout: None, user_errors: vec![refusal.into()] }
}

async fn shown(db: &DatabaseConnection, answer: Answer) -> Result<PayoutPayload> {
    match answer {
        Answer::Refused(refusal) => Ok(refused(refusal)),
        Answer::Done(told) => {
            let payout = store::payout_fetch(db, told.payout_id).await?.map(Payout);
            Ok(PayoutPayload { payout, user_errors: Vec::new() })
        }
    }
}
