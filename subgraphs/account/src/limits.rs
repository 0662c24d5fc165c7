//! How often somebody may try a secret, and ask for one to be sent: so many times for one identifier, and for one
//! address.
//!
//! The count is per identifier rather than per account, although an account has up to three: a common count would tell
//! a stranger that an email address and a username belong together. An unknown identifier is counted like a known one.
//! Counts live in Redis and end with their window. Without Redis nothing is limited, and people can still log in.

use std::net::IpAddr;

use redis::{Script, aio::ConnectionManager};
use service_kit::{Config, ConfigError, Error, Result};
use sha2::{Digest, Sha256};

/// What is tried; each kind is counted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A password.
    LogIn,
    /// A one-time token that sets a new password.
    Reset,
    /// To have a one-time token sent. It always counts.
    Token,
}

impl Kind {
    fn key(self) -> &'static str {
        match self {
            Self::LogIn => "log-in",
            Self::Reset => "reset",
            Self::Token => "token",
        }
    }
}

/// How many attempts a window has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    per_identifier: i64,
    per_address: i64,
    tokens_per_identifier: i64,
    window_s: u64,
}

impl Limits {
    /// Reads `LOG_IN_ATTEMPTS_PER_IDENTIFIER`, `LOG_IN_ATTEMPTS_PER_ADDRESS`, `ONE_TIME_TOKENS_PER_IDENTIFIER` and
    /// `LOG_IN_WINDOW_SECONDS`.
    ///
    /// # Errors
    /// A variable is set to something that is no number.
    pub(crate) fn read(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            per_identifier: config.setting_or("LOG_IN_ATTEMPTS_PER_IDENTIFIER", 10)?,
            per_address: config.setting_or("LOG_IN_ATTEMPTS_PER_ADDRESS", 100)?,
            tokens_per_identifier: config.setting_or("ONE_TIME_TOKENS_PER_IDENTIFIER", 5)?,
            window_s: config.setting_or("LOG_IN_WINDOW_SECONDS", 15 * 60)?,
        })
    }
}

/// Somebody tries a secret. It counts as wrong until it turns out right, so that many tries at once do not slip by.
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
        kind: Kind,
        subject: &str,
        address: Option<IpAddr>,
    ) -> Result<Self> {
        // The subject is personal data, so its hash stands in for it.
        let subject = hex::encode(Sha256::digest(subject));
        let most = if kind == Kind::Token { limits.tokens_per_identifier } else { limits.per_identifier };
        let kind = kind.key();
        let mut counted = vec![(format!("{kind}:identifier:{subject}"), most)];
        counted.extend(address.map(|address| (format!("{kind}:address:{address}"), limits.per_address)));
        let mut attempt = Self { redis: redis.clone(), keys: Vec::new() };
        for (key, most) in counted {
            match attempt.count(&key, limits.window_s).await {
                Ok((count, left_s)) if count > most => {
                    return Err(Error::RateLimited { retry_after_s: u64::try_from(left_s).unwrap_or(limits.window_s) });
                }
                Ok(_) => attempt.keys.push(key),
                Err(error) => tracing::warn!(%error, "attempts are not counted"),
            }
        }
        Ok(attempt)
    }

    /// The secret was right: the attempt does not count.
    pub(crate) async fn succeeded(mut self) {
        let script =
            Script::new("if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('DECR', KEYS[1]) end return 0");
        for key in &self.keys {
            let uncounted: redis::RedisResult<i64> = script.key(key).invoke_async(&mut self.redis).await;
            if let Err(error) = uncounted {
                tracing::warn!(%error, "an attempt stays counted");
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
