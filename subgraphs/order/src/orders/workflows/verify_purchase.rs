//! Whether somebody has received a product, for whoever must know inside a workflow.

use contracts::order::PurchaseVerify;
use kernel::OrderItemId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::items;

/// Answers other modules' questions about purchases.
pub(crate) struct OrderDirectory {
    pub(crate) db: DatabaseConnection,
}

#[restate_sdk::service(name = "OrderDirectory", client_visibility = "pub(crate)")]
impl OrderDirectory {
    /// The items of a product that a buyer has received, newest first.
    #[handler]
    async fn purchase_verify(
        &self,
        ctx: Context<'_>,
        Json(PurchaseVerify { buyer_id, product_id }): Json<PurchaseVerify>,
    ) -> Result<Json<Vec<OrderItemId>>, HandlerError> {
        let items = step!(ctx, "read items", items::store::items_received(&self.db, buyer_id, product_id))?;
        Ok(Json(items))
    }
}
