//! Each interaction counts exactly once, with exactly its weight.

use analytic::{
    store::{interactions_record, popularity_list},
    weights::{KINDS, Weights},
};
use chrono::{DateTime, Utc};
use contracts::analytic::{Interaction, InteractionKind};
use futures::future::join_all;
use kernel::{AccountId, ProductId};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use service_kit::ModuleName;
use test_kit::TestDatabase;
use uuid::Uuid;

pub(crate) async fn analytic_database() -> DatabaseConnection {
    TestDatabase::create().await.connect(ModuleName::Analytic).await
}

pub(crate) fn interaction(product_id: ProductId, kind: InteractionKind, occurred_at: DateTime<Utc>) -> Interaction {
    Interaction { interaction_id: Uuid::now_v7(), account_id: None, product_id, kind, occurred_at }
}

/// The score in thousandths and the number of interactions of a product.
async fn popularity(db: &DatabaseConnection, product_id: ProductId) -> (i64, i64) {
    let row = popularity_list(db, &[product_id]).await.unwrap().pop();
    row.map_or((0, 0), |row| (row.score_milli, row.interaction_count))
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn each_kind_adds_exactly_its_weight() {
    let db = analytic_database().await;
    for (kind, milli, _) in KINDS {
        let product_id = ProductId::new();
        let batch = [interaction(product_id, kind, Utc::now()), interaction(product_id, kind, Utc::now())];
        assert_eq!(interactions_record(&db, &Weights::default(), &batch).await.unwrap(), 2);
        assert_eq!(popularity(&db, product_id).await, (2 * milli, 2), "{kind:?}");
    }
}

#[tokio::test]
async fn configured_weights_are_used_for_what_is_recorded_from_then_on() {
    let db = analytic_database().await;
    let product_id = ProductId::new();
    let before = [interaction(product_id, InteractionKind::View, Utc::now())];
    interactions_record(&db, &Weights::default(), &before).await.unwrap();
    let weights: Weights = r#"{"view": 0.125}"#.parse().unwrap();
    let after = [interaction(product_id, InteractionKind::View, Utc::now())];
    interactions_record(&db, &weights, &after).await.unwrap();
    assert_eq!(popularity(&db, product_id).await, (425, 2));
}

#[tokio::test]
async fn a_repeated_batch_counts_once_also_within_itself_and_under_another_account() {
    let db = analytic_database().await;
    let product_id = ProductId::new();
    let one = interaction(product_id, InteractionKind::View, Utc::now());
    let forged = Interaction { account_id: Some(AccountId::new()), kind: InteractionKind::Purchase, ..one.clone() };
    let weights = Weights::default();
    assert_eq!(interactions_record(&db, &weights, &[one.clone(), one.clone()]).await.unwrap(), 1);
    assert_eq!(interactions_record(&db, &weights, &[one]).await.unwrap(), 0);
    assert_eq!(interactions_record(&db, &weights, &[forged]).await.unwrap(), 0);
    assert_eq!(interactions_record(&db, &weights, &[]).await.unwrap(), 0);
    assert_eq!(popularity(&db, product_id).await, (300, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_batches_at_once_count_everything_once() {
    let db = analytic_database().await;
    for _ in 0..10 {
        let products: Vec<ProductId> = (0..5).map(|_| ProductId::new()).collect();
        let all: Vec<Interaction> =
            (0..60).map(|number| interaction(products[number % 5], InteractionKind::View, Utc::now())).collect();
        // Each worker sends two thirds of them, half of the workers in reverse.
        let workers = (0..30_usize).map(|worker| {
            let mut batch: Vec<Interaction> =
                all.iter().enumerate().filter(|(n, _)| n % 3 != worker % 3).map(|(_, one)| one.clone()).collect();
            if worker % 2 == 0 {
                batch.reverse();
            }
            let db = db.clone();
            tokio::spawn(async move { interactions_record(&db, &Weights::default(), &batch).await.unwrap() })
        });
        let fresh: u64 = join_all(workers.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).sum();
        assert_eq!(fresh, 60);
        for product_id in products {
            assert_eq!(popularity(&db, product_id).await, (12 * 300, 12));
        }
    }
    let parted = "SELECT count(*) FROM analytic.popularity p
        JOIN (SELECT product_id, sum(weight_milli) AS score, count(*) AS n FROM analytic.interaction GROUP BY 1) i
            USING (product_id)
        JOIN (SELECT product_id, sum(score_milli) AS score, sum(interaction_count) AS n
            FROM analytic.popularity_day GROUP BY 1) d USING (product_id)
        WHERE (p.score_milli, p.interaction_count) <> (i.score, i.n)
            OR (p.score_milli, p.interaction_count) <> (d.score, d.n)";
    assert_eq!(number(&db, parted).await, 0, "popularity, its days and the interactions tell the same");
}

#[tokio::test]
async fn visitors_are_recorded_without_account_and_members_with_theirs() {
    let db = analytic_database().await;
    let member = Interaction {
        account_id: Some(AccountId::new()),
        ..interaction(ProductId::new(), InteractionKind::View, Utc::now())
    };
    let visitor = interaction(ProductId::new(), InteractionKind::View, Utc::now());
    interactions_record(&db, &Weights::default(), &[member, visitor]).await.unwrap();
    assert_eq!(number(&db, "SELECT count(*) FROM analytic.interaction WHERE account_id IS NULL").await, 1);
    assert_eq!(number(&db, "SELECT count(account_id) FROM analytic.interaction").await, 1);
}
