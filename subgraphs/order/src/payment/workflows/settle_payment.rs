//! A payment, from the buyer's choice to its end.
//!
//! `pay`: 1. see that the way to pay is not switched off; 2. open the payment (a refusal ends here); 3. tell the
//! followers; 4. online: set the timer; on delivery, and when nothing is due: start the shipments. Nothing is undone: a
//! payment that is not paid expires.
//!
//! `record`: 1. record a verified report; 2. what follows from it: the orders are shipped and both sides are told, or the
//! buyer is; or the money is looked into, or goes back.
//!
//! `expire`: 1. ask the provider for a result that was not reported, and record it; 2. otherwise end the payment. A provider
//! that cannot be asked then is asked later, by the job of `reconcile_payments`.
//!
//! `look_into`: 1. ask the provider about one transaction that was reported and doubted; 2. record what it has; 3.
//! close the enquiry. While the provider does not say, or the payment still waits, the job of `reconcile_payments`
//! sends it again.
//!
//! Reports of one payment take turns by a lock on its row, so this is a plain service and not an object keyed by the
//! payment: a lock is held for one transaction only, and reports of different payments never wait for one another.

use std::time::Duration;

use contracts::{
    Call,
    account::{NOTIFY, NotificationKind, Notify},
    analytic::{InteractionKind, SALES_RECORD, TRACK},
    chat::SYSTEM_MESSAGE,
    common::OPTION_DISABLED,
};
use kernel::{AccountId, NotificationId, OperationId, PaymentId, Percent};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde_json::json;
use service_kit::{Platform, durable::operation, step};

use crate::{
    payment::{
        announcement::{self, OrderNews},
        enquiry::{self, Enquiry},
        opening::{self, Opened, Pay, PayAnswer},
        reconciliation::{self, Asked},
        report::{self, Effect, Record, Recorded, Settled},
        store,
        workflows::return_stray,
    },
    providers::Providers,
    shipment::workflows::move_shipment::START,
};

/// Opens a payment.
pub(crate) const PAY: Call<Pay, PayAnswer> = Call::new("PaymentDesk", "pay");
/// Records a verified report of a provider.
pub(crate) const RECORD: Call<Record, Recorded> = Call::new("PaymentDesk", "record");
/// Ends a payment that nobody paid in time.
pub(crate) const EXPIRE: Call<PaymentId, ()> = Call::new("PaymentDesk", "expire");
/// Asks the provider about money whose report is doubted.
pub(crate) const LOOK_INTO: Call<Enquiry, ()> = Call::new("PaymentDesk", "look_into");

/// The durable handlers of payments.
pub(crate) struct PaymentDesk {
    pub(crate) db: DatabaseConnection,
    pub(crate) platform: Platform,
    pub(crate) providers: Providers,
    /// How long an online payment waits.
    pub(crate) expiry: Duration,
    /// The platform's share of goods.
    pub(crate) fee: Percent,
}

#[restate_sdk::service(name = "PaymentDesk", client_visibility = "pub(crate)")]
impl PaymentDesk {
    /// Opens a payment over orders of one buyer.
    #[handler]
    async fn pay(&self, ctx: Context<'_>, Json(pay): Json<Pay>) -> Result<Json<PayAnswer>, HandlerError> {
        if !OPTION_DISABLED.call(&ctx, vec![pay.option_id.clone()]).await?.is_empty() {
            let refused = opening::payment_refuse_disabled(&self.db, &pay);
            return Ok(Json(step!(ctx, "refuse what is switched off", refused)?));
        }
        let answer = step!(
            ctx,
            "open the payment",
            opening::payment_open(&self.db, &self.providers.payment, self.expiry, &pay)
        )?;
        if let PayAnswer::Opened(Opened { payment_id, order_ids, expires_at, is_settled }) = &answer {
            if *is_settled {
                let settled = Settled { payment_id: *payment_id, order_ids: order_ids.clone() };
                self.follow(&ctx, &Effect::Paid(settled)).await?;
            } else if expires_at.is_some() {
                EXPIRE.send_after(&ctx, self.expiry, *payment_id);
            } else {
                let orders = announcement::orders_announce(&self.platform, &self.db, order_ids);
                for order in step!(ctx, "tell the followers", orders)? {
                    START.send(&ctx, order.order_id);
                    let text = ("Cash on delivery", "The buyer pays the carrier. The parcel can go.");
                    let kind = NotificationKind::OrderPaid;
                    NOTIFY.send(&ctx, order.notification(order.seller_id, "payable-on-delivery", kind, text));
                    let body = "Order placed: the buyer pays on delivery.";
                    SYSTEM_MESSAGE.send(&ctx, order.message(order.buyer_id, "payable-on-delivery", body));
                }
            }
        }
        Ok(Json(answer))
    }

    /// Records a verified report, and does what follows from it.
    #[handler]
    async fn record(&self, ctx: Context<'_>, Json(record): Json<Record>) -> Result<Json<Recorded>, HandlerError> {
        let recorded = report::report_record(&self.db, self.merchant(), self.fee, &record);
        let recorded = step!(ctx, "record the report", recorded)?;
        self.follow(&ctx, &recorded.effect).await?;
        Ok(Json(recorded))
    }

