//! Tables of the search index.

use sea_orm::entity::prelude::*;

/// What a table of the index is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IndexState {
    /// It is being filled and does not answer yet.
    Building,
    /// It answers searches.
    Active,
}

/// One table of the index.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "search_index")]
pub struct Model {
    /// Names the table.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it is for; there is at most one table in each state.
    pub state: IndexState,
    /// The shape of its rows.
    pub layout: i32,
    /// Whose vectors it holds; empty for none.
    pub model: String,
    /// How many numbers its vectors have.
    pub dimensions: i32,
    /// When it was begun.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
