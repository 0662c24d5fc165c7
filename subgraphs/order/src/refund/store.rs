//! Refunds in the database: the only place where their status changes.

use chrono::{DateTime, Utc};
use entities::order::{RefundStatus, order_item, refund, refund_event, refund_item};
use kernel::{AccountId, OrderId, OrderItemId, RefundId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use service_kit::{
    Result,
    graphql::{Page, Rows},
};

use super::news::News;
use crate::{items, orders};

/// What a refund that is asked for or edited claims, and what it claims it of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The units and the money are claimed.
    Hold,
    /// They are free again.
    Free,
}

/// The statuses in which a refund claims what it is about.
pub(crate) const LIVE: [RefundStatus; 5] = [
    RefundStatus::Pending,
    RefundStatus::Accepted,
    RefundStatus::Disputed,
    RefundStatus::Paying,
    RefundStatus::Refunded,
];

/// Inserts a new refund with its first event, and claims what it is about. The order and its items are locked.
pub(crate) async fn refund_insert_in_txn(
    txn: &DatabaseTransaction,
    row: refund::Model,
    lines: &[refund_item::Model],
    actor: Option<AccountId>,
) -> Result<refund::Model> {
    let row = refund::Model { event_seq: 1, ..row }.into_active_model().reset_all().insert(txn).await?;
    lines_insert_in_txn(txn, lines).await?;
    lines_claim_in_txn(txn, lines, Claim::Hold).await?;
    event_append_in_txn(txn, &row, None, actor, None).await?;
    Ok(row)
}

/// Writes a refund whose fields have been changed, with its history. The order and the refund are locked.
pub(crate) async fn refund_change_in_txn(
    txn: &DatabaseTransaction,
    before: RefundStatus,
    row: refund::Model,
    actor: Option<AccountId>,
    note: Option<&str>,
) -> Result<refund::Model> {
    let row = refund::Model { event_seq: row.event_seq + 1, updated_at: Utc::now(), ..row };
    let row = row.into_active_model().reset_all().update(txn).await?;
    event_append_in_txn(txn, &row, Some(before), actor, note).await?;
    Ok(row)
}

/// Appends the event that `event_seq` already counts, and tells the order's history.
async fn event_append_in_txn(
    txn: &DatabaseTransaction,
    row: &refund::Model,
    before: Option<RefundStatus>,
    actor: Option<AccountId>,
    note: Option<&str>,
) -> Result<()> {
    let event = refund_event::ActiveModel {
        refund_id: Set(row.id),
        seq: Set(row.event_seq),
        from_status: Set(before),
        to_status: Set(row.status),
        actor_id: Set(actor),
        note: Set(note.map(ToOwned::to_owned)),
        at: NotSet,
    };
    refund_event::Entity::insert(event).exec_without_returning(txn).await?;
    orders::store::refund_event_append_in_txn(txn, row.order_id, (row.id, row.status), actor).await?;
    Ok(())
}

/// Inserts what a refund is about.
pub(crate) async fn lines_insert_in_txn(txn: &DatabaseTransaction, lines: &[refund_item::Model]) -> Result<()> {
    let rows = lines.iter().cloned().map(|line| line.into_active_model().reset_all());
    refund_item::Entity::insert_many(rows).exec_without_returning(txn).await?;
    Ok(())
}

/// Takes out what a pending refund is about.
pub(crate) async fn lines_delete_in_txn(txn: &DatabaseTransaction, refund_id: RefundId) -> Result<()> {
    refund_item::Entity::delete_many().filter(refund_item::COLUMN.refund_id.eq(refund_id)).exec(txn).await?;
    Ok(())
}

/// Writes in which condition lines came back.
pub(crate) async fn line_update_in_txn(txn: &DatabaseTransaction, line: &refund_item::Model) -> Result<()> {
    line.clone().into_active_model().reset_all().update(txn).await?;
    Ok(())
}

