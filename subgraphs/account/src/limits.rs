//! How often somebody may try to log in: so many wrong attempts for one identifier, and for one address.
//!
//! The count is per identifier rather than per account, although an account has up to three: a common count would tell
//! a stranger that an email address and a username belong together. An unknown identifier is counted like a known one.
//! Counts live in Redis and end with their window. Without Redis nothing is limited, and people can still log in.

use std::net::IpAddr;

use redis::{Script, aio::ConnectionManager};
use service_kit::{Config, ConfigError, Error, Result};
use sha2::{Digest, Sha256};

/// How many attempts a window has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    per_identifier: i64,
    per_address: i64,
    window_s: u64,
}

impl Limits {
    /// Reads `LOG_IN_ATTEMPTS_PER_IDENTIFIER`, `LOG_IN_ATTEMPTS_PER_ADDRESS` and `LOG_IN_WINDOW_SECONDS`.
    ///
    /// # Errors
    /// A variable is set to something that is no number.
    pub(crate) fn read(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            per_identifier: config.setting_or("LOG_IN_ATTEMPTS_PER_IDENTIFIER", 10)?,
            per_address: config.setting_or("LOG_IN_ATTEMPTS_PER_ADDRESS", 100)?,
            window_s: config.setting_or("LOG_IN_WINDOW_SECONDS", 15 * 60)?,
        })
    }
}

/// Somebody tries a password. It counts as wrong until it turns out right, so that many tries at once do not slip by.
pub(crate) struct Attempt {
    redis: ConnectionManager,
    keys: Vec<String>,
}

impl Attempt {
    /// Counts an attempt at `subject` (what was typed as an identifier, or an account id) from `address`.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when there have been too many.
    pub(crate) async fn begin(
        redis: &ConnectionManager,
        limits: &Limits,
        subject: &str,
        address: Option<IpAddr>,
    ) -> Result<Self> {
        // The subject is personal data, so its hash stands in for it.
        let subject = hex::encode(Sha256::digest(subject));
        let mut counted = vec![(format!("log-in:identifier:{subject}"), limits.per_identifier)];
        counted.extend(address.map(|address| (format!("log-in:address:{address}"), limits.per_address)));
        let mut attempt = Self { redis: redis.clone(), keys: Vec::new() };
        for (key, most) in counted {
            match attempt.count(&key, limits.window_s).await {
                Ok((count, left_s)) if count > most => {
                    return Err(Error::RateLimited { retry_after_s: u64::try_from(left_s).unwrap_or(limits.window_s) });
                }
                Ok(_) => attempt.keys.push(key),
                Err(error) => tracing::warn!(%error, "attempts to log in are not counted"),
            }
        }
        Ok(attempt)
    }

    /// The password was right: the attempt does not count.
    pub(crate) async fn succeeded(mut self) {
        let script =
            Script::new("if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('DECR', KEYS[1]) end return 0");
        for key in &self.keys {
            let uncounted: redis::RedisResult<i64> = script.key(key).invoke_async(&mut self.redis).await;
            if let Err(error) = uncounted {
                tracing::warn!(%error, "an attempt to log in stays counted");
            }
        }
    }

    /// Counts up, and says how many there are and for how many seconds they stay.
    async fn count(&mut self, key: &str, window_s: u64) -> redis::RedisResult<(i64, i64)> {
        let mut pipe = redis::pipe();
        pipe.atomic();
        pipe.cmd("SET").arg(key).arg(0).arg("NX").arg("EX").arg(window_s).ignore();
        pipe.incr(key, 1).ttl(key);
        pipe.query_async(&mut self.redis).await
    }
}
