//! What can be asked.

use async_graphql::{Context, Object};
use kernel::ResourceId;
use sea_orm::DatabaseConnection;
use service_kit::{
    Error, Result, Viewer,
    graphql::{CurrencyCode, Money, MoneyInput},
};

use crate::{
    loaders::Loaders,
    rates, store,
    types::{ExchangeRate, Resource, ServiceOption, ServiceOptionCategory},
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
}
