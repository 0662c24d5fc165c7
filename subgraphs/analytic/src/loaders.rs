//! DataLoaders, made anew for each request.

use std::collections::HashMap;

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use entities::analytic::popularity;
use kernel::ProductId;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, error::LoadError, graphql::batching};

use crate::store;

/// The loaders of one request.
pub struct Loaders {
    /// The popularity of products.
    pub(crate) popularity: DataLoader<Popularities>,
}

impl Loaders {
    /// Loaders for one request, which must carry them as data.
    pub fn new(db: &DatabaseConnection) -> Self {
        Self { popularity: batching(Popularities(db.clone())) }
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
