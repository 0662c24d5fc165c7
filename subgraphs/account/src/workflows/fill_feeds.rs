//! `Feeds.product_published`: notes a new product for the feeds of its seller's followers. One step; the product's id
//! makes it safe to repeat.

use contracts::account::ProductPublished;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::store;

/// The durable service that `catalog` tells of new products.
pub(crate) struct Feeds {
    pub(crate) db: DatabaseConnection,
}

/// Feeds of new products.
#[restate_sdk::service(name = "Feeds", client_visibility = "pub(crate)")]
impl Feeds {
    /// Notes a new product; the same product again changes nothing.
    #[handler]
    async fn product_published(
        &self,
        ctx: Context<'_>,
        Json(product): Json<ProductPublished>,
    ) -> Result<Json<()>, HandlerError> {
        step!(ctx, "note", store::product_publish(&self.db, &product))?;
        Ok(Json(()))
    }
}
