//! Editing comments: what they said before stays.

use chrono::{DateTime, Utc};
use entities::catalog::{comment, comment_revision};
use kernel::{AccountId, CommentId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter,
    TransactionTrait, raw_sql,
};
use service_kit::{Error, Result};
use uuid::Uuid;

use super::comment::{comment_lock_in_txn, comment_not_found, rating_add_in_txn};
use crate::{
    error::{ErrorCode, UserError},
    store::index::{self, Change},
};

/// What a comment is to say.
#[derive(Debug, Clone)]
pub struct CommentEdit {
    /// The comment.
    pub id: CommentId,
    /// New stars of a review; `None` leaves them.
    pub rating: Option<i16>,
    /// The new text.
    pub body: String,
}

/// Edits a comment of an author and keeps what it said. Nothing is kept when nothing changes.
///
/// # Errors
/// [`Error::Forbidden`] when somebody else wrote it; the inner error when there is no such comment, or when stars are given
/// to a reply.
pub async fn comment_edit(
    db: &DatabaseConnection,
    author_id: AccountId,
    edit: CommentEdit,
    now: DateTime<Utc>,
) -> Result<Result<(), UserError>> {
    let txn = db.begin().await?;
    let Some(before) = comment_lock_in_txn(&txn, edit.id).await? else { return Ok(Err(comment_not_found())) };
    if before.author_id != author_id {
        return Err(Error::Forbidden);
    }
    if before.rating.is_none() && edit.rating.is_some() {
        return Ok(Err(UserError::at("rating", ErrorCode::RatingInvalid, "A reply has no stars.")));
    }
    if before.parent_id.is_some() && edit.body.is_empty() {
        return Ok(Err(UserError::at("body", ErrorCode::TextInvalid, "A reply has at least one character.")));
    }
    let rating = edit.rating.or(before.rating);
    if rating == before.rating && edit.body == before.body {
        return Ok(Ok(()));
    }
    let kept = comment_revision::Entity::find().filter(comment_revision::Column::CommentId.eq(edit.id));
    let kept = i32::try_from(kept.count(&txn).await?).map_err(|error| Error::internal("counting revisions", error))?;
    let revision = comment_revision::ActiveModel {
        comment_id: Set(edit.id),
        number: Set(kept + 1),
        rating: Set(before.rating),
        body: Set(before.body),
        replaced_at: Set(now),
    };
    comment_revision::Entity::insert(revision).exec_without_returning(&txn).await?;
    let changed = comment::ActiveModel {
        rating: Set(rating),
        body: Set(edit.body),
        edited_at: Set(Some(now)),
        ..Default::default()
    };
    comment::Entity::update_many().set(changed).filter(comment::Column::Id.eq(edit.id)).exec(&txn).await?;
    if let (Some(old), Some(new)) = (before.rating, rating)
        && old != new
    {
        rating_add_in_txn(&txn, before.product_id, old, -1).await?;
        rating_add_in_txn(&txn, before.product_id, new, 1).await?;
        index::product_changed_in_txn(&txn, before.product_id, Change::Facts).await?;
    }
    txn.commit().await?;
    Ok(Ok(()))
}

/// The most revisions of a comment that are shown.
const REVISIONS_SHOWN: i32 = 20;

/// What comments said before, the latest first, at most twenty of each.
///
/// # Errors
/// The database cannot be reached.
pub async fn revision_list(db: &impl ConnectionTrait, ids: &[CommentId]) -> Result<Vec<comment_revision::Model>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = comment_revision::Entity::find().from_raw_sql(raw_sql!(
        Postgres,
        r#"SELECT r.* FROM catalog.comment_revision r
           JOIN (SELECT comment_id, max(number) AS latest FROM catalog.comment_revision
                 WHERE comment_id = ANY({ids}::uuid[]) GROUP BY comment_id) l ON l.comment_id = r.comment_id
           WHERE r.number > l.latest - {REVISIONS_SHOWN} ORDER BY r.comment_id, r.number DESC"#
    ));
    Ok(rows.all(db).await?)
}

/// The latest answer of the seller to each comment, if there is one.
///
/// # Errors
/// The database cannot be reached.
pub async fn seller_answer_list(db: &impl ConnectionTrait, ids: &[CommentId]) -> Result<Vec<comment::Model>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = comment::Entity::find().from_raw_sql(raw_sql!(
        Postgres,
        r#"SELECT DISTINCT ON (parent_id) * FROM catalog.comment
           WHERE parent_id = ANY({ids}::uuid[]) AND by_seller AND removed_at IS NULL
           ORDER BY parent_id, created_at DESC, id DESC"#
    ));
    Ok(rows.all(db).await?)
}
