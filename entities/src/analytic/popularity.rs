//! The popularity of each product.

use kernel::ProductId;
use sea_orm::entity::prelude::*;

/// The popularity of one product: the sum over all its interactions.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "analytic", table_name = "popularity")]
pub struct Model {
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    /// The sum of the weights, in thousandths; negative when dislike prevails.
    pub score_milli: i64,
    /// How many interactions were counted.
    pub interaction_count: i64,
    /// When the last one was counted.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
