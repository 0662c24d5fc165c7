//! The rounds that look after pending items.

use chrono::{TimeDelta, Utc};
use kernel::AccountId;
use serde_json::json;
use service_kit::rounds::DueAt;

use super::samples::{self, database, ids, item, pending};
use crate::{
    checkout::{
        request::{Answer, Source},
        store::{checkout_accept, checkout_refuse},
    },
    error::{ErrorCode, Refusal},
    items::{
        release::{CancelItems, Release, items_release},
        waiting::waiting_take,
    },
};

fn round(number: i64) -> DueAt {
    serde_json::from_value(json!(number)).unwrap()
}

#[tokio::test]
async fn each_seller_is_told_of_all_that_is_new_in_one_round_and_in_no_other() {
    let db = database().await;
    let (buyer, one, two) = (AccountId::new(), AccountId::new(), AccountId::new());
    let first = pending(&db, buyer, one, 2).await;
    let second = pending(&db, buyer, one, 1).await;
    let others = pending(&db, buyer, two, 1).await;
    let found = waiting_take(&db, round(1)).await.unwrap();
    let mut told: Vec<_> = found.arrived.iter().map(|arrived| (arrived.seller_id, arrived.item_ids.clone())).collect();
    told.sort_by_key(|(_, items)| items.len());
    let mut all = [ids(&first), ids(&second)].concat();
    all.sort_unstable();
    told[1].1.sort_unstable();
    assert_eq!(told, [(two, ids(&others)), (one, all)]);

    let again = waiting_take(&db, round(1)).await.unwrap();
    assert_eq!(again.arrived, found.arrived, "the process may have died before the round was journaled");
    let third = pending(&db, buyer, two, 1).await;
    let next = waiting_take(&db, round(2)).await.unwrap();
    assert_eq!(next.arrived.iter().map(|arrived| arrived.item_ids.clone()).collect::<Vec<_>>(), [ids(&third)]);
    assert!(waiting_take(&db, round(3)).await.unwrap().arrived.is_empty());
}

#[tokio::test]
async fn nobody_is_told_of_what_was_refused_or_taken_back() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let refused = samples::submit(buyer, Source::Cart);
    let refusal = Refusal::at("fromCart", ErrorCode::CartEmpty, "Your cart is empty.");
    checkout_refuse(&db, &refused, &Answer::refused(vec![refusal])).await.unwrap();
    let items = pending(&db, buyer, seller, 1).await;
    let cancel = CancelItems { operation_id: kernel::OperationId::new(), buyer_id: buyer, item_ids: ids(&items) };
    items_release(&db, &Release::Cancel(cancel)).await.unwrap();
    let found = waiting_take(&db, round(1)).await.unwrap();
    assert!(found.arrived.is_empty() && found.overdue.is_empty(), "{found:?}");
}

#[tokio::test]
async fn a_checkout_is_overdue_once_its_deadline_has_passed_and_while_it_is_pending() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let late = pending(&db, buyer, seller, 3).await;
    let submit = samples::submit(buyer, Source::Cart);
    let early =
        entities::order::order_item::Model { deadline_at: Utc::now() + TimeDelta::hours(1), ..item(&submit, seller) };
    checkout_accept(&db, &submit, vec![early]).await.unwrap();
    for number in 1..=2 {
        let found = waiting_take(&db, round(number)).await.unwrap();
        assert_eq!(found.overdue, [late[0].checkout_id], "until it is released");
    }
    let cancel = CancelItems { operation_id: kernel::OperationId::new(), buyer_id: buyer, item_ids: ids(&late) };
    items_release(&db, &Release::Cancel(cancel)).await.unwrap();
    assert!(waiting_take(&db, round(3)).await.unwrap().overdue.is_empty());
}
