//! Favorites.

use chrono::{DateTime, Utc};
use entities::account::favorite;
use kernel::{AccountId, ProductId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, TryInsertResult, raw_sql,
};
use service_kit::{
    Result,
    graphql::{Page, Rows},
};

/// Where a favorite stands in the list.
pub(crate) type FavoritePosition = (DateTime<Utc>, ProductId);

/// Marks a product. Marking it again changes nothing. Answers whether it is new.
pub(crate) async fn favorite_insert(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    product_id: ProductId,
) -> Result<bool> {
    let favorite =
        favorite::ActiveModel { account_id: Set(account_id), product_id: Set(product_id), created_at: Set(Utc::now()) };
    let inserted = favorite::Entity::insert(favorite).on_conflict_do_nothing().exec(db).await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(_)))
}

/// Takes the mark off. Answers whether there was one.
pub(crate) async fn favorite_delete(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    product_id: ProductId,
) -> Result<bool> {
    Ok(favorite::Entity::delete_by_id((account_id, product_id)).exec(db).await?.rows_affected > 0)
}

/// Those of the pairs of account and product that are favorites.
pub(crate) async fn favorites_among(
    db: &impl ConnectionTrait,
    pairs: &[(AccountId, ProductId)],
) -> Result<Vec<favorite::Model>> {
    let account_ids: Vec<AccountId> = pairs.iter().map(|pair| pair.0).collect();
    let product_ids: Vec<ProductId> = pairs.iter().map(|pair| pair.1).collect();
    let found = favorite::Entity::find().from_raw_sql(raw_sql!(
        Postgres,
        r#"
        SELECT favorite.* FROM account.favorite
        JOIN unnest({account_ids}, {product_ids}) AS wanted (account_id, product_id) USING (account_id, product_id)
        "#
    ));
    Ok(found.all(db).await?)
}

/// The account's favorites, newest first.
pub(crate) async fn favorite_list(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    page: &Page<FavoritePosition>,
    with_total: bool,
) -> Result<Rows<favorite::Model>> {
    let total = match with_total {
        true => Some(favorite::Entity::find().filter(favorite::Column::AccountId.eq(account_id)).count(db).await?),
        false => None,
    };
    let limit = i64::try_from(page.fetch()).unwrap_or(i64::MAX);
    let rows = match page.after {
        None => {
            let first = favorite::Entity::find()
                .filter(favorite::Column::AccountId.eq(account_id))
                .order_by_desc(favorite::Column::CreatedAt)
                .order_by_desc(favorite::Column::ProductId)
                .limit(page.fetch());
            first.all(db).await?
        }
        Some((created_at, product_id)) => {
            let next = favorite::Model::find_by_statement(raw_sql!(
                Postgres,
                r#"
                SELECT * FROM account.favorite
                WHERE account_id = {account_id} AND (created_at, product_id) < ({created_at}, {product_id})
                ORDER BY created_at DESC, product_id DESC LIMIT {limit}
                "#
            ));
            next.all(db).await?
        }
    };
    Ok(Rows { rows, total })
}
