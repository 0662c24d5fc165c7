//! Recommendations as clients see them.

use std::time::Duration;

use async_graphql::{
    Context, OutputType, SimpleObject,
    connection::{Connection, ConnectionNameType, Edge, EdgeNameType},
};
use chrono::Utc;
use contracts::catalog::FEED_REFRESH;
use kernel::{AccountId, ProductId};
use serde::{Deserialize, Serialize};
use service_kit::{Platform, Result, Viewer, graphql::Page};

use super::Product;
use crate::{
    loaders::loaders_of,
    queries::database,
    recommend::{self, Feed, RecommendationSource, feed_of_many},
    store::recommendation::offer_list,
};

/// How old a feed may be before it is made anew, where no setting says so.
const FRESH_SECONDS: u64 = 60;

/// What a list of recommendations has besides its entries.
#[derive(SimpleObject, Debug, Clone)]
pub struct RecommendationFields {
    /// What the list begins with: `PERSONAL` once the account's interactions say enough of it.
    pub source: RecommendationSource,
}

/// What a recommendation has besides its product.
#[derive(SimpleObject, Debug, Clone)]
pub struct RecommendationEdgeFields {
    /// Why the product is recommended.
    pub source: RecommendationSource,
}

/// Names the connection of recommendations.
pub struct RecommendationName;

impl ConnectionNameType for RecommendationName {
    fn type_name<T: OutputType>() -> String {
        "RecommendedProductConnection".to_owned()
    }
}

impl EdgeNameType for RecommendationName {
    fn type_name<T: OutputType>() -> String {
        "RecommendedProductEdge".to_owned()
    }
}

/// Recommendations.
pub(crate) type Recommended =
    Connection<String, Product, RecommendationFields, RecommendationEdgeFields, RecommendationName, RecommendationName>;

/// Where an entry stands: in which feed, which it is, and how many come before it should it be gone.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct FeedCursor {
    #[serde(rename = "f")]
    made_at_ms: i64,
    #[serde(rename = "i")]
    id: ProductId,
    #[serde(rename = "n")]
    place: usize,
}

/// A page of the viewer's recommendations.
pub(crate) async fn recommended(ctx: &Context<'_>, first: Option<i32>, after: Option<String>) -> Result<Recommended> {
    let account_id = Viewer::of(ctx)?.account_id;
    let page = Page::<FeedCursor>::read(first, after)?;
    let db = database(ctx)?;
    let feed = match feed(ctx, account_id, page.after.as_ref()).await {
        Some(feed) => feed,
        None => feed_of_many(db, account_id).await?,
    };
    let begin = page.after.as_ref().map_or(0, |after| {
        let known = feed.entries.iter().position(|(id, _)| *id == after.id);
        known.unwrap_or(after.place).saturating_add(1).min(feed.entries.len())
    });
    let source = feed.entries.first().map_or(RecommendationSource::TopRated, |(_, source)| *source);
    // The feed may be older than what the account bought or hid, and than what sellers took off.
    let ids: Vec<ProductId> = feed.entries[begin..].iter().map(|(id, _)| *id).collect();
    let offered: Vec<ProductId> = offer_list(db, account_id, &ids).await?.into_iter().map(|offer| offer.id).collect();
    let limit = usize::try_from(page.limit).expect("a page has at most 100 entries");
    let shown = &offered[..offered.len().min(limit)];
    let mut rows = loaders_of(ctx)?.load_many(shown.iter().copied()).await?;
    let fields = RecommendationFields { source };
    let mut list = Recommended::with_additional_fields(page.after.is_some(), offered.len() > limit, fields);
    let entries = feed.entries.iter().enumerate().skip(begin);
    list.edges = entries
        .filter_map(|(place, (id, source))| {
            let row = shown.contains(id).then(|| rows.remove(id)).flatten()?;
            let cursor = kernel::cursor::encode(&FeedCursor { made_at_ms: feed.made_at_ms, id: *id, place });
            Some(Edge::with_additional_fields(cursor, Product(row), RecommendationEdgeFields { source: *source }))
        })
        .collect();
    Ok(list)
}

/// The feed that is there: on further pages that of the first. An old one is made anew, for the next time.
async fn feed(ctx: &Context<'_>, account_id: AccountId, after: Option<&FeedCursor>) -> Option<Feed> {
    let platform = ctx.data_opt::<Platform>()?;
    match after {
        Some(after) if after.made_at_ms == 0 => None,
        Some(after) => recommend::read(&platform.redis, account_id, Some(after.made_at_ms)).await,
        None => {
            let feed = recommend::read(&platform.redis, account_id, None).await;
            let period = Duration::from_secs(platform.config.setting_or("RECOMMENDATION_SECONDS", FRESH_SECONDS).ok()?);
            let period_ms = i64::try_from(period.as_millis()).unwrap_or(i64::MAX).max(1_000);
            let now = Utc::now().timestamp_millis();
            if feed.as_ref().is_none_or(|feed| feed.made_at_ms.saturating_add(period_ms) < now) {
                refresh(platform, account_id, now / period_ms);
            }
            feed
        }
    }
}

/// Has the feed made anew, once a period. The answer does not wait for it.
fn refresh(platform: &Platform, account_id: AccountId, period: i64) {
    let ingress = platform.ingress.clone();
    tokio::spawn(async move {
        let key = format!("{account_id}/{period}");
        if let Err(error) = FEED_REFRESH.send_at_ingress(&ingress, account_id, key, ()).await {
            tracing::warn!(%error, "recommendations cannot be refreshed now");
        }
    });
}
