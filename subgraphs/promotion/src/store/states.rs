//! Switching promotions on and off, when their time has come.

use chrono::{DateTime, Utc};
use entities::promotion::promotion::{self, State};
use kernel::PromotionId;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, Set, TransactionTrait, Unchanged, raw_sql,
    sea_query::{LockBehavior, LockType},
};
use service_kit::Result;

use super::promotions::state_of;

/// The most promotions that one transaction switches.
const BATCH: u64 = 200;

/// A promotion that has been switched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switched {
    /// The promotion.
    pub id: PromotionId,
    /// What it was.
    pub from: State,
    /// What it is now.
    pub to: State,
}

/// Switches the promotions whose time has come by `now`, at most one batch of them. Again changes nothing; several at
/// once share the work. A promotion that somebody holds is passed over and found the next time.
///
/// # Errors
/// The database fails, or a row is broken.
pub async fn states_switch(db: &DatabaseConnection, now: DateTime<Utc>) -> Result<Vec<Switched>> {
    let txn = db.begin().await?;
    let due = promotion::Entity::find()
        .filter(promotion::Column::NextChangeAt.lte(now))
        .order_by_asc(promotion::Column::NextChangeAt)
        .limit(BATCH)
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        .all(&txn)
        .await?;
    let mut switched = Vec::new();
    for row in due {
        let (state, next_change_at) = state_of(&row, now)?;
        // `updated_at` stays: it says when the owner changed it, by which a checkout notices that.
        let changed = promotion::ActiveModel {
            id: Unchanged(row.id),
            state: Set(state),
            next_change_at: Set(next_change_at),
            ..Default::default()
        };
        changed.update(&txn).await?;
        if state != row.state {
            switched.push(Switched { id: row.id, from: row.state, to: state });
        }
    }
    txn.commit().await?;
    Ok(switched)
}

/// When the next promotion is to be switched, if any is.
///
/// # Errors
/// The database fails.
pub async fn next_switch_at(db: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>> {
    #[derive(FromQueryResult)]
    struct Next {
        at: Option<DateTime<Utc>>,
    }
    let next = Next::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT min(next_change_at) AS at FROM promotion.promotion WHERE next_change_at IS NOT NULL"#
    ));
    Ok(next.one(db).await?.and_then(|next| next.at))
}
