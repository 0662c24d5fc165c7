//! What clients see of conversations and messages.

use async_graphql::{ComplexObject, Context, Enum, SimpleObject};
use chrono::{DateTime, Utc};
use entities::chat::{conversation, message};
use kernel::{AccountId, ConversationId, MessageId, OrderId, ProductId, ResourceId};
use sea_orm::DatabaseConnection;
use service_kit::{
    Error, Result, Viewer,
    graphql::{BigInt, List, Page, list, wants_total},
};

use crate::{
    error::UserError,
    loaders::Loaders,
    store::{self, Responses},
};

/// A person or a shop.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Account {
    /// Id.
    pub id: AccountId,
}

#[ComplexObject]
impl Account {
    /// The account's conversations, the most recently active first. Only the account itself may see them; anybody else
    /// gets `FORBIDDEN`.
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Conversation>> {
        self.authorise(ctx)?;
        let page = Page::<(DateTime<Utc>, ConversationId)>::read(first, after)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = store::conversation_list(db, self.id, &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |row| (row.active_at, row.id), Conversation))
    }

    /// How many unread messages the account has in all. Only the account itself may see it.
    async fn unread_message_count(&self, ctx: &Context<'_>) -> Result<i32> {
        self.authorise(ctx)?;
        store::unread_count(ctx.data_unchecked::<DatabaseConnection>(), self.id).await
    }

    /// How the account answers those who write to it, in numbers.
    async fn response_statistics(&self, ctx: &Context<'_>) -> Result<ResponseStatistics> {
        let responses = Loaders::of(ctx)?.responses.load_one(self.id).await?;
        Ok(responses.map_or(ResponseStatistics::NONE, ResponseStatistics::from))
    }
}

/// How an account answers those who write to it, over the last 90 days. Somebody who writes after a day without a message
/// begins a talk; it counts once it was answered, or after a day without an answer.
#[derive(SimpleObject, Debug, Clone, Copy, PartialEq)]
pub struct ResponseStatistics {
    /// How many talks count.
    pub talk_count: i32,
    /// The part of them that was answered within a day, 0–1. Null when there is none.
    pub response_rate: Option<f64>,
    /// The median of how long those answers took, in seconds. Null when there is none.
    pub median_response_seconds: Option<i32>,
}

impl ResponseStatistics {
    const NONE: Self = Self { talk_count: 0, response_rate: None, median_response_seconds: None };
}

impl From<Responses> for ResponseStatistics {
    fn from(responses: Responses) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a rate is shown with a few digits")]
        let rate = (responses.talks > 0).then(|| responses.answered as f64 / responses.talks as f64);
        #[expect(clippy::cast_possible_truncation, reason = "an answer in time takes less than a day")]
        let median = responses.median_seconds.map(|seconds| seconds.round() as i32);
        Self {
            talk_count: i32::try_from(responses.talks).unwrap_or(i32::MAX),
            response_rate: rate,
            median_response_seconds: median,
        }
    }
}

impl Account {
    fn authorise(&self, ctx: &Context<'_>) -> Result<()> {
        if Viewer::of(ctx)?.account_id == self.id { Ok(()) } else { Err(Error::Forbidden) }
    }
}

/// A product that a message shows as a card.
#[derive(SimpleObject)]
#[graphql(unresolvable = "id")]
pub struct Product {
    /// Id.
    pub id: ProductId,
}

/// An order that a message shows as a card.
#[derive(SimpleObject)]
#[graphql(unresolvable = "id")]
pub struct Order {
    /// Id.
    pub id: OrderId,
}

/// A picture that a message shows.
#[derive(SimpleObject)]
#[graphql(unresolvable = "id")]
pub struct Resource {
    /// Id.
    pub id: ResourceId,
}

/// The conversation of two accounts. There is one for each pair, whichever side opened it.
pub struct Conversation(pub conversation::Model);

/// The conversation of two accounts. There is one for each pair, whichever side opened it.
#[async_graphql::Object]
impl Conversation {
    /// Id.
    async fn id(&self) -> ConversationId {
        self.0.id
    }

    /// The two accounts.
    async fn participants(&self) -> Vec<Account> {
        vec![Account { id: self.0.lower_account_id }, Account { id: self.0.upper_account_id }]
    }

    /// The other account, seen from the viewer.
    async fn other(&self, ctx: &Context<'_>) -> Result<Account> {
        Ok(Account { id: self.0.other(Viewer::of(ctx)?.account_id) })
    }

