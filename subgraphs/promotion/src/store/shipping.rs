//! Counting what shipping promotions take off the transport of orders.
//!
//! Items earn shipping promotions at checkout, where a use is counted; what that use costs is known when the seller makes
//! an order of the items. Then it is counted here, on the use of the first item, under the locks of the promotions: so
//! budgets hold, and what is counted is given back with the items like everything else.

use std::collections::BTreeMap;

use contracts::promotion::{RedeemShipping, ShippingOutcome};
use entities::promotion::{promotion, promotion_use};
use kernel::{Money, OperationId, PromotionId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, TransactionTrait, raw_sql,
};
use service_kit::{Error, Result};

use super::candidates::candidate;
use crate::pricing::{self, Candidate};

/// What comes off the transport cost of an order that is about to be made, counted. The same operation again gets the
/// first answer. Items that were given back meanwhile earn nothing.
///
/// # Errors
/// The database fails.
pub async fn shipping_redeem(db: &DatabaseConnection, command: &RedeemShipping) -> Result<ShippingOutcome> {
    let txn = db.begin().await?;
    if let Some(first) = operation_begin_in_txn(&txn, command.operation_id).await? {
        return Ok(first);
    }
    let rows = promotions_lock_in_txn(&txn, command.request.promotion_ids.clone()).await?;
    let uses = promotion_use::Entity::find()
        .filter(promotion_use::Column::ItemId.eq_any(uuids(&command.item_ids, |id| id.uuid())))
        .filter(promotion_use::Column::PromotionId.eq_any(uuids(&rows, |row| row.id.uuid())))
        .filter(promotion_use::Column::GivenBackAt.is_null())
        .order_by_asc(promotion_use::Column::ItemId)
        .all(&txn)
        .await?;
    let outcome = if uses.iter().any(|one| one.shipping_operation_id.is_some()) {
        ShippingOutcome::Claimed
    } else {
        let earned = rows.iter().filter(|row| uses.iter().any(|one| one.promotion_id == row.id));
        let earned = earned.map(|row| candidate(row, Vec::new(), 0)).collect::<Result<Vec<Candidate>>>()?;
        let quote = pricing::shipping(&command.request, &earned);
        claim_in_txn(&txn, command.operation_id, &uses).await?;
        for applied in &quote.applied {
            let first = uses.iter().find(|one| one.promotion_id == applied.promotion_id);
            let first = first.ok_or_else(|| Error::broken("a promotion applies that no item has earned"))?;
            count_in_txn(&txn, first, applied.saving).await?;
        }
        ShippingOutcome::Counted(quote)
    };
    operation_finish_in_txn(&txn, command.operation_id, &outcome).await?;
    txn.commit().await?;
    Ok(outcome)
}

