//! Pending items: exactly one of those who race for them wins.

use entities::order::{FeedRole, OrderItemState, orders};
use kernel::{AccountId, OperationId};
use sea_orm::{EntityTrait, PaginatorTrait};

use super::samples::{self, check_histories, confirm, database, ids, pending, states};
use crate::{
    error::ErrorCode,
    feed,
    items::release::{CancelItems, ExpireItems, RejectItems, Release, Released, items_release},
};

fn cancel(buyer_id: AccountId, item_ids: Vec<kernel::OrderItemId>) -> Release {
    Release::Cancel(CancelItems { operation_id: OperationId::new(), buyer_id, item_ids })
}

fn reject(seller_id: AccountId, item_ids: Vec<kernel::OrderItemId>) -> Release {
    let reason = "Sold out".to_owned();
    Release::Reject(RejectItems { operation_id: OperationId::new(), seller_id, item_ids, reason })
}

fn codes(released: &Released) -> Vec<ErrorCode> {
    released.refusals.iter().map(|refusal| refusal.code).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_cancellation_rejection_deadline_and_confirmation_exactly_one_wins() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let mut winners = std::collections::HashMap::new();
    let rounds = 60;
    for _ in 0..rounds {
        let items = pending(&db, buyer, seller, 3).await;
        let (mut reversed, item_ids) = (ids(&items), ids(&items));
        reversed.reverse();
        let releases = [
            cancel(buyer, reversed.clone()),
            reject(seller, item_ids.clone()),
            Release::Expire(ExpireItems { checkout_id: items[0].checkout_id }),
        ];
        let releases = releases.map(|release| {
            let db = db.clone();
            tokio::spawn(async move { !items_release(&db, &release).await.unwrap().items.is_empty() })
        });
        let confirmation = {
            let (db, confirm) = (db.clone(), confirm(seller, reversed));
            tokio::spawn(async move { samples::run(&db, &confirm).await.order_id.is_some() })
        };
        let mut won = usize::from(confirmation.await.unwrap());
        for release in releases {
            won += usize::from(release.await.unwrap());
        }
        assert_eq!(won, 1);
        let [state] = states(&db, &item_ids).await[..] else { panic!("items of one command share their fate") };
        *winners.entry(state).or_insert(0) += 1;
    }
    let confirmed = winners.get(&OrderItemState::Confirmed).copied().unwrap_or(0);
    assert_eq!(orders::Entity::find().count(&db).await.unwrap(), confirmed);
    assert!(!winners.contains_key(&OrderItemState::Pending), "{winners:?}");
    check_histories(&db).await;
    let told = feed::store::entries_after(&db, seller, FeedRole::Incoming, 0, 1000).await.unwrap();
    assert_eq!(told.len(), rounds * 2, "each arrival and each answer is told once");
}

#[tokio::test]
async fn the_same_operation_again_gives_the_first_answer() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let items = pending(&db, buyer, seller, 2).await;
    let release = cancel(buyer, ids(&items));
    let first = items_release(&db, &release).await.unwrap();
    assert_eq!(first.items.len(), 2);
    assert_eq!(items_release(&db, &release).await.unwrap(), first);
    check_histories(&db).await;
}

#[tokio::test]
async fn a_stranger_cancels_nothing_and_learns_nothing() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let items = pending(&db, buyer, seller, 1).await;
    for release in [cancel(AccountId::new(), ids(&items)), cancel(seller, ids(&items)), reject(buyer, ids(&items))] {
        assert_eq!(codes(&items_release(&db, &release).await.unwrap()), [ErrorCode::ItemNotFound]);
    }
    assert_eq!(states(&db, &ids(&items)).await, [OrderItemState::Pending]);
}

#[tokio::test]
async fn one_item_that_is_not_pending_keeps_all_of_a_command_as_they_are() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let items = pending(&db, buyer, seller, 2).await;
    items_release(&db, &reject(seller, vec![items[0].id])).await.unwrap();
    let refused = items_release(&db, &cancel(buyer, ids(&items))).await.unwrap();
    assert_eq!(codes(&refused), [ErrorCode::ItemNotPending]);
    assert_eq!(refused.refusals[0].field.as_deref(), Some("itemIds.0"));
    assert_eq!(states(&db, &[items[1].id]).await, [OrderItemState::Pending]);
}

#[tokio::test]
async fn the_deadline_takes_what_is_still_pending() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let items = pending(&db, buyer, seller, 2).await;
    samples::run(&db, &confirm(seller, vec![items[0].id])).await;
    let expire = Release::Expire(ExpireItems { checkout_id: items[0].checkout_id });
    let released = items_release(&db, &expire).await.unwrap();
    assert_eq!(released.items.iter().map(|item| item.item_id).collect::<Vec<_>>(), [items[1].id]);
    assert_eq!(items_release(&db, &expire).await.unwrap(), released, "a repeated step spreads the same news");
    assert_eq!(states(&db, &[items[0].id]).await, [OrderItemState::Confirmed]);
    assert_eq!(states(&db, &[items[1].id]).await, [OrderItemState::Expired]);
}
