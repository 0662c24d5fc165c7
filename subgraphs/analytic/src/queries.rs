//! What can be asked.

use async_graphql::{Context, Object};
use chrono::Utc;
use sea_orm::DatabaseConnection;
use service_kit::{
    Result, SignedIn, Viewer,
    graphql::{Page, list, wants_total},
};

use crate::{
    store::{
        self, TrendingPosition,
        views::{RecentView, RecentViewPosition, recent_view_list},
    },
    types::{Product, RecentlyViewed, TrendingProducts, without_nodes},
};

/// Queries of the module.
pub struct AnalyticQueries;

#[Object]
impl AnalyticQueries {
    /// The products that people like most these days, the highest first: interactions of the last 14 days, of which one
    /// counts half after three days. For everybody.
    async fn trending_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<TrendingProducts> {
        let page = Page::<TrendingPosition>::read(first, after)?;
        // Further pages are ranked as of the day of the first one, so that midnight shuffles nothing.
        let day = page.after.map_or_else(|| Utc::now().date_naive(), |(day, ..)| day);
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = store::trending_list(db, day, &page, wants_total(ctx)).await?;
        let position = |row: &store::Trending| (day, row.score_milli, row.product_id);
        Ok(without_nodes(list(&page, rows, position, |row| Some(Product { id: row.product_id }))))
    }

    /// The products that the viewer looked at, the latest first, each once. A moment behind.
    #[graphql(guard = "SignedIn")]
    async fn recently_viewed_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<RecentlyViewed> {
        let (viewer, page) = (Viewer::of(ctx)?, Page::<RecentViewPosition>::read(first, after)?);
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = recent_view_list(db, viewer.account_id, &page, wants_total(ctx)).await?;
        let position = |row: &RecentView| (row.viewed_at.timestamp_micros(), row.product_id);
        Ok(without_nodes(list(&page, rows, position, |row| Some(Product { id: row.product_id }))))
    }
}
