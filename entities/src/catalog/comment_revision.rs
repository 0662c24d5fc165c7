//! What comments said before they were edited.

use kernel::CommentId;
use sea_orm::entity::prelude::*;

/// What a comment said until it was edited. Rows are never changed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "comment_revision")]
pub struct Model {
    /// The comment.
    #[sea_orm(primary_key, auto_increment = false)]
    pub comment_id: CommentId,
    /// Counted from 1, the oldest first.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    /// Stars of a review, 1–5.
    pub rating: Option<i16>,
    /// Plain text.
    pub body: String,
    /// Until when the comment said this.
    pub replaced_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