    /// The messages, the newest first.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins; older messages come after newer ones.")]
        after: Option<String>,
    ) -> Result<List<Message>> {
        let page = Page::<i64>::read(first, after)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = store::message_list(db, &self.0, &page).await?;
        Ok(list(&page, rows, |row| row.sequence, Message::from))
    }

    /// The number of the newest message; "0" when there is none. Give it as `after` to follow only what is to come.
    async fn last_sequence(&self) -> BigInt {
        BigInt(self.0.last_sequence)
    }

    /// How many messages the viewer has not read.
    async fn unread_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let viewer = Viewer::of(ctx)?;
        let participant = Loaders::of(ctx)?.participants.load_one((self.0.id, viewer.account_id)).await?;
        Ok(participant.map_or(0, |participant| participant.unread_count))
    }

    /// The number of the newest message that the other account has read: its read receipt.
    async fn read_by_other_sequence(&self, ctx: &Context<'_>) -> Result<BigInt> {
        let other = self.0.other(Viewer::of(ctx)?.account_id);
        let participant = Loaders::of(ctx)?.participants.load_one((self.0.id, other)).await?;
        Ok(BigInt(participant.map_or(0, |participant| participant.read_sequence)))
    }

    /// Whether the other account is there: it has a subscription open, or had one within the last minute. False when one
    /// of the two blocks the other.
    async fn is_other_online(&self, ctx: &Context<'_>) -> Result<bool> {
        let viewer = Viewer::of(ctx)?.account_id;
        let other = self.0.other(viewer);
        if Loaders::of(ctx)?.blocks.load_one((viewer, other)).await?.is_some() {
            return Ok(false);
        }
        Ok(Loaders::of(ctx)?.online.load_one(other).await?.unwrap_or(false))
    }

    /// When the newest message was written.
    async fn active_at(&self) -> DateTime<Utc> {
        self.0.active_at
    }
}

/// What kind of message it is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "message::MessageKind")]
pub enum MessageKind {
    /// Written by a person.
    Text,
    /// Pictures, with an optional line of text.
    Image,
    /// Written by the marketplace, as in "order confirmed".
    System,
}

/// A chat message.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
#[graphql(complex)]
pub struct Message {
    /// Id.
    pub id: MessageId,
    /// The number inside the conversation: 1, 2, 3, … without gaps.
    pub sequence: BigInt,
    /// What kind.
    pub kind: MessageKind,
    /// The text; may be empty when the message shows a card or pictures.
    pub body: String,
    /// The id that the sender's client gave it. Null for system messages.
    pub client_id: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    #[graphql(skip)]
    sender_id: AccountId,
    #[graphql(skip)]
    product_id: Option<ProductId>,
    #[graphql(skip)]
    order_id: Option<OrderId>,
    #[graphql(skip)]
    image_ids: Vec<uuid::Uuid>,
}

#[ComplexObject]
impl Message {
    /// Who wrote it; for a system message, whose action caused it.
    async fn sender(&self) -> Account {
        Account { id: self.sender_id }
    }

    /// The product that it shows as a card.
    async fn product(&self) -> Option<Product> {
        self.product_id.map(|id| Product { id })
    }

    /// The pictures that it shows, in order. Null in the place of one that is gone.
    async fn images(&self) -> Vec<Option<Resource>> {
        self.image_ids.iter().map(|id| Some(Resource { id: ResourceId(*id) })).collect()
    }

    /// The order that it shows as a card. Null in the order's own fields for anybody who may not see the order.
    async fn order(&self) -> Option<Order> {
        self.order_id.map(|id| Order { id })
    }
}

impl From<message::Model> for Message {
    fn from(row: message::Model) -> Self {
        Self {
            id: row.id,
            sequence: BigInt(row.sequence),
            kind: row.kind.into(),
            body: row.body,
            client_id: row.client_id,
            created_at: row.created_at,
            sender_id: row.sender_id,
            product_id: row.product_id,
            order_id: row.order_id,
            image_ids: row.image_ids,
        }
    }
}

/// What the other account of a conversation is doing.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct ConversationActivity {
    /// Whether it is there.
    pub is_online: bool,
    /// Whether it is writing.
    pub is_typing: bool,
    /// The number of the newest message that it has read: its read receipt.
    pub read_sequence: BigInt,
    /// The number of the newest message.
    pub last_sequence: BigInt,
}

/// The answer to `setTyping`.
#[derive(SimpleObject)]
pub struct SetTypingPayload {
    /// The conversation. Null when refused.
    pub conversation: Option<Conversation>,
    /// Why it was refused.
    pub user_errors: Vec<UserError>,
}

/// The answer to `openConversation`.
#[derive(SimpleObject)]
pub struct OpenConversationPayload {
    /// The conversation, the same one every time. Null when refused.
    pub conversation: Option<Conversation>,
    /// Why it was refused.
    pub user_errors: Vec<UserError>,
}

/// The answer to `sendMessage`.
#[derive(SimpleObject)]
pub struct SendMessagePayload {
    /// The message; the first one when the same `clientId` is sent again. Null when refused.
    pub message: Option<Message>,
    /// Why it was refused.
    pub user_errors: Vec<UserError>,
}

/// The answer to `markConversationRead`.
#[derive(SimpleObject)]
pub struct MarkConversationReadPayload {
    /// The conversation. Null when refused.
    pub conversation: Option<Conversation>,
    /// Why it was refused.
    pub user_errors: Vec<UserError>,
}
