//! Targets of promotions.

use kernel::PromotionId;
use sea_orm::entity::prelude::*;

/// One thing that a promotion is about. A promotion without targets is about all products of its owner.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "promotion", table_name = "promotion_target")]
pub struct Model {
    /// The promotion.
    #[sea_orm(primary_key, auto_increment = false)]
    pub promotion_id: PromotionId,
    /// What `target_id` is the id of.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: TargetKind,
    /// A product, a SKU or a category; rows of another schema.
    #[sea_orm(primary_key, auto_increment = false)]
    pub target_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TargetKind {
    /// All SKUs of a product.
    Product,
    /// One SKU.
    Sku,
    /// All products of a category and of its descendants.
    Category,
}
