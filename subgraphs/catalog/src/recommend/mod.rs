//! What an account may like.
//!
//! A [`Feed`] is made by the durable `FeedKeeper` from the account's [`Taste`], which `analytic` tells, and cached in
//! Redis. Whoever asks is answered with the feed that is there, and an old one is made anew meanwhile. Without one (the
//! account is new, or Redis is away) the answer is what many like, by the catalog's own tables, at once.

mod cache;
mod spread;

use std::collections::{HashMap, HashSet};

use async_graphql::Enum;
use contracts::analytic::Taste;
use kernel::{AccountId, ProductId};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use service_kit::Result;

pub(crate) use cache::{read, write};

use crate::{
    search::{Search, near_any},
    store::{
        recommendation::{offer_list, popular_list},
        suggestion::products_beside,
    },
};

/// Entries in a feed by the account's own taste.
const PERSONAL: usize = 100;

/// Entries in a feed, in all.
const ENTRIES: usize = 200;

/// Of so many of the products that an account likes most its feed is made.
const LIKED: usize = 16;

/// Products that are looked at beside each that is liked.
const BESIDE: usize = 30;

/// Why a product is recommended.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecommendationSource {
    /// It is like what the account viewed, bought or favored.
    Personal,
    /// Many people like it these days.
    Trending,
    /// It sells best of all.
    MostSold,
    /// Its buyers rated it well.
    TopRated,
}

/// Recommendations for an account, the best first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// When it was made, in milliseconds since the epoch; 0 for one that was not made for an account.
    pub made_at_ms: i64,
    /// What is recommended, and why. What the account may not be offered any more is in it until it is read.
    pub entries: Vec<(ProductId, RecommendationSource)>,
}

/// Makes the feed of an account: what is like the products that it likes, no seller often in a row, and after it what many
/// like. Without an index what is like a product are the best rated of its category.
///
/// # Errors
/// The database cannot be reached.
pub async fn feed_make(
    db: &impl ConnectionTrait,
    search: Option<&Search>,
    account_id: AccountId,
    taste: &Taste,
    made_at_ms: i64,
) -> Result<Feed> {
    #[expect(clippy::cast_precision_loss, reason = "a weight is a rough number by nature")]
    let liked: HashMap<ProductId, f32> =
        taste.liked.iter().take(LIKED).map(|liking| (liking.product_id, liking.weight_milli as f32)).collect();
    let near = match search {
        Some(search) if !liked.is_empty() => near_any(db, search, &liked, BESIDE).await?,
        _ => None,
    };
    let near = match near {
        Some(near) => near,
        None => beside_any(db, &liked).await?,
    };
    let mut personal: Vec<(ProductId, f32)> = near.into_iter().filter(|(id, _)| !liked.contains_key(id)).collect();
    personal.sort_unstable_by(|(id, score), (other_id, other)| other.total_cmp(score).then(id.cmp(other_id)));
    let ids: Vec<ProductId> = personal.into_iter().map(|(id, _)| id).collect();
    let mut offers = spread::sellers(offer_list(db, account_id, &ids).await?);
    offers.truncate(PERSONAL);
    let mut entries: Vec<_> = offers.iter().map(|offer| (offer.id, RecommendationSource::Personal)).collect();
    let known: HashSet<ProductId> = offers.iter().map(|offer| offer.id).collect();
    let popular = popular_entries(db, account_id).await?;
    entries.extend(popular.into_iter().filter(|(id, _)| !known.contains(id)));
    entries.truncate(ENTRIES);
    Ok(Feed { made_at_ms, entries })
}

/// What many like, for an account of which nothing is known, or nothing can be read.
///
/// # Errors
/// The database cannot be reached.
pub async fn feed_of_many(db: &impl ConnectionTrait, account_id: AccountId) -> Result<Feed> {
    Ok(Feed { made_at_ms: 0, entries: popular_entries(db, account_id).await? })
}

async fn popular_entries(
    db: &impl ConnectionTrait,
    account_id: AccountId,
) -> Result<Vec<(ProductId, RecommendationSource)>> {
    let popular = popular_list(db, ENTRIES).await?;
    let ids: Vec<ProductId> = popular.iter().map(|one| one.id).collect();
    let offers = offer_list(db, account_id, &ids).await?;
    let by: HashMap<ProductId, &str> = popular.iter().map(|one| (one.id, one.by.as_str())).collect();
    let lists = [
        ("trending", RecommendationSource::Trending),
        ("most_sold", RecommendationSource::MostSold),
        ("top_rated", RecommendationSource::TopRated),
    ];
    let mut entries = Vec::with_capacity(offers.len());
    for (name, source) in lists {
        let listed = offers.iter().filter(|offer| by.get(&offer.id) == Some(&name)).copied().collect();
        entries.extend(spread::sellers(listed).into_iter().map(|offer| (offer.id, source)));
    }
    entries.truncate(ENTRIES);
    Ok(entries)
}

/// The best rated of the categories of what is liked, each scored by the weight and by its place.
async fn beside_any(db: &impl ConnectionTrait, liked: &HashMap<ProductId, f32>) -> Result<HashMap<ProductId, f32>> {
    if liked.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<ProductId> = liked.keys().copied().collect();
    let mut scores = HashMap::new();
    for (product_id, beside) in products_beside(db, &ids, BESIDE).await? {
        let weight = liked.get(&product_id).copied().unwrap_or_default();
        for (place, id) in (1_u8..).zip(beside) {
            *scores.entry(id).or_default() += weight / f32::from(place);
        }
    }
    Ok(scores)
}
