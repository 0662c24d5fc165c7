//! What this module adds to products of `catalog`.

use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};
use entities::account::{favorite, published_product};
use kernel::{AccountId, ProductId};
use service_kit::{Result, Viewer};

use super::Account;
use crate::loaders::Loaders;

/// A product, which `catalog` owns.
#[derive(SimpleObject, Debug, Clone, Copy)]
#[graphql(complex)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
}

#[ComplexObject]
impl Product {
    /// Whether the viewer has marked the product. Null when nobody is logged in.
    async fn is_favorite(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        let Some(viewer) = Viewer::maybe(ctx) else { return Ok(None) };
        let pair = (viewer.account_id, self.id);
        Ok(Some(Loaders::of(ctx)?.favorites.load_one(pair).await?.is_some()))
    }
}

/// A product that an account has marked.
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct Favorite {
    /// The product. Null when it has been deleted.
    pub product: Option<Product>,
    /// When it was marked.
    pub created_at: DateTime<Utc>,
}

impl From<favorite::Model> for Favorite {
    fn from(row: favorite::Model) -> Self {
        Self { product: Some(Product { id: row.product_id }), created_at: row.created_at }
    }
}

/// A new product of somebody whom an account follows.
#[derive(SimpleObject, Debug, Clone, Copy)]
#[graphql(complex)]
pub struct FeedEntry {
    /// The product. Null when it has been deleted.
    pub product: Option<Product>,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    #[graphql(skip)]
    seller_id: AccountId,
}

#[ComplexObject]
impl FeedEntry {
    /// Who sells it.
    async fn seller(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        Ok(Loaders::of(ctx)?.accounts.load_one(self.seller_id).await?.map(Account))
    }
}

impl From<published_product::Model> for FeedEntry {
    fn from(row: published_product::Model) -> Self {
        Self { product: Some(Product { id: row.product_id }), published_at: row.published_at, seller_id: row.seller_id }
    }
}
