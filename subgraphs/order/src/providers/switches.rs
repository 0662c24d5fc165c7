//! Which options administrators have switched off.
//!
//! `common` knows. Every checkout wants to know, so an answer is kept for a second, which is also how long it may take until
//! a switch is heard, as with revoked tokens.

use std::time::{Duration, Instant};

use contracts::common::OPTIONS_DISABLED;
use service_kit::{Result, peers::Peers};
use tokio::sync::Mutex;

/// How long an answer is good for.
const KEPT: Duration = Duration::from_secs(1);

/// The switches of the options that this module offers.
pub(crate) struct Switches {
    peers: Peers,
    option_ids: Vec<String>,
    heard: Mutex<Option<Heard>>,
}

struct Heard {
    /// When it was asked, so that a switch in between is not missed.
    at: Instant,
    disabled: Vec<String>,
}

impl Switches {
    /// The switches of these options.
    pub(crate) fn new(peers: Peers, option_ids: Vec<String>) -> Self {
        Self { peers, option_ids, heard: Mutex::new(None) }
    }

    /// Whether an option is switched off, as of at most a second ago.
    ///
    /// # Errors
    /// `common` does not answer.
    pub(crate) async fn is_off(&self, option_id: &str) -> Result<bool> {
        // Who finds the answer too old asks, and all others wait for that.
        let mut heard = self.heard.lock().await;
        let disabled = match heard.take().filter(|heard| heard.at.elapsed() < KEPT) {
            Some(fresh) => heard.insert(fresh),
            None => {
                let at = Instant::now();
                let disabled = self.peers.read(&OPTIONS_DISABLED, &self.option_ids).await?;
                heard.insert(Heard { at, disabled })
            }
        };
        Ok(disabled.disabled.iter().any(|disabled| disabled == option_id))
    }
}
