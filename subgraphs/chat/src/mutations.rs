//! Mutations.

use async_graphql::{Context, InputObject, Object};
use contracts::{
    account::{ACCOUNTS, NOTIFY, NotificationKind, Notify},
    common::{ATTACH, Attach, AttachOutcome, EntityKind, EntityRef},
};
use kernel::{AccountId, ConversationId, NotificationId, OperationId, OrderId, ProductId, ResourceId};
use sea_orm::DatabaseConnection;
use serde_json::json;
use service_kit::{
    Error, Platform, Result, SignedIn, Viewer,
    graphql::{BigInt, trimmed},
};
use uuid::Uuid;

use crate::{
    error::{ErrorCode, UserError},
    presence,
    store::{self, Draft, Sent, Unsent},
    types::{Conversation, MarkConversationReadPayload, OpenConversationPayload, SendMessagePayload, SetTypingPayload},
};

/// The most characters a message has.
const BODY_MAX: usize = 4000;

/// The most pictures a message shows.
const IMAGES_MAX: usize = 10;

/// With whom to talk.
#[derive(InputObject)]
pub struct OpenConversationInput {
    /// The other account.
    pub account_id: AccountId,
}

/// A message to send.
#[derive(InputObject)]
pub struct SendMessageInput {
    /// The conversation, which must be one of the viewer's.
    pub conversation_id: ConversationId,
    /// An id that the client draws for this message, 1–64 characters: sending it again, after a lost answer say, gives
    /// the first message and writes no second.
    pub client_id: String,
    /// The text, at most 4000 characters. It may be left out only when the message shows a card or pictures.
    #[graphql(default)]
    pub body: String,
    /// A product to show as a card.
    pub product_id: Option<ProductId>,
    /// An order to show as a card.
    pub order_id: Option<OrderId>,
    /// Pictures to show, in order: at most 10 finished uploads of the viewer.
    #[graphql(default)]
    pub resource_ids: Vec<ResourceId>,
}

/// Whether the viewer is writing.
#[derive(InputObject)]
pub struct SetTypingInput {
    /// The conversation, which must be one of the viewer's.
    pub conversation_id: ConversationId,
    /// Whether they are. It ends by itself after six seconds, so say it again while they write.
    pub typing: bool,
}

/// How far the viewer has read.
#[derive(InputObject)]
pub struct MarkConversationReadInput {
    /// The conversation, which must be one of the viewer's.
    pub conversation_id: ConversationId,
    /// The number of the newest message that was read. Reading never goes backwards: a smaller number changes nothing.
    pub sequence: BigInt,
}

/// The mutation root.
pub struct Mutation;

#[Object]
impl Mutation {
    /// Opens the conversation with another account, or finds it: there is one for each pair, whoever asks first.
    #[graphql(guard = "SignedIn")]
    async fn open_conversation(
        &self,
        ctx: &Context<'_>,
        input: OpenConversationInput,
    ) -> Result<OpenConversationPayload> {
        let viewer = Viewer::of(ctx)?;
        let refused = |code, message: &str| OpenConversationPayload {
            conversation: None,
            user_errors: vec![UserError::at("accountId", code, message)],
        };
        if input.account_id == viewer.account_id {
            return Ok(refused(ErrorCode::ConversationWithOneself, "You cannot talk with yourself."));
        }
        let db = ctx.data_unchecked::<DatabaseConnection>();
        if let Some(found) = store::conversation_find(db, viewer.account_id, input.account_id).await? {
            return Ok(OpenConversationPayload { conversation: Some(Conversation(found)), user_errors: Vec::new() });
        }
        if store::block_between(db, viewer.account_id, input.account_id).await? {
            return Ok(refused(ErrorCode::AccountBlocked, BLOCKED));
        }
        let known = ctx.data_unchecked::<Platform>().peers.read(&ACCOUNTS, &vec![input.account_id]).await?;
        if known.is_empty() {
            return Ok(refused(ErrorCode::AccountUnknown, "There is no such account."));
        }
        let conversation = store::conversation_open(db, viewer.account_id, input.account_id).await?;
        Ok(OpenConversationPayload { conversation: Some(Conversation(conversation)), user_errors: Vec::new() })
    }

    /// Writes a message. Safe to repeat with the same `clientId`.
    #[graphql(guard = "SignedIn")]
    async fn send_message(&self, ctx: &Context<'_>, input: SendMessageInput) -> Result<SendMessagePayload> {
        let viewer = Viewer::of(ctx)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let platform = ctx.data_unchecked::<Platform>();
        let draft = match draft(input, viewer.account_id) {
            Ok(draft) => draft,
            Err(error) => return Ok(SendMessagePayload { message: None, user_errors: vec![error] }),
        };
        let refused = |error| Ok(SendMessagePayload { message: None, user_errors: vec![error] });
        let blocked = || UserError::new(ErrorCode::AccountBlocked, BLOCKED);
        let conversation = store::conversation_fetch(db, viewer.account_id, draft.conversation_id).await?;
        let other = conversation.ok_or(Error::NotFound("conversation"))?.other(viewer.account_id);
        if !draft.image_ids.is_empty() {
            if store::block_between(db, viewer.account_id, other).await? {
                return refused(blocked());
            }
            if !attach(platform, &draft).await? {
                let message = "One of these is not a finished upload of yours.";
                return refused(UserError::at("resourceIds", ErrorCode::MessageImagesInvalid, message));
            }
        }
        let sent = match store::message_send(db, &draft).await? {
            Ok(sent) => sent,
            Err(Unsent::Blocked) => return refused(blocked()),
            Err(Unsent::NoConversation) => return Err(Error::NotFound("conversation")),
        };
        platform.live.publish(&store::topic(draft.conversation_id)).await;
        platform.live.publish(&store::inbox_topic(other)).await;
        notify(platform, &draft, &sent).await;
        Ok(SendMessagePayload { message: Some(sent.message.into()), user_errors: Vec::new() })
    }

