//! Giving back a part of what items had counted, as much as their units came back.
//!
//! What a use costs is lowered in proportion and to the minor unit; the parts add up to exactly the whole, because each
//! is reckoned from all units that have come back so far. Transport is not divided: it comes back with the last unit.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use contracts::promotion::Part;
use entities::promotion::{promotion, promotion_use};
use kernel::{OrderItemId, PromotionId, portion};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, TransactionTrait, raw_sql, sea_query::Expr,
};
use service_kit::Result;

use super::cashback::cashback_take_back_in_txn;

/// Gives back budgets and cashback of units that have come back. What was given back before, as much or more, changes
/// nothing; neither do items that are no more, or never counted anything.
///
/// # Errors
/// The database fails.
pub async fn give_back_part(db: &DatabaseConnection, parts: &[Part]) -> Result<()> {
    let parts: HashMap<OrderItemId, Part> = parts.iter().map(|part| (part.item_id, *part)).collect();
    let txn = db.begin().await?;
    let held = uses_live(&txn, &parts).await?;
    let promotion_ids: BTreeSet<_> = held.iter().map(|used| used.promotion_id.uuid()).collect();
    promotion::Entity::find()
        .filter(promotion::Column::Id.eq_any(promotion_ids.into_iter().collect::<Vec<_>>()))
        .order_by_asc(promotion::Column::Id)
        .lock_exclusive()
        .all(&txn)
        .await?;
    let mut returned: BTreeMap<(PromotionId, String), i64> = BTreeMap::new();
    // Only under the locks is it certain what lives, and what has come back before.
    for used in uses_live(&txn, &parts).await? {
        let part = parts[&used.item_id];
        let returned_minor = portion(used.amount_minor, part.given_back, part.quantity);
        if returned_minor <= used.returned_minor {
            continue;
        }
        use_set_returned_in_txn(&txn, &used, returned_minor).await?;
        if used.cashback {
            cashback_take_back_in_txn(&txn, &used, used.amount_minor - returned_minor).await?;
        }
        *returned.entry((used.promotion_id, used.currency)).or_default() += returned_minor - used.returned_minor;
    }
    for ((promotion_id, currency), amount_minor) in returned {
        txn.execute_raw(raw_sql!(
            Postgres,
            r#"UPDATE promotion.promotion SET spent_minor = spent_minor - {amount_minor}
               WHERE id = {promotion_id} AND currency = {currency}"#
        ))
        .await?;
    }
    txn.commit().await?;
    Ok(())
}

/// Uses of these items that count and are of goods.
async fn uses_live(txn: &DatabaseTransaction, parts: &HashMap<OrderItemId, Part>) -> Result<Vec<promotion_use::Model>> {
    Ok(promotion_use::Entity::find()
        .filter(promotion_use::Column::ItemId.eq_any(parts.keys().map(|id| id.uuid()).collect::<Vec<_>>()))
        .filter(promotion_use::Column::GivenBackAt.is_null())
        .filter(promotion_use::Column::ShippingOperationId.is_null())
        .all(txn)
        .await?)
}

async fn use_set_returned_in_txn(
    txn: &DatabaseTransaction,
    used: &promotion_use::Model,
    returned_minor: i64,
) -> Result<()> {
    promotion_use::Entity::update_many()
        .col_expr(promotion_use::Column::ReturnedMinor, Expr::value(returned_minor))
        .filter(promotion_use::Column::ItemId.eq(used.item_id))
        .filter(promotion_use::Column::PromotionId.eq(used.promotion_id))
        .exec(txn)
        .await?;
    Ok(())
}
