//! Feeds: numbers without gaps, never seen before a smaller one, and streams after them.

use async_graphql::{Request, Variables};
use entities::order::{FeedKind, FeedRole};
use futures::StreamExt;
use kernel::{AccountId, OrderItemId};
use sea_orm::TransactionTrait;
use serde_json::{Value, json};
use service_kit::{ModuleName, Platform};
use test_kit::TestDatabase;

use super::{
    graph::viewer,
    samples::{database, is_gapless, order},
};
use crate::{
    feed::store::{NewEntry, Subject, append_in_txn, entries_after, last_seq},
    prepare, schema,
};

fn arrival(account_id: AccountId) -> NewEntry {
    let subject = Subject::Items { kind: FeedKind::ItemsArrived, item_ids: vec![OrderItemId::new()] };
    NewEntry { account_id, role: FeedRole::Incoming, subject }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_writers_leave_no_gap_and_no_reader_sees_one() {
    let db = database().await;
    let sellers = [AccountId::new(), AccountId::new()];
    let writers: Vec<_> = (0..20)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                for round in 0..15 {
                    let txn = db.begin().await.unwrap();
                    let mut entries = sellers.map(arrival).to_vec();
                    if number % 2 == 0 {
                        entries.reverse();
                    }
                    append_in_txn(&txn, entries).await.unwrap();
                    // Some transactions give their numbers back.
                    if (number + round) % 5 == 0 { txn.rollback().await } else { txn.commit().await }.unwrap();
                }
            })
        })
        .collect();
    let reader = {
        let db = db.clone();
        tokio::spawn(async move {
            let mut seen = 0;
            while seen < 240 {
                for (number, _) in entries_after(&db, sellers[0], FeedRole::Incoming, seen, 50).await.unwrap() {
                    assert_eq!(number, seen + 1, "a number was visible before a smaller one");
                    seen = number;
                }
            }
        })
    };
    for writer in writers {
        writer.await.unwrap();
    }
    reader.await.unwrap();
    for seller in sellers {
        let entries = entries_after(&db, seller, FeedRole::Incoming, 0, 1000).await.unwrap();
        let numbers: Vec<i64> = entries.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers.len(), 240);
        assert!(is_gapless(&numbers));
        assert_eq!(last_seq(&db, seller, FeedRole::Incoming).await.unwrap(), 240);
    }
}

#[tokio::test]
async fn a_feed_that_nothing_happened_in_is_empty() {
    let db = database().await;
    let account = AccountId::new();
    assert_eq!(last_seq(&db, account, FeedRole::Buyer).await.unwrap(), 0);
    assert!(entries_after(&db, account, FeedRole::Buyer, 0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_stream_after_what_has_not_been_is_refused() {
    let test = TestDatabase::create().await;
    let db = test.connect(ModuleName::Order).await;
    let platform = Platform::connect(test.config()).await.unwrap();
    let schema = schema::build().data(db.clone()).data(platform).finish();
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    // The seller has more numbers than the buyer, and numbers of one role are none of another.
    order(&db, AccountId::new(), seller, 1).await;
    let order = order(&db, buyer, seller, 1).await;
    let last = async |account_id: AccountId, role: FeedRole| last_seq(&db, account_id, role).await.unwrap();
    let followed = format!("orderStatusChanged(orderId: \"{}\", after: $after)", order.id);
    let streams = [
        (buyer, followed.as_str(), order.event_seq),
        (buyer, "myOrdersChanged(role: BUYER, after: $after)", last(buyer, FeedRole::Buyer).await),
        (seller, "myOrdersChanged(role: SELLER, after: $after)", last(seller, FeedRole::Seller).await),
        (seller, "incomingItemsChanged(after: $after)", last(seller, FeedRole::Incoming).await),
    ];
    for (account_id, field, newest) in streams {
        let query = format!("subscription($after: BigInt) {{ change: {field} {{ sequence }} }}");
        let first = async |after: i64| -> Value {
            let request = Request::new(&query).variables(Variables::from_json(json!({ "after": after.to_string() })));
            let mut stream = schema.execute_stream(prepare(request, &db).data(viewer(account_id)));
            serde_json::to_value(stream.next().await.unwrap()).unwrap()
        };
        for after in [newest + 1, i64::MAX, -1] {
            let refused = first(after).await;
            let error = &refused["errors"][0]["extensions"];
            let expected = (&json!("BAD_USER_INPUT"), &json!("after"));
            assert_eq!((&error["code"], &error["field"]), expected, "{field} after {after}: {refused:#}");
        }
        let shown = first(newest - 1).await;
        assert_eq!(shown["data"]["change"]["sequence"], newest.to_string(), "{field}: {shown:#}");
    }
}
