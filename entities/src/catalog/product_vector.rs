//! Vectors of products.

use kernel::ProductId;
use sea_orm::entity::prelude::*;

/// The vector of one product's text.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "product_vector")]
pub struct Model {
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    /// Which model computed it.
    pub model: String,
    /// SHA-256 of the text that was embedded.
    pub text_digest: Vec<u8>,
    /// Numbers with a length of one together.
    pub vector: Vec<f32>,
    /// When it was computed.
    pub embedded_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
