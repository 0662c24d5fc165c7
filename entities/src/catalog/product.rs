//! Products. The generated columns `document` and `name_folded` are for the database alone and are not read.

use kernel::{AccountId, CategoryId, OperationId, ProductId};
use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};

/// One product, deleted ones included.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "product")]
pub struct Model {
    /// Id, drawn by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProductId,
    /// The seller; a row of another schema.
    pub seller_id: AccountId,
    /// Its category.
    pub category_id: CategoryId,
    /// The seller's own number, unique for the seller.
    pub external_id: Option<String>,
    /// The command that made it; `None` for an import.
    pub operation_id: Option<OperationId>,
    /// Unique and stable, for URLs.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// In the seller's order; each is also a row of `tag`.
    pub tags: Vec<String>,
    /// Facts in the seller's order.
    #[sea_orm(column_type = "JsonBinary")]
    pub specifications: NamedValues,
    /// Price of the featured SKU in minor units.
    pub price_minor: i64,
    /// Currency of every SKU of the product.
    pub price_currency: String,
    /// Whether the seller offers it.
    pub enabled: bool,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When the seller last changed it.
    pub updated_at: DateTimeUtc,
    /// When the seller deleted it.
    pub deleted_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Names with values, in order: specifications of a product, attributes of a SKU.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct NamedValues(pub Vec<NamedValue>);

/// A name with its value, as in `Colour: Red`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NamedValue {
    /// What is said something of.
    pub name: String,
    /// What is said.
    pub value: String,
}
