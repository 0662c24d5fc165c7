//! The parties' answers: withdraw, accept, decline, dispute, and the administrator's decision.

use chrono::Utc;
use entities::order::{OrderStatus, RefundKind, RefundStatus};
use kernel::AccountId;
use sea_orm::{DatabaseConnection, DatabaseTransaction, TransactionTrait};
use service_kit::Result;

use super::{
    Rules,
    command::{Answer, Move, MoveRefund, Party},
    lapse,
    news::News,
    requesting, returning, settlement,
    store::{self, Claim, Locked},
};
use crate::{error::ErrorCode, operations};

/// Moves a refund on, or says why not. The same operation again gives the first answer. Of several who race exactly one
/// moves it: they take turns by the lock on the order.
pub(crate) async fn refund_move(db: &DatabaseConnection, rules: &Rules, command: &MoveRefund) -> Result<Answer> {
    let txn = db.begin().await?;
    if let Some(first) = operations::answer_fetch(&txn, command.operation_id).await? {
        return Ok(first);
    }
    let answer = match store::refund_lock_in_txn(&txn, command.refund_id).await? {
        Some(locked) if is_party(&locked, command.by) => refund_move_in_txn(&txn, rules, command, locked).await?,
        _ => Answer::not_found(),
    };
    let account = command.by.actor().unwrap_or(AccountId(command.operation_id.uuid()));
    operations::answer_insert(&txn, command.operation_id, account, &answer).await?;
    txn.commit().await?;
    Ok(answer)
}

fn is_party(locked: &Locked, by: Party) -> bool {
    match by {
        Party::Buyer(id) => locked.refund.buyer_id == id,
        Party::Seller(id) => locked.refund.seller_id == id,
        Party::Administrator(_) | Party::Timer => true,
    }
}

async fn refund_move_in_txn(
    txn: &DatabaseTransaction,
    rules: &Rules,
    command: &MoveRefund,
    mut locked: Locked,
) -> Result<Answer> {
    if let Some(refused) = out_of_turn(&locked, command.answer) {
        return Ok(refused);
    }
    let (actor, note) = (command.by.actor(), command.note.as_deref());
    let before = locked.refund.status;
    locked.refund.note = command.note.clone().or(locked.refund.note);
    match command.answer {
        Move::Accept | Move::Grant => {
            return Ok(Answer::Done(Box::new(accept_in_txn(txn, locked, actor, note).await?)));
        }
        Move::Withdraw => {
            store::lines_claim_in_txn(txn, &locked.lines, Claim::Free).await?;
            locked.refund.status = RefundStatus::Withdrawn;
        }
        Move::Decline => {
            store::lines_claim_in_txn(txn, &locked.lines, Claim::Free).await?;
            locked.refund.status = RefundStatus::Declined;
            locked.refund.dispute_until = Some(store::later(Utc::now(), rules.dispute));
        }
        Move::Dispute => {
            if let Err(refusals) = requesting::claim_again_in_txn(txn, &mut locked).await? {
                let mut refusals = refusals;
                for refusal in &mut refusals {
                    refusal.field = Some("refundId".to_owned());
                }
                return Ok(Answer::Refused(refusals));
            }
            locked.refund.status = RefundStatus::Disputed;
        }
        Move::Reject => {
            store::lines_claim_in_txn(txn, &locked.lines, Claim::Free).await?;
            locked.refund.status = RefundStatus::Rejected;
        }
    }
    let row = locked.refund.clone();
    locked.refund = store::refund_change_in_txn(txn, before, row, actor, note).await?;
    Ok(Answer::Done(Box::new(locked.news()?)))
}

/// Why a refund does not move so now, if it does not.
fn out_of_turn(locked: &Locked, answer: Move) -> Option<Answer> {
    let refund = &locked.refund;
    let (in_turn, code, message) = match answer {
        Move::Withdraw | Move::Accept | Move::Decline => {
            (refund.status == RefundStatus::Pending, ErrorCode::RefundNotPending, "The refund is not pending any more.")
        }
        Move::Dispute if refund.dispute_until.is_some_and(|until| until < Utc::now()) => {
            (false, ErrorCode::DisputeTooLate, "The time to dispute is over.")
        }
        Move::Dispute => (
            refund.status == RefundStatus::Declined,
            ErrorCode::RefundNotDeclined,
            "Only a refund that was declined can be disputed.",
        ),
        Move::Grant | Move::Reject => (
            refund.status == RefundStatus::Disputed,
            ErrorCode::RefundNotDisputed,
            "There is no open dispute about this refund.",
        ),
    };
    // What was declined about an order that is over by now has nothing left to dispute.
    let is_over = matches!(locked.order.status, OrderStatus::Cancelled | OrderStatus::Returned);
    let (in_turn, code, message) = if in_turn && is_over {
        (false, ErrorCode::OrderNotRefundable, "The order is over.")
    } else {
        (in_turn, code, message)
    };
    (!in_turn).then(|| Answer::refused("refundId", code, message))
}

/// Accepts a refund. What has not left is cancelled, and the money goes back at once; what has left goes back first,
/// unless that was tried and has lapsed.
async fn accept_in_txn(
    txn: &DatabaseTransaction,
    mut locked: Locked,
    actor: Option<AccountId>,
    note: Option<&str>,
) -> Result<News> {
    if locked.order.status == OrderStatus::Paid {
        locked.refund.kind = RefundKind::Cancellation;
        let mut news = settlement::settle_in_txn(txn, locked, actor, note).await?;
        news.stocks = true;
        return Ok(news);
    }
    if lapse::has_lapsed(txn, locked.refund.id).await? {
        // Its parcel had its time: the seller can still say in which condition the goods are, if they come.
        return settlement::settle_in_txn(txn, locked, actor, note).await;
    }
    let before = locked.refund.status;
    locked.refund.status = RefundStatus::Accepted;
    let row = locked.refund.clone();
    locked.refund = store::refund_change_in_txn(txn, before, row, actor, note).await?;
    let ships = returning::return_create_in_txn(txn, &locked).await?;
    let mut news = locked.news()?;
    // A parcel that is still on its way to the buyer goes back when it has arrived.
    news.ships = ships && locked.order.status == OrderStatus::Delivered;
    Ok(news)
}
