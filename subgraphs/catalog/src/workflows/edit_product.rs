//! Making products and SKUs, whose stock is in another module.
//!
//! | step of `create` | undo |
//! |---|---|
//! | look whether the command has run, whether the category exists, and draw ids | |
//! | attach the images (`common`) | |
//! | write product, SKUs and tags | |
//! | provision the stock (`inventory`) | |
//! | tell `account`, for the feeds of the seller's followers | |
//!
//! What can be refused comes before what others see: images are attached to the id of a product that does not exist
//! yet, so a refusal leaves nothing behind and there is nothing to undo. From the writing on nothing can be refused, and
//! a kill anywhere in between only makes the rest happen later.

use chrono::{DateTime, SubsecRound, Utc};
use contracts::{
    Call,
    account::{PRODUCT_PUBLISHED, ProductPublished},
    common::{ATTACH, Attach, AttachOutcome, EntityKind, EntityRef},
    inventory::{PROVISION, Provision, ProvisionStock, StockRef},
};
use kernel::{AccountId, OperationId, ProductId, ResourceId, SkuId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use service_kit::step;

use crate::{
    drafts::{ProductDraft, SkuDraft},
    store::{
        category::category_list_by_ids,
        product::{NewProduct, product_id_by_operation, product_insert},
        sku::{SkuRefusal, sku_insert},
    },
};

/// Makes a product of a seller.
pub(crate) const CREATE: Call<CreateProduct, CreateOutcome> = Call::new("ProductEditor", "create");

/// Adds a SKU to a product of a seller.
pub(crate) const ADD_SKU: Call<AddSku, Result<SkuId, SkuRefusal>> = Call::new("ProductEditor", "add_sku");

/// A product to make, its texts checked and one of its SKUs featured.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CreateProduct {
    pub(crate) operation_id: OperationId,
    pub(crate) seller_id: AccountId,
    pub(crate) product: ProductDraft,
    pub(crate) skus: Vec<SkuDraft>,
    pub(crate) image_ids: Vec<ResourceId>,
}

/// What became of a product to make.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CreateOutcome {
    Created(ProductId),
    NoSuchCategory,
    ImagesRefused(Vec<ResourceId>),
}

/// A SKU to add, its texts checked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AddSku {
    pub(crate) operation_id: OperationId,
    pub(crate) seller_id: AccountId,
    pub(crate) product_id: ProductId,
    pub(crate) sku: SkuDraft,
}

/// Makes products and SKUs together with what other modules keep of them.
pub(crate) struct ProductEditor {
    pub(crate) db: DatabaseConnection,
}

/// What the first step finds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Start {
    /// The command has run before, longer ago than the durable engine remembers.
    Made(ProductId),
    NoSuchCategory,
    New {
        product_id: ProductId,
        sku_ids: Vec<SkuId>,
        now: DateTime<Utc>,
    },
}

#[restate_sdk::service(name = "ProductEditor", client_visibility = "pub(crate)")]
impl ProductEditor {
    /// Makes a product with its SKUs, its images and its stock.
    #[handler]
    async fn create(
        &self,
        ctx: Context<'_>,
        Json(request): Json<CreateProduct>,
    ) -> Result<Json<CreateOutcome>, HandlerError> {
        let (product_id, sku_ids, now) = match step!(ctx, "draw ids", start(&self.db, &request))? {
            Start::New { product_id, sku_ids, now } => (product_id, sku_ids, now),
            Start::Made(product_id) => return Ok(Json(CreateOutcome::Created(product_id))),
            Start::NoSuchCategory => return Ok(Json(CreateOutcome::NoSuchCategory)),
        };
        if !request.image_ids.is_empty() {
            let entity = EntityRef { kind: EntityKind::Product, id: product_id.uuid() };
            let resource_ids = request.image_ids.clone();
            let attach = Attach { entity, owner_id: request.seller_id, resource_ids };
            if let AttachOutcome::Refused(ids) = ATTACH.call(&ctx, attach).await? {
                return Ok(Json(CreateOutcome::ImagesRefused(ids)));
            }
        }
        let skus: Vec<(SkuId, SkuDraft)> = sku_ids.into_iter().zip(request.skus).collect();
        let stocks = skus.iter().map(|(sku_id, sku)| stock(*sku_id, sku)).collect();
        let product = NewProduct {
            id: product_id,
            seller_id: request.seller_id,
            operation_id: Some(request.operation_id),
            external_id: None,
            created_at: now,
            draft: request.product,
            skus,
        };
        step!(ctx, "write product", product_insert(&self.db, &product))?;
        let operation_id = request.operation_id.child("provision");
        let seller_id = request.seller_id;
        PROVISION.call(&ctx, Provision { operation_id, seller_id, stocks }).await?;
        PRODUCT_PUBLISHED.send(&ctx, ProductPublished { product_id, seller_id, published_at: now });
        Ok(Json(CreateOutcome::Created(product_id)))
    }

    /// Adds a SKU with its stock.
    #[handler]
    async fn add_sku(
        &self,
        ctx: Context<'_>,
        Json(request): Json<AddSku>,
    ) -> Result<Json<Result<SkuId, SkuRefusal>>, HandlerError> {
        let AddSku { operation_id, seller_id, product_id, sku } = request;
        let (sku_id, now) = step!(ctx, "draw id", async { Ok((SkuId::new(), now())) })?;
        let write = sku_insert(&self.db, seller_id, product_id, sku_id, &sku, now);
        if let Err(refusal) = step!(ctx, "write SKU", write)? {
            return Ok(Json(Err(refusal)));
        }
        let stocks = vec![stock(sku_id, &sku)];
        PROVISION.call(&ctx, Provision { operation_id: operation_id.child("provision"), seller_id, stocks }).await?;
        Ok(Json(Ok(sku_id)))
    }
}

async fn start(db: &DatabaseConnection, request: &CreateProduct) -> service_kit::Result<Start> {
    if let Some(product_id) = product_id_by_operation(db, request.operation_id).await? {
        return Ok(Start::Made(product_id));
    }
    if category_list_by_ids(db, &[request.product.category_id]).await?.is_empty() {
        return Ok(Start::NoSuchCategory);
    }
    let sku_ids = request.skus.iter().map(|_| SkuId::new()).collect();
    Ok(Start::New { product_id: ProductId::new(), sku_ids, now: now() })
}

/// The time, as precise as the database keeps it.
fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

fn stock(sku_id: SkuId, sku: &SkuDraft) -> ProvisionStock {
    ProvisionStock { of: StockRef::Sku(sku_id), requires_serials: sku.requires_serials, initial_units: 0 }
}
