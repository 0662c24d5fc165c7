//! `ItemWatch`: looks after pending items, round by round.
//!
//! | handler | does |
//! |---|---|
//! | `begin` | starts the rounds, unless they go already |
//! | `look` | has sellers told of the items that have arrived, has those expire that were not answered in time, then sends itself again |
//!
//! One round serves all checkouts: a message and a timer for each of them would cost the durable engine as much as the
//! checkouts themselves, and a seller of whom fifty people buy at once wants one message. Sellers who watch their incoming
//! items live see each at once.

use std::time::Duration;

use contracts::{
    ObjectCall,
    account::{NOTIFY, NotificationKind, Notify},
};
use kernel::NotificationId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde_json::json;
use service_kit::{
    durable::operation,
    rounds::{DueAt, Rounds},
    step,
};

use crate::items::{
    waiting::{Arrived, waiting_take},
    workflows::release_items::{EXPIRE, ExpireItems},
};

/// Starts the rounds; sent at every start of the module.
pub(crate) const BEGIN: ObjectCall<(), ()> = ObjectCall::new("ItemWatch", "begin");

const ROUNDS: Rounds = Rounds::of(ObjectCall::new("ItemWatch", "look"));

/// The one key there is.
pub(crate) const KEY: &str = "items";

/// Between two rounds.
const PERIOD: Duration = Duration::from_secs(1);
/// A round that is later than this was killed.
const OVERDUE: Duration = Duration::from_secs(60);

/// The job.
pub(crate) struct ItemWatch {
    pub(crate) db: DatabaseConnection,
}

#[restate_sdk::object(name = "ItemWatch", client_visibility = "pub(crate)")]
impl ItemWatch {
    /// Starts the rounds, unless one is due.
    #[handler]
    async fn begin(&self, ctx: ObjectContext<'_>, Json(()): Json<()>) -> Result<Json<()>, HandlerError> {
        ROUNDS.begin(&ctx, PERIOD, OVERDUE).await?;
        Ok(Json(()))
    }

    /// Looks once, and again after a while.
    #[handler]
    async fn look(&self, ctx: ObjectContext<'_>, Json(round): Json<DueAt>) -> Result<Json<()>, HandlerError> {
        if !ROUNDS.is_awaited(&ctx, round).await? {
            return Ok(Json(()));
        }
        let waiting = step!(ctx, "read what waits", waiting_take(&self.db, round))?;
        ROUNDS.again(&ctx, waiting.at, if waiting.more { Duration::ZERO } else { PERIOD });
        for arrived in waiting.arrived {
            NOTIFY.send(&ctx, notification(&arrived));
        }
        for checkout_id in waiting.overdue {
            EXPIRE.send(&ctx, ExpireItems { checkout_id });
        }
        Ok(Json(()))
    }
}

fn notification(arrived: &Arrived) -> Notify {
    let (seller_id, count) = (arrived.seller_id, arrived.item_ids.len());
    let noun = if count == 1 { "item waits" } else { "items wait" };
    Notify {
        notification_id: NotificationId(operation(arrived.checkout_id, &format!("arrived/{seller_id}")).uuid()),
        account_id: seller_id,
        kind: NotificationKind::ItemsIncoming,
        title: "New items to confirm".to_owned(),
        content: format!("{count} {noun} for your answer."),
        metadata: json!({ "itemIds": arrived.item_ids }),
    }
}
