//! SKUs as clients see them.

use std::sync::Arc;

use async_graphql::{Context, Object};
use entities::catalog::{product, sku};
use kernel::{AccountId, CategoryId, ProductId, SkuId};
use service_kit::{Error, Result, graphql::Money};

use super::{NamedValue, Product};
use crate::{loaders::loaders_of, store::directory::price};

/// What can be bought of a product: a variant with a price and a stock of its own.
#[derive(Debug, Clone)]
pub struct Sku {
    row: Arc<sku::Model>,
    /// Its product, where whoever asked came from there and it need not be read again.
    product: Option<Arc<product::Model>>,
}

/// What can be bought of a product: a variant with a price and a stock of its own.
#[Object]
impl Sku {
    /// The SKU's id.
    async fn id(&self) -> SkuId {
        self.row.id
    }

    /// The product it is a variant of.
    async fn product(&self, ctx: &Context<'_>) -> Result<Product> {
        Ok(Product(self.product_row(ctx).await?))
    }

    /// Price of one unit before promotions.
    async fn price(&self) -> Result<Money> {
        Ok(price(self.row.price_minor, &self.row.price_currency)?.into())
    }

    /// What tells it from its siblings, in the seller's order.
    async fn attributes(&self) -> Vec<NamedValue> {
        NamedValue::list(&self.row.attributes)
    }

    /// The values of its attributes in one line, as in `Red / M`. Empty when it has none.
    async fn label(&self) -> &str {
        &self.row.label
    }

    /// Weight of one packed unit in grams.
    async fn weight_grams(&self) -> i32 {
        self.row.weight_grams
    }

    /// Length of one packed unit in millimetres; null when unknown.
    async fn length_mm(&self) -> Option<i32> {
        self.row.length_mm
    }

    /// Width of one packed unit in millimetres; null when unknown.
    async fn width_mm(&self) -> Option<i32> {
        self.row.width_mm
    }

    /// Height of one packed unit in millimetres; null when unknown.
    async fn height_mm(&self) -> Option<i32> {
        self.row.height_mm
    }

    /// Whether the seller offers it. It can be bought only while its product is enabled, too.
    async fn enabled(&self) -> bool {
        self.row.enabled
    }

    /// Whether its price shows on the product's card: true for exactly one SKU of a product.
    async fn featured(&self) -> bool {
        self.row.featured
    }

    /// The id of its product, for the modules that price and promote it. Clients usually want `product`.
    async fn product_id(&self) -> ProductId {
        self.row.product_id
    }

    /// The id of the account that sells it, for the modules that price and promote it. Clients usually want
    /// `product { seller }`.
    async fn seller_id(&self, ctx: &Context<'_>) -> Result<AccountId> {
        Ok(self.product_row(ctx).await?.seller_id)
    }

    /// The ids of its product's category and of all categories above, nearest first, for the modules that price and
    /// promote it. Clients usually want `product { category { path } }`.
    async fn category_path(&self, ctx: &Context<'_>) -> Result<Vec<CategoryId>> {
        let product = self.product_row(ctx).await?;
        let category = loaders_of(ctx)?.load_one(product.category_id).await?;
        let category = category.ok_or_else(|| Error::broken("a product in a category that does not exist"))?;
        Ok(category.path.iter().rev().copied().map(CategoryId).collect())
    }
}

impl Sku {
    /// A SKU that was asked for by itself.
    pub(crate) fn of(row: Arc<sku::Model>) -> Self {
        Self { row, product: None }
    }

    /// A SKU of a product that is at hand.
    pub(crate) fn within(row: Arc<sku::Model>, product: &Arc<product::Model>) -> Self {
        Self { row, product: Some(product.clone()) }
    }

    async fn product_row(&self, ctx: &Context<'_>) -> Result<Arc<product::Model>> {
        if let Some(product) = &self.product {
            return Ok(product.clone());
        }
        // Whoever holds a SKU found its product undeleted a moment ago.
        loaders_of(ctx)?.load_one(self.row.product_id).await?.ok_or(Error::NotFound("product"))
    }
}
