//! What inventory says of SKUs.

use kernel::SkuId;
use sea_orm::entity::prelude::*;

/// Whether there are units of a SKU to sell, a moment ago.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "sku_stock")]
pub struct Model {
    /// The SKU.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku_id: SkuId,
    /// Whether at least one unit is neither sold nor reserved.
    pub in_stock: bool,
}

impl ActiveModelBehavior for ActiveModel {}
