//! One chat message.

use kernel::{AccountId, ConversationId, MessageId, OrderId, ProductId};
use sea_orm::entity::prelude::*;

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum MessageKind {
    /// Written by a person.
    Text,
    /// Pictures, with an optional line of text.
    Image,
    /// Written by the marketplace on behalf of an account's action.
    System,
}

/// One message.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "chat", table_name = "message")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The number inside the conversation: 1, 2, 3, … without gaps.
    pub sequence: i64,
    /// Who wrote it, or whose action caused it.
    pub sender_id: AccountId,
    /// What kind.
    pub kind: MessageKind,
    /// The text.
    pub body: String,
    /// The product shown as a card.
    pub product_id: Option<ProductId>,
    /// The order shown as a card.
    pub order_id: Option<OrderId>,
    /// The pictures it shows, resources of `common`, in order.
    pub image_ids: Vec<Uuid>,
    /// The sender's own id of the message, by which a repeated send is recognised. Null for system messages.
    pub client_id: Option<String>,
    /// When it was written.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
