//! `Notifications.notify`: tells an account something, exactly once.
//!
//! 1. *store*: write the notification with the next number of its account; the same id again writes nothing.
//! 2. *signal*: tell live followers that there is something new; repeating it is harmless.
//!
//! There is nothing to undo. An account that does not exist is not told, and the caller is not bothered with it.

use contracts::account::Notify;
use kernel::AccountId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{Result as KitResult, live::Live, step};

use crate::store::{self, Stored};

/// The durable service that other modules send notifications to.
pub(crate) struct Notifications {
    pub(crate) db: DatabaseConnection,
    pub(crate) live: Live,
}

/// The topic of an account's notifications.
pub(crate) fn topic(account_id: AccountId) -> String {
    format!("account:notifications:{account_id}")
}

/// Notifications to accounts.
#[restate_sdk::service(name = "Notifications", client_visibility = "pub(crate)")]
impl Notifications {
    /// Stores a notification and shows it live; the same id again changes nothing.
    #[handler]
    async fn notify(&self, ctx: Context<'_>, Json(notify): Json<Notify>) -> Result<Json<()>, HandlerError> {
        step!(ctx, "store and signal", self.deliver(&notify))?;
        Ok(Json(()))
    }
}

impl Notifications {
    async fn deliver(&self, notify: &Notify) -> KitResult<()> {
        match store::notification_insert(&self.db, notify).await? {
            // Also when it was stored before: the process may have died between the two.
            Stored::New | Stored::Before => self.live.publish(&topic(notify.account_id)).await,
            Stored::NoAccount => {
                tracing::warn!(account_id = %notify.account_id, "a notification to an account that does not exist");
            }
        }
        Ok(())
    }
}
