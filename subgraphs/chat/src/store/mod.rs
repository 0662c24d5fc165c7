//! The module's SQL. Whatever belongs to an account is found only for that account.

mod blocks;
mod responses;

pub use blocks::{block_between, block_set, blocks_among};
pub use responses::{PATIENCE, PERIOD, Responses, responses};

use chrono::{DateTime, Utc};
use contracts::chat::SystemMessage;
use entities::chat::{
    conversation,
    message::{self, MessageKind},
    participant,
};
use kernel::{AccountId, ConversationId, MessageId, OperationId, OrderId, ProductId, ResourceId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, FromQueryResult,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait, raw_sql,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
};

/// The live topic of a conversation.
pub fn topic(id: ConversationId) -> String {
    format!("conversation:{id}")
}

/// The live topic of what is unread by an account.
pub fn inbox_topic(id: AccountId) -> String {
    format!("chat:inbox:{id}")
}

/// The conversation of two accounts, if it has been opened.
pub async fn conversation_find(
    db: &impl ConnectionTrait,
    one: AccountId,
    two: AccountId,
) -> Result<Option<conversation::Model>> {
    let (lower, upper) = ordered(one, two);
    Ok(conversation::Entity::find()
        .filter(conversation::Column::LowerAccountId.eq(lower))
        .filter(conversation::Column::UpperAccountId.eq(upper))
        .one(db)
        .await?)
}

/// A pair is stored in the order of its ids, so that either side finds the same row.
fn ordered(one: AccountId, two: AccountId) -> (AccountId, AccountId) {
    if one < two { (one, two) } else { (two, one) }
}

/// Opens the conversation of two different accounts, or finds it: the pair is unique, whoever comes first.
pub async fn conversation_open(db: &DatabaseConnection, one: AccountId, two: AccountId) -> Result<conversation::Model> {
    let txn = db.begin().await?;
    let conversation = conversation_open_in_txn(&txn, one, two).await?;
    txn.commit().await?;
    Ok(conversation)
}

async fn conversation_open_in_txn(
    txn: &DatabaseTransaction,
    one: AccountId,
    two: AccountId,
) -> Result<conversation::Model> {
    let now = Utc::now();
    let (lower, upper) = ordered(one, two);
    let row = conversation::ActiveModel {
        id: Set(ConversationId::new()),
        lower_account_id: Set(lower),
        upper_account_id: Set(upper),
        last_sequence: Set(0),
        active_at: Set(now),
        created_at: Set(now),
    };
    conversation::Entity::insert(row)
        .on_conflict_do_nothing_on([conversation::Column::LowerAccountId, conversation::Column::UpperAccountId])
        .exec_without_returning(txn)
        .await?;
    let conversation =
        conversation_find(txn, one, two).await?.ok_or_else(|| Error::broken("an opened conversation is not there"))?;
    let seats = [lower, upper].map(|account_id| participant::ActiveModel {
        conversation_id: Set(conversation.id),
        account_id: Set(account_id),
        read_sequence: Set(0),
        unread_count: Set(0),
        active_at: Set(now),
    });
    participant::Entity::insert_many(seats)
        .on_conflict(
            OnConflict::columns([participant::Column::ConversationId, participant::Column::AccountId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(conversation)
}

/// One conversation of an account.
pub async fn conversation_fetch(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ConversationId,
) -> Result<Option<conversation::Model>> {
    Ok(conversation::Entity::find_by_id(id).filter(is_party(account_id)).one(db).await?)
}

/// The conversations that stand in the keys with an account that takes part in them.
pub async fn conversation_list_by_keys(
    db: &impl ConnectionTrait,
    keys: &[(ConversationId, AccountId)],
) -> Result<Vec<conversation::Model>> {
    let wanted = keys.iter().fold(Condition::any(), |wanted, (id, account_id)| {
        wanted.add(Condition::all().add(conversation::Column::Id.eq(*id)).add(is_party(*account_id)))
    });
    Ok(conversation::Entity::find().filter(wanted).all(db).await?)
}

fn is_party(account_id: AccountId) -> Condition {
    Condition::any()
        .add(conversation::Column::LowerAccountId.eq(account_id))
        .add(conversation::Column::UpperAccountId.eq(account_id))
}

/// A page of an account's conversations, the most recently active first.
pub async fn conversation_list(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    page: &Page<(DateTime<Utc>, ConversationId)>,
    with_total: bool,
) -> Result<Rows<conversation::Model>> {
    let (after_at, after_id) = page.after.unzip();
    let (limit, account) = (i64::try_from(page.fetch()).unwrap_or(i64::MAX), account_id);
    let rows = conversation::Entity::find()
        .from_raw_sql(raw_sql!(
            Postgres,
            r#"SELECT c.* FROM chat.participant p JOIN chat.conversation c ON c.id = p.conversation_id
            WHERE p.account_id = {account}
                AND ({after_at}::timestamptz IS NULL
                    OR (p.active_at, p.conversation_id) < ({after_at}::timestamptz, {after_id}::uuid))
            ORDER BY p.active_at DESC, p.conversation_id DESC LIMIT {limit}"#
        ))
        .all(db)
        .await?;
    let total = if with_total {
        let mine = participant::Entity::find().filter(participant::Column::AccountId.eq(account_id));
        Some(mine.count(db).await?)
    } else {
        None
    };
    Ok(Rows { rows, total })
}

/// What accounts have read of conversations.
pub async fn participant_list(
    db: &impl ConnectionTrait,
    keys: &[(ConversationId, AccountId)],
) -> Result<Vec<participant::Model>> {
    let conversations = keys.iter().map(|(conversation, _)| *conversation);
    Ok(participant::Entity::find().filter(participant::Column::ConversationId.is_in(conversations)).all(db).await?)
}

/// How many unread messages an account has in all its conversations.
pub async fn unread_count(db: &impl ConnectionTrait, account_id: AccountId) -> Result<i32> {
    #[derive(FromQueryResult)]
    struct Unread {
        count: i64,
    }
    let account = account_id;
    let unread = Unread::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT coalesce(sum(unread_count), 0)::bigint AS count FROM chat.participant WHERE account_id = {account}"#
    ))
    .one(db)
    .await?;
    Ok(unread.map_or(0, |unread| i32::try_from(unread.count).unwrap_or(i32::MAX)))
}

/// A page of a conversation's messages, the newest first. Its numbers have no gaps, so the newest one is the total.
pub async fn message_list(
    db: &impl ConnectionTrait,
    conversation: &conversation::Model,
    page: &Page<i64>,
) -> Result<Rows<message::Model>> {
    let before = page.after.unwrap_or(i64::MAX);
    let rows = message::Entity::find()
        .filter(message::Column::ConversationId.eq(conversation.id))
        .filter(message::Column::Sequence.lt(before))
        .order_by_desc(message::Column::Sequence)
        .limit(page.fetch())
        .all(db)
        .await?;
    Ok(Rows { rows, total: u64::try_from(conversation.last_sequence).ok() })
}

/// The messages of a conversation after a number, in order.
pub async fn message_list_after(
    db: &impl ConnectionTrait,
    id: ConversationId,
    after: i64,
    limit: u64,
) -> Result<Vec<message::Model>> {
    Ok(message::Entity::find()
        .filter(message::Column::ConversationId.eq(id))
        .filter(message::Column::Sequence.gt(after))
        .order_by_asc(message::Column::Sequence)
        .limit(limit)
        .all(db)
        .await?)
}

/// A message that a person wants to send.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Where.
    pub conversation_id: ConversationId,
    /// Who.
    pub sender_id: AccountId,
    /// The client's own id, by which a repetition is recognised.
    pub client_id: String,
    /// The text.
    pub body: String,
    /// A product to show.
    pub product_id: Option<ProductId>,
    /// An order to show.
    pub order_id: Option<OrderId>,
    /// Pictures to show, attached to the message already.
    pub image_ids: Vec<ResourceId>,
}

