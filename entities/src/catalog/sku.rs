//! SKUs.

use kernel::{ProductId, SkuId};
use sea_orm::entity::prelude::*;

use super::product::NamedValues;

/// What can be bought of a product.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "sku")]
pub struct Model {
    /// Id, drawn by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SkuId,
    /// Its product.
    pub product_id: ProductId,
    /// Order among its siblings, lower first.
    pub position: i32,
    /// What tells it from its siblings, as in `Red / M`; empty for an only SKU.
    pub label: String,
    /// What the label is made of.
    #[sea_orm(column_type = "JsonBinary")]
    pub attributes: NamedValues,
    /// Price of one unit in minor units, before promotions.
    pub price_minor: i64,
    /// Currency of the price.
    pub price_currency: String,
    /// Weight of one packed unit.
    pub weight_grams: i32,
    /// Length of one packed unit.
    pub length_mm: Option<i32>,
    /// Width of one packed unit.
    pub width_mm: Option<i32>,
    /// Height of one packed unit.
    pub height_mm: Option<i32>,
    /// Whether each unit has a serial of its own, as it was told to inventory.
    pub requires_serials: bool,
    /// Whether its price shows on product cards: one SKU of each product.
    pub featured: bool,
    /// Whether the seller offers it.
    pub enabled: bool,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When the seller last changed it.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
