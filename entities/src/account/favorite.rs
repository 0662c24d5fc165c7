//! A product that an account has marked.

use kernel::{AccountId, ProductId};
use sea_orm::entity::prelude::*;

/// One favorite.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "favorite")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// The product, a row of `catalog`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    /// When it was marked.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
