//! DataLoaders, made anew for each request.

use std::collections::HashMap;

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use entities::analytic::popularity;
use kernel::{AccountId, ProductId};
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, error::LoadError, graphql::batching};

use crate::store;

/// The loaders of one request.
pub struct Loaders {
    /// The popularity of products.
    pub(crate) popularity: DataLoader<Popularities>,
    /// How many units products and sellers sold.
    pub(crate) sold: DataLoader<SoldCounts>,
}

impl Loaders {
    /// Loaders for one request, which must carry them as data.
    pub fn new(db: &DatabaseConnection) -> Self {
        Self { popularity: batching(Popularities(db.clone())), sold: batching(SoldCounts(db.clone())) }
    }

    pub(crate) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>().ok_or_else(|| Error::broken("a request without loaders"))
    }
}

/// Loads the popularity of products.
pub(crate) struct Popularities(DatabaseConnection);

impl Loader<ProductId> for Popularities {
    type Value = popularity::Model;
    type Error = LoadError;

    async fn load(&self, ids: &[ProductId]) -> Result<HashMap<ProductId, popularity::Model>, LoadError> {
        let rows = store::popularity_list(&self.0, ids).await?;
        Ok(rows.into_iter().map(|row| (row.product_id, row)).collect())
    }
}

/// Loads how many units were sold.
pub(crate) struct SoldCounts(DatabaseConnection);

impl Loader<ProductId> for SoldCounts {
    type Value = i64;
    type Error = LoadError;

    async fn load(&self, ids: &[ProductId]) -> Result<HashMap<ProductId, i64>, LoadError> {
        Ok(store::sales::sold_by_product(&self.0, ids).await?)
    }
}

impl Loader<AccountId> for SoldCounts {
    type Value = i64;
    type Error = LoadError;

    async fn load(&self, ids: &[AccountId]) -> Result<HashMap<AccountId, i64>, LoadError> {
        Ok(store::sales::sold_by_seller(&self.0, ids).await?)
    }
}