/// Takes back what an operation counted whose order was not made. Again, or for an operation that never was, changes
/// nothing; such an operation can count nothing later either.
///
/// # Errors
/// The database fails.
pub async fn shipping_release(db: &DatabaseConnection, operation_id: OperationId) -> Result<()> {
    let txn = db.begin().await?;
    let claimed = serde_json::to_value(ShippingOutcome::Claimed)?;
    let released = txn
        .execute_raw(raw_sql!(
            Postgres,
            r#"INSERT INTO promotion.shipping_redemption AS known (operation_id, outcome, released_at)
               VALUES ({operation_id}, {claimed}, now())
               ON CONFLICT (operation_id) DO UPDATE SET released_at = now() WHERE known.released_at IS NULL"#
        ))
        .await?;
    if released.rows_affected() == 0 {
        return Ok(());
    }
    let held = uses_of_operation(&txn, operation_id).await?;
    promotions_lock_in_txn(&txn, held.iter().map(|one| one.promotion_id).collect()).await?;
    // Only under the locks is it certain what has not been given back with its item.
    let mut counted: BTreeMap<(PromotionId, String), i64> = BTreeMap::new();
    for one in uses_of_operation(&txn, operation_id).await? {
        *counted.entry((one.promotion_id, one.currency)).or_default() += one.amount_minor;
    }
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE promotion.promotion_use SET amount_minor = 0, shipping_operation_id = NULL
           WHERE shipping_operation_id = {operation_id} AND given_back_at IS NULL"#
    ))
    .await?;
    for ((promotion_id, currency), amount_minor) in counted {
        spent_add_in_txn(&txn, promotion_id, -amount_minor, &currency).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// Live uses whose cost an operation has counted.
async fn uses_of_operation(txn: &DatabaseTransaction, operation_id: OperationId) -> Result<Vec<promotion_use::Model>> {
    Ok(promotion_use::Entity::find()
        .filter(promotion_use::Column::ShippingOperationId.eq(operation_id))
        .filter(promotion_use::Column::GivenBackAt.is_null())
        .all(txn)
        .await?)
}

/// Locks promotions in the order of their ids, as everywhere.
async fn promotions_lock_in_txn(txn: &DatabaseTransaction, ids: Vec<PromotionId>) -> Result<Vec<promotion::Model>> {
    Ok(promotion::Entity::find()
        .filter(promotion::Column::Id.eq_any(uuids(&ids, |id| id.uuid())))
        .order_by_asc(promotion::Column::Id)
        .lock_exclusive()
        .all(txn)
        .await?)
}

/// Marks the uses as those of this operation.
async fn claim_in_txn(
    txn: &DatabaseTransaction,
    operation_id: OperationId,
    uses: &[promotion_use::Model],
) -> Result<()> {
    let items = uuids(uses, |one| one.item_id.uuid());
    let promotions = uuids(uses, |one| one.promotion_id.uuid());
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE promotion.promotion_use u SET shipping_operation_id = {operation_id}
           FROM unnest({items}::uuid[], {promotions}::uuid[]) AS claimed (item_id, promotion_id)
           WHERE u.item_id = claimed.item_id AND u.promotion_id = claimed.promotion_id"#
    ))
    .await?;
    Ok(())
}

async fn count_in_txn(txn: &DatabaseTransaction, first: &promotion_use::Model, saving: Money) -> Result<()> {
    let (item_id, promotion_id) = (first.item_id, first.promotion_id);
    let (amount_minor, currency) = (saving.amount_minor, saving.currency.code());
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE promotion.promotion_use SET amount_minor = {amount_minor}, currency = {currency}
           WHERE item_id = {item_id} AND promotion_id = {promotion_id}"#
    ))
    .await?;
    spent_add_in_txn(txn, promotion_id, amount_minor, currency).await
}

async fn spent_add_in_txn(
    txn: &DatabaseTransaction,
    promotion_id: PromotionId,
    amount_minor: i64,
    currency: &str,
) -> Result<()> {
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE promotion.promotion SET spent_minor = spent_minor + {amount_minor}
           WHERE id = {promotion_id} AND currency = {currency}"#
    ))
    .await?;
    Ok(())
}

#[derive(Debug, FromQueryResult)]
struct OutcomeRow {
    outcome: Option<serde_json::Value>,
}

/// Claims the operation, or gives its first answer. A second try at the same time waits here for the first.
async fn operation_begin_in_txn(
    txn: &DatabaseTransaction,
    operation_id: OperationId,
) -> Result<Option<ShippingOutcome>> {
    let claimed = txn
        .execute_raw(raw_sql!(
            Postgres,
            r#"INSERT INTO promotion.shipping_redemption (operation_id) VALUES ({operation_id})
               ON CONFLICT (operation_id) DO NOTHING"#
        ))
        .await?;
    if claimed.rows_affected() == 1 {
        return Ok(None);
    }
    let row = OutcomeRow::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT outcome FROM promotion.shipping_redemption WHERE operation_id = {operation_id}"#
    ))
    .one(txn)
    .await?;
    let outcome = row.and_then(|row| row.outcome);
    let outcome = outcome.ok_or_else(|| Error::broken("a committed redemption has its outcome"))?;
    Ok(Some(serde_json::from_value(outcome)?))
}

async fn operation_finish_in_txn(
    txn: &DatabaseTransaction,
    operation_id: OperationId,
    outcome: &ShippingOutcome,
) -> Result<()> {
    let outcome = serde_json::to_value(outcome)?;
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE promotion.shipping_redemption SET outcome = {outcome} WHERE operation_id = {operation_id}"#
    ))
    .await?;
    Ok(())
}

fn uuids<T>(all: &[T], id: impl Fn(&T) -> uuid::Uuid) -> Vec<uuid::Uuid> {
    all.iter().map(id).collect()
}