/// Claims units and money of items, or frees them. The items are locked, and the table refuses more than there is.
pub(crate) async fn lines_claim_in_txn(
    txn: &DatabaseTransaction,
    lines: &[refund_item::Model],
    claim: Claim,
) -> Result<()> {
    let sign = if claim == Claim::Hold { 1 } else { -1 };
    for line in lines {
        order_item::Entity::update_many()
            .col_expr(
                order_item::Column::HeldQuantity,
                Expr::col(order_item::Column::HeldQuantity).add(sign * line.quantity),
            )
            .col_expr(
                order_item::Column::HeldMinor,
                Expr::col(order_item::Column::HeldMinor).add(i64::from(sign) * line.amount_minor),
            )
            .filter(order_item::COLUMN.id.eq(line.item_id))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// The refund, its order and the order's items, locked in the order that holds everywhere.
pub(crate) struct Locked {
    pub(crate) order: entities::order::orders::Model,
    pub(crate) items: Vec<order_item::Model>,
    pub(crate) refund: refund::Model,
    pub(crate) lines: Vec<refund_item::Model>,
}

impl Locked {
    /// What others are told.
    pub(crate) fn news(&self) -> Result<News> {
        let product = |line: &refund_item::Model| {
            self.items.iter().find(|item| item.id == line.item_id).map(|item| (line.clone(), item.product_id))
        };
        News::of(&self.refund, self.lines.iter().filter_map(product).collect())
    }
}

/// Locks a refund with its order and the order's items; `None` when there is no such refund.
pub(crate) async fn refund_lock_in_txn(txn: &DatabaseTransaction, refund_id: RefundId) -> Result<Option<Locked>> {
    let Some(found) = refund::Entity::find_by_id(refund_id).one(txn).await? else { return Ok(None) };
    let order = orders::store::orders_lock_in_txn(txn, &[found.order_id]).await?.pop();
    let items = items_lock_in_txn(txn, found.order_id).await?;
    let refund = refund::Entity::find_by_id(refund_id).lock_exclusive().one(txn).await?;
    let (Some(order), Some(refund)) = (order, refund) else { return Ok(None) };
    let lines = lines_of_refunds(txn, &[refund_id]).await?;
    Ok(Some(Locked { order, items, refund, lines }))
}

/// Locks the items of a locked order that are in it.
pub(crate) async fn items_lock_in_txn(txn: &DatabaseTransaction, order_id: OrderId) -> Result<Vec<order_item::Model>> {
    let ids: Vec<OrderItemId> =
        items::store::items_of_orders(txn, &[order_id]).await?.into_iter().map(|item| item.id).collect();
    items::store::items_lock_in_txn(txn, &ids).await
}

/// The lines of refunds, in the order of their items.
pub(crate) async fn lines_of_refunds(
    db: &impl ConnectionTrait,
    refund_ids: &[RefundId],
) -> Result<Vec<refund_item::Model>> {
    let rows = refund_item::Entity::find()
        .filter(refund_item::COLUMN.refund_id.eq_any(refund_ids.to_vec()))
        .order_by_asc(refund_item::Column::RefundId)
        .order_by_asc(refund_item::Column::ItemId)
        .all(db)
        .await?;
    Ok(rows)
}

/// The refunds of orders, oldest first.
pub(crate) async fn refunds_of_orders(db: &impl ConnectionTrait, order_ids: &[OrderId]) -> Result<Vec<refund::Model>> {
    let rows = refund::Entity::find()
        .filter(refund::COLUMN.order_id.eq_any(order_ids.to_vec()))
        .order_by_asc(refund::Column::Id)
        .all(db)
        .await?;
    Ok(rows)
}

/// Refunds by id, whoever's they are: the caller decides who may see them.
pub(crate) async fn refunds_fetch(db: &impl ConnectionTrait, refund_ids: &[RefundId]) -> Result<Vec<refund::Model>> {
    Ok(refund::Entity::find().filter(refund::COLUMN.id.eq_any(refund_ids.to_vec())).all(db).await?)
}

/// The events of refunds, oldest first.
pub(crate) async fn events_of_refunds(
    db: &impl ConnectionTrait,
    refund_ids: &[RefundId],
) -> Result<Vec<refund_event::Model>> {
    let rows = refund_event::Entity::find()
        .filter(refund_event::COLUMN.refund_id.eq_any(refund_ids.to_vec()))
        .order_by_asc(refund_event::Column::RefundId)
        .order_by_asc(refund_event::Column::Seq)
        .all(db)
        .await?;
    Ok(rows)
}

/// Whose refunds to list.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose {
    Buyer(AccountId),
    Seller(AccountId),
    /// Everybody's that an administrator has to decide, oldest first.
    Disputed,
}

/// A page of refunds: a party's, newest first, or the open disputes, oldest first.
pub(crate) async fn refunds_list(
    db: &impl ConnectionTrait,
    whose: Whose,
    statuses: &[RefundStatus],
    page: &Page<RefundId>,
    with_total: bool,
) -> Result<Rows<refund::Model>> {
    let all = refund::Entity::find();
    let mut wanted = match whose {
        Whose::Buyer(id) => all.filter(refund::COLUMN.buyer_id.eq(id)),
        Whose::Seller(id) => all.filter(refund::COLUMN.seller_id.eq(id)),
        Whose::Disputed => all.filter(refund::Column::Status.eq(RefundStatus::Disputed)),
    };
    if !statuses.is_empty() {
        wanted = wanted.filter(refund::Column::Status.is_in(statuses.iter().copied()));
    }
    let total = if with_total { Some(wanted.clone().count(db).await?) } else { None };
    let is_oldest_first = matches!(whose, Whose::Disputed);
    if let Some(after) = page.after {
        let id = refund::Column::Id;
        wanted = wanted.filter(if is_oldest_first { id.gt(after) } else { id.lt(after) });
    }
    wanted = if is_oldest_first {
        wanted.order_by_asc(refund::Column::Id)
    } else {
        wanted.order_by_desc(refund::Column::Id)
    };
    Ok(Rows { rows: wanted.limit(page.fetch()).all(db).await?, total })
}

/// A moment after `from`; the last one there is when it is too far.
pub(crate) fn later(from: DateTime<Utc>, by: std::time::Duration) -> DateTime<Utc> {
    chrono::Duration::from_std(by).ok().and_then(|by| from.checked_add_signed(by)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
