//! The seller's desk in the database.

use std::collections::HashMap;

use chrono::Utc;
use entities::order::{FeedKind, OrderItemState, OrderStatus, order_item, orders};
use kernel::{AccountId, OperationId, OrderId, OrderItemId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, TransactionTrait,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};
use service_kit::{
    Result,
    graphql::{Page, Rows},
};

use crate::{
    desk::{
        confirmation::{Answer, Begun, Confirm, Draft, QuoteRequest},
        selection::{Quoted, Selection},
        types::{IncomingFilter, IncomingSort},
    },
    error::Refusal,
    feed::store as feed,
    items::{self, release, search::Search, store::Change},
    operations,
    orders::store as order_rows,
    shipment,
};

/// Pending items of one buyer, one address and one currency.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    /// What the buyer pays for all of them.
    pub(crate) paid_minor: i64,
    /// The item that waits longest; names the group in a cursor.
    pub(crate) first_item_id: OrderItemId,
    /// At least one, the one that waits longest first.
    pub(crate) items: Vec<order_item::Model>,
}

/// The place of a group in a list, however that is sorted: what it pays, and its first item.
pub(crate) type Position = (i64, OrderItemId);

/// A page of the groups of a seller.
///
/// # Errors
/// `BAD_USER_INPUT` for a search that is none.
pub(crate) async fn incoming_list(
    db: &impl ConnectionTrait,
    seller_id: AccountId,
    (filter, sort): (&IncomingFilter, IncomingSort),
    page: &Page<Position>,
    with_total: bool,
) -> Result<Rows<Incoming>> {
    #[derive(FromQueryResult)]
    struct Group {
        paid_minor: i64,
        first_item_id: OrderItemId,
        item_ids: Vec<uuid::Uuid>,
    }
    let wanted = incoming_of(seller_id, filter)?;
    let total = if with_total { Some(wanted.clone().count(db).await?) } else { None };
    let after = page.after.map(|(paid, id)| (Expr::value(paid), Expr::value(id)));
    let sorted = match (sort, after) {
        (_, None) => wanted,
        (IncomingSort::Oldest, Some((_, id))) => wanted.having(first_item().gt(id)),
        (IncomingSort::Newest, Some((_, id))) => wanted.having(first_item().lt(id)),
        (IncomingSort::PaidHighest, Some((paid, id))) => wanted.having(place().lt(Expr::tuple([paid, id]))),
        (IncomingSort::PaidLowest, Some((paid, id))) => wanted.having(place().gt(Expr::tuple([paid, id]))),
    };
    let sorted = match sort {
        IncomingSort::Oldest => sorted.order_by_asc(first_item()),
        IncomingSort::Newest => sorted.order_by_desc(first_item()),
        IncomingSort::PaidHighest => sorted.order_by_desc(paid()).order_by_desc(first_item()),
        IncomingSort::PaidLowest => sorted.order_by_asc(paid()).order_by_asc(first_item()),
    };
    let groups: Vec<Group> = sorted.limit(page.fetch()).into_model().all(db).await?;
    let ids: Vec<OrderItemId> = groups.iter().flat_map(|group| &group.item_ids).copied().map(Into::into).collect();
    let items = order_item::Entity::find()
        .filter(order_item::COLUMN.id.eq_any(ids))
        // An item that was answered between the two statements is not incoming any more.
        .filter(order_item::Column::State.eq(OrderItemState::Pending))
        .order_by_asc(order_item::Column::Id)
        .all(db)
        .await?;
    let mut items: HashMap<OrderItemId, order_item::Model> = items.into_iter().map(|item| (item.id, item)).collect();
    let rows = groups.into_iter().filter_map(|group| {
        let found: Vec<_> = group.item_ids.into_iter().filter_map(|id| items.remove(&id.into())).collect();
        let Group { paid_minor, first_item_id, .. } = group;
        (!found.is_empty()).then_some(Incoming { paid_minor, first_item_id, items: found })
    });
    Ok(Rows { rows: rows.collect(), total })
}

/// The groups of a seller, unsorted. The state is written out, so that the index of pending items serves it.
fn incoming_of(seller_id: AccountId, filter: &IncomingFilter) -> Result<Select<order_item::Entity>> {
    let mut wanted = order_item::Entity::find()
        .select_only()
        .expr_as(paid(), "paid_minor")
        .expr_as(first_item(), "first_item_id")
        .expr_as(Expr::cust("array_agg(id ORDER BY id)"), "item_ids")
        .filter(order_item::COLUMN.seller_id.eq(seller_id))
        .filter(Expr::cust("state = 'PENDING'"))
        .group_by(order_item::Column::BuyerId)
        .group_by(order_item::Column::AddressKey)
        .group_by(order_item::Column::Currency);
    if let Some(buyer_id) = filter.buyer_id {
        wanted = wanted.filter(order_item::COLUMN.buyer_id.eq(buyer_id));
    }
    let mut meant = Condition::all();
    if let Some(from) = filter.created_from {
        meant = meant.add(order_item::COLUMN.created_at.gte(from));
    }
    if let Some(before) = filter.created_before {
        meant = meant.add(order_item::COLUMN.created_at.lt(before));
    }
    if let Some(search) = Search::read(filter.search.as_deref())? {
        meant = meant.add(search.parcels());
    }
    if !meant.is_empty() {
        wanted = wanted.having(SimpleExpr::from(Func::cust("bool_or").arg(meant)));
    }
    Ok(wanted)
}

