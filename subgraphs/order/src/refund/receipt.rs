//! The goods are back with their seller, who says in which condition.

use std::collections::HashSet;

use chrono::Utc;
use entities::order::{RefundKind, RefundStatus, ShipmentStatus, refund_item};
use kernel::RefundId;
use sea_orm::{DatabaseConnection, DatabaseTransaction, TransactionTrait};
use service_kit::Result;

use super::{
    command::{Answer, Condition, ConfirmReceipt},
    news::News,
    returning, settlement,
    store::{self, Locked},
};
use crate::{
    error::{ErrorCode, Refusal},
    operations,
};

/// Confirms that goods are back, or says why not: the money goes, unless it has gone without the seller's word. The same
/// operation again gives the first answer.
pub(crate) async fn receipt_confirm(db: &DatabaseConnection, confirm: &ConfirmReceipt) -> Result<Answer> {
    let txn = db.begin().await?;
    if let Some(first) = operations::answer_fetch(&txn, confirm.operation_id).await? {
        return Ok(first);
    }
    let answer = match store::refund_lock_in_txn(&txn, confirm.refund_id).await? {
        Some(locked) if locked.refund.seller_id == confirm.seller_id => {
            receipt_confirm_in_txn(&txn, confirm, locked).await?
        }
        _ => Answer::not_found(),
    };
    operations::answer_insert(&txn, confirm.operation_id, confirm.seller_id, &answer).await?;
    txn.commit().await?;
    Ok(answer)
}

async fn receipt_confirm_in_txn(
    txn: &DatabaseTransaction,
    confirm: &ConfirmReceipt,
    mut locked: Locked,
) -> Result<Answer> {
    let refund = &locked.refund;
    let is_back = matches!(refund.status, RefundStatus::Accepted | RefundStatus::Paying | RefundStatus::Refunded);
    if refund.kind != RefundKind::Return || !is_back || refund.inspected_at.is_some() {
        let message = "No goods of this refund are on their way back to you.";
        return Ok(Answer::refused("refundId", ErrorCode::RefundNotReturning, message));
    }
    match conditions(&locked.lines, &confirm.conditions) {
        Ok(lines) => locked.lines = lines,
        Err(refusals) => return Ok(Answer::Refused(refusals)),
    }
    for line in &locked.lines {
        store::line_update_in_txn(txn, line).await?;
    }
    locked.refund.inspected_at = Some(Utc::now());
    let actor = Some(confirm.seller_id);
    let mut news = if locked.refund.status == RefundStatus::Accepted {
        settlement::settle_in_txn(txn, locked, actor, None).await?
    } else {
        let (before, row) = (locked.refund.status, locked.refund.clone());
        locked.refund = store::refund_change_in_txn(txn, before, row, actor, None).await?;
        locked.news()?
    };
    news.stocks = true;
    Ok(Answer::Done(Box::new(news)))
}

/// The lines with the conditions that the seller names: every line, every unit, and the serials of what is damaged.
fn conditions(lines: &[refund_item::Model], conditions: &[Condition]) -> Result<Vec<refund_item::Model>, Vec<Refusal>> {
    let mut known = Vec::with_capacity(lines.len());
    let mut refusals = Vec::new();
    for line in lines {
        let named: Vec<_> = conditions.iter().enumerate().filter(|(_, one)| one.item_id == line.item_id).collect();
        let [(position, condition)] = named[..] else {
            let message = format!("Say once in which condition item {} is.", line.item_id);
            refusals.push(Refusal::at("lines", ErrorCode::ItemNotFound, message));
            continue;
        };
        let counts = condition.sellable >= 0
            && condition.damaged >= 0
            && condition.sellable.checked_add(condition.damaged) == Some(line.quantity);
        if !counts {
            let message = format!("Sellable and damaged units make {} together.", line.quantity);
            let field = format!("lines.{position}.sellable");
            refusals.push(Refusal::at(field, ErrorCode::RefundQuantityOutOfRange, message));
            continue;
        }
        let damaged: HashSet<&String> = condition.damaged_serials.iter().collect();
        let wanted = if line.serials.is_empty() { 0 } else { condition.damaged };
        let is_named = usize::try_from(wanted) == Ok(damaged.len())
            && damaged.len() == condition.damaged_serials.len()
            && damaged.iter().all(|serial| line.serials.contains(serial));
        if !is_named {
            let message = "Name the serial of each damaged unit that goes back, once.";
            let field = format!("lines.{position}.damagedSerials");
            refusals.push(Refusal::at(field, ErrorCode::SerialsInvalid, message));
            continue;
        }
        known.push(refund_item::Model {
            sellable: Some(condition.sellable),
            damaged: Some(condition.damaged),
            damaged_serials: condition.damaged_serials.clone(),
            ..line.clone()
        });
    }
    if conditions.len() > lines.len() && refusals.is_empty() {
        let message = "Only items of the refund have a condition.";
        refusals.push(Refusal::at("lines", ErrorCode::ItemNotFound, message));
    }
    if refusals.is_empty() { Ok(known) } else { Err(refusals) }
}

/// Sends the money of a refund whose goods have arrived at a seller who says nothing. The goods stay uninspected: the
/// seller can still say in which condition they are. `None` when the seller was faster.
pub(crate) async fn receipt_assume(db: &DatabaseConnection, refund_id: RefundId) -> Result<Option<News>> {
    let txn = db.begin().await?;
    let Some(locked) = store::refund_lock_in_txn(&txn, refund_id).await? else { return Ok(None) };
    if locked.refund.inspected_at.is_some() || locked.refund.kind != RefundKind::Return {
        return Ok(None);
    }
    match locked.refund.status {
        RefundStatus::Accepted => {
            let parcel = returning::return_of_refund(&txn, refund_id).await?;
            if parcel.is_none_or(|parcel| parcel.status != ShipmentStatus::Delivered) {
                return Ok(None);
            }
            let news = settlement::settle_in_txn(&txn, locked, None, None).await?;
            txn.commit().await?;
            Ok(Some(news))
        }
        // The step may have run before without its result being journaled.
        RefundStatus::Paying | RefundStatus::Refunded => {
            let ended = locked.items.iter().filter(|item| {
                item.refunded_quantity == item.quantity && locked.lines.iter().any(|line| line.item_id == item.id)
            });
            let ended = ended.map(|item| item.id).collect();
            let parts = settlement::parts_of(&locked);
            Ok(Some(News { ended, parts, ..locked.news()? }))
        }
        _ => Ok(None),
    }
}
