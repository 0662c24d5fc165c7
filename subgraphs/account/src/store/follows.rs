//! Who follows whom.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::account::follow;
use kernel::AccountId;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, raw_sql,
};
use service_kit::{
    Result,
    database::violated_constraint,
    graphql::{Page, Rows},
};

/// How many follow an account, and how many it follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub(crate) struct FollowCounts {
    /// How many follow it.
    pub(crate) followers: i64,
    /// How many it follows.
    pub(crate) following: i64,
}

/// Lets one account follow another; again changes nothing. Answers `false` when the other does not exist.
pub(crate) async fn follow_insert(
    db: &impl ConnectionTrait,
    follower_id: AccountId,
    followed_id: AccountId,
) -> Result<bool> {
    let follow = follow::ActiveModel {
        follower_id: Set(follower_id),
        followed_id: Set(followed_id),
        created_at: Set(Utc::now()),
    };
    match follow::Entity::insert(follow).on_conflict_do_nothing().exec(db).await {
        Ok(_) => Ok(true),
        Err(error) if violated_constraint(&error) == Some("follow_followed") => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Lets one account no longer follow another.
pub(crate) async fn follow_delete(
    db: &impl ConnectionTrait,
    follower_id: AccountId,
    followed_id: AccountId,
) -> Result<()> {
    follow::Entity::delete_by_id((follower_id, followed_id)).exec(db).await?;
    Ok(())
}

/// Those of the pairs of follower and followed that are so.
pub(crate) async fn following_among(
    db: &impl ConnectionTrait,
    pairs: &[(AccountId, AccountId)],
) -> Result<Vec<follow::Model>> {
    let follower_ids: Vec<AccountId> = pairs.iter().map(|pair| pair.0).collect();
    let followed_ids: Vec<AccountId> = pairs.iter().map(|pair| pair.1).collect();
    let found = follow::Entity::find().from_raw_sql(raw_sql!(
        Postgres,
        r#"
        SELECT follow.* FROM account.follow
        JOIN unnest({follower_ids}, {followed_ids}) AS wanted (follower_id, followed_id)
            USING (follower_id, followed_id)
        "#
    ));
    Ok(found.all(db).await?)
}

#[derive(FromQueryResult)]
struct CountsRow {
    account_id: AccountId,
    #[sea_orm(nested)]
    counts: FollowCounts,
}

/// How many follow each account, and how many it follows.
pub(crate) async fn follow_counts(
    db: &impl ConnectionTrait,
    account_ids: Vec<AccountId>,
) -> Result<HashMap<AccountId, FollowCounts>> {
    let rows = CountsRow::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT account_id,
            (SELECT count(*) FROM account.follow WHERE followed_id = account_id) AS followers,
            (SELECT count(*) FROM account.follow WHERE follower_id = account_id) AS following
        FROM unnest({account_ids}) AS wanted (account_id)
        "#
    ));
    Ok(rows.all(db).await?.into_iter().map(|row| (row.account_id, row.counts)).collect())
}

/// The accounts that an account follows, the newest first.
pub(crate) async fn follow_list(
    db: &impl ConnectionTrait,
    follower_id: AccountId,
    page: &Page<(DateTime<Utc>, AccountId)>,
    with_total: bool,
) -> Result<Rows<follow::Model>> {
    let all = follow::Entity::find().filter(follow::Column::FollowerId.eq(follower_id));
    let total = if with_total { Some(all.clone().count(db).await?) } else { None };
    let rows = match page.after {
        None => {
            let first = all
                .order_by_desc(follow::Column::CreatedAt)
                .order_by_desc(follow::Column::FollowedId)
                .limit(page.fetch());
            first.all(db).await?
        }
        Some((created_at, followed_id)) => {
            let limit = i64::try_from(page.fetch()).unwrap_or(i64::MAX);
            let next = follow::Model::find_by_statement(raw_sql!(
                Postgres,
                r#"
                SELECT * FROM account.follow
                WHERE follower_id = {follower_id} AND (created_at, followed_id) < ({created_at}, {followed_id})
                ORDER BY created_at DESC, followed_id DESC LIMIT {limit}
                "#
            ));
            next.all(db).await?
        }
    };
    Ok(Rows { rows, total })
}