    /// Tells how far the viewer has read, which the other account sees as a read receipt.
    #[graphql(guard = "SignedIn")]
    async fn mark_conversation_read(
        &self,
        ctx: &Context<'_>,
        input: MarkConversationReadInput,
    ) -> Result<MarkConversationReadPayload> {
        let viewer = Viewer::of(ctx)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let conversation = store::conversation_fetch(db, viewer.account_id, input.conversation_id).await?;
        let conversation = conversation.ok_or(Error::NotFound("conversation"))?;
        if input.sequence.0 > conversation.last_sequence {
            let error = UserError::at("sequence", ErrorCode::SequenceInFuture, "No message has this number yet.");
            return Ok(MarkConversationReadPayload { conversation: None, user_errors: vec![error] });
        }
        store::read_mark(db, conversation.id, viewer.account_id, input.sequence.0).await?;
        let live = &ctx.data_unchecked::<Platform>().live;
        live.publish(&presence::activity_topic(conversation.id)).await;
        live.publish(&store::inbox_topic(viewer.account_id)).await;
        Ok(MarkConversationReadPayload { conversation: Some(Conversation(conversation)), user_errors: Vec::new() })
    }

    /// Tells that the viewer is writing, or has stopped, which `conversationActivity` shows to the other account.
    #[graphql(guard = "SignedIn")]
    async fn set_typing(&self, ctx: &Context<'_>, input: SetTypingInput) -> Result<SetTypingPayload> {
        let viewer = Viewer::of(ctx)?;
        let (db, platform) = (ctx.data_unchecked::<DatabaseConnection>(), ctx.data_unchecked::<Platform>());
        let conversation = store::conversation_fetch(db, viewer.account_id, input.conversation_id).await?;
        let conversation = conversation.ok_or(Error::NotFound("conversation"))?;
        presence::typing_set(&platform.redis, conversation.id, viewer.account_id, input.typing).await;
        platform.live.publish(&presence::activity_topic(conversation.id)).await;
        Ok(SetTypingPayload { conversation: Some(Conversation(conversation)), user_errors: Vec::new() })
    }
}

const BLOCKED: &str = "One of you blocks the other.";

/// Attaches the pictures to the message to come. Sent again, it is the same message with the same pictures.
async fn attach(platform: &Platform, draft: &Draft) -> Result<bool> {
    let message_id = draft.message_id();
    let command = Attach {
        entity: EntityRef { kind: EntityKind::Message, id: message_id.uuid() },
        owner_id: draft.sender_id,
        resource_ids: draft.image_ids.clone(),
    };
    // Each attempt is a call of its own: an upload that was not finished at the first may be at the second.
    let outcome = ATTACH.at_ingress(&platform.ingress, Uuid::now_v7().to_string(), command).await?;
    Ok(outcome == AttachOutcome::Attached)
}

fn draft(input: SendMessageInput, sender_id: AccountId) -> Result<Draft, UserError> {
    let shows = input.product_id.is_some() || input.order_id.is_some() || !input.resource_ids.is_empty();
    if input.resource_ids.len() > IMAGES_MAX {
        let message = format!("A message shows at most {IMAGES_MAX} pictures.");
        return Err(UserError::at("resourceIds", ErrorCode::MessageImagesInvalid, message));
    }
    let body = trimmed(&input.body, usize::from(!shows)..=BODY_MAX).map_err(|rule| {
        UserError::at("body", ErrorCode::MessageBodyInvalid, format!("The text is not usable: {rule}."))
    })?;
    let client_id = trimmed(&input.client_id, 1..=64).map_err(|rule| {
        UserError::at("clientId", ErrorCode::MessageClientIdInvalid, format!("The client id is not usable: {rule}."))
    })?;
    Ok(Draft {
        conversation_id: input.conversation_id,
        sender_id,
        client_id,
        body,
        product_id: input.product_id,
        order_id: input.order_id,
        image_ids: input.resource_ids,
    })
}

/// Notifies the other account of the first message that it has not read; a conversation that runs is no news. The
/// message is already stored, so that a failure here is no reason to refuse it.
async fn notify(platform: &Platform, draft: &Draft, sent: &Sent) {
    let Some(recipient_id) = sent.to_notify else { return };
    let operation = OperationId(sent.message.id.uuid()).child("notify");
    let notification = Notify {
        notification_id: NotificationId(operation.uuid()),
        account_id: recipient_id,
        kind: NotificationKind::MessageReceived,
        title: "New message".to_owned(),
        content: sent.message.body.chars().take(140).collect(),
        metadata: json!({"conversationId": draft.conversation_id}),
    };
    if let Err(error) = NOTIFY.send_at_ingress(&platform.ingress, operation.to_string(), notification).await {
        tracing::warn!(%error, message_id = %sent.message.id, "a message was stored without a notification");
    }
}
