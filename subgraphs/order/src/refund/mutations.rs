//! Mutations of refunds.

use async_graphql::{Context, Object};
use contracts::Call;
use kernel::OperationId;
use serde::Serialize;
use service_kit::{Admin, Platform, Result, SignedIn, Viewer};

use super::{
    command::{Answer, Move, MoveRefund, Party},
    inputs::{
        AcceptRefundInput, ConfirmRefundReceiptInput, DecideDisputeInput, DeclineRefundInput, DisputeOutcome,
        DisputeRefundInput, EditRefundInput, RequestRefundInput, Said, WithdrawRefundInput,
    },
    types::{Refund, RefundPayload},
    workflows::{
        answer_refund::ANSWER,
        request_refund::{EDIT, REQUEST},
        return_goods::RECEIVE,
    },
};
use crate::{
    error::{Refusal, user_errors},
    loaders::Loaders,
};

/// Mutations of refunds.
#[derive(Default)]
pub struct RefundMutations;

#[Object]
impl RefundMutations {
    /// Asks for money back for items of an order of the viewer that is paid and not yet sent, or delivered. The seller
    /// answers until `deadlineAt`; whoever does not answer has accepted. Goods that have not left are cancelled at once
    /// when the seller accepts; others go back first.
    ///
    /// Refused with `ORDER_NOT_FOUND`, `ORDER_NOT_REFUNDABLE`, `REFUND_WINDOW_OVER`, `ITEM_NOT_FOUND`,
    /// `REFUND_QUANTITY_OUT_OF_RANGE`, `SERIALS_INVALID`, `IMAGE_INVALID`, `LINE_COUNT_OUT_OF_RANGE` or `TEXT_INVALID`.
    #[graphql(guard = "SignedIn")]
    async fn request_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to go back, and why.")] input: RequestRefundInput,
    ) -> Result<RefundPayload> {
        let command = input.read(Viewer::of(ctx)?.account_id);
        carry_out(ctx, &REQUEST, command.map(|command| (command.operation_id, command))).await
    }

    /// Changes a refund of the viewer that its seller has not answered. What is left out stays.
    ///
    /// Refused with `REFUND_NOT_FOUND`, `REFUND_NOT_PENDING`, or as `requestRefund`.
    #[graphql(guard = "SignedIn")]
    async fn edit_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: EditRefundInput,
    ) -> Result<RefundPayload> {
        let command = input.read(Viewer::of(ctx)?.account_id);
        carry_out(ctx, &EDIT, command.map(|command| (command.operation_id, command))).await
    }

    /// Takes back a refund of the viewer that its seller has not answered.
    ///
    /// Refused with `REFUND_NOT_FOUND`, or with `REFUND_NOT_PENDING` when the seller was faster.
    #[graphql(guard = "SignedIn")]
    async fn withdraw_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refund.")] input: WithdrawRefundInput,
    ) -> Result<RefundPayload> {
        let said = said("withdrawRefund", &input.idempotency_key, input.refund_id, None);
        let buyer = Party::Buyer(Viewer::of(ctx)?.account_id);
        answer(ctx, said.read(buyer, Move::Withdraw)).await
    }

    /// Accepts a refund of a sale of the viewer. If the goods have not left, they stay and the money goes at once;
    /// otherwise a return parcel is sent for, and the money goes with `confirmRefundReceipt`.
    ///
    /// Refused with `REFUND_NOT_FOUND`, or with `REFUND_NOT_PENDING` when the buyer was faster.
    #[graphql(guard = "SignedIn")]
    async fn accept_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refund.")] input: AcceptRefundInput,
    ) -> Result<RefundPayload> {
        let said = said("acceptRefund", &input.idempotency_key, input.refund_id, None);
        let seller = Party::Seller(Viewer::of(ctx)?.account_id);
        answer(ctx, said.read(seller, Move::Accept)).await
    }

    /// Declines a refund of a sale of the viewer. The buyer may dispute it for some time.
    ///
    /// Refused with `REFUND_NOT_FOUND`, `TEXT_INVALID`, or with `REFUND_NOT_PENDING` when the buyer was faster.
    #[graphql(guard = "SignedIn")]
    async fn decline_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refund, and why.")] input: DeclineRefundInput,
    ) -> Result<RefundPayload> {
        let text = Some(("reason", input.reason.as_str()));
        let said = said("declineRefund", &input.idempotency_key, input.refund_id, text);
        let seller = Party::Seller(Viewer::of(ctx)?.account_id);
        answer(ctx, said.read(seller, Move::Decline)).await
    }

    /// Confirms that the goods of an accepted refund are back with the viewer, their seller, and in which condition:
    /// sellable units are in stock again, and the money goes to the buyer. When the money has gone without the seller's
    /// word, this still says what is in stock.
    ///
    /// Refused with `REFUND_NOT_FOUND`, `REFUND_NOT_RETURNING`, `ITEM_NOT_FOUND`, `REFUND_QUANTITY_OUT_OF_RANGE` or
    /// `SERIALS_INVALID`.
    #[graphql(guard = "SignedIn")]
    async fn confirm_refund_receipt(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refund, and the condition of its items.")] input: ConfirmRefundReceiptInput,
    ) -> Result<RefundPayload> {
        let command = input.read(Viewer::of(ctx)?.account_id);
        carry_out(ctx, &RECEIVE, command.map(|command| (command.operation_id, command))).await
    }

    /// Disputes that a refund of the viewer was declined: an administrator decides.
    ///
    /// Refused with `REFUND_NOT_FOUND`, `REFUND_NOT_DECLINED`, `DISPUTE_TOO_LATE`, `TEXT_INVALID`, or with
    /// `REFUND_QUANTITY_OUT_OF_RANGE` when another refund claims the same units since.
    #[graphql(guard = "SignedIn")]
    async fn dispute_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refund, and why.")] input: DisputeRefundInput,
    ) -> Result<RefundPayload> {
        let text = Some(("reason", input.reason.as_str()));
        let said = said("disputeRefund", &input.idempotency_key, input.refund_id, text);
        let buyer = Party::Buyer(Viewer::of(ctx)?.account_id);
        answer(ctx, said.read(buyer, Move::Dispute)).await
    }

    /// Decides a dispute. For administrators.
    ///
    /// Refused with `REFUND_NOT_FOUND`, `REFUND_NOT_DISPUTED` or `TEXT_INVALID`.
    #[graphql(guard = "Admin")]
    async fn decide_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refund, for whom, and why.")] input: DecideDisputeInput,
    ) -> Result<RefundPayload> {
        let text = Some(("note", input.note.as_str()));
        let said = said("decideDispute", &input.idempotency_key, input.refund_id, text);
        let decision = match input.outcome {
            DisputeOutcome::ForBuyer => Move::Grant,
            DisputeOutcome::ForSeller => Move::Reject,
        };
        answer(ctx, said.read(Party::Administrator(Viewer::of(ctx)?.account_id), decision)).await
    }
}

