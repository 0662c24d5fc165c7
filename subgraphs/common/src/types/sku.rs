//! What this module adds to a SKU.

use async_graphql::{Context, Object};
use kernel::SkuId;
use service_kit::{
    Error, Result,
    graphql::{CurrencyCode, Money},
};

use crate::{loaders::Loaders, rates};

/// A SKU, of the catalog.
pub struct Sku {
    pub(crate) id: SkuId,
    /// What the catalog says it costs, when the router has brought it.
    pub(crate) price: Option<kernel::Money>,
}

/// A SKU, of the catalog.
#[Object]
impl Sku {
    /// Stable for ever.
    async fn id(&self) -> SkuId {
        self.id
    }

    /// List price of one unit, as the catalog says it.
    #[graphql(external)]
    async fn price(&self) -> Result<Money> {
        Ok(self.brought()?.into())
    }

    /// The list price of one unit in another currency, the viewer's for instance, rounded half-up to its minor unit. It
    /// is there to be shown: what is paid is always in the currency of the price. Null when one of the two currencies is
    /// not known.
    #[graphql(requires = "price { amountMinor currency }")]
    async fn price_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The currency that is wanted.")] currency: CurrencyCode,
    ) -> Result<Option<Money>> {
        let price = self.brought()?;
        let rates = &Loaders::of(ctx)?.rates;
        let mut known = rates.load_many([price.currency, currency.0]).await?;
        let from = known.get(&price.currency).cloned();
        let Some((from, to)) = from.zip(known.remove(&currency.0)) else { return Ok(None) };
        Ok(rates::convert(price, &from, &to).ok().map(Money::from))
    }
}

impl Sku {
    fn brought(&self) -> Result<kernel::Money> {
        self.price.ok_or_else(|| Error::broken("the router has not brought what `priceIn` requires"))
    }
}
