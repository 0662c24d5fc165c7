//! What would have been sent, for development.

use sea_orm::entity::prelude::*;

/// One message.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "outbox_message")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `EMAIL` or `SMS`.
    pub medium: String,
    /// To whom.
    pub destination: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// When it would have been sent.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
