//! Feeds in Redis. Whatever goes wrong here only makes recommendations less personal for a while.

use std::time::Duration;

use kernel::AccountId;
use redis::{AsyncCommands, aio::ConnectionManager};

use super::Feed;

/// Feeds of accounts that nobody asks for are forgotten after a day.
const KEPT_SECONDS: u64 = 24 * 60 * 60;

/// A feed that was replaced is kept for those who are paging through it.
const PAGED_SECONDS: u64 = 60 * 60;

/// How long an answer waits for Redis.
const PATIENCE: Duration = Duration::from_millis(500);

/// The latest feed of an account, or the one that was made at a moment.
pub(crate) async fn read(redis: &ConnectionManager, account_id: AccountId, made_at_ms: Option<i64>) -> Option<Feed> {
    let key = made_at_ms.map_or_else(|| latest(account_id), |made_at_ms| made(account_id, made_at_ms));
    let mut redis = redis.clone();
    let kept: redis::RedisResult<Option<Vec<u8>>> = match tokio::time::timeout(PATIENCE, redis.get(key)).await {
        Ok(kept) => kept,
        Err(_) => {
            tracing::warn!("recommendations are not personal: Redis takes too long");
            return None;
        }
    };
    match kept {
        Ok(kept) => kept.and_then(|json| serde_json::from_slice(&json).ok()),
        Err(error) => {
            tracing::warn!(%error, "recommendations are not personal: Redis fails");
            None
        }
    }
}

/// Keeps the feed of an account.
pub(crate) async fn write(redis: &ConnectionManager, account_id: AccountId, feed: &Feed) -> service_kit::Result<()> {
    let json = serde_json::to_vec(feed)?;
    let mut both = redis::pipe();
    both.atomic();
    both.set_ex(latest(account_id), &json, KEPT_SECONDS).ignore();
    both.set_ex(made(account_id, feed.made_at_ms), &json, PAGED_SECONDS).ignore();
    if let Err(error) = both.query_async::<()>(&mut redis.clone()).await {
        // It is made again when somebody asks for it.
        tracing::warn!(%error, "a feed cannot be kept");
    }
    Ok(())
}

fn latest(account_id: AccountId) -> String {
    format!("catalog:feed:{account_id}")
}

fn made(account_id: AccountId, made_at_ms: i64) -> String {
    format!("catalog:feed:{account_id}:{made_at_ms}")
}
