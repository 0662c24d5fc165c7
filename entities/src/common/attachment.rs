//! The files of entities.

use kernel::{AttachmentId, ResourceId};
use sea_orm::entity::prelude::*;

/// The place of a resource in the ordered list of an entity.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "common", table_name = "attachment")]
pub struct Model {
    /// Id, drawn by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AttachmentId,
    /// What kind of entity.
    pub entity_kind: AttachedKind,
    /// The entity, a row of another schema.
    pub entity_id: Uuid,
    /// Its place, from zero.
    pub position: i32,
    /// The file.
    pub resource_id: ResourceId,
}

impl ActiveModelBehavior for ActiveModel {}

/// Kinds of entities that carry files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttachedKind {
    /// A product.
    Product,
    /// A review or a reply.
    Comment,
    /// An account.
    Account,
    /// A chat message.
    Message,
    /// A refund request.
    Refund,
}
