//! The seller's desk in the database.

use std::collections::HashMap;

use chrono::Utc;
use entities::order::{FeedKind, OrderItemState, OrderStatus, order_item, orders};
use kernel::{AccountId, OperationId, OrderId, OrderItemId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    TransactionTrait, raw_sql,
};
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
};

use crate::{
    desk::{
        confirmation::{Answer, Begun, Confirm, Draft, QuoteRequest},
        selection::{Quoted, Selection},
    },
    error::Refusal,
    feed::store as feed,
    items::{self, release, store::Change},
    operations,
    orders::store as order_rows,
    shipment,
};

/// Pending items of one buyer, one address and one currency.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    /// The item that waits longest; names the group in a cursor.
    pub(crate) first_item_id: OrderItemId,
    /// At least one, the one that waits longest first.
    pub(crate) items: Vec<order_item::Model>,
}

/// The groups of a seller, the one that waits longest first.
pub(crate) async fn incoming_list(
    db: &impl ConnectionTrait,
    seller_id: AccountId,
    page: &Page<OrderItemId>,
    with_total: bool,
) -> Result<Rows<Incoming>> {
    #[derive(FromQueryResult)]
    struct Group {
        first_item_id: OrderItemId,
        item_ids: Vec<uuid::Uuid>,
    }
    #[derive(FromQueryResult)]
    struct Count {
        groups: i64,
    }
    let total = if with_total {
        let count = Count::find_by_statement(raw_sql!(
            Postgres,
            r#"
            SELECT count(*) AS groups FROM (
                SELECT DISTINCT buyer_id, address_key, currency FROM "order".order_item
                WHERE seller_id = {seller_id} AND state = 'PENDING') AS incoming"#
        ))
        .one(db)
        .await?;
        Some(count.map_or(0, |count| count.groups.unsigned_abs()))
    } else {
        None
    };
    let after = page.after.map_or(uuid::Uuid::nil(), OrderItemId::uuid);
    let limit = i64::try_from(page.fetch()).map_err(|error| Error::internal("reading the size of a page", error))?;
    // UUIDv7 sorts by time as text too, and Postgres 15 has no `min(uuid)`.
    let groups = Group::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT min(id::text)::uuid AS first_item_id, array_agg(id ORDER BY id) AS item_ids
        FROM "order".order_item
        WHERE seller_id = {seller_id} AND state = 'PENDING'
        GROUP BY buyer_id, address_key, currency
        HAVING min(id::text)::uuid > {after}
        ORDER BY first_item_id LIMIT {limit}"#
    ))
    .all(db)
    .await?;
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
        let items: Vec<_> = group.item_ids.into_iter().filter_map(|id| items.remove(&id.into())).collect();
        (!items.is_empty()).then_some(Incoming { first_item_id: group.first_item_id, items })
    });
    Ok(Rows { rows: rows.collect(), total })
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
