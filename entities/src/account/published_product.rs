//! A new product, for the feeds of its seller's followers.

use kernel::{AccountId, ProductId};
use sea_orm::entity::prelude::*;

/// One product.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "published_product")]
pub struct Model {
    /// The product, a row of `catalog`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    /// Who sells it.
    pub seller_id: AccountId,
    /// When it was published.
    pub published_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
