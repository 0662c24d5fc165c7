//! Checkouts in the database.

use chrono::Utc;
use entities::order::{FeedKind, checkout, order_item};
use kernel::{CheckoutId, OrderItemId, SkuId};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseConnection, EntityTrait, TransactionTrait};
use service_kit::Result;

use crate::{
    cart,
    checkout::request::{Answer, Begun, Draft, DraftLine, Line, Source, Submit},
    feed::store as feed,
    items,
};

/// Reads what a checkout is about and draws its ids and its time; or finds that it was answered before.
pub(crate) async fn checkout_begin(
    db: &impl ConnectionTrait,
    submit: &Submit,
    is_transport_disabled: bool,
) -> Result<Begun> {
    if let Some(answer) = answer_fetch(db, submit.checkout_id).await? {
        return Ok(Begun::Answered(answer));
    }
    let lines: Vec<(Option<String>, Line)> = match &submit.source {
        Source::Lines { lines, .. } => {
            let named = lines.iter().cloned().enumerate();
            named.map(|(index, line)| (Some(format!("lines.{index}")), line)).collect()
        }
        Source::Cart => {
            let cart = cart::store::cart_list(db, submit.buyer_id).await?;
            let line = |item: entities::order::cart_item::Model| Line {
                sku_id: item.sku_id,
                quantity: item.quantity,
                place: None,
            };
            cart.into_iter().map(|item| (None, line(item))).collect()
        }
    };
    let draft = |(field, line)| DraftLine { item_id: OrderItemId::new(), field, line };
    let lines = lines.into_iter().map(draft).collect();
    Ok(Begun::Drafted(Draft { now: Utc::now(), lines, is_transport_disabled }))
}

/// The answer of a checkout, if it has been given.
pub(crate) async fn answer_fetch(db: &impl ConnectionTrait, checkout_id: CheckoutId) -> Result<Option<Answer>> {
    let row = checkout::Entity::find_by_id(checkout_id).one(db).await?;
    Ok(row.map(|row| serde_json::from_value(row.answer)).transpose()?)
}

/// Writes an accepted checkout: its items with their history, the cart without them, the sellers' feeds, and the
/// answer; all of it or nothing. A checkout that was answered before is left as it is. Answers with what counts.
pub(crate) async fn checkout_accept(
    db: &DatabaseConnection,
    submit: &Submit,
    rows: Vec<order_item::Model>,
) -> Result<Answer> {
    let txn = db.begin().await?;
    let answer = Answer { item_ids: rows.iter().map(|item| item.id).collect(), ..Answer::default() };
    if let Some(first) = answer_insert(&txn, submit, &answer).await? {
        return Ok(first);
    }
    let arrived = items::release::entries(FeedKind::ItemsArrived, &rows);
    let sku_ids: Vec<SkuId> = rows.iter().map(|item| item.sku_id).collect();
    items::store::items_insert_in_txn(&txn, rows).await?;
    if !matches!(submit.source, Source::Lines { from_cart: false, .. }) {
        cart::store::cart_remove_in_txn(&txn, submit.buyer_id, sku_ids).await?;
    }
    feed::append_in_txn(&txn, arrived).await?;
    txn.commit().await?;
    Ok(answer)
}

/// Writes a refused checkout. A checkout that was answered before is left as it is. Answers with what counts.
pub(crate) async fn checkout_refuse(db: &impl ConnectionTrait, submit: &Submit, answer: &Answer) -> Result<Answer> {
    Ok(answer_insert(db, submit, answer).await?.unwrap_or_else(|| answer.clone()))
}

/// Inserts the answer; gives the one that was there first, if there was one.
async fn answer_insert(db: &impl ConnectionTrait, submit: &Submit, answer: &Answer) -> Result<Option<Answer>> {
    let row = checkout::ActiveModel {
        id: Set(submit.checkout_id),
        buyer_id: Set(submit.buyer_id),
        answer: Set(serde_json::to_value(answer)?),
        announced_in: Set(answer.item_ids.is_empty().then_some(0)),
        ..Default::default()
    };
    let inserted = checkout::Entity::insert(row).on_conflict_do_nothing().exec(db).await?;
    match inserted {
        sea_orm::TryInsertResult::Inserted(_) => Ok(None),
        sea_orm::TryInsertResult::Conflicted | sea_orm::TryInsertResult::Empty => {
            answer_fetch(db, submit.checkout_id).await
        }
    }
}
