//! Adding and changing SKUs.

use async_graphql::{Context, Object, SimpleObject};
use kernel::{OperationId, SkuId};
use service_kit::{Error, Result, SignedIn, Viewer};

use super::platform;
use crate::{
    error::{ErrorCode, UserError},
    loaders::loaders_of,
    queries::database,
    store::{
        product::product_not_found,
        sku::{SkuRefusal, sku_update},
    },
    types::{
        Sku,
        inputs::{AddSkuInput, UpdateSkuInput, check_idempotency_key},
    },
    workflows::edit_product::{ADD_SKU, AddSku},
};

/// The answer to `addSku`.
#[derive(SimpleObject, Debug, Clone)]
pub struct AddSkuPayload {
    /// The new SKU. Null when the mutation was refused.
    pub sku: Option<Sku>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// The answer to `updateSku`.
#[derive(SimpleObject, Debug, Clone)]
pub struct UpdateSkuPayload {
    /// The SKU as it is now. Null when the mutation was refused.
    pub sku: Option<Sku>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// Mutations of SKUs.
#[derive(Debug, Default)]
pub struct SkuMutations;

#[Object]
impl SkuMutations {
    /// Adds a SKU, and its stock, which is empty, to a product of the viewer. Codes: `PRODUCT_NOT_FOUND`,
    /// `TEXT_INVALID`, `LIST_TOO_LONG`, `DUPLICATE`, `PRICE_INVALID`, `CURRENCY_MIXED`, `PACKAGE_INVALID`. The product
    /// of somebody else answers `FORBIDDEN`.
    #[graphql(guard = "SignedIn")]
    async fn add_sku(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The SKU and its product.")] input: AddSkuInput,
    ) -> Result<AddSkuPayload> {
        let viewer = Viewer::of(ctx)?;
        check_idempotency_key(&input.idempotency_key)?;
        let refused = |user_errors| Ok(AddSkuPayload { sku: None, user_errors });
        let sku = match input.checked() {
            Ok(sku) => sku,
            Err(problems) => return refused(problems),
        };
        match loaders_of(ctx)?.load_one(input.product_id).await? {
            None => return refused(vec![product_not_found()]),
            Some(product) if product.seller_id != viewer.account_id => return Err(Error::Forbidden),
            Some(_) => {}
        }
        let operation_id = OperationId::derive(viewer.account_id, "add SKU", &input.idempotency_key);
        let request = AddSku { operation_id, seller_id: viewer.account_id, product_id: input.product_id, sku };
        match ADD_SKU.at_ingress(&platform(ctx)?.ingress, operation_id.to_string(), request).await? {
            Ok(sku_id) => Ok(AddSkuPayload { sku: sku_now(ctx, sku_id).await?, user_errors: Vec::new() }),
            Err(refusal) => refused(vec![shown(refusal)]),
        }
    }

    /// Changes a SKU of the viewer. Items that are in orders keep the price they were checked out at. Codes:
    /// `SKU_NOT_FOUND`, `TEXT_INVALID`, `LIST_TOO_LONG`, `DUPLICATE`, `PRICE_INVALID`, `CURRENCY_MIXED`,
    /// `PACKAGE_INVALID`, `FEATURED_INVALID`. The SKU of somebody else answers `FORBIDDEN`.
    #[graphql(guard = "SignedIn")]
    async fn update_sku(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateSkuInput,
    ) -> Result<UpdateSkuPayload> {
        let viewer = Viewer::of(ctx)?;
        let change = match input.checked() {
            Ok(change) => change,
            Err(user_errors) => return Ok(UpdateSkuPayload { sku: None, user_errors }),
        };
        Ok(match sku_update(database(ctx)?, viewer.account_id, input.sku_id, change).await? {
            Ok(()) => UpdateSkuPayload { sku: sku_now(ctx, input.sku_id).await?, user_errors: Vec::new() },
            Err(refusal) => UpdateSkuPayload { sku: None, user_errors: vec![refusal] },
        })
    }
}

async fn sku_now(ctx: &Context<'_>, id: SkuId) -> Result<Option<Sku>> {
    Ok(loaders_of(ctx)?.load_one(id).await?.map(Sku::of))
}

fn shown(refusal: SkuRefusal) -> UserError {
    match refusal {
        SkuRefusal::NoProduct => product_not_found(),
        SkuRefusal::TooMany => {
            UserError::at("sku", ErrorCode::ListTooLong, "The product has 100 SKUs, and that is the most.")
        }
        SkuRefusal::OtherCurrency => UserError::at(
            "sku.price.currency",
            ErrorCode::CurrencyMixed,
            "All SKUs of a product are priced in one currency.",
        ),
        SkuRefusal::SameVariant => UserError::at(
            "sku.attributes",
            ErrorCode::Duplicate,
            "Another SKU of the product has the same attribute values.",
        ),
    }
}
