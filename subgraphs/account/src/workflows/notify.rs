//! `Notifications`: tells an account something, exactly once, now or at a time to come.
//!
//! `notify`
//! 1. *store and signal*: write the notification with the next number of its account (the same id again writes
//!    nothing), and tell live followers that there is something new; repeating that is harmless.
//! 2. send `deliver` for each way besides the inbox that the account wants, so that a mail server which is away keeps
//!    nothing else waiting.
//!
//! `notify_at` sends `notify` with a delay: a durable timer. `deliver` hands the notification to one channel; it may do so
//! twice when the process dies in between, as mail always may.
//!
//! There is nothing to undo. An account that does not exist is not told, and the caller is not bothered with it.

use std::time::Duration;

use chrono::Utc;
use contracts::{
    Call,
    account::{NOTIFY, Notify, NotifyAt},
};
use kernel::{AccountId, NotificationId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use service_kit::{Result as KitResult, live::Live, step};

use crate::{
    delivery::{Delivered, Delivery, Letter, Medium},
    store::{self, Stored},
};

/// Hands a notification to one channel.
const DELIVER: Call<Deliver, ()> = Call::new("Notifications", "deliver");

/// Which notification to hand to which channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Deliver {
    notification_id: NotificationId,
    medium: Medium,
}

/// The durable service that other modules send notifications to.
pub(crate) struct Notifications {
    pub(crate) db: DatabaseConnection,
    pub(crate) live: Live,
    pub(crate) delivery: Delivery,
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
        for medium in step!(ctx, "store and signal", self.store(&notify))? {
            DELIVER.send(&ctx, Deliver { notification_id: notify.notification_id, medium });
        }
        Ok(Json(()))
    }

    /// Notifies at a time to come.
    #[handler]
    async fn notify_at(&self, ctx: Context<'_>, Json(later): Json<NotifyAt>) -> Result<Json<()>, HandlerError> {
        let deliver_at = later.deliver_at;
        let wait_ms: u64 = step!(ctx, "look at the clock", async {
            let wait = deliver_at - Utc::now();
            Ok(u64::try_from(wait.num_milliseconds()).unwrap_or_default())
        })?;
        NOTIFY.send_after(&ctx, Duration::from_millis(wait_ms), later.notify);
        Ok(Json(()))
    }

    /// Hands a stored notification to one channel.
    #[handler(ingress_private)]
    async fn deliver(&self, ctx: Context<'_>, Json(deliver): Json<Deliver>) -> Result<Json<()>, HandlerError> {
        step!(ctx, "hand over", self.hand_over(&deliver))?;
        Ok(Json(()))
    }
}

impl Notifications {
    /// Stores the notification; the answer is by which ways besides the inbox it goes out.
    async fn store(&self, notify: &Notify) -> KitResult<Vec<Medium>> {
        let (email, sms) = store::notification_wishes(&self.db, notify.account_id).await?;
        let media = [(Medium::Email, email), (Medium::Sms, sms)];
        let wanted = |(medium, wanted): (Medium, bool)| (wanted && self.delivery.reaches(medium)).then_some(medium);
        let media: Vec<Medium> = media.into_iter().filter_map(wanted).collect();
        let channels: Vec<&str> = std::iter::once("IN_APP").chain(media.iter().map(|medium| medium.as_str())).collect();
        match store::notification_insert(&self.db, notify, &channels).await? {
            // Also when it was stored before: the process may have died between the two.
            Stored::New | Stored::Before => {
                self.live.publish(&topic(notify.account_id)).await;
                // What was stored before decided by itself where it goes, and is handed over again.
                let stored = store::notification_fetch(&self.db, notify.notification_id).await?;
                let stored = stored.map(|row| row.channels).unwrap_or_default();
                Ok(media.into_iter().filter(|medium| stored.iter().any(|name| name == medium.as_str())).collect())
            }
            Stored::NoAccount => {
                tracing::warn!(account_id = %notify.account_id, "a notification to an account that does not exist");
                Ok(Vec::new())
            }
        }
    }

    async fn hand_over(&self, deliver: &Deliver) -> KitResult<()> {
        let Some(row) = store::notification_fetch(&self.db, deliver.notification_id).await? else { return Ok(()) };
        let Some(account) = store::account_fetch(&self.db, row.account_id).await? else { return Ok(()) };
        let to = match deliver.medium {
            Medium::Email => account.email.filter(|_| account.email_verified_at.is_some()),
            Medium::Sms => account.phone.filter(|_| account.phone_verified_at.is_some()),
        };
        let Some(to) = to else { return Ok(()) };
        let body = match deliver.medium {
            Medium::Email => row.content,
            Medium::Sms => format!("{}: {}", row.title, row.content),
        };
        let letter = Letter { subject: row.title, body };
        if self.delivery.deliver(deliver.medium, &to, &letter).await? == Delivered::Refused {
            tracing::warn!(notification_id = %row.id, medium = ?deliver.medium, "a notification was refused");
        }
        Ok(())
    }
}
