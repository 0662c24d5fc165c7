//! The counters of one SKU or promotion.

use kernel::{AccountId, StockId};
use sea_orm::entity::prelude::*;

/// What a stock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StockRefType {
    /// Units of a SKU.
    ProductSku,
    /// Uses of a promotion.
    Promotion,
}

/// One stock. The database holds `0 <= taken <= stock`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "inventory", table_name = "stock")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StockId,
    /// What kind of thing `ref_id` is.
    pub ref_type: StockRefType,
    /// The SKU or the promotion; a row of another schema, so no relation.
    pub ref_id: Uuid,
    /// The seller: who alone may import and adjust.
    pub owner_id: AccountId,
    /// Units that are there, reserved ones among them.
    pub stock: i64,
    /// Units that open reservations hold.
    pub taken: i64,
    /// Whether each unit has a serial of its own.
    pub requires_serials: bool,
    /// The seller is told when no more than this is available.
    pub low_stock_threshold: i64,
    /// When the record was made.
    pub created_at: DateTimeUtc,
    /// When a counter or the threshold last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// How many units can be reserved.
    pub fn available(&self) -> i64 {
        self.stock - self.taken
    }
}
