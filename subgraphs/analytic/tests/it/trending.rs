//! What people like these days.

use analytic::{
    store::{TrendingPosition, interactions_record, trending_list},
    weights::Weights,
};
use chrono::{Duration, NaiveDate, Utc};
use contracts::analytic::InteractionKind;
use kernel::ProductId;
use sea_orm::DatabaseConnection;
use service_kit::graphql::Page;

use crate::recording::{analytic_database, interaction};

async fn views(db: &DatabaseConnection, product_id: ProductId, count: usize, days_ago: i64) {
    let at = Utc::now() - Duration::days(days_ago);
    let batch: Vec<_> = (0..count).map(|_| interaction(product_id, InteractionKind::View, at)).collect();
    interactions_record(db, &Weights::default(), &batch).await.unwrap();
}

fn page(limit: u64, after: Option<TrendingPosition>) -> Page<TrendingPosition> {
    Page { limit, after }
}

async fn trending(db: &DatabaseConnection, day: NaiveDate) -> Vec<(ProductId, i64)> {
    let rows = trending_list(db, day, &page(100, None), true).await.unwrap();
    assert_eq!(rows.total, Some(rows.rows.len() as u64));
    rows.rows.into_iter().map(|row| (row.product_id, row.score_milli)).collect()
}

#[tokio::test]
async fn what_is_liked_now_trends_above_what_was_liked_more_a_while_ago() {
    let db = analytic_database().await;
    let [fresh, faded, forgotten, disliked] = [(); 4].map(|()| ProductId::new());
    views(&db, fresh, 2, 0).await;
    views(&db, faded, 4, 6).await;
    views(&db, forgotten, 50, 14).await;
    let dislikes = [interaction(disliked, InteractionKind::Dislike, Utc::now())];
    interactions_record(&db, &Weights::default(), &dislikes).await.unwrap();
    // Six days are two half-lives: a quarter of 4 × 0.3.
    assert_eq!(trending(&db, Utc::now().date_naive()).await, [(fresh, 600), (faded, 300)]);
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    let db = analytic_database().await;
    let day = Utc::now().date_naive();
    for number in 0..7 {
        views(&db, ProductId::new(), 1 + number / 3, 0).await;
    }
    let all: Vec<ProductId> = trending(&db, day).await.into_iter().map(|(product_id, _)| product_id).collect();
    let (mut after, mut paged) = (None, Vec::new());
    loop {
        let rows = trending_list(&db, day, &page(2, after), false).await.unwrap().rows;
        let more = rows.len() > 2;
        let shown = &rows[..rows.len().min(2)];
        paged.extend(shown.iter().map(|row| row.product_id));
        after = shown.last().map(|row| (day, row.score_milli, row.product_id));
        if !more {
            break;
        }
    }
    assert_eq!((paged.len(), paged), (7, all));
}
