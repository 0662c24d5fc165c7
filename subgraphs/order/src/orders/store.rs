//! Orders in the database: the only place where their status changes.
//!
//! Locks are taken in this order everywhere: orders by id, items by id, feeds (see [`feed::store::append_in_txn`]).

use entities::order::{OrderItemState, OrderStatus, RefundStatus, ShipmentStatus, order_event, orders, shipment};
use kernel::{AccountId, OrderId, RefundId};
use sea_orm::{
    ActiveEnum, ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, raw_sql,
    sea_query::{Expr, ExprTrait},
};
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
    live::Numbered,
};

use crate::{
    feed,
    items::{self, search::Search},
    orders::types::{OrderFilter, OrderSort, Side},
};

/// Inserts a new order, whose parcel is announced with it, with its first event and tells the feeds of both parties. The caller then confirms its items.
pub(crate) async fn order_insert_in_txn(
    txn: &DatabaseTransaction,
    order: orders::Model,
    actor: AccountId,
) -> Result<orders::Model> {
    let order = orders::Model { event_seq: 1, ..order }.into_active_model().reset_all().insert(txn).await?;
    order_event::ActiveModel {
        order_id: Set(order.id),
        seq: Set(1),
        from_status: Set(None),
        to_status: Set(order.status),
        shipment_status: Set(Some(ShipmentStatus::Created)),
        refund_id: Set(None),
        refund_status: Set(None),
        actor_id: Set(Some(actor)),
        at: Set(order.created_at),
    }
    .insert(txn)
    .await?;
    feed::store::append_in_txn(txn, feed::store::order_entries(&order).to_vec()).await?;
    Ok(order)
}

/// Moves an order to the status `to` if it is in one of `from`, with its items, its history and the feeds of both
/// parties; `None` when it is in none of `from`, and then nothing has changed. `actor` is `None` for a timer or a
/// provider. After the commit call [`feed::publish`].
pub(crate) async fn order_transition_in_txn(
    txn: &DatabaseTransaction,
    order_id: OrderId,
    from: &[OrderStatus],
    to: OrderStatus,
    actor: Option<AccountId>,
) -> Result<Option<orders::Model>> {
    Ok(orders_transition_in_txn(txn, &[order_id], from, to, actor).await?.pop())
}

/// Moves those of several orders that are in one of `from`, as [`order_transition_in_txn`] does, and answers with them
/// in the order of their ids. For several orders it must be this function: it takes all locks in the fixed order.
pub(crate) async fn orders_transition_in_txn(
    txn: &DatabaseTransaction,
    order_ids: &[OrderId],
    from: &[OrderStatus],
    to: OrderStatus,
    actor: Option<AccountId>,
) -> Result<Vec<orders::Model>> {
    orders_lock_in_txn(txn, order_ids).await?;
    let mut changed = orders::Entity::update_many()
        .col_expr(orders::Column::Status, Expr::value(to))
        .col_expr(orders::Column::EventSeq, Expr::col(orders::Column::EventSeq).add(1))
        .col_expr(orders::Column::UpdatedAt, Expr::current_timestamp())
        .filter(orders::COLUMN.id.eq_any(order_ids.to_vec()))
        .filter(orders::Column::Status.is_in(from.iter().copied()))
        .exec_with_returning(txn)
        .await?;
    changed.sort_by_key(|order| order.id);
    if let Some(state) = state_of_items(to) {
        for order in &changed {
            items::store::items_follow_order_in_txn(txn, order.id, state, actor).await?;
        }
    }
    events_append_in_txn(txn, &changed, Subject::Order, actor).await?;
    Ok(changed)
}

/// Records where the shipment of an order has come to, in the history of the order and in the feeds of both parties.
/// The status of the order stays. After the commit call [`feed::publish`].
///
/// # Errors
/// There is no such order.
pub(crate) async fn shipment_event_append_in_txn(
    txn: &DatabaseTransaction,
    order_id: OrderId,
    shipment_status: ShipmentStatus,
) -> Result<orders::Model> {
    event_append_in_txn(txn, order_id, Subject::Shipment(shipment_status), None).await
}

/// Records where a refund of an order has come to, in the history of the order and in the feeds of both parties. The
/// status of the order stays. After the commit call [`feed::publish`].
///
/// # Errors
/// There is no such order.
pub(crate) async fn refund_event_append_in_txn(
    txn: &DatabaseTransaction,
    order_id: OrderId,
    (refund_id, status): (RefundId, RefundStatus),
    actor: Option<AccountId>,
) -> Result<orders::Model> {
    event_append_in_txn(txn, order_id, Subject::Refund(refund_id, status), actor).await
}

