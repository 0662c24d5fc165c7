//! What other modules read of interactions. Nothing is written.

use chrono::Utc;
use contracts::analytic::Taste;
use kernel::{AccountId, ProductId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{graphql::Page, step};

use crate::store::{self, sales::best_sold_list};

/// At most so many products of a ranking are told at once.
const RANKING_MAX: u32 = 500;

/// Reads what interactions say.
pub(crate) struct AnalyticDirectory {
    pub(crate) db: DatabaseConnection,
}

/// Answers what interactions say of accounts and of products.
#[restate_sdk::service(name = "AnalyticDirectory", client_visibility = "pub(crate)", journal_retention = "1 minute")]
impl AnalyticDirectory {
    /// What an account likes.
    #[handler]
    async fn taste_fetch(
        &self,
        ctx: Context<'_>,
        Json(account_id): Json<AccountId>,
    ) -> Result<Json<Taste>, HandlerError> {
        Ok(Json(step!(ctx, "read the taste", store::taste_fetch(&self.db, account_id, Utc::now()))?))
    }

    /// What people like these days.
    #[handler]
    async fn trending_fetch(
        &self,
        ctx: Context<'_>,
        Json(most): Json<u32>,
    ) -> Result<Json<Vec<ProductId>>, HandlerError> {
        Ok(Json(step!(ctx, "read what trends", self.trending(most.min(RANKING_MAX)))?))
    }

    /// What sells most.
    #[handler]
    async fn best_sold_fetch(
        &self,
        ctx: Context<'_>,
        Json(most): Json<u32>,
    ) -> Result<Json<Vec<ProductId>>, HandlerError> {
        Ok(Json(step!(ctx, "read what sells most", best_sold_list(&self.db, most.min(RANKING_MAX)))?))
    }

    async fn trending(&self, most: u32) -> service_kit::Result<Vec<ProductId>> {
        let page = Page { limit: most.into(), after: None };
        let trending = store::trending_list(&self.db, Utc::now().date_naive(), &page, false).await?;
        Ok(trending.rows.into_iter().take(most as usize).map(|row| row.product_id).collect())
    }
}
