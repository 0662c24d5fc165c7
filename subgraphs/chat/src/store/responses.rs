//! How accounts answer those who write to them.
//!
//! A talk begins when a person writes after a day in which neither side wrote, so that the "thank you" at the end of one
//! asks for no answer. What the marketplace writes neither begins nor answers one.

use chrono::{DateTime, TimeDelta, Utc};
use entities::chat::message;
use kernel::AccountId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, raw_sql};
use service_kit::Result;

/// After so long a silence a message begins a new talk, and an answer that takes longer comes too late.
pub const PATIENCE: TimeDelta = TimeDelta::days(1);
/// How far figures look back.
pub const PERIOD: TimeDelta = TimeDelta::days(90);

/// How an account answers.
#[derive(Debug, Clone, Copy, PartialEq, FromQueryResult)]
pub struct Responses {
    /// Whose answers.
    pub account_id: AccountId,
    /// Talks that others began with it and that were answered, or have waited for longer than [`PATIENCE`].
    pub talks: i64,
    /// Those of them that were answered in time.
    pub answered: i64,
    /// The median of the seconds until those answers.
    pub median_seconds: Option<f64>,
}

/// Counts what a message of a person means: the answer to a talk of the other side, or the beginning of one.
pub(super) async fn message_count_in_txn(
    txn: &DatabaseTransaction,
    message: &message::Model,
    recipient_id: AccountId,
) -> Result<()> {
    let (conversation, sequence, sender) = (message.conversation_id, message.sequence, message.sender_id);
    let (now, silent_since) = (message.created_at, message.created_at - PATIENCE);
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"
        WITH answered AS (
            UPDATE chat.talk SET answered_at = {now}
            WHERE conversation_id = {conversation} AND addressee_id = {sender} AND answered_at IS NULL
        ), last AS (
            SELECT created_at FROM chat.message
            WHERE conversation_id = {conversation} AND sequence < {sequence} AND kind <> 'system'
            ORDER BY sequence DESC LIMIT 1
        )
        INSERT INTO chat.talk (conversation_id, sequence, addressee_id, began_at)
        SELECT {conversation}, {sequence}, {recipient_id}, {now}
        WHERE NOT EXISTS (SELECT FROM last WHERE created_at > {silent_since})"#
    ))
    .await?;
    Ok(())
}

/// How each of the accounts has answered up to now; those with whom nobody began a talk are left out.
pub async fn responses(
    db: &impl ConnectionTrait,
    account_ids: &[AccountId],
    now: DateTime<Utc>,
) -> Result<Vec<Responses>> {
    let accounts = account_ids.iter().map(|id| id.uuid()).collect::<Vec<_>>();
    let (since, late) = (now - PERIOD, now - PATIENCE);
    let patience = PATIENCE.num_seconds();
    Ok(Responses::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT addressee_id AS account_id, count(*) AS talks, count(*) FILTER (WHERE in_time) AS answered,
            (percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE in_time))::float8 AS median_seconds
        FROM (
            SELECT addressee_id, extract(epoch FROM answered_at - began_at) AS seconds,
                coalesce(extract(epoch FROM answered_at - began_at) <= {patience}, false) AS in_time
            FROM chat.talk
            WHERE addressee_id = ANY({accounts}) AND began_at > {since} AND (answered_at IS NOT NULL OR began_at < {late})
        ) AS talk
        GROUP BY addressee_id"#
    ))
    .all(db)
    .await?)
}
