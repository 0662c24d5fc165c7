//! What accounts did with products.

use kernel::{AccountId, ProductId};
use sea_orm::entity::prelude::*;

/// One interaction.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "analytic", table_name = "interaction")]
pub struct Model {
    /// Drawn by whoever saw it happen.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who; `None` for a visitor who is not logged in.
    pub account_id: Option<AccountId>,
    /// With which product.
    pub product_id: ProductId,
    /// What was done, as the contract between the modules writes it, as in `add_to_cart`.
    pub kind: String,
    /// What it added to the popularity of the product, in thousandths.
    pub weight_milli: i64,
    /// When it happened.
    pub occurred_at: DateTimeUtc,
    /// When it was recorded.
    pub recorded_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
