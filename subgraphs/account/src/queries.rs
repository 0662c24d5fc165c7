//! Queries.

use async_graphql::{Context, Object};
use kernel::AccountId;
use service_kit::{Result, Viewer};

use crate::{
    countries,
    loaders::Loaders,
    types::{Account, Country},
};

/// The queries of the module.
pub struct AccountQueries;

#[Object]
impl AccountQueries {
    /// The account of the viewer, from which a whole app shell can be drawn. Null when nobody is logged in.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        let Some(viewer) = Viewer::maybe(ctx) else { return Ok(None) };
        Ok(Loaders::of(ctx)?.accounts.load_one(viewer.account_id).await?.map(Account))
    }

    /// An account's public profile. Null when there is none of this id.
    async fn account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the account.")] id: AccountId,
    ) -> Result<Option<Account>> {
        Ok(Loaders::of(ctx)?.accounts.load_one(id).await?.map(Account))
    }

    /// Every country, for a form of registration, in the order of their codes.
    async fn countries(&self) -> Vec<Country> {
        countries::all().map(Country::from).collect()
    }
}