impl Draft {
    /// The id that the message has or will have: the same draft sent again is the same message.
    pub fn message_id(&self) -> MessageId {
        let key = format!("{}/{}", self.conversation_id, self.client_id);
        MessageId(OperationId::derive(self.sender_id, "send-message", &key).uuid())
    }
}

/// A message that is stored.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The message.
    pub message: message::Model,
    /// The account that had read everything that the sender wrote until this message.
    pub to_notify: Option<AccountId>,
}

/// Why a message is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// The sender has no such conversation.
    NoConversation,
    /// One of the two accounts blocks the other.
    Blocked,
}

/// Stores a message with the next number of its conversation. The same client id again gives the first message.
pub async fn message_send(db: &DatabaseConnection, draft: &Draft) -> Result<Result<Sent, Unsent>> {
    let txn = db.begin().await?;
    let Some(conversation) = conversation_lock_in_txn(&txn, draft.conversation_id, draft.sender_id).await? else {
        return Ok(Err(Unsent::NoConversation));
    };
    let repeated = message::Entity::find()
        .filter(message::Column::ConversationId.eq(conversation.id))
        .filter(message::Column::SenderId.eq(draft.sender_id))
        .filter(message::Column::ClientId.eq(draft.client_id.as_str()))
        .one(&txn)
        .await?;
    if let Some(message) = repeated {
        return Ok(Ok(Sent { message, to_notify: None }));
    }
    if block_between(&txn, draft.sender_id, conversation.other(draft.sender_id)).await? {
        return Ok(Err(Unsent::Blocked));
    }
    let message = message::ActiveModel {
        id: Set(draft.message_id()),
        sender_id: Set(draft.sender_id),
        kind: Set(if draft.image_ids.is_empty() { MessageKind::Text } else { MessageKind::Image }),
        body: Set(draft.body.clone()),
        product_id: Set(draft.product_id),
        order_id: Set(draft.order_id),
        image_ids: Set(draft.image_ids.iter().map(|id| id.uuid()).collect()),
        client_id: Set(Some(draft.client_id.clone())),
        ..Default::default()
    };
    let sent = message_append_in_txn(&txn, &conversation, message).await?;
    responses::message_count_in_txn(&txn, &sent.message, conversation.other(draft.sender_id)).await?;
    txn.commit().await?;
    Ok(Ok(sent))
}

