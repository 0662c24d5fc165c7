//! How far the search index has followed each product.

use kernel::ProductId;
use sea_orm::entity::prelude::*;

/// Versions of one product: how it is, and how the index knows it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "product_index")]
pub struct Model {
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    /// Raised by every change that search shows or filters by.
    pub facts_version: i64,
    /// The facts version that the index holds; 0 before the first time.
    pub facts_indexed: i64,
    /// Until when a worker has the row for itself.
    pub facts_claimed_until: Option<DateTimeUtc>,
    /// Raised by every change of the text that is embedded.
    pub text_version: i64,
    /// The text version that the index holds; 0 before the first time.
    pub text_indexed: i64,
    /// Until when a worker has the row for itself.
    pub text_claimed_until: Option<DateTimeUtc>,
    /// How popular the product is: 0 for most, 3 for the few that trend or sell most of all.
    pub popularity: i16,
    /// When a version was last raised.
    pub changed_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
