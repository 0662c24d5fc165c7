//! Counted ratings.

use kernel::ProductId;
use sea_orm::entity::prelude::*;

/// How often a product was rated with how many stars.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "product_rating")]
pub struct Model {
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    /// Reviews with one star.
    pub stars_1: i32,
    /// Reviews with two stars.
    pub stars_2: i32,
    /// Reviews with three stars.
    pub stars_3: i32,
    /// Reviews with four stars.
    pub stars_4: i32,
    /// Reviews with five stars.
    pub stars_5: i32,
    /// What lists sort by, computed by the database; see the migration.
    pub score: i64,
}

impl ActiveModelBehavior for ActiveModel {}
