//! What other modules' handlers read of the catalog. Nothing is journaled: an answer is the only effect, and an attempt
//! that dies is simply made again.

use contracts::catalog::{ProductSeller, SkuSnapshot};
use kernel::{ProductId, SkuId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;

use crate::store::directory::{product_seller_list, sku_snapshot_list};

/// Reads of the catalog inside the durable handlers of other modules.
pub(crate) struct CatalogDirectory {
    pub(crate) db: DatabaseConnection,
}

#[restate_sdk::service(name = "CatalogDirectory", client_visibility = "pub(crate)")]
impl CatalogDirectory {
    /// SKUs as they stand now. Unknown ids, and SKUs of deleted products, are left out.
    #[handler]
    async fn sku_fetch(
        &self,
        _ctx: Context<'_>,
        Json(ids): Json<Vec<SkuId>>,
    ) -> Result<Json<Vec<SkuSnapshot>>, HandlerError> {
        Ok(Json(sku_snapshot_list(&self.db, &ids).await?))
    }

    /// Who sells products. Unknown ids are left out.
    #[handler]
    async fn product_sellers(
        &self,
        _ctx: Context<'_>,
        Json(ids): Json<Vec<ProductId>>,
    ) -> Result<Json<Vec<ProductSeller>>, HandlerError> {
        Ok(Json(product_seller_list(&self.db, &ids).await?))
    }
}
