//! Feeds: numbers without gaps, never seen before a smaller one.

use entities::order::{FeedKind, FeedRole};
use kernel::{AccountId, OrderItemId};
use sea_orm::TransactionTrait;

use super::samples::{database, is_gapless};
use crate::feed::store::{NewEntry, Subject, append_in_txn, entries_after, last_seq};

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
