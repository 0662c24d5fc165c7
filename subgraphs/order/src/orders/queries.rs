//! Queries of orders.

use async_graphql::{Context, Object};
use kernel::OrderId;
use service_kit::{Error, Result, SignedIn, Viewer};

use crate::{loaders::Loaders, orders::types::Order};

/// Queries of orders.
#[derive(Default)]
pub struct OrderQueries;

#[Object]
impl OrderQueries {
    /// An order. For its buyer, its seller and administrators; for anybody else there is no such order (`NOT_FOUND`).
    #[graphql(guard = "SignedIn")]
    async fn order(&self, ctx: &Context<'_>, #[graphql(desc = "The order.")] id: OrderId) -> Result<Option<Order>> {
        let viewer = Viewer::of(ctx)?;
        let order = Loaders::of(ctx)?.orders.load_one(id).await?.map(Order);
        order.filter(|order| order.is_visible_to(viewer)).map(Some).ok_or(Error::NotFound("order"))
    }
}
