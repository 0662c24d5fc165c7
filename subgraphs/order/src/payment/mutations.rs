//! Mutations of payments, and the cancellation of unpaid orders.

use async_graphql::{Context, Object};
use kernel::OrderId;
use sea_orm::DatabaseConnection;
use service_kit::{Platform, Result, SignedIn, Viewer};

use super::{
    cancellation::{CancelAnswer, CancelOrder},
    opening::{ORDERS_MAX, Pay, PayAnswer},
    store,
    types::{CancelOrderInput, CancelOrderPayload, PayOrdersInput, PayOrdersPayload, Payment},
    workflows::{cancel_order::CANCEL, settle_payment::PAY},
};
use crate::{
    error::{ErrorCode, Refusal},
    input, orders,
    orders::types::Order,
};

/// Mutations of payments.
#[derive(Default)]
pub struct PaymentMutations;

#[Object]
impl PaymentMutations {
    /// Pays confirmed orders of the viewer in one payment: all of them or none. For an online method, send the buyer to
    /// the payment's `redirectUrl` and follow the orders; an online payment that is not made in time expires, and the
    /// orders can be paid again. Orders that cost nothing are paid at once, by whichever method.
    #[graphql(guard = "SignedIn")]
    async fn pay_orders(&self, ctx: &Context<'_>, input: PayOrdersInput) -> Result<PayOrdersPayload> {
        let buyer_id = Viewer::of(ctx)?.account_id;
        let pay = match read(buyer_id, input) {
            Ok(pay) => pay,
            Err(refusal) => return Ok(PayOrdersPayload { payment: None, user_errors: vec![refusal.into()] }),
        };
        let platform = ctx.data_unchecked::<Platform>();
        match PAY.at_ingress(&platform.ingress, pay.operation_id.to_string(), pay).await? {
            PayAnswer::Refused(refusal) => Ok(PayOrdersPayload { payment: None, user_errors: vec![refusal.into()] }),
            PayAnswer::Opened(opened) => {
                let db = ctx.data_unchecked::<DatabaseConnection>();
                let payment = store::payment_fetch(db, buyer_id, opened.payment_id).await?.map(Payment);
                Ok(PayOrdersPayload { payment, user_errors: Vec::new() })
            }
        }
    }

    /// Cancels an order of the viewer that is not paid yet: its stock is released, and the promotions it used come back.
    /// A payment page that is open for the order is no longer valid; money that still arrives there is credited.
    #[graphql(guard = "SignedIn")]
    async fn cancel_order(&self, ctx: &Context<'_>, input: CancelOrderInput) -> Result<CancelOrderPayload> {
        let buyer_id = Viewer::of(ctx)?.account_id;
        let operation_id = match input::operation_id(buyer_id, "cancelOrder", &input.idempotency_key) {
            Ok(operation_id) => operation_id,
            Err(refusal) => return Ok(CancelOrderPayload { order: None, user_errors: vec![refusal.into()] }),
        };
        let cancel = CancelOrder { operation_id, buyer_id, order_id: input.order_id };
        let platform = ctx.data_unchecked::<Platform>();
        let (code, message) = match CANCEL.at_ingress(&platform.ingress, operation_id.to_string(), cancel).await? {
            CancelAnswer::Cancelled(cancelled) => {
                let db = ctx.data_unchecked::<DatabaseConnection>();
                let order = orders::store::orders_fetch(db, &[cancelled.order_id]).await?.pop().map(Order);
                return Ok(CancelOrderPayload { order, user_errors: Vec::new() });
            }
            CancelAnswer::NotFound => (ErrorCode::OrderNotFound, "You have no such order."),
            CancelAnswer::TooLate => {
                (ErrorCode::OrderNotCancellable, "The order is paid, on its way, or over: ask for a refund instead.")
            }
        };
        Ok(CancelOrderPayload { order: None, user_errors: vec![Refusal::at("orderId", code, message).into()] })
    }
}

/// Reads what a buyer asks for.
fn read(buyer_id: kernel::AccountId, input: PayOrdersInput) -> Result<Pay, Refusal> {
    let mut order_ids: Vec<OrderId> = Vec::with_capacity(input.order_ids.len());
    for order_id in input.order_ids {
        if !order_ids.contains(&order_id) {
            order_ids.push(order_id);
        }
        if order_ids.len() > ORDERS_MAX {
            break;
        }
    }
    if order_ids.is_empty() || order_ids.len() > ORDERS_MAX {
        let message = format!("Name between 1 and {ORDERS_MAX} orders.");
        return Err(Refusal::at("orderIds", ErrorCode::LineCountOutOfRange, message));
    }
    let operation_id = input::operation_id(buyer_id, "payOrders", &input.idempotency_key)?;
    Ok(Pay { operation_id, buyer_id, order_ids, option_id: input.method })
}
