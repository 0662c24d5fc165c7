//! Counting what a subject did within a window of time that slides.
//!
//! Two neighbouring windows are kept for each subject, and the earlier one counts by the share of it that still lies
//! within reach: a steady approximation of a true sliding window that needs two numbers rather than a list. The
//! counters are in Redis, so that all routers share them. While Redis is away each router counts for itself: a client
//! then gets the limit once from every router, rather than nothing or everything.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Script};

/// How long Redis is left alone after it failed to answer.
const PAUSE_MS: u64 = 1000;
/// Answers slower than this count as none: a limit must not be what makes the marketplace slow.
const PATIENCE: Duration = Duration::from_millis(250);
/// Subjects that one router counts by itself; beyond it the oldest windows are dropped.
const LOCAL_SUBJECTS: usize = 100_000;

/// The same steps as [`Window::take`]; Redis tells the time, so that routers with different clocks agree.
const TAKE: &str = r"
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local most, window, weight = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local index = math.floor(now / window)
local kept = redis.call('HMGET', KEYS[1], 'index', 'current', 'earlier')
local at, current, earlier = tonumber(kept[1]) or index, tonumber(kept[2]) or 0, tonumber(kept[3]) or 0
if at == index - 1 then earlier, current = current, 0 elseif at ~= index then earlier, current = 0, 0 end
local left = window - (now - index * window)
local used = earlier * left / window + current
if used + weight > most then
  local excess, wait = used + weight - most, window
  if earlier > 0 and excess <= earlier * left / window then
    wait = excess * window / earlier
  elseif weight <= most and current > 0 then
    wait = left + math.max(0, current + weight - most) * window / current
  end
  return {0, math.floor(used), math.ceil(wait)}
end
redis.call('HSET', KEYS[1], 'index', index, 'current', current + weight, 'earlier', earlier)
redis.call('PEXPIRE', KEYS[1], 2 * window)
return {1, math.floor(used + weight), 0}
";

/// So much within a time, as `600/1m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) most: u64,
    window_ms: u64,
}

/// What came of asking for some of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It was there; so much is left of it.
    Yes { left: u64 },
    /// It was not: try again after this time.
    No { retry_after: Duration },
}

/// The counters of all subjects.
pub(super) struct Windows {
    redis: Option<ConnectionManager>,
    take: Script,
    local: Mutex<HashMap<String, Window>>,
    /// Redis is not asked before this time, in milliseconds of the epoch.
    paused_until: AtomicU64,
}

#[derive(Clone, Copy, Default)]
struct Window {
    index: u64,
    current: u64,
    earlier: u64,
}

impl Limit {
    /// Reads `<count>/<time>` with a time in `s`, `m` or `h`; `off` is no limit.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, String> {
        if text == "off" {
            return Ok(None);
        }
        let wrong = || format!("`{text}` is not a limit such as 600/1m, or off");
        let (most, time) = text.split_once('/').ok_or_else(wrong)?;
        let unit = time.chars().last().ok_or_else(wrong)?;
        let unit_ms = match unit {
            's' => 1000,
            'm' => 60_000,
            'h' => 3_600_000,
            _ => return Err(wrong()),
        };
        let count: u64 = time[..time.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
        let limit = Self { most: most.parse().map_err(|_| wrong())?, window_ms: count.saturating_mul(unit_ms) };
        if limit.most == 0 || limit.window_ms == 0 { Err(wrong()) } else { Ok(Some(limit)) }
    }
}

impl Windows {
    /// Counters at `redis_url`; without one this process counts for itself.
    pub(super) fn new(redis_url: &str) -> Result<Self, Box<dyn Error>> {
        let redis = if redis_url.is_empty() {
            None
        } else {
            let config = ConnectionManagerConfig::new()
                .set_number_of_retries(0)
                .set_connection_timeout(Some(PATIENCE))
                .set_response_timeout(Some(PATIENCE));
            Some(ConnectionManager::new_lazy_with_config(Client::open(redis_url)?, config)?)
        };
        let local = Mutex::default();
        Ok(Self { redis, take: Script::new(TAKE), local, paused_until: AtomicU64::new(0) })
    }

