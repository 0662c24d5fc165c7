//! Reviews, replies and votes: writing them, and counting what they change.

use chrono::{DateTime, Utc};
use entities::catalog::{comment, comment_vote, product, product_rating};
use kernel::{AccountId, CommentId, OrderItemId, ProductId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction,
    EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, TransactionTrait, TryInsertResult, raw_sql,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use service_kit::{Error, Result};

use crate::{
    error::{ErrorCode, UserError},
    store::index::{self, Change},
};

/// A review to write, with its id drawn and its item chosen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewReview {
    /// Its id.
    pub id: CommentId,
    /// The product.
    pub product_id: ProductId,
    /// Who writes it.
    pub author_id: AccountId,
    /// The delivered item that entitles to it.
    pub order_item_id: OrderItemId,
    /// Stars, 1–5.
    pub rating: i16,
    /// Plain text; may be empty.
    pub body: String,
    /// When it is written.
    pub created_at: DateTime<Utc>,
}

/// The first of these items that has no review yet.
///
/// # Errors
/// The database cannot be reached.
pub async fn item_without_review(db: &impl ConnectionTrait, items: &[OrderItemId]) -> Result<Option<OrderItemId>> {
    let reviewed: Vec<OrderItemId> = comment::Entity::find()
        .filter(comment::Column::OrderItemId.eq_any(items.to_vec()))
        .select_only()
        .column(comment::Column::OrderItemId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(items.iter().copied().find(|item| !reviewed.contains(item)))
}

/// Writes a review and counts its rating. Answers whether the item has this review now: `false` means that another one
/// came first. A second time with the same id changes nothing.
///
/// # Errors
/// The rating lies outside 1–5, the product does not exist, or the database refuses.
pub async fn review_insert(db: &DatabaseConnection, new: &NewReview) -> Result<bool> {
    let txn = db.begin().await?;
    let row = comment::Model {
        id: new.id,
        product_id: new.product_id,
        parent_id: None,
        author_id: new.author_id,
        order_item_id: Some(new.order_item_id),
        rating: Some(new.rating),
        body: new.body.clone(),
        upvotes: 0,
        downvotes: 0,
        score: 0,
        reply_count: 0,
        created_at: new.created_at,
        edited_at: None,
        removed_at: None,
        by_seller: false,
    };
    let inserted = comment::Entity::insert(insertable(row))
        .on_conflict_do_nothing_on([comment::Column::OrderItemId])
        .exec(&txn)
        .await?;
    if !matches!(inserted, TryInsertResult::Inserted(_)) {
        return Ok(comment::Entity::find_by_id(new.id).one(db).await?.is_some());
    }
    rating_add_in_txn(&txn, new.product_id, new.rating, 1).await?;
    index::product_changed_in_txn(&txn, new.product_id, Change::Facts).await?;
    txn.commit().await?;
    Ok(true)
}

/// A row for an insert: everything but what the database computes.
fn insertable(row: comment::Model) -> comment::ActiveModel {
    let mut row = row.into_active_model().reset_all();
    row.score = sea_orm::NotSet;
    row
}

/// Counts so many reviews with so many stars more, or less.
pub(crate) async fn rating_add_in_txn(
    txn: &DatabaseTransaction,
    product_id: ProductId,
    rating: i16,
    more: i32,
) -> Result<()> {
    let counted = txn
        .execute_raw(raw_sql!(
            Postgres,
            r#"UPDATE catalog.product_rating
               SET stars_1 = stars_1 + {more} * ({rating} = 1)::int, stars_2 = stars_2 + {more} * ({rating} = 2)::int,
                   stars_3 = stars_3 + {more} * ({rating} = 3)::int, stars_4 = stars_4 + {more} * ({rating} = 4)::int,
                   stars_5 = stars_5 + {more} * ({rating} = 5)::int
               WHERE product_id = {product_id}"#
        ))
        .await?;
    if counted.rows_affected() == 1 { Ok(()) } else { Err(Error::broken("a product without a rating")) }
}

/// The ratings of products.
///
/// # Errors
/// The database cannot be reached.
pub async fn rating_list(db: &impl ConnectionTrait, ids: &[ProductId]) -> Result<Vec<product_rating::Model>> {
    let ratings = product_rating::Entity::find();
    Ok(ratings.filter(product_rating::Column::ProductId.eq_any(ids.to_vec())).all(db).await?)
}

/// Writes a reply under the id given. A second time with the same id changes nothing.
///
/// # Errors
/// The inner error when there is no such comment.
pub async fn reply_insert(
    db: &DatabaseConnection,
    id: CommentId,
    author_id: AccountId,
    parent_id: CommentId,
    body: String,
) -> Result<Result<(), UserError>> {
    let txn = db.begin().await?;
    let Some(parent) = comment_lock_in_txn(&txn, parent_id).await? else { return Ok(Err(comment_not_found())) };
    let seller = product::Entity::find_by_id(parent.product_id).select_only().column(product::Column::SellerId);
    let seller_id: Option<AccountId> = seller.into_tuple().one(&txn).await?;
    let row = comment::Model {
        id,
        product_id: parent.product_id,
        parent_id: Some(parent_id),
        author_id,
        order_item_id: None,
        rating: None,
        body,
        upvotes: 0,
        downvotes: 0,
        score: 0,
        reply_count: 0,
        created_at: Utc::now(),
        edited_at: None,
        removed_at: None,
        by_seller: seller_id == Some(author_id),
    };
    let insert = comment::Entity::insert(insertable(row)).on_conflict_do_nothing_on([comment::Column::Id]);
    if let TryInsertResult::Inserted(_) = insert.exec(&txn).await? {
        let counted = comment::ActiveModel { reply_count: Set(parent.reply_count + 1), ..Default::default() };
        comment::Entity::update_many().set(counted).filter(comment::Column::Id.eq(parent_id)).exec(&txn).await?;
    }
    txn.commit().await?;
    Ok(Ok(()))
}

/// Sets the vote of an account on a comment: 1 for it, -1 against it, 0 for none.
///
/// # Errors
/// The inner error when there is no such comment, or when it is the account's own.
pub async fn vote_set(
    db: &DatabaseConnection,
    account_id: AccountId,
    comment_id: CommentId,
    value: i16,
) -> Result<Result<(), UserError>> {
    let txn = db.begin().await?;
    // The lock makes the votes on one comment take turns, so that the counters are those of the votes.
    let Some(comment) = comment_lock_in_txn(&txn, comment_id).await? else { return Ok(Err(comment_not_found())) };
    if comment.author_id == account_id {
        let message = "Nobody votes on a comment of their own.";
        return Ok(Err(UserError::at("commentId", ErrorCode::OwnComment, message)));
    }
    let before = comment_vote::Entity::find_by_id((comment_id, account_id)).one(&txn).await?;
    let before = before.map_or(0, |vote| vote.value);
    if value == 0 {
        comment_vote::Entity::delete_by_id((comment_id, account_id)).exec(&txn).await?;
    } else {
        let vote = comment_vote::ActiveModel {
            comment_id: Set(comment_id),
            account_id: Set(account_id),
            value: Set(value),
            created_at: Set(Utc::now()),
        };
        let again = OnConflict::columns([comment_vote::Column::CommentId, comment_vote::Column::AccountId])
            .update_column(comment_vote::Column::Value)
            .to_owned();
        comment_vote::Entity::insert(vote).on_conflict(again).exec_without_returning(&txn).await?;
    }
    let moved = |direction: i16| i32::from(value == direction) - i32::from(before == direction);
    let counted = comment::ActiveModel {
        upvotes: Set(comment.upvotes + moved(1)),
        downvotes: Set(comment.downvotes + moved(-1)),
        ..Default::default()
    };
    comment::Entity::update_many().set(counted).filter(comment::Column::Id.eq(comment_id)).exec(&txn).await?;
    txn.commit().await?;
    Ok(Ok(()))
}

/// The comment, locked, unless it was taken down.
pub(crate) async fn comment_lock_in_txn(txn: &DatabaseTransaction, id: CommentId) -> Result<Option<comment::Model>> {
    let comment = comment::Entity::find_by_id(id).filter(comment::Column::RemovedAt.is_null());
    Ok(comment.lock_exclusive().one(txn).await?)
}

pub(crate) fn comment_not_found() -> UserError {
    UserError::at("commentId", ErrorCode::CommentNotFound, "There is no such review or reply.")
}

/// Comments by their ids, without those that were taken down.
///
/// # Errors
/// The database cannot be reached.
pub async fn comment_list_by_ids(db: &impl ConnectionTrait, ids: &[CommentId]) -> Result<Vec<comment::Model>> {
    Ok(comment::Entity::find()
        .filter(comment::Column::Id.eq_any(ids.to_vec()))
        .filter(comment::Column::RemovedAt.is_null())
        .all(db)
        .await?)
}

/// The votes of an account on comments.
///
/// # Errors
/// The database cannot be reached.
pub async fn vote_list(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    ids: &[CommentId],
) -> Result<Vec<comment_vote::Model>> {
    Ok(comment_vote::Entity::find()
        .filter(comment_vote::Column::AccountId.eq(account_id))
        .filter(comment_vote::Column::CommentId.eq_any(ids.to_vec()))
        .all(db)
        .await?)
}
