//! What can be asked.

use async_graphql::{Context, Object};
use entities::promotion::promotion::State;
use kernel::{AccountId, PromotionId};
use sea_orm::DatabaseConnection;
use service_kit::{
    Admin, Error, Result, Viewer,
    graphql::{List, Page, list, wants_total},
};

use crate::{
    loaders::Loaders,
    store::{self, Listed, PromotionPosition},
    types::{Promotion, PromotionState},
};

/// A list of promotions.
pub type PromotionList = List<Promotion>;

/// The queries of promotions.
pub struct PromotionQueries;

#[Object]
impl PromotionQueries {
    /// One promotion. Null when there is none.
    async fn promotion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The promotion.")] id: PromotionId,
    ) -> Result<Option<Promotion>> {
        Ok(Loaders::of(ctx)?.promotions.load_one(id).await?.map(Promotion))
    }

    /// The promotions of the platform, newest first. For administrators.
    #[graphql(guard = "Admin")]
    async fn platform_promotions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand there in their schedule; all when left out.")] states: Option<
            Vec<PromotionState>,
        >,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<PromotionList> {
        listed(ctx, Listed::Platform, states, first, after).await
    }
}

/// The promotions an account made, for itself alone.
pub(crate) async fn promotions_of(
    ctx: &Context<'_>,
    account_id: AccountId,
    states: Option<Vec<PromotionState>>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<PromotionList> {
    if Viewer::of(ctx)?.account_id != account_id {
        return Err(Error::Forbidden);
    }
    listed(ctx, Listed::Of(account_id), states, first, after).await
}

async fn listed(
    ctx: &Context<'_>,
    which: Listed,
    states: Option<Vec<PromotionState>>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<PromotionList> {
    let states: Vec<State> = states.unwrap_or_default().into_iter().map(State::from).collect();
    let page = Page::<PromotionPosition>::read(first, after)?;
    let db = ctx.data_unchecked::<DatabaseConnection>();
    let rows = store::promotion_list(db, which, &states, &page, wants_total(ctx)).await?;
    Ok(list(&page, rows, |row| (row.created_at, row.id), Promotion::from))
}
