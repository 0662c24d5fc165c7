//! What can be asked.

use async_graphql::{Context, Object};
use kernel::ResourceId;
use sea_orm::DatabaseConnection;
use service_kit::{
    Error, Result, SignedIn, Viewer,
    graphql::{CurrencyCode, Money, MoneyInput, trimmed},
};

use crate::{
    loaders::Loaders,
    places::Places,
    rates, store,
    types::{ExchangeRate, Place, Resource, ServiceOption, ServiceOptionCategory},
};

/// The queries of files and options.
pub struct CommonQueries;

#[Object]
impl CommonQueries {
    /// A file. Null when there is none, and while it is pending for anybody but its owner.
    async fn resource(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The resource.")] id: ResourceId,
    ) -> Result<Option<Resource>> {
        let row = Loaders::of(ctx)?.resources.load_one(id).await?;
        Ok(row.and_then(|row| Resource::visible(row, Viewer::maybe(ctx))))
    }

    /// What can be selected in a category, in the order in which to offer it.
    async fn service_options(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the options are for.")] category: ServiceOptionCategory,
        #[graphql(desc = "Whether to list those that are switched off as well; for administrators.")]
        disabled_too: Option<bool>,
    ) -> Result<Vec<ServiceOption>> {
        let disabled_too = disabled_too.unwrap_or_default();
        if disabled_too && !Viewer::of(ctx)?.admin {
            return Err(Error::Forbidden);
        }
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = store::option_list(db, category.into(), disabled_too).await?;
        Ok(rows.into_iter().map(ServiceOption).collect())
    }
    /// What one unit of a currency is worth in another. Null when one of the two is not known. It shows prices in the
    /// viewer's currency; what is paid is always in the currency of the price.
    async fn exchange_rate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The currency that there is.")] from: CurrencyCode,
        #[graphql(desc = "The currency that is wanted.")] to: CurrencyCode,
    ) -> Result<Option<ExchangeRate>> {
        ExchangeRate::between(ctx.data_unchecked::<DatabaseConnection>(), from.0, to.0).await
    }

    /// An amount in another currency, rounded half-up to its minor unit. Null when one of the two is not known.
    async fn convert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The amount that there is.")] amount: MoneyInput,
        #[graphql(desc = "The currency that is wanted.")] to: CurrencyCode,
    ) -> Result<Option<Money>> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let Some(rate) = ExchangeRate::between(db, amount.currency.0, to.0).await? else { return Ok(None) };
        let converted = rates::convert(amount.into(), &rate.from, &rate.to);
        converted.map(|money| Some(money.into())).map_err(|_| Error::bad_input("amount", "it is too large to convert"))
    }
    /// Where an address is, as well as the providers know: its house, or its city. Null when nobody knows.
    #[graphql(guard = "SignedIn")]
    async fn geocode(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address on one line, at most 500 characters.")] address: String,
    ) -> Result<Option<Place>> {
        let address = trimmed(&address, 1..=500).map_err(|rule| Error::bad_input("address", rule))?;
        let found = ctx.data_unchecked::<Places>().search(&address, 1).await?;
        Ok(found.into_iter().next().map(Place::from))
    }

    /// What is at a position. Null where nobody knows a place.
    #[graphql(guard = "SignedIn")]
    async fn reverse_geocode(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Degrees north, −90 to 90.")] latitude: f64,
        #[graphql(desc = "Degrees east, −180 to 180.")] longitude: f64,
    ) -> Result<Option<Place>> {
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(Error::bad_input("latitude", "it lies between -90 and 90 degrees"));
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(Error::bad_input("longitude", "it lies between -180 and 180 degrees"));
        }
        Ok(ctx.data_unchecked::<Places>().reverse(latitude, longitude).await?.map(Place::from))
    }

    /// Places that somebody may mean who is still typing, the likeliest first.
    #[graphql(guard = "SignedIn")]
    async fn place_suggestions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What has been typed, 2 to 200 characters.")] text: String,
        #[graphql(desc = "How many, 1 to 10.", default = 5)] first: i32,
    ) -> Result<Vec<Place>> {
        let text = trimmed(&text, 2..=200).map_err(|rule| Error::bad_input("text", rule))?;
        let most = usize::try_from(first).ok().filter(|first| (1..=10).contains(first));
        let most = most.ok_or_else(|| Error::bad_input("first", "it lies between 1 and 10"))?;
        Ok(ctx.data_unchecked::<Places>().search(&text, most).await?.into_iter().map(Place::from).collect())
    }
}
