//! Favorites.

use async_graphql::{Context, Object};
use chrono::Utc;
use contracts::analytic::{Interaction, InteractionKind, TRACK};
use kernel::{AccountId, OperationId, ProductId};
use sea_orm::DatabaseConnection;
use service_kit::{Platform, Result, SignedIn, Viewer};

use crate::{
    store,
    types::{AddFavoriteInput, AddFavoritePayload, Product, RemoveFavoriteInput, RemoveFavoritePayload},
};

/// Mutations of favorites.
pub struct ProductMutations;

#[Object]
impl ProductMutations {
    /// Marks a product. Marking it again changes nothing.
    #[graphql(guard = "SignedIn")]
    async fn add_favorite(&self, ctx: &Context<'_>, input: AddFavoriteInput) -> Result<AddFavoritePayload> {
        let viewer = Viewer::of(ctx)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        if store::favorite_insert(db, viewer.account_id, input.product_id).await? {
            track(ctx.data_unchecked::<Platform>(), viewer.account_id, input.product_id).await;
        }
        Ok(Product { id: input.product_id }.into())
    }

    /// Takes the mark off a product. Without a mark nothing changes.
    #[graphql(guard = "SignedIn")]
    async fn remove_favorite(&self, ctx: &Context<'_>, input: RemoveFavoriteInput) -> Result<RemoveFavoritePayload> {
        let viewer = Viewer::of(ctx)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        store::favorite_delete(db, viewer.account_id, input.product_id).await?;
        Ok(Product { id: input.product_id }.into())
    }
}

/// Lets the mark count towards the popularity of the product: once for each account, however often it is taken off and
/// put on again. The mark stands even when this cannot be sent.
async fn track(platform: &Platform, account_id: AccountId, product_id: ProductId) {
    let id = OperationId::derive(account_id, "add-favorite", &product_id.to_string());
    let interaction = Interaction {
        interaction_id: id.uuid(),
        account_id: Some(account_id),
        product_id,
        kind: InteractionKind::AddToFavorites,
        occurred_at: Utc::now(),
    };
    if let Err(error) = TRACK.send_at_ingress(&platform.ingress, id.to_string(), vec![interaction]).await {
        tracing::warn!(%error, %product_id, "a favorite does not count towards popularity");
    }
}
