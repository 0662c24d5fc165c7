//! Changing many prices at once.

use std::collections::HashSet;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use kernel::{Money, SkuId};
use service_kit::{Result, SignedIn, Viewer, graphql::MoneyInput};

use crate::{
    error::{ErrorCode, Problems, UserError},
    loaders::loaders_of,
    queries::database,
    store::price::prices_set,
    types::{Sku, inputs::checked_price},
};

/// The most prices that are changed at once.
const CHANGES_MAX: usize = 200;

/// Prices to set.
#[derive(InputObject, Debug, Clone)]
pub struct ChangePricesInput {
    /// 1–200 SKUs of the viewer with their new prices, each SKU once.
    pub changes: Vec<PriceChangeInput>,
}

/// A price to set.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct PriceChangeInput {
    /// The SKU.
    pub sku_id: SkuId,
    /// The new price of one unit, in the currency of the product's SKUs.
    pub price: MoneyInput,
}

/// The answer to `changePrices`.
#[derive(SimpleObject, Debug, Clone)]
pub struct ChangePricesPayload {
    /// The SKUs as they are now, in the order of the changes. Empty when the mutation was refused.
    pub skus: Vec<Sku>,
    /// Why nothing was changed; each names the change, as in `changes.3.price`. Empty when all were made.
    pub user_errors: Vec<UserError>,
}

/// Mutations of many prices.
#[derive(Debug, Default)]
pub struct PriceMutations;

#[Object]
impl PriceMutations {
    /// Sets the prices of many SKUs of the viewer: all of them, or none when something is wrong with one. Items that are
    /// in orders keep the price they were checked out at. Codes: `LIST_TOO_LONG`, `DUPLICATE`, `PRICE_INVALID`,
    /// `SKU_NOT_FOUND`, `CURRENCY_MIXED`. A SKU of somebody else answers `FORBIDDEN`.
    #[graphql(guard = "SignedIn")]
    async fn change_prices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The prices.")] input: ChangePricesInput,
    ) -> Result<ChangePricesPayload> {
        let viewer = Viewer::of(ctx)?;
        let refused = |user_errors| Ok(ChangePricesPayload { skus: Vec::new(), user_errors });
        let prices = match input.checked() {
            Ok(prices) => prices,
            Err(problems) => return refused(problems),
        };
        if let Err(problems) = prices_set(database(ctx)?, viewer.account_id, &prices).await? {
            return refused(problems);
        }
        let mut skus = loaders_of(ctx)?.load_many(prices.iter().map(|(id, _)| *id)).await?;
        let skus = prices.iter().filter_map(|(id, _)| skus.remove(id)).map(Sku::of);
        Ok(ChangePricesPayload { skus: skus.collect(), user_errors: Vec::new() })
    }
}

impl ChangePricesInput {
    fn checked(&self) -> Result<Vec<(SkuId, Money)>, Vec<UserError>> {
        let mut problems = Problems::default();
        let fits = (1..=CHANGES_MAX).contains(&self.changes.len());
        problems.check(fits, "changes", ErrorCode::ListTooLong, "Between 1 and 200 prices are changed at once.");
        let mut seen = HashSet::new();
        let mut prices = Vec::with_capacity(self.changes.len().min(CHANGES_MAX));
        for (place, change) in self.changes.iter().take(CHANGES_MAX).enumerate() {
            let once = seen.insert(change.sku_id);
            problems.check(once, format!("changes.{place}.skuId"), ErrorCode::Duplicate, "Each SKU is named once.");
            let price = checked_price(&mut problems, &format!("changes.{place}.price"), change.price);
            prices.push((change.sku_id, price));
        }
        problems.none_or(prices)
    }
}
