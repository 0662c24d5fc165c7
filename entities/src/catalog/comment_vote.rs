//! Votes on comments.

use kernel::{AccountId, CommentId};
use sea_orm::entity::prelude::*;

/// The vote of one account on one comment.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "comment_vote")]
pub struct Model {
    /// The comment.
    #[sea_orm(primary_key, auto_increment = false)]
    pub comment_id: CommentId,
    /// Who voted; a row of another schema.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// 1 for it, -1 against it.
    pub value: i16,
    /// When it was first cast.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
