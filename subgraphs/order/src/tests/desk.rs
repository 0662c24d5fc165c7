//! The seller's desk: what waits, and what becomes an order.

use entities::order::{FeedKind, FeedRole, OrderItemState, order_item};
use kernel::AccountId;
use service_kit::graphql::Page;

use super::samples::{
    self, address, check_histories, confirm, database, ids, item, order_fetch, pending, states, submit,
};
use crate::{
    addresses,
    checkout::{request::Source, store::checkout_accept},
    desk::{
        store::incoming_list,
        types::{IncomingFilter, IncomingSort},
    },
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
    let wanted = (&IncomingFilter::default(), IncomingSort::Oldest);
    let all = incoming_list(&db, seller, wanted, &Page { limit: 20, after: None }, true).await.unwrap();
    let groups: Vec<_> = all.rows.iter().map(|group| ids(&group.items)).collect();
    assert_eq!((all.total, groups), (Some(3), expected.to_vec()));

    let mut after = None;
    for group in &expected {
        let page = incoming_list(&db, seller, wanted, &Page { limit: 1, after }, false).await.unwrap();
        assert_eq!(ids(&page.rows[0].items), *group);
        after = Some((page.rows[0].paid_minor, page.rows[0].first_item_id));
    }
    assert!(incoming_list(&db, seller, wanted, &Page { limit: 1, after }, false).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn incoming_items_are_found_and_sorted_by_their_groups() {
    let db = database().await;
    let (seller, buyer, other) = (AccountId::new(), AccountId::new(), AccountId::new());
    let cheap = pending(&db, buyer, seller, 1).await;
    let submit = submit(other, Source::Cart);
    let address = address("2 Tran Phu, Da Nang");
    let rows = ["Silk Scarf", "Ao Dai"].map(|name| order_item::Model {
        product_name: name.to_owned(),
        address_key: addresses::key(&address),
        address: address.clone(),
        ..item(&submit, seller)
    });
    let dear = rows.iter().map(|row| row.id).collect::<Vec<_>>();
    checkout_accept(&db, &submit, rows.to_vec()).await.unwrap();

    let listed = async |filter: IncomingFilter, sort: IncomingSort| {
        let mut groups = Vec::new();
        let mut after = None;
        loop {
            let page = incoming_list(&db, seller, (&filter, sort), &Page { limit: 1, after }, true).await.unwrap();
            // One more than the page, when there is a next one.
            let Some(group) = page.rows.first() else { return groups };
            assert!(page.total.unwrap() > groups.len() as u64, "what is counted is what is listed");
            after = Some((group.paid_minor, group.first_item_id));
            groups.push(ids(&group.items));
        }
    };
    let (cheap, dear) = (ids(&cheap), dear);
    for (sort, expected) in [
        (IncomingSort::Oldest, [&cheap, &dear]),
        (IncomingSort::Newest, [&dear, &cheap]),
        (IncomingSort::PaidHighest, [&dear, &cheap]),
        (IncomingSort::PaidLowest, [&cheap, &dear]),
    ] {
        assert_eq!(listed(IncomingFilter::default(), sort).await, expected.map(Clone::clone), "{sort:?}");
    }
    let found = async |search: &str| {
        listed(IncomingFilter { search: Some(search.to_owned()), ..Default::default() }, IncomingSort::Oldest).await
    };
    assert_eq!(found(" silk SCARF ").await, std::slice::from_ref(&dear), "a group is shown whole");
    assert_eq!(found("scarf da").await, std::slice::from_ref(&dear), "a word of the product and one of the address");
    assert_eq!(found("an nguyen").await.len(), 2, "by whoever receives it");
    for nothing in ["silk dai", "%", "_", "hue"] {
        assert!(found(nothing).await.is_empty(), "no one item is all of «{nothing}»");
    }
    let of = IncomingFilter { buyer_id: Some(buyer), ..Default::default() };
    assert_eq!(listed(of, IncomingSort::Oldest).await, std::slice::from_ref(&cheap));
    let now = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let none = IncomingFilter { created_from: Some(now), ..Default::default() };
    assert!(listed(none, IncomingSort::Newest).await.is_empty());
    let all = IncomingFilter { created_before: Some(now), ..Default::default() };
    assert_eq!(listed(all, IncomingSort::Newest).await.len(), 2);
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
