//! Sessions and their refresh tokens.

use chrono::{DateTime, Utc};
use entities::account::{
    refresh_token,
    session::{self, EndReason},
};
use kernel::{AccountId, SessionId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, raw_sql, sea_query::LockType,
};
use service_kit::Result;

/// The open sessions of an account, the one used last first.
pub(crate) async fn session_list(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<session::Model>> {
    let open = session::Entity::find()
        .filter(session::Column::AccountId.eq(account_id))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .order_by_desc(session::Column::RefreshedAt)
        .limit(100);
    Ok(open.all(db).await?)
}

/// Writes a new session.
pub(crate) async fn session_insert_in_txn(txn: &DatabaseTransaction, session: session::Model) -> Result<()> {
    session::Entity::insert(session.into_active_model().reset_all()).exec_without_returning(txn).await?;
    Ok(())
}

/// The session, for this transaction alone.
pub(crate) async fn session_lock_in_txn(txn: &DatabaseTransaction, id: SessionId) -> Result<Option<session::Model>> {
    Ok(session::Entity::find_by_id(id).lock(LockType::Update).one(txn).await?)
}

/// Lets the session live longer.
pub(crate) async fn session_renew_in_txn(
    txn: &DatabaseTransaction,
    id: SessionId,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let changes =
        session::ActiveModel { id: Set(id), refreshed_at: Set(now), expires_at: Set(expires_at), ..Default::default() };
    changes.update(txn).await?;
    Ok(())
}

/// Ends one open session of the account. Answers whether there was one.
pub(crate) async fn session_end_in_txn(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    id: SessionId,
    reason: EndReason,
    now: DateTime<Utc>,
) -> Result<bool> {
    let ended = session::Entity::update_many()
        .set(end(reason, now))
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::AccountId.eq(account_id))
        .filter(session::Column::EndedAt.is_null())
        .exec(txn)
        .await?;
    Ok(ended.rows_affected > 0)
}

/// Ends the open sessions of the account, all of them or all but `except`. Answers with their ids.
pub(crate) async fn sessions_end_in_txn(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    except: Option<SessionId>,
    reason: EndReason,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>> {
    let mut ended = session::Entity::update_many()
        .set(end(reason, now))
        .filter(session::Column::AccountId.eq(account_id))
        .filter(session::Column::EndedAt.is_null());
    if let Some(except) = except {
        ended = ended.filter(session::Column::Id.ne(except));
    }
    Ok(ended.exec_with_returning(txn).await?.into_iter().map(|session| session.id).collect())
}

fn end(reason: EndReason, now: DateTime<Utc>) -> session::ActiveModel {
    session::ActiveModel { ended_at: Set(Some(now)), end_reason: Set(Some(reason)), ..Default::default() }
}

/// Forgets the refresh tokens of the account's sessions that are over: they prove nothing any more, used or not.
pub(crate) async fn sessions_forget_tokens_in_txn(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"
        DELETE FROM account.refresh_token
        WHERE session_id IN (
            SELECT id FROM account.session
            WHERE account_id = {account_id} AND (ended_at IS NOT NULL OR expires_at < {now})
        )
        "#
    ))
    .await?;
    Ok(())
}

/// The refresh token with this hash.
pub(crate) async fn refresh_token_find(db: &impl ConnectionTrait, hash: &str) -> Result<Option<refresh_token::Model>> {
    Ok(refresh_token::Entity::find_by_id(hash).one(db).await?)
}

/// Writes a new refresh token of a session that has no fresh one.
pub(crate) async fn refresh_token_insert_in_txn(
    txn: &DatabaseTransaction,
    hash: String,
    session_id: SessionId,
    now: DateTime<Utc>,
) -> Result<()> {
    let token = refresh_token::ActiveModel {
        hash: Set(hash),
        session_id: Set(session_id),
        issued_at: Set(now),
        used_at: Set(None),
    };
    refresh_token::Entity::insert(token).exec_without_returning(txn).await?;
    Ok(())
}

/// Uses the token up. Answers whether it was fresh.
pub(crate) async fn refresh_token_use_in_txn(
    txn: &DatabaseTransaction,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let used = refresh_token::Entity::update_many()
        .set(refresh_token::ActiveModel { used_at: Set(Some(now)), ..Default::default() })
        .filter(refresh_token::Column::Hash.eq(hash))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(txn)
        .await?;
    Ok(used.rows_affected > 0)
}