/// Stores a system message, once by its id, and opens the conversation when there is none.
pub async fn system_message_send(db: &DatabaseConnection, system: &SystemMessage) -> Result<ConversationId> {
    let txn = db.begin().await?;
    let conversation = conversation_open_in_txn(&txn, system.from, system.to).await?;
    let conversation = conversation_lock_in_txn(&txn, conversation.id, system.from)
        .await?
        .ok_or_else(|| Error::broken("an opened conversation is not there"))?;
    if message::Entity::find_by_id(system.message_id).one(&txn).await?.is_none() {
        let message = message::ActiveModel {
            id: Set(system.message_id),
            sender_id: Set(system.from),
            kind: Set(MessageKind::System),
            body: Set(system.body.clone()),
            product_id: Set(None),
            order_id: Set(system.order_id),
            image_ids: Set(Vec::new()),
            client_id: Set(None),
            ..Default::default()
        };
        message_append_in_txn(&txn, &conversation, message).await?;
    }
    txn.commit().await?;
    Ok(conversation.id)
}

/// The row lock serialises the senders of one conversation, which keeps its numbers without gaps and in order of commit.
async fn conversation_lock_in_txn(
    txn: &DatabaseTransaction,
    id: ConversationId,
    account_id: AccountId,
) -> Result<Option<conversation::Model>> {
    Ok(conversation::Entity::find_by_id(id).filter(is_party(account_id)).lock_exclusive().one(txn).await?)
}

/// Writes the message under the next number. The conversation must be locked.
async fn message_append_in_txn(
    txn: &DatabaseTransaction,
    conversation: &conversation::Model,
    message: message::ActiveModel,
) -> Result<Sent> {
    let now = Utc::now();
    let sequence = conversation.last_sequence + 1;
    let message = message::ActiveModel {
        conversation_id: Set(conversation.id),
        sequence: Set(sequence),
        created_at: Set(now),
        ..message
    };
    let message = message::Entity::insert(message).exec_with_returning(txn).await?;
    conversation::Entity::update_many()
        .col_expr(conversation::Column::LastSequence, Expr::value(sequence))
        .col_expr(conversation::Column::ActiveAt, Expr::value(now))
        .filter(conversation::Column::Id.eq(conversation.id))
        .exec(txn)
        .await?;
    participant::Entity::update_many()
        .col_expr(participant::Column::ActiveAt, Expr::value(now))
        .filter(participant::Column::ConversationId.eq(conversation.id))
        .exec(txn)
        .await?;
    let recipient_id = conversation.other(message.sender_id);
    let recipients = participant::Entity::update_many()
        .col_expr(participant::Column::UnreadCount, Expr::col(participant::Column::UnreadCount).add(1))
        .filter(participant::Column::ConversationId.eq(conversation.id))
        .filter(participant::Column::AccountId.eq(recipient_id))
        .exec_with_returning(txn)
        .await?;
    let is_news = match recipients.first() {
        Some(recipient) => is_news(txn, recipient, &message).await?,
        None => false,
    };
    Ok(Sent { to_notify: is_news.then_some(recipient_id), message })
}

/// Whether the recipient had read everything that the sender wrote before. What the marketplace said meanwhile counts as
/// unread, and is no reason to keep quiet about a person.
async fn is_news(txn: &DatabaseTransaction, recipient: &participant::Model, message: &message::Model) -> Result<bool> {
    if recipient.unread_count <= 1 {
        return Ok(true);
    }
    let waiting = message::Entity::find()
        .filter(message::Column::ConversationId.eq(message.conversation_id))
        .filter(message::Column::Sequence.gt(recipient.read_sequence))
        .filter(message::Column::Sequence.lt(message.sequence))
        .filter(message::Column::SenderId.eq(message.sender_id))
        .filter(message::Column::Kind.ne(MessageKind::System));
    Ok(waiting.one(txn).await?.is_none())
}

/// Notes that an account has read up to a number. Reading never goes backwards.
pub async fn read_mark(
    db: &DatabaseConnection,
    id: ConversationId,
    account_id: AccountId,
    sequence: i64,
) -> Result<()> {
    // The lock keeps a message that is being sent from being counted twice or not at all.
    let txn = db.begin().await?;
    if conversation_lock_in_txn(&txn, id, account_id).await?.is_some() {
        let (conversation, account) = (id, account_id);
        txn.execute_raw(raw_sql!(
            Postgres,
            r#"UPDATE chat.participant SET read_sequence = {sequence}, unread_count = (
                SELECT count(*) FROM chat.message
                WHERE conversation_id = {conversation} AND sequence > {sequence} AND sender_id <> {account})
            WHERE conversation_id = {conversation} AND account_id = {account} AND read_sequence < {sequence}"#
        ))
        .await?;
    }
    txn.commit().await?;
    Ok(())
}
