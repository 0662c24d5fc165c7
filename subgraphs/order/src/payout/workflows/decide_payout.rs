//! An administrator's decision about a payout.
//!
//! 1. write the decision and the ledger (a refusal ends here); 2. tell the seller. Nothing is undone.

use contracts::{
    Call,
    account::{NOTIFY, NotificationKind, Notify},
};
use entities::order::PayoutStatus;
use kernel::NotificationId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde_json::json;
use service_kit::{durable::operation, step};

use crate::payout::store::{self, Answer, DecidePayout, Told};

/// Decides about a payout.
pub(crate) const DECIDE: Call<DecidePayout, Answer> = Call::new("PayoutDesk", "decide");

/// The durable handler of decisions about payouts.
pub(crate) struct PayoutDesk {
    pub(crate) db: DatabaseConnection,
}

#[restate_sdk::service(name = "PayoutDesk", client_visibility = "pub(crate)")]
impl PayoutDesk {
    /// Decides about a payout, or refuses.
    #[handler]
    async fn decide(&self, ctx: Context<'_>, Json(decide): Json<DecidePayout>) -> Result<Json<Answer>, HandlerError> {
        let answer = step!(ctx, "write the decision", store::payout_decide(&self.db, &decide))?;
        if let Answer::Done(told) = &answer {
            NOTIFY.send(&ctx, notification(told));
        }
        Ok(Json(answer))
    }
}

fn notification(told: &Told) -> Notify {
    let (title, content) = if told.status == PayoutStatus::Paid {
        ("Payout made", format!("{} is on its way to your bank account.", told.amount))
    } else {
        ("Payout rejected", format!("{} is available to you again.", told.amount))
    };
    Notify {
        notification_id: NotificationId(operation(told.payout_id, "decided").uuid()),
        account_id: told.seller_id,
        kind: NotificationKind::PayoutDecided,
        title: title.to_owned(),
        content,
        metadata: json!({"payoutId": told.payout_id}),
    }
}
