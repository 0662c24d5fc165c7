//! Who is there, and who is writing. Both live in Redis with an end, so that a client which goes away without a word is
//! forgotten; losing Redis loses nothing that matters.

use std::time::Duration;

use kernel::{AccountId, ConversationId};
use redis::{AsyncCommands, aio::ConnectionManager};
use service_kit::live::Live;

/// How long somebody counts as there after the last sign of them.
const ONLINE_FOR: Duration = Duration::from_secs(60);

/// How often an open subscription gives a sign of its viewer.
pub const SIGN_EVERY: Duration = Duration::from_secs(20);

/// How long somebody counts as writing after the last key they pressed.
const TYPING_FOR: Duration = Duration::from_secs(6);

/// The live topic of what the two accounts of a conversation are doing, short of sending messages.
pub fn activity_topic(id: ConversationId) -> String {
    format!("chat:activity:{id}")
}

/// The live topic of who is there.
pub fn topic(id: AccountId) -> String {
    format!("chat:presence:{id}")
}

fn online_key(id: AccountId) -> String {
    format!("chat:online:{id}")
}

fn typing_key(conversation_id: ConversationId, account_id: AccountId) -> String {
    format!("chat:typing:{conversation_id}:{account_id}")
}

/// Gives a sign that an account is there, and tells followers when it was not.
pub async fn sign(redis: &ConnectionManager, live: &Live, account_id: AccountId) {
    let mut redis = redis.clone();
    let mut pipe = redis::pipe();
    pipe.atomic().exists(online_key(account_id)).set_ex(online_key(account_id), 1, ONLINE_FOR.as_secs()).ignore();
    match pipe.query_async::<(bool,)>(&mut redis).await {
        Ok((true,)) => {}
        Ok((false,)) => live.publish(&topic(account_id)).await,
        Err(error) => tracing::warn!(%error, "somebody is there and it cannot be shown"),
    }
}

/// Notes that an account is writing, or has stopped.
pub async fn typing_set(
    redis: &ConnectionManager,
    conversation_id: ConversationId,
    account_id: AccountId,
    typing: bool,
) {
    let mut redis = redis.clone();
    let key = typing_key(conversation_id, account_id);
    let noted: redis::RedisResult<()> = match typing {
        true => redis.set_ex(key, 1, TYPING_FOR.as_secs()).await,
        false => redis.del(key).await,
    };
    if let Err(error) = noted {
        tracing::warn!(%error, "somebody is writing and it cannot be shown");
    }
}

/// Whether an account is writing in a conversation. Without Redis nobody is.
pub async fn is_typing(redis: &ConnectionManager, conversation_id: ConversationId, account_id: AccountId) -> bool {
    redis.clone().exists(typing_key(conversation_id, account_id)).await.unwrap_or(false)
}

/// Which of the accounts are there. Without Redis nobody is.
pub async fn online_among(redis: &ConnectionManager, ids: &[AccountId]) -> Vec<bool> {
    let keys: Vec<String> = ids.iter().map(|id| online_key(*id)).collect();
    let found: redis::RedisResult<Vec<Option<i64>>> =
        redis::cmd("MGET").arg(keys).query_async(&mut redis.clone()).await;
    match found {
        Ok(found) => found.into_iter().map(|sign| sign.is_some()).collect(),
        Err(error) => {
            tracing::warn!(%error, "who is there cannot be read");
            vec![false; ids.len()]
        }
    }
}
