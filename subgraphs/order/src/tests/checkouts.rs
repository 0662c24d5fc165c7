//! Checkouts: all or nothing, and one answer for ever.

use entities::order::{FeedKind, FeedRole, OrderItemState};
use kernel::{AccountId, ProductId, SkuId};

use super::samples::{check_histories, database, ids, item, states, submit};
use crate::{
    cart::store::{cart_list, cart_put},
    checkout::{
        request::{Answer, Begun, Line, Source},
        store::{checkout_accept, checkout_begin, checkout_refuse},
    },
    error::{ErrorCode, Refusal},
    feed,
};

#[tokio::test]
async fn a_checkout_of_the_cart_takes_its_lines_and_leaves_what_came_later() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let (bought, later) = (SkuId::new(), SkuId::new());
    cart_put(&db, buyer, bought, ProductId::new(), 2).await.unwrap();
    let submit = submit(buyer, Source::Cart);
    let Begun::Drafted(draft) = checkout_begin(&db, &submit, false).await.unwrap() else { panic!("it is new") };
    let lines: Vec<_> = draft.lines.iter().map(|line| (line.line.sku_id, line.line.quantity)).collect();
    assert_eq!(lines, [(bought, 2)]);
    cart_put(&db, buyer, later, ProductId::new(), 1).await.unwrap();

    let mut row = item(&submit, seller);
    row.sku_id = bought;
    let answer = checkout_accept(&db, &submit, vec![row.clone()]).await.unwrap();
    assert_eq!(answer.item_ids, [row.id]);
    assert_eq!(states(&db, &[row.id]).await, [OrderItemState::Pending]);
    let left: Vec<_> = cart_list(&db, buyer).await.unwrap().into_iter().map(|item| item.sku_id).collect();
    assert_eq!(left, [later]);
    let told = feed::store::entries_after(&db, seller, FeedRole::Incoming, 0, 10).await.unwrap();
    assert_eq!((told.len(), told[0].1.kind), (1, FeedKind::ItemsArrived));
    check_histories(&db).await;
}

#[tokio::test]
async fn buying_now_leaves_the_cart_alone() {
    let db = database().await;
    let buyer = AccountId::new();
    let sku_id = SkuId::new();
    cart_put(&db, buyer, sku_id, ProductId::new(), 1).await.unwrap();
    for (from_cart, left) in [(false, 1), (true, 0)] {
        let lines = vec![Line { sku_id, quantity: 2, place: None }];
        let submit = submit(buyer, Source::Lines { lines, from_cart });
        let mut row = item(&submit, AccountId::new());
        row.sku_id = sku_id;
        checkout_accept(&db, &submit, vec![row]).await.unwrap();
        assert_eq!(cart_list(&db, buyer).await.unwrap().len(), left);
    }
}

#[tokio::test]
async fn the_first_answer_stays_whoever_asks_again() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let accepted = submit(buyer, Source::Cart);
    let rows = vec![item(&accepted, seller), item(&accepted, seller)];
    let first = checkout_accept(&db, &accepted, rows.clone()).await.unwrap();
    let again = checkout_accept(&db, &accepted, vec![item(&accepted, seller)]).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(first.item_ids, ids(&rows));
    let refusal = Answer::refused(vec![Refusal::at("lines", ErrorCode::OutOfStock, "short")]);
    assert_eq!(checkout_refuse(&db, &accepted, &refusal).await.unwrap(), first);
    let begun = checkout_begin(&db, &accepted, false).await.unwrap();
    assert!(matches!(begun, Begun::Answered(answer) if answer == first));

    let refused = submit(buyer, Source::Cart);
    assert_eq!(checkout_refuse(&db, &refused, &refusal).await.unwrap(), refusal);
    let begun = checkout_begin(&db, &refused, false).await.unwrap();
    assert!(matches!(begun, Begun::Answered(answer) if answer == refusal));
}