async fn event_append_in_txn(
    txn: &DatabaseTransaction,
    order_id: OrderId,
    subject: Subject,
    actor: Option<AccountId>,
) -> Result<orders::Model> {
    let changed = orders::Entity::update_many()
        .col_expr(orders::Column::EventSeq, Expr::col(orders::Column::EventSeq).add(1))
        .filter(orders::COLUMN.id.eq(order_id))
        .exec_with_returning(txn)
        .await?;
    events_append_in_txn(txn, &changed, subject, actor).await?;
    changed.into_iter().next().ok_or(Error::NotFound("order"))
}

/// Locks orders in the order of their ids, and answers with those that exist.
pub(crate) async fn orders_lock_in_txn(txn: &DatabaseTransaction, order_ids: &[OrderId]) -> Result<Vec<orders::Model>> {
    let rows = orders::Entity::find()
        .filter(orders::COLUMN.id.eq_any(order_ids.to_vec()))
        .order_by_asc(orders::Column::Id)
        .lock_exclusive()
        .all(txn)
        .await?;
    Ok(rows)
}

/// Orders by id, whoever's they are: the caller decides who may see them.
pub(crate) async fn orders_fetch(db: &impl ConnectionTrait, order_ids: &[OrderId]) -> Result<Vec<orders::Model>> {
    Ok(orders::Entity::find().filter(orders::COLUMN.id.eq_any(order_ids.to_vec())).all(db).await?)
}

/// At most `limit` events of an order after the number `after`, in order.
pub(crate) async fn events_after(
    db: &impl ConnectionTrait,
    order_id: OrderId,
    after: i64,
    limit: u64,
) -> Result<Vec<Numbered<order_event::Model>>> {
    let rows = order_event::Entity::find()
        .filter(order_event::COLUMN.order_id.eq(order_id))
        .filter(order_event::Column::Seq.gt(after))
        .order_by_asc(order_event::Column::Seq)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.seq, row)).collect())
}

/// The events of orders, oldest first.
pub(crate) async fn events_of_orders(
    db: &impl ConnectionTrait,
    order_ids: &[OrderId],
) -> Result<Vec<order_event::Model>> {
    let rows = order_event::Entity::find()
        .filter(order_event::COLUMN.order_id.eq_any(order_ids.to_vec()))
        .order_by_asc(order_event::Column::OrderId)
        .order_by_asc(order_event::Column::Seq)
        .all(db)
        .await?;
    Ok(rows)
}

/// Which list of orders: whose, on which side, which of them, and in which order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed<'a> {
    pub(crate) account_id: AccountId,
    pub(crate) side: Side,
    pub(crate) filter: &'a OrderFilter,
    pub(crate) sort: OrderSort,
}

/// The place of an order in a list, however that is sorted: its total and its id.
pub(crate) type Position = (i64, OrderId);

/// A page of orders.
///
/// # Errors
/// `BAD_USER_INPUT` for a search that is none.
pub(crate) async fn orders_list(
    db: &impl ConnectionTrait,
    listed: Listed<'_>,
    page: &Page<Position>,
    with_total: bool,
) -> Result<Rows<orders::Model>> {
    let wanted = orders_of(listed)?;
    let total = if with_total { Some(wanted.clone().count(db).await?) } else { None };
    let (id, amount) = (orders::Column::Id, orders::Column::TotalMinor);
    let place = || Expr::tuple([Expr::col((orders::Entity, amount)), Expr::col((orders::Entity, id))]);
    let after = |(amount, id): Position| Expr::tuple([Expr::value(amount), Expr::value(id)]);
    let sorted = match (listed.sort, page.after) {
        (OrderSort::Newest, None) | (OrderSort::Oldest, None) => wanted,
        (OrderSort::Newest, Some((_, order_id))) => wanted.filter(id.lt(order_id)),
        (OrderSort::Oldest, Some((_, order_id))) => wanted.filter(id.gt(order_id)),
        (OrderSort::TotalHighest | OrderSort::TotalLowest, None) => wanted,
        (OrderSort::TotalHighest, Some(position)) => wanted.filter(place().lt(after(position))),
        (OrderSort::TotalLowest, Some(position)) => wanted.filter(place().gt(after(position))),
    };
    let sorted = match listed.sort {
        OrderSort::Newest => sorted.order_by_desc(id),
        OrderSort::Oldest => sorted.order_by_asc(id),
        OrderSort::TotalHighest => sorted.order_by_desc(amount).order_by_desc(id),
        OrderSort::TotalLowest => sorted.order_by_asc(amount).order_by_asc(id),
    };
    Ok(Rows { rows: sorted.limit(page.fetch()).all(db).await?, total })
}

