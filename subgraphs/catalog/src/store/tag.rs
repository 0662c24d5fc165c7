//! Tags, made when they are first used.

use entities::catalog::tag;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, raw_sql,
    sea_query::{Expr, ExprTrait, LikeExpr},
};
use service_kit::Result;

/// Makes the tags that nobody used before. In one order, so that two products with the same tags cannot deadlock.
pub(crate) async fn tags_insert_in_txn(txn: &DatabaseTransaction, tags: &[String]) -> Result<()> {
    let mut tags = tags.to_vec();
    tags.sort_unstable();
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"INSERT INTO catalog.tag (name) SELECT unnest({tags}::text[]) ON CONFLICT DO NOTHING"#
    ))
    .await?;
    Ok(())
}

/// Tags that begin with `prefix`, in alphabetical order, after the tag `after`.
///
/// # Errors
/// The database cannot be reached.
pub async fn tag_list(
    db: &impl ConnectionTrait,
    prefix: &str,
    after: Option<String>,
    limit: u64,
) -> Result<Vec<String>> {
    let mut query = beginning_with(prefix).select_only().column(tag::Column::Name);
    if let Some(after) = after {
        query = query.filter(tag::Column::Name.gt(after));
    }
    Ok(query.order_by_asc(tag::Column::Name).limit(limit).into_tuple().all(db).await?)
}

/// How many tags begin with `prefix`.
///
/// # Errors
/// The database cannot be reached.
pub async fn tag_count(db: &impl ConnectionTrait, prefix: &str) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    Ok(beginning_with(prefix).count(db).await?)
}

fn beginning_with(prefix: &str) -> sea_orm::Select<tag::Entity> {
    let prefix = prefix.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    tag::Entity::find().filter(Expr::col(tag::Column::Name).like(LikeExpr::new(format!("{prefix}%"))))
}
