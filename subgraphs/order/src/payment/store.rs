//! Payments in the database: reading them, and ending them.

use entities::order::{PaymentEventKind, PaymentStatus, payment, payment_credit, payment_order};
use kernel::{AccountId, OrderId, PaymentId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait, sea_query::Expr,
};
use serde_json::json;
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
};
use uuid::Uuid;

use super::event;

/// A payment of a buyer.
pub(crate) async fn payment_fetch(
    db: &impl ConnectionTrait,
    buyer_id: AccountId,
    payment_id: PaymentId,
) -> Result<Option<payment::Model>> {
    Ok(payment::Entity::find_by_id(payment_id).filter(payment::COLUMN.buyer_id.eq(buyer_id)).one(db).await?)
}

/// Payments by id, whoever's they are: the caller decides who may see them.
pub(crate) async fn payments_fetch(db: &impl ConnectionTrait, ids: &[PaymentId]) -> Result<Vec<payment::Model>> {
    Ok(payment::Entity::find().filter(payment::COLUMN.id.eq_any(ids.to_vec())).all(db).await?)
}

/// Locks a payment. Whatever changes a payment or reads it to change its orders holds this lock, so that results never
/// interleave.
pub(crate) async fn payment_lock_in_txn(
    txn: &DatabaseTransaction,
    payment_id: PaymentId,
) -> Result<Option<payment::Model>> {
    Ok(payment::Entity::find_by_id(payment_id).lock_exclusive().one(txn).await?)
}

/// The orders of payments.
pub(crate) async fn payment_orders_fetch(
    db: &impl ConnectionTrait,
    payment_ids: &[PaymentId],
) -> Result<Vec<payment_order::Model>> {
    let rows = payment_order::Entity::find()
        .filter(payment_order::COLUMN.payment_id.eq_any(payment_ids.to_vec()))
        .order_by_asc(payment_order::Column::OrderId)
        .all(db)
        .await?;
    Ok(rows)
}

/// The payments that orders are in, newest first.
pub(crate) async fn payment_orders_by_order(
    db: &impl ConnectionTrait,
    order_ids: &[OrderId],
) -> Result<Vec<payment_order::Model>> {
    let rows = payment_order::Entity::find()
        .filter(payment_order::COLUMN.order_id.eq_any(order_ids.to_vec()))
        .order_by_desc(payment_order::Column::PaymentId)
        .all(db)
        .await?;
    Ok(rows)
}

/// The payment that an order is in and that is open, if any.
pub(crate) async fn payment_open_of_order(
    db: &impl ConnectionTrait,
    order_id: OrderId,
) -> Result<Option<payment_order::Model>> {
    let row = payment_order::Entity::find()
        .filter(payment_order::COLUMN.order_id.eq(order_id))
        .filter(payment_order::Column::Open.eq(true))
        .one(db)
        .await?;
    Ok(row)
}

/// Sets the status of a locked payment.
pub(crate) async fn payment_set_status_in_txn(
    txn: &DatabaseTransaction,
    payment_id: PaymentId,
    status: PaymentStatus,
) -> Result<()> {
    payment::Entity::update_many()
        .col_expr(payment::Column::Status, Expr::value(status))
        .col_expr(payment::Column::UpdatedAt, Expr::current_timestamp())
        .filter(payment::COLUMN.id.eq(payment_id))
        .exec(txn)
        .await?;
    Ok(())
}

/// Ends a locked payment without money: its orders are free to be paid otherwise.
pub(crate) async fn payment_give_up_in_txn(
    txn: &DatabaseTransaction,
    payment_id: PaymentId,
    status: PaymentStatus,
) -> Result<()> {
    payment_set_status_in_txn(txn, payment_id, status).await?;
    payment_order::Entity::update_many()
        .col_expr(payment_order::Column::Open, Expr::value(false))
        .filter(payment_order::COLUMN.payment_id.eq(payment_id))
        .exec(txn)
        .await?;
    Ok(())
}

/// Marks orders of a locked payment as settled now.
pub(crate) async fn payment_settle_orders_in_txn(
    txn: &DatabaseTransaction,
    payment_id: PaymentId,
    order_ids: &[OrderId],
) -> Result<()> {
    payment_order::Entity::update_many()
        .col_expr(payment_order::Column::SettledAt, Expr::current_timestamp())
        .filter(payment_order::COLUMN.payment_id.eq(payment_id))
        .filter(payment_order::COLUMN.order_id.eq_any(order_ids.to_vec()))
        .filter(payment_order::Column::Open.eq(true))
        .exec(txn)
        .await?;
    Ok(())
}

/// Ends an online payment that nobody paid in time; the buyer, if it was still waiting.
pub(crate) async fn payment_expire(db: &DatabaseConnection, payment_id: PaymentId) -> Result<Option<AccountId>> {
    let txn = db.begin().await?;
    let payment = payment_lock_in_txn(&txn, payment_id).await?.ok_or(Error::NotFound("payment"))?;
    match payment.status {
        PaymentStatus::Pending => {
            payment_give_up_in_txn(&txn, payment_id, PaymentStatus::Expired).await?;
            event::append_in_txn(&txn, payment_id, PaymentEventKind::Expired, json!({})).await?;
            txn.commit().await?;
            Ok(Some(payment.buyer_id))
        }
        // The step may have run before without its result being journaled; telling the buyer twice changes nothing.
        PaymentStatus::Expired => Ok(Some(payment.buyer_id)),
        _ => Ok(None),
    }
}

/// A buyer's credits, newest first.
pub(crate) async fn credit_list_by_buyer(
    db: &impl ConnectionTrait,
    buyer_id: AccountId,
    page: &Page<Uuid>,
    with_total: bool,
) -> Result<Rows<payment_credit::Model>> {
    let all = payment_credit::Entity::find().filter(payment_credit::COLUMN.buyer_id.eq(buyer_id));
    let total = if with_total { Some(all.clone().count(db).await?) } else { None };
    let mut wanted = all.order_by_desc(payment_credit::Column::Id).limit(page.fetch());
    if let Some(after) = page.after {
        wanted = wanted.filter(payment_credit::COLUMN.id.lt(after));
    }
    Ok(Rows { rows: wanted.all(db).await?, total })
}

/// Whether a transaction of the provider is a credit already.
pub(crate) async fn credit_exists(db: &impl ConnectionTrait, payment_id: PaymentId, transaction: &str) -> Result<bool> {
    let credits = payment_credit::Entity::find()
        .filter(payment_credit::COLUMN.payment_id.eq(payment_id))
        .filter(payment_credit::Column::ProviderTransaction.eq(transaction))
        .count(db)
        .await?;
    Ok(credits > 0)
}

/// Inserts a credit; one for the same transaction of the provider is left as it is. Whether it is new.
pub(crate) async fn credit_insert_in_txn(
    txn: &DatabaseTransaction,
    credit: payment_credit::ActiveModel,
) -> Result<bool> {
    let inserted = payment_credit::Entity::insert(payment_credit::ActiveModel { id: Set(Uuid::now_v7()), ..credit })
        .on_conflict_do_nothing_on([payment_credit::Column::PaymentId, payment_credit::Column::ProviderTransaction])
        .exec(txn)
        .await?;
    Ok(matches!(inserted, sea_orm::TryInsertResult::Inserted(_)))
}
