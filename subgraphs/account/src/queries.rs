//! Queries.

use async_graphql::{Context, Object};
use kernel::{AccountId, ReportId};
use sea_orm::DatabaseConnection;
use service_kit::{
    Admin, Result, SignedIn, Viewer,
    graphql::{List, Page, list, wants_total},
};

use crate::{
    countries,
    loaders::Loaders,
    providers::Tokenisers,
    store,
    types::{Account, AccountReport, Country},
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

    /// The providers that payment methods can be added with.
    #[graphql(guard = "SignedIn")]
    async fn payment_method_providers(&self, ctx: &Context<'_>) -> Vec<&'static str> {
        ctx.data_unchecked::<Tokenisers>().ids().collect()
    }

    /// What accounts report of one another, the newest first. For administrators.
    #[graphql(guard = "Admin")]
    async fn account_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether to leave out what has been closed.", default = true)] open_only: bool,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<List<AccountReport>> {
        let page = Page::<ReportId>::read(first, after)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = store::report_list(db, open_only, &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |row| row.id, AccountReport))
    }
}
