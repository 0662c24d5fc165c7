//! Importing a batch of checked rows.
//!
//! | step | undo |
//! |---|---|
//! | draw ids | |
//! | write the products that are not there yet, with their categories and tags | |
//! | provision their stock, with the first units (`inventory`) | |
//! | attach their images by URL (`common`) | |
//!
//! Nothing is refused, so nothing is undone: the rows were checked before, and one that is there already is passed over.
//! A kill anywhere in between only makes the rest happen later.

use chrono::{DateTime, SubsecRound, Utc};
use contracts::{
    common::{ATTACH_REMOTE, AttachRemote, EntityKind, EntityRef},
    inventory::{PROVISION, Provision, ProvisionStock, StockRef},
};
use kernel::{ProductId, SkuId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::{
    import::{ImportBatch, ImportedProduct, RowOutcome},
    store::import::products_import,
};

/// Imports products from files.
pub(crate) struct ProductImporter {
    pub(crate) db: DatabaseConnection,
}

#[restate_sdk::service(name = "ProductImporter", client_visibility = "pub(crate)", journal_retention = "1 hour")]
impl ProductImporter {
    /// Makes the products of a batch that are not there yet, with their stock and images.
    #[handler]
    async fn import(
        &self,
        ctx: Context<'_>,
        Json(batch): Json<ImportBatch>,
    ) -> Result<Json<Vec<RowOutcome>>, HandlerError> {
        let (ids, now) = step!(ctx, "draw ids", draw(batch.products.len()))?;
        let outcomes = step!(ctx, "write products", products_import(&self.db, &batch, &ids, now))?;
        let made: Vec<(&ImportedProduct, ProductId, SkuId)> = batch
            .products
            .iter()
            .zip(&ids)
            .zip(&outcomes)
            .filter(|(_, outcome)| **outcome == RowOutcome::Imported)
            .map(|((product, (product_id, sku_id)), _)| (product, *product_id, *sku_id))
            .collect();
        if !made.is_empty() {
            let stocks = made.iter().map(|(product, _, sku_id)| ProvisionStock {
                of: StockRef::Sku(*sku_id),
                requires_serials: false,
                initial_units: product.stock,
            });
            let operation_id = batch.operation_id.child("provision");
            let provision = Provision { operation_id, seller_id: batch.seller_id, stocks: stocks.collect() };
            PROVISION.call(&ctx, provision).await?;
        }
        let images: Vec<AttachRemote> = made
            .iter()
            .filter(|(product, ..)| !product.images.is_empty())
            .map(|(product, product_id, _)| AttachRemote {
                entity: EntityRef { kind: EntityKind::Product, id: product_id.uuid() },
                owner_id: batch.seller_id,
                urls: product.images.clone(),
            })
            .collect();
        if !images.is_empty() {
            ATTACH_REMOTE.call(&ctx, images).await?;
        }
        Ok(Json(outcomes))
    }
}

async fn draw(rows: usize) -> service_kit::Result<(Vec<(ProductId, SkuId)>, DateTime<Utc>)> {
    let ids = (0..rows).map(|_| (ProductId::new(), SkuId::new())).collect();
    // As precise as the database keeps it.
    Ok((ids, Utc::now().trunc_subsecs(6)))
}
