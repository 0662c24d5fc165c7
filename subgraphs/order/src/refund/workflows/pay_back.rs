//! The money of a refund goes back.
//!
//! It reads what is to be paid, asks the provider that took it, by a request whose identity stays the same until it is
//! answered, records the answer, and tells the followers and the buyer. After a refusal, or silence, the same handler
//! comes again later. A provider that refuses too often, or has no way to pay back, leaves a credit of the buyer: the
//! money is never swallowed.

use contracts::{
    Call,
    account::{NOTIFY, NotificationKind},
    chat::SYSTEM_MESSAGE,
};
use kernel::RefundId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{Platform, step};

use crate::{
    payment::announcement,
    providers::Providers,
    refund::{
        Rules,
        repayment::{self, Repaid},
    },
};

/// Pays the money of a refund back.
pub(crate) const PAY: Call<RefundId, ()> = Call::new("RefundPayments", "pay");

/// The durable handler of repayments.
pub(crate) struct RefundPayments {
    pub(crate) db: DatabaseConnection,
    pub(crate) platform: Platform,
    pub(crate) providers: Providers,
    pub(crate) rules: Rules,
}

#[restate_sdk::service(name = "RefundPayments", client_visibility = "pub(crate)")]
impl RefundPayments {
    /// Pays the money of a refund back.
    #[handler]
    async fn pay(&self, ctx: Context<'_>, Json(refund_id): Json<RefundId>) -> Result<Json<()>, HandlerError> {
        let attempt = step!(ctx, "read what is to be paid", repayment::attempt_begin(&self.db, refund_id))?;
        let Some(attempt) = attempt else { return Ok(Json(())) };
        let Providers { exchanges, payment, .. } = &self.providers;
        let asking = repayment::attempt_make(&self.db, exchanges, payment, &attempt);
        let answer = step!(ctx, "ask the provider", asking)?;
        let recording = repayment::attempt_record(&self.db, self.rules.attempts, &attempt, &answer);
        match step!(ctx, "record the answer", recording)? {
            Repaid::Later => PAY.send_after(&ctx, self.rules.retry, refund_id),
            Repaid::Over => {}
            Repaid::Done(news) => {
                let order_ids = [news.order_id];
                let told = announcement::orders_announce(&self.platform, &self.db, &order_ids);
                step!(ctx, "tell the followers", told)?;
                let content = format!("{} came back to you.", news.total);
                let text = ("Refund paid", content.as_str());
                NOTIFY.send(&ctx, news.notification(news.buyer_id, NotificationKind::RefundPaid, text));
                SYSTEM_MESSAGE.send(&ctx, news.message(news.seller_id, "Refund paid"));
            }
        }
        Ok(Json(()))
    }
}