    /// Takes `weight` of what `subject` may have of a limit. All of it or nothing.
    pub(super) async fn take(&self, subject: &str, limit: Limit, weight: u64) -> Taken {
        let now_ms = now_ms();
        if let Some(redis) = &self.redis
            && now_ms >= self.paused_until.load(Ordering::Relaxed)
        {
            match self.take_from_redis(redis.clone(), subject, limit, weight).await {
                Ok(taken) => return taken,
                Err(error) => {
                    self.paused_until.store(now_ms + PAUSE_MS, Ordering::Relaxed);
                    tracing::warn!(%error, "Redis does not count requests; this router counts for itself");
                }
            }
        }
        let mut local = self.local.lock().expect("nothing panics while it holds the counters");
        if local.len() >= LOCAL_SUBJECTS {
            local.retain(|_, window| window.index + 1 >= now_ms / limit.window_ms);
            if local.len() >= LOCAL_SUBJECTS {
                local.clear();
            }
        }
        local.entry(subject.to_owned()).or_default().take(limit, weight, now_ms)
    }

    async fn take_from_redis(
        &self,
        mut redis: ConnectionManager,
        subject: &str,
        limit: Limit,
        weight: u64,
    ) -> redis::RedisResult<Taken> {
        let asked = [limit.most, limit.window_ms, weight];
        let (taken, used, wait_ms): (u8, u64, u64) =
            self.take.key(format!("edge:{{{subject}}}")).arg(&asked[..]).invoke_async(&mut redis).await?;
        Ok(match taken {
            1 => Taken::Yes { left: limit.most.saturating_sub(used) },
            _ => Taken::No { retry_after: Duration::from_millis(wait_ms.max(1)) },
        })
    }
}

impl Window {
    fn take(&mut self, limit: Limit, weight: u64, now_ms: u64) -> Taken {
        let (most, window) = (u128::from(limit.most), u128::from(limit.window_ms));
        let index = now_ms / limit.window_ms;
        if self.index + 1 == index {
            (self.earlier, self.current) = (self.current, 0);
        } else if self.index != index {
            (self.earlier, self.current) = (0, 0);
        }
        self.index = index;
        let left = window - u128::from(now_ms % limit.window_ms);
        let fading = u128::from(self.earlier) * left / window;
        let (current, weight) = (u128::from(self.current), u128::from(weight));
        let wanted = fading + current + weight;
        if wanted <= most {
            self.current += u64::try_from(weight).expect("it came from one");
            return Taken::Yes { left: u64::try_from(most - wanted).unwrap_or(u64::MAX) };
        }
        let excess = wanted - most;
        let wait = if self.earlier > 0 && excess <= fading {
            (excess * window).div_ceil(u128::from(self.earlier))
        } else if weight <= most && current > 0 {
            left + ((current + weight).saturating_sub(most) * window).div_ceil(current)
        } else {
            window
        };
        Taken::No { retry_after: Duration::from_millis(u64::try_from(wait).unwrap_or(u64::MAX).max(1)) }
    }
}

fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).expect("milliseconds since 1970 fit")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(text: &str) -> Limit {
        Limit::parse(text).expect("a limit").expect("not off")
    }

    #[test]
    fn a_limit_is_a_count_and_a_time() {
        assert_eq!(limit("600/1m"), Limit { most: 600, window_ms: 60_000 });
        assert_eq!(limit("5/10s"), Limit { most: 5, window_ms: 10_000 });
        assert_eq!(Limit::parse("off"), Ok(None));
        for wrong in ["", "600", "600/", "600/m", "0/1m", "6/0s", "-1/1m", "6/1d", "6/1µ"] {
            assert!(Limit::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_was_taken_comes_back_as_the_window_slides() {
        let (limit, mut window) = (limit("10/10s"), Window::default());
        let start = 1_000_000;
        for left in (0..10).rev() {
            assert_eq!(window.take(limit, 1, start), Taken::Yes { left });
        }
        let Taken::No { retry_after } = window.take(limit, 1, start) else { panic!("it was all taken") };
        let retry_ms = u64::try_from(retry_after.as_millis()).expect("milliseconds");
        assert_eq!(retry_ms, 11_000, "the next window, and a tenth of it");
        assert!(matches!(window.take(limit, 1, start + retry_ms - 1500), Taken::No { .. }));
        assert_eq!(window.take(limit, 1, start + retry_ms), Taken::Yes { left: 0 });
        assert_eq!(window.take(limit, 10, start + 60_000), Taken::Yes { left: 0 });
    }

    #[test]
    fn more_than_the_limit_is_never_given_at_once() {
        let mut window = Window::default();
        let never = Taken::No { retry_after: Duration::from_secs(10) };
        assert_eq!(window.take(limit("10/10s"), 11, 1_000_000), never);
        assert_eq!(window.take(limit("10/10s"), 10, 1_000_000), Taken::Yes { left: 0 });
    }
}
