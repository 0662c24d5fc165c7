//! Cash on delivery: the money of an order is here when its parcel is.

use entities::order::{PaymentEventKind, PaymentStatus, orders, payment_order};
use kernel::{PaymentId, Percent};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;
use service_kit::Result;

use super::{event, report, store};

/// Records that the carrier has collected the money of a delivered order. The payment is locked by the caller.
pub(crate) async fn collected_in_txn(
    txn: &DatabaseTransaction,
    payment_id: PaymentId,
    order: &orders::Model,
    fee: Percent,
) -> Result<()> {
    store::payment_settle_orders_in_txn(txn, payment_id, &[order.id]).await?;
    report::sale_write_in_txn(txn, payment_id, order, fee).await?;
    event::append_in_txn(txn, payment_id, PaymentEventKind::Collected, json!({"orderId": order.id})).await?;
    payment_close_if_settled_in_txn(txn, payment_id).await
}

/// Ends a payment on delivery when nothing is left to collect: it succeeded if anything was collected.
pub(crate) async fn payment_close_if_settled_in_txn(txn: &DatabaseTransaction, payment_id: PaymentId) -> Result<()> {
    let open = payment_order::Entity::find()
        .filter(payment_order::COLUMN.payment_id.eq(payment_id))
        .filter(payment_order::Column::Open.eq(true))
        .all(txn)
        .await?;
    if open.iter().any(|part| part.settled_at.is_none()) {
        return Ok(());
    }
    let (status, kind) = if open.is_empty() {
        (PaymentStatus::Failed, PaymentEventKind::Failed)
    } else {
        (PaymentStatus::Succeeded, PaymentEventKind::Succeeded)
    };
    store::payment_set_status_in_txn(txn, payment_id, status).await?;
    event::append_in_txn(txn, payment_id, kind, json!({})).await
}
