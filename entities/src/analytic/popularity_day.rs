//! Popularity rolled up by day.

use kernel::ProductId;
use sea_orm::entity::prelude::*;

/// What one product gained on one day.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "analytic", table_name = "popularity_day")]
pub struct Model {
    /// The day, in UTC.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    /// The sum of the weights of that day's interactions, in thousandths.
    pub score_milli: i64,
    /// How many interactions the day had.
    pub interaction_count: i64,
}

impl ActiveModelBehavior for ActiveModel {}
