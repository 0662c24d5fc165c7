//! Reviews and replies.

use kernel::{AccountId, CommentId, OrderItemId, ProductId};
use sea_orm::entity::prelude::*;

/// A review (it has a rating and no parent) or a reply (it has a parent and no rating).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "comment")]
pub struct Model {
    /// Id, drawn by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CommentId,
    /// The product, of replies too.
    pub product_id: ProductId,
    /// What a reply replies to.
    pub parent_id: Option<CommentId>,
    /// Who wrote it; a row of another schema.
    pub author_id: AccountId,
    /// The delivered item that entitles to a review; a row of another schema.
    pub order_item_id: Option<OrderItemId>,
    /// Stars of a review, 1–5.
    pub rating: Option<i16>,
    /// Plain text.
    pub body: String,
    /// Votes for it.
    pub upvotes: i32,
    /// Votes against it.
    pub downvotes: i32,
    /// Votes for it less votes against it, computed by the database.
    pub score: i32,
    /// Direct replies.
    pub reply_count: i32,
    /// When it was written.
    pub created_at: DateTimeUtc,
    /// When its author last changed it.
    pub edited_at: Option<DateTimeUtc>,
    /// When an administrator took it down.
    pub removed_at: Option<DateTimeUtc>,
    /// Whether the seller of the product wrote it.
    pub by_seller: bool,
}

impl ActiveModelBehavior for ActiveModel {}
