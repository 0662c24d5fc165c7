//! Order items in the database: the only place where their state changes.

use entities::order::{OrderItemState, order_item, order_item_event};
use kernel::{AccountId, CheckoutId, OrderId, OrderItemId, ProductId};
use sea_orm::{
    ActiveEnum, ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, raw_sql,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use service_kit::{
    Result,
    graphql::{Page, Rows},
};

use crate::items::{
    search::Search,
    types::{OrderItemFilter, OrderItemSort},
};

/// One change of state: what, by whom, and why.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) to: OrderItemState,
    /// `None` for a timer or a provider.
    pub(crate) actor: Option<AccountId>,
    pub(crate) reason: Option<String>,
    /// The order that the items join; for a confirmation only.
    pub(crate) order_id: Option<OrderId>,
}

/// Inserts pending items with their first events.
pub(crate) async fn items_insert_in_txn(txn: &DatabaseTransaction, items: Vec<order_item::Model>) -> Result<()> {
    let events: Vec<_> = items
        .iter()
        .map(|item| order_item_event::ActiveModel {
            item_id: Set(item.id),
            seq: Set(item.event_seq),
            from_state: Set(None),
            to_state: Set(item.state),
            actor_id: Set(Some(item.buyer_id)),
            reason: Set(None),
            at: Set(item.created_at),
        })
        .collect();
    let items = items.into_iter().map(|item| item.into_active_model().reset_all());
    order_item::Entity::insert_many(items).exec_without_returning(txn).await?;
    order_item_event::Entity::insert_many(events).exec_without_returning(txn).await?;
    Ok(())
}

/// Locks items in the order of their ids, and answers with those that exist.
pub(crate) async fn items_lock_in_txn(
    txn: &DatabaseTransaction,
    item_ids: &[OrderItemId],
) -> Result<Vec<order_item::Model>> {
    let rows = order_item::Entity::find()
        .filter(order_item::COLUMN.id.eq_any(item_ids.to_vec()))
        .order_by_asc(order_item::Column::Id)
        .lock_exclusive()
        .all(txn)
        .await?;
    Ok(rows)
}

/// Changes those of the items that are pending, with their history, and answers with them in the order of their ids.
/// Of several that try at once exactly one gets each item.
pub(crate) async fn pending_change_in_txn(
    txn: &DatabaseTransaction,
    item_ids: &[OrderItemId],
    change: &Change,
) -> Result<Vec<order_item::Model>> {
    items_lock_in_txn(txn, item_ids).await?;
    items_change_in_txn(txn, order_item::COLUMN.id.eq_any(item_ids.to_vec()), OrderItemState::Pending, change).await
}

/// Moves the confirmed or delivered items of an order along with it. The order row is locked by the caller.
pub(crate) async fn items_follow_order_in_txn(
    txn: &DatabaseTransaction,
    order_id: OrderId,
    to: OrderItemState,
    actor: Option<AccountId>,
) -> Result<()> {
    let change = Change { to, actor, reason: None, order_id: Some(order_id) };
    for from in [OrderItemState::Confirmed, OrderItemState::Delivered] {
        if from != to {
            items_change_in_txn(txn, order_item::Column::OrderId.eq(order_id), from, &change).await?;
        }
    }
    Ok(())
}

/// Ends confirmed or delivered items of which nothing is left. Their order is locked by the caller.
pub(crate) async fn items_end_in_txn(
    txn: &DatabaseTransaction,
    item_ids: &[OrderItemId],
    change: &Change,
) -> Result<()> {
    for from in [OrderItemState::Confirmed, OrderItemState::Delivered] {
        items_change_in_txn(txn, order_item::COLUMN.id.eq_any(item_ids.to_vec()), from, change).await?;
    }
    Ok(())
}

