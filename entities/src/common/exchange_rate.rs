//! What a currency is worth.

use sea_orm::entity::prelude::*;

/// One currency.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "common", table_name = "exchange_rate")]
pub struct Model {
    /// The code of ISO 4217.
    #[sea_orm(primary_key, auto_increment = false)]
    pub currency: String,
    /// Millionths of the currency for one euro.
    pub per_euro_micros: i64,
    /// Who says so, as in `ecb`.
    pub source: String,
    /// Since when it is so.
    pub as_of: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
