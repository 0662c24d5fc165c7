//! Takes interactions from clients and from other modules.
//!
//! One statement records what is new and adds its weight. There is nothing to undo, and a step that runs again
//! finds everything recorded. Then the catalog hears whose recommendations are out of date.

use std::collections::BTreeSet;

use contracts::{
    analytic::Interaction,
    catalog::{FEED_REFRESH, PRODUCT_SELLERS},
};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::{
    store::{
        self,
        sales::{sellers_note, strangers_viewed},
    },
    weights::Weights,
};

/// The log of interactions.
pub(crate) struct InteractionLog {
    pub(crate) db: DatabaseConnection,
    pub(crate) weights: Weights,
}

/// Records what accounts do with products, each interaction once by its id.
#[restate_sdk::service(name = "InteractionLog", client_visibility = "pub(crate)")]
impl InteractionLog {
    /// Records a batch.
    #[handler]
    async fn track(
        &self,
        ctx: Context<'_>,
        Json(interactions): Json<Vec<Interaction>>,
    ) -> Result<Json<()>, HandlerError> {
        // A view counts for the seller of the product, who is asked for once.
        let strangers =
            step!(ctx, "find products whose seller is not known", strangers_viewed(&self.db, &interactions))?;
        if !strangers.is_empty() {
            let sellers = PRODUCT_SELLERS.call(&ctx, strangers).await?;
            step!(ctx, "note the sellers", sellers_note(&self.db, &sellers))?;
        }
        step!(ctx, "record the interactions", store::interactions_record(&self.db, &self.weights, &interactions))?;
        // What an account has, or does not want, is not to be recommended to it a moment later.
        let settled = interactions.iter().filter(|one| one.kind.settles()).filter_map(|one| one.account_id);
        for account_id in settled.collect::<BTreeSet<_>>() {
            FEED_REFRESH.send(&ctx, account_id, ());
        }
        Ok(Json(()))
    }
}
