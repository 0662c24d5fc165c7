//! The category tree.

use kernel::CategoryId;
use sea_orm::entity::prelude::*;

/// A node of the tree.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "category")]
pub struct Model {
    /// Id, drawn by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CategoryId,
    /// The category above; `None` at the top.
    pub parent_id: Option<CategoryId>,
    /// Name for people.
    pub name: String,
    /// Unique and stable, for URLs.
    pub slug: String,
    /// A sentence for people; empty when there is none.
    pub description: String,
    /// Order among siblings, lower first.
    pub position: i32,
    /// From the root down to this category itself.
    pub path: Vec<Uuid>,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