/// The orders of a list, unsorted.
fn orders_of(Listed { account_id, side, filter, .. }: Listed<'_>) -> Result<Select<orders::Entity>> {
    let party = match side {
        Side::Buyer => orders::Column::BuyerId,
        Side::Seller => orders::Column::SellerId,
    };
    let mut wanted = orders::Entity::find().filter(party.eq(account_id));
    if let Some(statuses) = filter.statuses.as_ref().filter(|statuses| !statuses.is_empty()) {
        wanted = wanted.filter(orders::Column::Status.is_in(statuses.iter().copied().map(OrderStatus::from)));
    }
    if let Some(from) = filter.created_from {
        wanted = wanted.filter(orders::COLUMN.created_at.gte(from));
    }
    if let Some(before) = filter.created_before {
        wanted = wanted.filter(orders::COLUMN.created_at.lt(before));
    }
    if let Some(search) = Search::read(filter.search.as_deref())? {
        let parcels = shipment::Entity::find().select_only().column(shipment::Column::OrderId);
        let parcels = parcels.filter(shipment::Column::TrackingCode.eq(search.text.clone())).into_query();
        let named = Condition::any().add(orders::Column::Id.in_subquery(search.order_ids()));
        let tracked = named.add(orders::Column::Id.in_subquery(parcels));
        wanted = wanted.filter(match search.order_id() {
            Some(order_id) => tracked.add(orders::Column::Id.eq(order_id)),
            None => tracked,
        });
    }
    Ok(wanted)
}

/// Events by order and number.
pub(crate) async fn events_by_key(
    db: &impl ConnectionTrait,
    keys: &[(OrderId, i64)],
) -> Result<Vec<order_event::Model>> {
    let (order_ids, seqs): (Vec<OrderId>, Vec<i64>) = keys.iter().copied().unzip();
    let events = order_event::Entity::find()
        .from_raw_sql(raw_sql!(
            Postgres,
            r#"
            SELECT e.* FROM "order".order_event e
            JOIN unnest({order_ids}::uuid[], {seqs}::bigint[]) AS key (order_id, seq)
                ON e.order_id = key.order_id AND e.seq = key.seq"#
        ))
        .all(db)
        .await?;
    Ok(events)
}

/// What becomes of the items of an order that has come to `status`, if anything.
fn state_of_items(status: OrderStatus) -> Option<OrderItemState> {
    match status {
        OrderStatus::Delivered => Some(OrderItemState::Delivered),
        OrderStatus::Cancelled => Some(OrderItemState::Cancelled),
        OrderStatus::Returned => Some(OrderItemState::Returned),
        OrderStatus::Confirmed | OrderStatus::PayableOnDelivery | OrderStatus::Paid | OrderStatus::Shipping => None,
    }
}

/// What an event of an order is about.
#[derive(Debug, Clone, Copy)]
enum Subject {
    /// Its status.
    Order,
    /// Its parcel.
    Shipment(ShipmentStatus),
    /// One of its refunds.
    Refund(RefundId, RefundStatus),
}

/// Appends the event that each order's `event_seq` already counts, chained to the one before, and tells the feeds.
async fn events_append_in_txn(
    txn: &DatabaseTransaction,
    changed: &[orders::Model],
    subject: Subject,
    actor: Option<AccountId>,
) -> Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let ids: Vec<OrderId> = changed.iter().map(|order| order.id).collect();
    let (shipment_status, refund_id, refund_status) = match subject {
        Subject::Order => (None, None, None),
        Subject::Shipment(status) => (Some(status.to_value()), None, None),
        Subject::Refund(refund_id, status) => (None, Some(refund_id), Some(status.to_value())),
    };
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"
        INSERT INTO "order".order_event (order_id, seq, from_status, to_status, shipment_status, refund_id, refund_status, actor_id)
        SELECT o.id, o.event_seq, last.to_status, o.status, {shipment_status}, {refund_id}, {refund_status}, {actor}
        FROM "order".orders o
        JOIN "order".order_event last ON last.order_id = o.id AND last.seq = o.event_seq - 1
        WHERE o.id = ANY({ids})"#
    ))
    .await?;
    feed::store::append_in_txn(txn, changed.iter().flat_map(feed::store::order_entries).collect()).await
}
