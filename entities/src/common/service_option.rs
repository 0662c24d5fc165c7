//! Selectable provider configurations.

use sea_orm::entity::prelude::*;

/// A provider that a module registered, and what an administrator made of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "common", table_name = "service_option")]
pub struct Model {
    /// Stable and unique, as in `vnpay-qr`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// What it is for.
    pub category: Category,
    /// The vendor.
    pub provider: String,
    /// A name for people.
    pub name: String,
    /// A sentence for people.
    pub description: String,
    /// Its place among its category as its module registered it; lower comes first.
    pub registered_position: i32,
    /// Its place as an administrator chose it, which goes before the registered one.
    pub chosen_position: Option<i32>,
    /// Whether it may be selected; only administrators change it.
    pub enabled: bool,
    /// When its module last registered it.
    pub registered_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a service option is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    /// A way to pay.
    Payment,
    /// A way to ship.
    Transport,
    /// A place for files.
    ObjectStore,
    /// A source of vectors for search.
    Embedding,
    /// A source of coordinates.
    Geocoding,
}
