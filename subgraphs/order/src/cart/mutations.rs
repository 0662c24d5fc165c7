//! Mutations of carts.

use async_graphql::{Context, Object};
use chrono::Utc;
use contracts::{
    analytic::{Interaction, InteractionKind, TRACK},
    catalog::SKUS,
};
use kernel::{AccountId, OperationId, ProductId};
use sea_orm::DatabaseConnection;
use service_kit::{Platform, Result, SignedIn, Viewer};
use uuid::Uuid;

use crate::{
    cart::{
        store::{self, Put},
        types::{Cart, ClearCartPayload, SetCartItemInput, SetCartItemPayload},
    },
    error::{ErrorCode, UserError},
};

/// Mutations of carts.
#[derive(Default)]
pub struct CartMutations;

#[Object]
impl CartMutations {
    /// Sets how many units of a SKU the viewer's cart holds; 0 takes it out. Nothing is reserved before checkout.
    ///
    /// Refused with `QUANTITY_OUT_OF_RANGE`, `SKU_NOT_FOUND`, `SKU_NOT_ON_SALE`, `OWN_PRODUCT` or `CART_FULL`.
    #[graphql(guard = "SignedIn")]
    async fn set_cart_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The SKU and how many.")] input: SetCartItemInput,
    ) -> Result<SetCartItemPayload> {
        let account_id = Viewer::of(ctx)?.account_id;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        match set(ctx, db, account_id, input).await? {
            Ok(()) => {
                let cart = Cart { items: store::cart_list(db, account_id).await? };
                Ok(SetCartItemPayload { cart: Some(cart), user_errors: vec![] })
            }
            Err(refusal) => Ok(SetCartItemPayload { cart: None, user_errors: vec![refusal] }),
        }
    }

    /// Empties the viewer's cart.
    #[graphql(guard = "SignedIn")]
    async fn clear_cart(&self, ctx: &Context<'_>) -> Result<ClearCartPayload> {
        let account_id = Viewer::of(ctx)?.account_id;
        let removed = store::cart_clear(ctx.data_unchecked::<DatabaseConnection>(), account_id).await?;
        let products = removed.into_iter().map(|item| item.product_id).collect();
        track(ctx, account_id, products, InteractionKind::RemoveFromCart).await;
        Ok(ClearCartPayload { cart: Some(Cart { items: vec![] }), user_errors: vec![] })
    }
}

async fn set(
    ctx: &Context<'_>,
    db: &DatabaseConnection,
    account_id: AccountId,
    input: SetCartItemInput,
) -> Result<Result<(), UserError>> {
    let SetCartItemInput { sku_id, quantity } = input;
    let refuse = |field: &str, code, message: &str| Ok(Err(UserError::at(field, code, message)));
    if !(0..=999).contains(&quantity) {
        return refuse("quantity", ErrorCode::QuantityOutOfRange, "The quantity lies between 0 and 999.");
    }
    if quantity == 0 {
        if let Some(removed) = store::cart_remove(db, account_id, sku_id).await? {
            track(ctx, account_id, vec![removed.product_id], InteractionKind::RemoveFromCart).await;
        }
        return Ok(Ok(()));
    }
    let found = ctx.data_unchecked::<Platform>().peers.read(&SKUS, &vec![sku_id]).await?;
    let Some(sku) = found.into_iter().next() else {
        return refuse("skuId", ErrorCode::SkuNotFound, "There is no such SKU.");
    };
    if sku.seller_id == account_id {
        return refuse("skuId", ErrorCode::OwnProduct, "You cannot buy your own product.");
    }
    if !sku.enabled {
        return refuse("skuId", ErrorCode::SkuNotOnSale, "This SKU is not on sale.");
    }
    match store::cart_put(db, account_id, sku_id, sku.product_id, quantity).await? {
        Put::Full => refuse("skuId", ErrorCode::CartFull, "A cart holds at most 100 different SKUs."),
        Put::Changed => Ok(Ok(())),
        Put::Added => {
            track(ctx, account_id, vec![sku.product_id], InteractionKind::AddToCart).await;
            Ok(Ok(()))
        }
    }
}

/// Tells `analytic`, without waiting for it. The cart has changed already, so a failure here must not fail the request.
async fn track(ctx: &Context<'_>, account_id: AccountId, products: Vec<ProductId>, kind: InteractionKind) {
    if products.is_empty() {
        return;
    }
    let interactions = products.into_iter().map(|product_id| Interaction {
        interaction_id: Uuid::now_v7(),
        account_id: Some(account_id),
        product_id,
        kind,
        occurred_at: Utc::now(),
    });
    let ingress = &ctx.data_unchecked::<Platform>().ingress;
    let sent = TRACK.send_at_ingress(ingress, OperationId::new().to_string(), interactions.collect()).await;
    if let Err(error) = sent {
        tracing::warn!(%error, %account_id, "an interaction with the cart was not recorded");
    }
}
