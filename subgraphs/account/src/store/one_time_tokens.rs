//! One-time tokens, as hashes.

use chrono::{DateTime, Utc};
use entities::account::one_time_token::{self, TokenPurpose};
use kernel::AccountId;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use service_kit::Result;

/// Writes a token in the place of the one that the account had for the same purpose.
pub(crate) async fn token_replace(db: &impl ConnectionTrait, token: one_time_token::Model) -> Result<()> {
    use one_time_token::Column;
    one_time_token::Entity::insert(token.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::AccountId, Column::Purpose])
                .update_columns([
                    Column::Destination,
                    Column::TokenHash,
                    Column::Attempts,
                    Column::CreatedAt,
                    Column::ExpiresAt,
                ])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Counts an attempt at the account's token, and gives it for comparison. `None` when there is none, when it has
/// expired, or when it has been tried too often. The row stays locked, so that attempts take turns.
pub(crate) async fn token_try_in_txn(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    purpose: TokenPurpose,
    attempts_max: i32,
    now: DateTime<Utc>,
) -> Result<Option<one_time_token::Model>> {
    use one_time_token::Column;
    let tried = one_time_token::Entity::update_many()
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Purpose.eq(purpose))
        .filter(Column::Attempts.lt(attempts_max))
        .filter(Column::ExpiresAt.gt(now))
        .exec_with_returning(txn)
        .await?;
    Ok(tried.into_iter().next())
}

/// Uses the account's token up.
pub(crate) async fn token_delete_in_txn(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    purpose: TokenPurpose,
) -> Result<()> {
    one_time_token::Entity::delete_by_id((account_id, purpose)).exec(txn).await?;
    Ok(())
}
