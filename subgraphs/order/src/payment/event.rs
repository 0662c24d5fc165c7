//! The history of payments.

use entities::order::{PaymentEventKind, payment, payment_event};
use kernel::PaymentId;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use serde_json::Value;
use service_kit::{Error, Result};

/// Appends an event. The payment is locked by the caller, or new.
pub(crate) async fn append_in_txn(
    txn: &DatabaseTransaction,
    payment_id: PaymentId,
    kind: PaymentEventKind,
    detail: Value,
) -> Result<()> {
    let changed = payment::Entity::update_many()
        .col_expr(payment::Column::EventSeq, Expr::col(payment::Column::EventSeq).add(1))
        .filter(payment::COLUMN.id.eq(payment_id))
        .exec_with_returning(txn)
        .await?;
    let seq = changed.first().ok_or(Error::NotFound("payment"))?.event_seq;
    let row = payment_event::ActiveModel {
        payment_id: Set(payment_id),
        seq: Set(seq),
        kind: Set(kind),
        detail: Set(detail),
        at: NotSet,
    };
    payment_event::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}
