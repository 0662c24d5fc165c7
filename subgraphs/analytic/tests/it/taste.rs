//! What an account's interactions say of it.

use analytic::{
    store::{interactions_record, taste_fetch},
    weights::Weights,
};
use chrono::{Duration, Utc};
use contracts::analytic::{Interaction, InteractionKind, Liking, Taste};
use kernel::{AccountId, ProductId};

use crate::recording::{analytic_database, interaction};

#[tokio::test]
async fn a_taste_is_made_of_faded_weights_and_knows_what_is_settled() {
    let db = analytic_database().await;
    let now = Utc::now();
    let (account, stranger) = (AccountId::new(), AccountId::new());
    let [viewed, faded, bought, hidden, disliked] = [(); 5].map(|()| ProductId::new());
    let of = |account_id, product_id, kind, days_ago| Interaction {
        account_id: Some(account_id),
        ..interaction(product_id, kind, now - Duration::days(days_ago))
    };
    let batch = [
        of(account, viewed, InteractionKind::View, 0),
        of(account, viewed, InteractionKind::View, 0),
        of(account, faded, InteractionKind::AddToFavorites, 28),
        of(account, bought, InteractionKind::Purchase, 14),
        of(account, hidden, InteractionKind::View, 0),
        of(account, hidden, InteractionKind::HideItem, 0),
        of(account, disliked, InteractionKind::Dislike, 1),
        of(stranger, disliked, InteractionKind::Purchase, 1),
        interaction(faded, InteractionKind::View, now),
    ];
    interactions_record(&db, &Weights::default(), &batch).await.unwrap();
    let taste = taste_fetch(&db, account, now).await.unwrap();
    let liking = |product_id, weight_milli| Liking { product_id, weight_milli };
    // One half-life is 14 days.
    assert_eq!(taste.liked, [liking(viewed, 600), liking(bought, 400), liking(faded, 150)]);
    assert_eq!(taste.settled, [hidden, disliked, bought]);
    assert_eq!(taste_fetch(&db, AccountId::new(), now).await.unwrap(), Taste::default());
}