fn said<'a>(
    mutation: &'a str,
    key: &'a str,
    refund_id: kernel::RefundId,
    text: Option<(&'a str, &'a str)>,
) -> Said<'a> {
    Said { mutation, key, refund_id, text }
}

async fn answer(ctx: &Context<'_>, command: Result<MoveRefund, Refusal>) -> Result<RefundPayload> {
    carry_out(ctx, &ANSWER, command.map(|command| (command.operation_id, command))).await
}

/// Has a command carried out, and shows the refund as it is then.
async fn carry_out<Command: Serialize + Send + 'static>(
    ctx: &Context<'_>,
    call: &Call<Command, Answer>,
    command: Result<(OperationId, Command), Refusal>,
) -> Result<RefundPayload> {
    let refused = |refusals| RefundPayload { refund: None, user_errors: user_errors(refusals) };
    let (operation_id, command) = match command {
        Ok(command) => command,
        Err(refusal) => return Ok(refused(vec![refusal])),
    };
    let ingress = &ctx.data_unchecked::<Platform>().ingress;
    match call.at_ingress(ingress, operation_id.to_string(), command).await? {
        Answer::Refused(refusals) => Ok(refused(refusals)),
        Answer::Done(news) => {
            let refund = Loaders::of(ctx)?.refunds.load_one(news.refund_id).await?.map(Refund);
            Ok(RefundPayload { refund, user_errors: Vec::new() })
        }
    }
}