async fn items_change_in_txn(
    txn: &DatabaseTransaction,
    which: SimpleExpr,
    from: OrderItemState,
    change: &Change,
) -> Result<Vec<order_item::Model>> {
    let mut update = order_item::Entity::update_many()
        .col_expr(order_item::Column::State, Expr::value(change.to))
        .col_expr(order_item::Column::EventSeq, Expr::col(order_item::Column::EventSeq).add(1))
        .col_expr(order_item::Column::UpdatedAt, Expr::current_timestamp());
    if let Some(order_id) = change.order_id {
        update = update.col_expr(order_item::Column::OrderId, Expr::value(order_id));
    }
    if let Some(reason) = &change.reason {
        update = update.col_expr(order_item::Column::Reason, Expr::value(reason.clone()));
    }
    let mut changed = update.filter(which).filter(order_item::Column::State.eq(from)).exec_with_returning(txn).await?;
    if changed.is_empty() {
        return Ok(changed);
    }
    changed.sort_by_key(|item| item.id);
    let ids: Vec<OrderItemId> = changed.iter().map(|item| item.id).collect();
    let (from, actor, reason) = (from.to_value(), change.actor, change.reason.clone());
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"
        INSERT INTO "order".order_item_event (item_id, seq, from_state, to_state, actor_id, reason)
        SELECT id, event_seq, {from}, state, {actor}, {reason} FROM "order".order_item WHERE id = ANY({ids})"#
    ))
    .await?;
    Ok(changed)
}

/// Items by id, whoever's they are: the caller decides who may see them.
pub(crate) async fn items_fetch(db: &impl ConnectionTrait, item_ids: &[OrderItemId]) -> Result<Vec<order_item::Model>> {
    let rows = order_item::Entity::find()
        .filter(order_item::COLUMN.id.eq_any(item_ids.to_vec()))
        .order_by_asc(order_item::Column::Id)
        .all(db)
        .await?;
    Ok(rows)
}

/// The items of a checkout that are still pending.
pub(crate) async fn items_pending_of_checkout(
    db: &impl ConnectionTrait,
    checkout_id: CheckoutId,
) -> Result<Vec<OrderItemId>> {
    let ids = order_item::Entity::find()
        .select_only()
        .column(order_item::Column::Id)
        .filter(order_item::COLUMN.checkout_id.eq(checkout_id))
        .filter(order_item::Column::State.eq(OrderItemState::Pending))
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids)
}

/// The items of orders, in the order of their ids.
pub(crate) async fn items_of_orders(
    db: &impl ConnectionTrait,
    order_ids: &[OrderId],
) -> Result<Vec<order_item::Model>> {
    let rows = order_item::Entity::find()
        .filter(order_item::Column::OrderId.is_in(order_ids.iter().copied()))
        .order_by_asc(order_item::Column::Id)
        .all(db)
        .await?;
    Ok(rows)
}

/// Whose items to list: of those that an account buys, or of those that it sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Buyer(AccountId),
    Seller(AccountId),
}

/// A party's items in the states of the filter.
///
/// # Errors
/// `BAD_USER_INPUT` for a search that is none.
pub(crate) async fn items_list(
    db: &impl ConnectionTrait,
    whose: Whose,
    (filter, sort): (&OrderItemFilter, OrderItemSort),
    page: &Page<OrderItemId>,
    with_total: bool,
) -> Result<Rows<order_item::Model>> {
    let states: Vec<OrderItemState> = match &filter.states {
        Some(states) if !states.is_empty() => states.iter().copied().map(Into::into).collect(),
        _ => vec![OrderItemState::Pending],
    };
    let all = order_item::Entity::find();
    let mut wanted = match whose {
        Whose::Buyer(id) => all.filter(order_item::COLUMN.buyer_id.eq(id)),
        Whose::Seller(id) => all.filter(order_item::COLUMN.seller_id.eq(id)),
    };
    wanted = wanted.filter(order_item::Column::State.is_in(states));
    if let Some(search) = Search::read(filter.search.as_deref())? {
        wanted = wanted.filter(search.items());
    }
    let total = if with_total { Some(wanted.clone().count(db).await?) } else { None };
    let id = order_item::Column::Id;
    if let Some(after) = page.after {
        wanted = wanted.filter(if sort == OrderItemSort::Newest { id.lt(after) } else { id.gt(after) });
    }
    let sorted = if sort == OrderItemSort::Newest { wanted.order_by_desc(id) } else { wanted.order_by_asc(id) };
    Ok(Rows { rows: sorted.limit(page.fetch()).all(db).await?, total })
}

/// The items of a product that a buyer has received, newest first.
pub(crate) async fn items_received(
    db: &impl ConnectionTrait,
    buyer_id: AccountId,
    product_id: ProductId,
) -> Result<Vec<OrderItemId>> {
    let ids = order_item::Entity::find()
        .select_only()
        .column(order_item::Column::Id)
        .filter(order_item::COLUMN.buyer_id.eq(buyer_id))
        .filter(order_item::COLUMN.product_id.eq(product_id))
        .filter(order_item::Column::State.eq(OrderItemState::Delivered))
        .order_by_desc(order_item::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids)
}
