//! Notifications. The inbox numbers them: its row is locked while one is written, so the numbers have no gap and are
//! committed in their order.

use std::collections::HashMap;

use chrono::Utc;
use contracts::account::Notify;
use entities::account::{account, inbox, notification, notification_preference};
use kernel::{AccountId, NotificationId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, FromQueryResult,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait, TryInsertResult, raw_sql,
    sea_query::OnConflict,
};
use service_kit::{
    Result,
    database::violated_constraint,
    graphql::{Page, Rows},
    live::REPLAY,
};

/// What became of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    /// It is stored now.
    New,
    /// It was stored before.
    Before,
    /// There is no such account.
    NoAccount,
}

/// Stores a notification exactly once, with the next number of its account.
pub(crate) async fn notification_insert(db: &DatabaseConnection, notify: &Notify, channels: &[&str]) -> Result<Stored> {
    let kind: String = serde_json::from_value(serde_json::to_value(notify.kind)?)?;
    let account_id = notify.account_id;
    let txn = db.begin().await?;
    let counted = inbox::Entity::find().from_raw_sql(raw_sql!(
        Postgres,
        r#"
        INSERT INTO account.inbox (account_id, last_sequence) VALUES ({account_id}, 1)
        ON CONFLICT (account_id) DO UPDATE SET last_sequence = inbox.last_sequence + 1
        RETURNING *
        "#
    ));
    let counted = match counted.one(&txn).await {
        Ok(counted) => counted.ok_or(DbErr::RecordNotInserted)?,
        Err(error) if violated_constraint(&error) == Some("inbox_account") => return Ok(Stored::NoAccount),
        Err(error) => return Err(error.into()),
    };
    let row = notification::ActiveModel {
        id: Set(notify.notification_id),
        account_id: Set(account_id),
        sequence: Set(counted.last_sequence),
        kind: Set(kind),
        title: Set(notify.title.clone()),
        content: Set(notify.content.clone()),
        metadata: Set(notify.metadata.clone()),
        channels: Set(channels.iter().map(|channel| (*channel).to_owned()).collect()),
        created_at: Set(Utc::now()),
        read_at: Set(None),
    };
    match notification::Entity::insert(row).on_conflict_do_nothing().exec(&txn).await? {
        TryInsertResult::Inserted(_) => {
            txn.commit().await?;
            Ok(Stored::New)
        }
        // The number goes back with the transaction.
        TryInsertResult::Conflicted | TryInsertResult::Empty => {
            txn.rollback().await?;
            Ok(Stored::Before)
        }
    }
}

/// A stored notification.
pub(crate) async fn notification_fetch(
    db: &impl ConnectionTrait,
    id: NotificationId,
) -> Result<Option<notification::Model>> {
    Ok(notification::Entity::find_by_id(id).one(db).await?)
}

/// Whether the account wants notifications by email, and by text message, and can be reached so.
pub(crate) async fn notification_wishes(db: &impl ConnectionTrait, account_id: AccountId) -> Result<(bool, bool)> {
    let Some(wish) = notification_preference::Entity::find_by_id(account_id).one(db).await? else {
        return Ok((false, false));
    };
    let Some(account) = account::Entity::find_by_id(account_id).one(db).await? else { return Ok((false, false)) };
    Ok((wish.email && account.email_verified_at.is_some(), wish.sms && account.phone_verified_at.is_some()))
}

/// Notes by which ways the account wants notifications.
pub(crate) async fn notification_wishes_set(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    email: bool,
    sms: bool,
) -> Result<()> {
    use notification_preference::Column;
    let wish = notification_preference::ActiveModel { account_id: Set(account_id), email: Set(email), sms: Set(sms) };
    let replace = OnConflict::column(Column::AccountId).update_columns([Column::Email, Column::Sms]).to_owned();
    notification_preference::Entity::insert(wish).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

/// The account's notifications, newest first.
pub(crate) async fn notification_list(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    unread_only: bool,
    page: &Page<i64>,
    with_total: bool,
) -> Result<Rows<notification::Model>> {
    let mut all = notification::Entity::find().filter(notification::Column::AccountId.eq(account_id));
    if unread_only {
        all = all.filter(notification::Column::ReadAt.is_null());
    }
    let total = if with_total { Some(all.clone().count(db).await?) } else { None };
    if let Some(after) = page.after {
        all = all.filter(notification::Column::Sequence.lt(after));
    }
    let rows = all.order_by_desc(notification::Column::Sequence).limit(page.fetch()).all(db).await?;
    Ok(Rows { rows, total })
}

/// The account's notifications after a number, in order, some at a time.
pub(crate) async fn notification_list_after(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    after: i64,
) -> Result<Vec<notification::Model>> {
    let next = notification::Entity::find()
        .filter(notification::Column::AccountId.eq(account_id))
        .filter(notification::Column::Sequence.gt(after))
        .order_by_asc(notification::Column::Sequence)
        .limit(REPLAY);
    Ok(next.all(db).await?)
}

/// The number of the account's newest notification; 0 when there is none.
pub(crate) async fn notification_last_sequence(db: &impl ConnectionTrait, account_id: AccountId) -> Result<i64> {
    let inbox = inbox::Entity::find_by_id(account_id).one(db).await?;
    Ok(inbox.map_or(0, |inbox| inbox.last_sequence))
}

/// Marks notifications of the account as read: those of `ids`, or all.
pub(crate) async fn notifications_read(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    ids: Option<Vec<NotificationId>>,
) -> Result<()> {
    let mut unread = notification::Entity::update_many()
        .set(notification::ActiveModel { read_at: Set(Some(Utc::now())), ..Default::default() })
        .filter(notification::Column::AccountId.eq(account_id))
        .filter(notification::Column::ReadAt.is_null());
    if let Some(ids) = ids {
        unread = unread.filter(notification::Column::Id.eq_any(ids));
    }
    unread.exec(db).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Unread {
    account_id: AccountId,
    count: i64,
}

/// How many unread notifications each account has; an account without is left out.
pub(crate) async fn unread_counts(
    db: &impl ConnectionTrait,
    account_ids: Vec<AccountId>,
) -> Result<HashMap<AccountId, i64>> {
    let counts = Unread::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT account_id, count(*) AS count FROM account.notification
        WHERE account_id = ANY({account_ids}) AND read_at IS NULL GROUP BY account_id
        "#
    ));
    Ok(counts.all(db).await?.into_iter().map(|unread| (unread.account_id, unread.count)).collect())
}
