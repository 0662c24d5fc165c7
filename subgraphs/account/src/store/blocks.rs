//! Who blocks whom.

use chrono::{DateTime, Utc};
use entities::account::{block, follow};
use kernel::AccountId;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult,
    PaginatorTrait, QueryFilter, TransactionTrait, raw_sql,
};
use service_kit::{
    Result,
    database::violated_constraint,
    graphql::{Page, Rows},
};

/// Lets one account block another, and ends what either follows of the other; again changes nothing. Answers `false` when
/// the other does not exist.
pub(crate) async fn block_insert(
    db: &DatabaseConnection,
    blocker_id: AccountId,
    blocked_id: AccountId,
) -> Result<bool> {
    let txn = db.begin().await?;
    let block =
        block::ActiveModel { blocker_id: Set(blocker_id), blocked_id: Set(blocked_id), created_at: Set(Utc::now()) };
    match block::Entity::insert(block).on_conflict_do_nothing().exec(&txn).await {
        Ok(_) => {}
        Err(error) if violated_constraint(&error) == Some("block_blocked") => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    let between = |follower: AccountId, followed: AccountId| {
        Condition::all().add(follow::Column::FollowerId.eq(follower)).add(follow::Column::FollowedId.eq(followed))
    };
    follow::Entity::delete_many()
        .filter(Condition::any().add(between(blocker_id, blocked_id)).add(between(blocked_id, blocker_id)))
        .exec(&txn)
        .await?;
    txn.commit().await?;
    Ok(true)
}

/// Lets one account no longer block another.
pub(crate) async fn block_delete(
    db: &impl ConnectionTrait,
    blocker_id: AccountId,
    blocked_id: AccountId,
) -> Result<()> {
    block::Entity::delete_by_id((blocker_id, blocked_id)).exec(db).await?;
    Ok(())
}

/// Whether either of the two blocks the other.
pub(crate) async fn block_between(db: &impl ConnectionTrait, one: AccountId, two: AccountId) -> Result<bool> {
    let directed = |blocker: AccountId, blocked: AccountId| {
        Condition::all().add(block::Column::BlockerId.eq(blocker)).add(block::Column::BlockedId.eq(blocked))
    };
    let any = Condition::any().add(directed(one, two)).add(directed(two, one));
    Ok(block::Entity::find().filter(any).one(db).await?.is_some())
}

/// Those of the pairs of blocker and blocked that are so.
pub(crate) async fn blocks_among(
    db: &impl ConnectionTrait,
    pairs: &[(AccountId, AccountId)],
) -> Result<Vec<block::Model>> {
    let blocker_ids: Vec<AccountId> = pairs.iter().map(|pair| pair.0).collect();
    let blocked_ids: Vec<AccountId> = pairs.iter().map(|pair| pair.1).collect();
    let found = block::Entity::find().from_raw_sql(raw_sql!(
        Postgres,
        r#"
        SELECT block.* FROM account.block
        JOIN unnest({blocker_ids}, {blocked_ids}) AS wanted (blocker_id, blocked_id) USING (blocker_id, blocked_id)
        "#
    ));
    Ok(found.all(db).await?)
}

/// The accounts that an account blocks, the newest first.
pub(crate) async fn block_list(
    db: &impl ConnectionTrait,
    blocker_id: AccountId,
    page: &Page<(DateTime<Utc>, AccountId)>,
    with_total: bool,
) -> Result<Rows<block::Model>> {
    let total = match with_total {
        true => Some(block::Entity::find().filter(block::Column::BlockerId.eq(blocker_id)).count(db).await?),
        false => None,
    };
    let limit = i64::try_from(page.fetch()).unwrap_or(i64::MAX);
    let (after_at, after_id) = page.after.unzip();
    let rows = block::Model::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT * FROM account.block
        WHERE blocker_id = {blocker_id}
            AND ({after_at}::timestamptz IS NULL
                OR (created_at, blocked_id) < ({after_at}::timestamptz, {after_id}::uuid))
        ORDER BY created_at DESC, blocked_id DESC LIMIT {limit}
        "#
    ));
    Ok(Rows { rows: rows.all(db).await?, total })
}
