//! The seller's desk: what waits, and what becomes an order.

use entities::order::{FeedKind, FeedRole, OrderItemState};
use kernel::AccountId;
use service_kit::graphql::Page;

use super::samples::{
    self, address, check_histories, confirm, database, ids, item, order_fetch, pending, states, submit,
};
use crate::{
    addresses,
    checkout::{request::Source, store::checkout_accept},
    desk::store::incoming_list,
    error::ErrorCode,
    feed, items,
};

#[tokio::test]
async fn incoming_items_stand_in_groups_that_can_become_one_order() {
    let db = database().await;
    let (seller, first_buyer, second_buyer) = (AccountId::new(), AccountId::new(), AccountId::new());
    let first = pending(&db, first_buyer, seller, 2).await;
    let second = pending(&db, second_buyer, seller, 1).await;
    let more = pending(&db, first_buyer, seller, 1).await;
    let elsewhere = submit(first_buyer, Source::Cart);
    let mut row = item(&elsewhere, seller);
    row.address = address("2 Tran Phu, Da Nang");
    row.address_key = addresses::key(&row.address);
    checkout_accept(&db, &elsewhere, vec![row.clone()]).await.unwrap();
    pending(&db, first_buyer, AccountId::new(), 1).await;

    let expected = [[ids(&first), ids(&more)].concat(), ids(&second), vec![row.id]];
    let all = incoming_list(&db, seller, &Page { limit: 20, after: None }, true).await.unwrap();
    let groups: Vec<_> = all.rows.iter().map(|group| ids(&group.items)).collect();
    assert_eq!((all.total, groups), (Some(3), expected.to_vec()));

    let mut after = None;
    for group in &expected {
        let page = incoming_list(&db, seller, &Page { limit: 1, after }, false).await.unwrap();
        assert_eq!(ids(&page.rows[0].items), *group);
        after = Some(page.rows[0].first_item_id);
    }
    assert!(incoming_list(&db, seller, &Page { limit: 1, after }, false).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn confirmed_items_become_one_order_with_its_totals() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let items = pending(&db, buyer, seller, 2).await;
    let confirm = confirm(seller, ids(&items));
    let answer = samples::run(&db, &confirm).await;
    let order = order_fetch(&db, answer.order_id.unwrap()).await;
    assert_eq!((order.buyer_id, order.seller_id), (buyer, seller));
    assert_eq!((order.product_cost_minor, order.product_discount_minor), (2000, 200));
    assert_eq!((order.transport_cost_minor, order.transport_discount_minor, order.total_minor), (300, 50, 2050));
    let inside = items::store::items_of_orders(&db, &[order.id]).await.unwrap();
    assert_eq!(ids(&inside), ids(&items));
    assert_eq!(states(&db, &ids(&items)).await, [OrderItemState::Confirmed]);
    let told = feed::store::entries_after(&db, seller, FeedRole::Incoming, 1, 10).await.unwrap();
    assert_eq!((told.len(), told[0].1.kind), (1, FeedKind::ItemsConfirmed));
    assert_eq!(samples::run(&db, &confirm).await, answer, "the same key gives the first answer");
    check_histories(&db).await;
}

#[tokio::test]
async fn items_that_do_not_belong_together_are_refused() {
    let db = database().await;
    let seller = AccountId::new();
    let one = pending(&db, AccountId::new(), seller, 1).await;
    let other = pending(&db, AccountId::new(), seller, 1).await;
    let refused = samples::run(&db, &confirm(seller, [ids(&one), ids(&other)].concat())).await;
    assert_eq!(refused.refusals[0].code, ErrorCode::ItemsNotTogether);
    let stranger = samples::run(&db, &confirm(AccountId::new(), ids(&one))).await;
    assert_eq!(stranger.refusals[0].code, ErrorCode::ItemNotFound);
    assert_eq!(states(&db, &[ids(&one), ids(&other)].concat()).await, [OrderItemState::Pending]);
}