/// What a group pays.
fn paid() -> SimpleExpr {
    Expr::cust("sum(paid_amount_minor)::bigint")
}

/// The item of a group that waits longest. UUIDv7 sorts by time as text too, and Postgres 15 has no `min(uuid)`.
fn first_item() -> SimpleExpr {
    Expr::cust("min(id::text)::uuid")
}

fn place() -> SimpleExpr {
    Expr::tuple([paid(), first_item()])
}

/// The items that a seller has named, if they can become one order.
pub(crate) async fn selection_read(
    db: &impl ConnectionTrait,
    request: &QuoteRequest,
) -> Result<Result<Selection, Vec<Refusal>>> {
    let found = items::store::items_fetch(db, &request.item_ids).await?;
    Selection::of(request.seller_id, &request.item_ids, &found, request.transport_option.clone())
}

/// Reads the items of a confirmation and draws the id and the time of their order; or finds that it was answered
/// before, or that it must be refused.
pub(crate) async fn confirmation_begin(db: &impl ConnectionTrait, confirm: &Confirm) -> Result<Begun> {
    if let Some(answer) = operations::answer_fetch(db, confirm.operation_id).await? {
        return Ok(Begun::Answered(answer));
    }
    match selection_read(db, &confirm.request).await? {
        Ok(selection) => Ok(Begun::Selected(Draft { order_id: OrderId::new(), now: Utc::now(), selection })),
        Err(refusals) => confirmation_refuse(db, confirm, refusals).await.map(Begun::Answered),
    }
}

/// Keeps a refusal as the answer of the confirmation. The same operation again gives the first answer.
pub(crate) async fn confirmation_refuse(
    db: &impl ConnectionTrait,
    confirm: &Confirm,
    refusals: Vec<Refusal>,
) -> Result<Answer> {
    if let Some(first) = operations::answer_fetch(db, confirm.operation_id).await? {
        return Ok(first);
    }
    let answer = Answer::refused(refusals);
    operations::answer_insert(db, confirm.operation_id, confirm.request.seller_id, &answer).await?;
    Ok(answer)
}

/// Whether an operation has made an order, as the database has it.
pub(crate) async fn confirmation_is_order(db: &impl ConnectionTrait, operation_id: OperationId) -> Result<bool> {
    let answer = operations::answer_fetch::<Answer>(db, operation_id).await?;
    Ok(answer.is_some_and(|answer| answer.order_id.is_some()))
}

/// Makes the order in one transaction: the order with its history, the items in it, its shipment, the feeds and the
/// answer. When an item is not pending any more, nothing is made. The same operation again gives the first answer.
pub(crate) async fn order_confirm(
    db: &DatabaseConnection,
    confirm: &Confirm,
    draft: &Draft,
    quoted: &Quoted,
) -> Result<(Answer, Option<orders::Model>)> {
    let QuoteRequest { seller_id, item_ids, .. } = &confirm.request;
    let txn = db.begin().await?;
    if let Some(first) = operations::answer_fetch::<Answer>(&txn, confirm.operation_id).await? {
        let order = order_rows::orders_fetch(&txn, first.order_id.as_slice()).await?.pop();
        return Ok((first, order));
    }
    // Items are locked before the feeds, as everywhere.
    let found = items::store::items_lock_in_txn(&txn, item_ids).await?;
    let refusals = release::pending_refusals(item_ids, &found, |item| item.seller_id == *seller_id);
    if !refusals.is_empty() {
        let answer = confirmation_refuse(&txn, confirm, refusals).await?;
        txn.commit().await?;
        return Ok((answer, None));
    }
    let order = order_rows::order_insert_in_txn(&txn, order_row(*seller_id, draft, quoted)?, *seller_id).await?;
    let change =
        Change { to: OrderItemState::Confirmed, actor: Some(*seller_id), reason: None, order_id: Some(order.id) };
    let changed = items::store::pending_change_in_txn(&txn, item_ids, &change).await?;
    shipment::store::shipment_create_in_txn(&txn, &order, &draft.selection.dispatch(quoted)).await?;
    feed::append_in_txn(&txn, release::entries(FeedKind::ItemsConfirmed, &changed)).await?;
    let answer = Answer { order_id: Some(order.id), refusals: vec![] };
    operations::answer_insert(&txn, confirm.operation_id, *seller_id, &answer).await?;
    txn.commit().await?;
    Ok((answer, Some(order)))
}

fn order_row(seller_id: AccountId, draft: &Draft, quoted: &Quoted) -> Result<orders::Model> {
    let selection = &draft.selection;
    let totals = selection.totals(quoted)?;
    Ok(orders::Model {
        id: draft.order_id,
        buyer_id: selection.buyer_id,
        seller_id,
        status: OrderStatus::Confirmed,
        currency: selection.currency.code().to_owned(),
        product_cost_minor: totals.product_cost.amount_minor,
        product_discount_minor: totals.product_discount.amount_minor,
        transport_cost_minor: totals.transport_cost.amount_minor,
        transport_discount_minor: totals.transport_discount.amount_minor,
        total_minor: totals.total.amount_minor,
        refunded_minor: 0,
        transport_option: selection.transport_option.clone(),
        address: selection.address.clone(),
        address_key: selection.address_key.clone(),
        event_seq: 1,
        created_at: draft.now,
        updated_at: draft.now,
    })
}