    /// Ends a payment whose time is over, unless the provider has its money.
    #[handler]
    async fn expire(&self, ctx: Context<'_>, Json(payment_id): Json<PaymentId>) -> Result<Json<()>, HandlerError> {
        if let Some(vnpay) = self.providers.payment.vnpay() {
            let ask = reconciliation::payment_ask(&self.db, &self.providers.exchanges, vnpay, payment_id);
            if let Some(report) = step!(ctx, "ask the provider", ask)? {
                let record = Record { operation_id: operation(payment_id, "expire"), report, asked: true };
                let recorded = report::report_record(&self.db, &vnpay.tmn_code, self.fee, &record);
                let recorded = step!(ctx, "record the result", recorded)?;
                self.follow(&ctx, &recorded.effect).await?;
            }
        }
        if let Some(buyer_id) = step!(ctx, "end the payment", store::payment_expire(&self.db, payment_id))? {
            let text = ("Payment expired", "The payment was not made in time. The orders can be paid again.");
            NOTIFY.send(&ctx, about_payment(payment_id, buyer_id, "expired", text));
        }
        Ok(Json(()))
    }

    /// Asks the provider about money whose report is doubted. What it has is recorded as what it was asked about: it is
    /// the buyer's. What it has not decided is asked again in the next round, until a week is over.
    #[handler]
    async fn look_into(&self, ctx: Context<'_>, Json(enquiry): Json<Enquiry>) -> Result<Json<()>, HandlerError> {
        let asking = enquiry::enquiry_ask(&self.db, &self.providers, &enquiry);
        let told = step!(ctx, "ask about the transaction", asking)?;
        let Some(outcome) = told.outcome(&enquiry) else { return Ok(Json(())) };
        if let Asked::Captured(report) = told.asked {
            let operation_id = operation(enquiry.payment_id, &format!("enquiry/{}", enquiry.transaction));
            let record = Record { operation_id, report: *report, asked: true };
            let recorded = report::report_record(&self.db, self.merchant(), self.fee, &record);
            let recorded = step!(ctx, "record what it has", recorded)?;
            self.follow(&ctx, &recorded.effect).await?;
        }
        step!(ctx, "close the enquiry", enquiry::enquiry_close(&self.db, &enquiry, outcome))?;
        Ok(Json(()))
    }

    /// Our terminal at VNPay; nobody's when there is none.
    fn merchant(&self) -> &str {
        self.providers.payment.vnpay().map_or("", |vnpay| vnpay.tmn_code.as_str())
    }

    /// What follows from a report.
    async fn follow(&self, ctx: &Context<'_>, effect: &Effect) -> Result<(), HandlerError> {
        match effect {
            Effect::None => {}
            Effect::Paid(Settled { order_ids, .. }) => {
                let orders = announcement::orders_announce(&self.platform, &self.db, order_ids);
                for order in step!(ctx, "tell the followers", orders)? {
                    paid(ctx, &order);
                }
            }
            Effect::GivenUp { payment_id, buyer_id } => {
                let text = ("Payment failed", "The payment was not made. The orders can be paid again.");
                NOTIFY.send(ctx, about_payment(*payment_id, *buyer_id, "failed", text));
            }
            Effect::Credited { payment_id, buyer_id, amount, transaction } => {
                let content = format!("{amount} came that pays no order. It is credited to you.");
                let part = format!("credited/{transaction}");
                NOTIFY.send(ctx, about_payment(*payment_id, *buyer_id, &part, ("Payment credited", &content)));
            }
            Effect::Doubtful(enquiry) => LOOK_INTO.send(ctx, enquiry.clone()),
            Effect::Stray { stray_id } => return_stray::GIVE_BACK.send(ctx, *stray_id),
        }
        Ok(())
    }
}

/// What follows when an order is paid.
fn paid(ctx: &Context<'_>, order: &OrderNews) {
    START.send(ctx, order.order_id);
    TRACK.send(ctx, order.interactions(InteractionKind::Purchase, "purchase"));
    SALES_RECORD.send(ctx, order.sales.clone());
    let text = ("Order paid", "The buyer has paid. The parcel can go.");
    NOTIFY.send(ctx, order.notification(order.seller_id, "paid", NotificationKind::OrderPaid, text));
    SYSTEM_MESSAGE.send(ctx, order.message(order.buyer_id, "paid", "Order paid."));
}

/// A notification to the buyer about a payment.
fn about_payment(payment_id: PaymentId, buyer_id: AccountId, part: &str, (title, content): (&str, &str)) -> Notify {
    Notify {
        notification_id: NotificationId(OperationId(payment_id.uuid()).child(part).uuid()),
        account_id: buyer_id,
        kind: NotificationKind::PaymentFailed,
        title: title.to_owned(),
        content: content.to_owned(),
        metadata: json!({"paymentId": payment_id}),
    }
}
