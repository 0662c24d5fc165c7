//! Tags that were ever used.

use sea_orm::entity::prelude::*;

/// A tag, made when it was first used.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "tag")]
pub struct Model {
    /// The tag itself, folded to lower case.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// When it was first used.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
