//! `Reconciliation`: looks again at what nobody has reported, and keeps looking.
//!
//! | handler | does |
//! |---|---|
//! | `begin` | starts the round, unless it goes round already |
//! | `look` | ends payments whose timer was lost, asks the provider about those that ended unpaid and about money that is looked into, pays refunds and gives back stray payments that stand still, then sends itself again |
//!
//! It is an object with one key, so that its rounds never run at the same time. What it finds is recorded by the handlers
//! that record it otherwise: a capture that comes too late becomes a credit.

use std::time::Duration;

use chrono::DateTime;
use contracts::ObjectCall;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{
    durable::operation,
    rounds::{DueAt, Rounds},
    step,
};

use crate::{
    payment::{
        reconciliation::{self, Asked},
        report::Record,
        workflows::{
            return_stray::GIVE_BACK,
            settle_payment::{EXPIRE, LOOK_INTO, RECORD},
        },
    },
    providers::Providers,
    refund::workflows::pay_back,
};

/// Starts the round; sent at every start of the module.
pub(crate) const BEGIN: ObjectCall<(), ()> = ObjectCall::new("Reconciliation", "begin");

const ROUNDS: Rounds = Rounds::of(ObjectCall::new("Reconciliation", "look"));

/// The one key there is.
pub(crate) const KEY: &str = "payments";

/// From when on the payments of the next round are, in microseconds since the epoch; not set when from the oldest on.
const FROM_US: &str = "from_us";

/// The job.
pub(crate) struct Reconciliation {
    pub(crate) db: DatabaseConnection,
    pub(crate) providers: Providers,
    /// Between two rounds, and how long something may wait before it is looked at.
    pub(crate) period: Duration,
    /// After which a refund that was refused tries again by itself.
    pub(crate) retry: Duration,
}

#[restate_sdk::object(name = "Reconciliation", client_visibility = "pub(crate)")]
impl Reconciliation {
    /// Starts the round, unless one is due.
    #[handler]
    async fn begin(&self, ctx: ObjectContext<'_>, Json(()): Json<()>) -> Result<Json<()>, HandlerError> {
        ROUNDS.begin(&ctx, self.period, self.period).await?;
        Ok(Json(()))
    }

    /// Looks once, and again after a while.
    #[handler]
    async fn look(&self, ctx: ObjectContext<'_>, Json(round): Json<DueAt>) -> Result<Json<()>, HandlerError> {
        if !ROUNDS.is_awaited(&ctx, round).await? {
            return Ok(Json(()));
        }
        let from = ctx.get::<i64>(FROM_US).await?.and_then(DateTime::from_timestamp_micros);
        let reading = reconciliation::waiting_fetch(&self.db, from, self.period, self.retry);
        let waiting = step!(ctx, "read what waits", reading)?;
        // The next round is set first: whatever happens to this one, there is another.
        ROUNDS.again(&ctx, waiting.at, self.period);
        match waiting.next_from {
            Some(next) => ctx.set(FROM_US, next.timestamp_micros()),
            None => ctx.clear(FROM_US),
        }
        for payment_id in waiting.open {
            EXPIRE.send(&ctx, payment_id);
        }
        for refund_id in waiting.refunds {
            pay_back::PAY.send(&ctx, refund_id);
        }
        for stray_id in waiting.strays {
            GIVE_BACK.send(&ctx, stray_id);
        }
        for enquiry in waiting.enquiries {
            LOOK_INTO.send(&ctx, enquiry);
        }
        let Some(vnpay) = self.providers.payment.vnpay() else { return Ok(Json(())) };
        for payment_id in waiting.unpaid {
            let asking = reconciliation::unpaid_ask(&self.db, &self.providers.exchanges, vnpay, payment_id);
            match step!(ctx, "ask what became of it", asking)? {
                Asked::Captured(report) => {
                    let operation_id = operation(payment_id, "reconcile");
                    RECORD.call(&ctx, Record { operation_id, report: *report, asked: true }).await?;
                }
                Asked::Nothing => {}
                // It is asked again in another round.
                Asked::Undecided | Asked::Unreachable => continue,
            }
            step!(ctx, "note the answer", reconciliation::payment_reconciled(&self.db, payment_id))?;
        }
        Ok(Json(()))
    }
}
