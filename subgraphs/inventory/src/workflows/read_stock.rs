//! Reading stock for other modules.

use contracts::inventory::{AvailabilitySince, SkuAvailability};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::store::stocks::availability_list_since;

/// Answers what other modules ask of stock, and changes nothing.
pub(crate) struct InventoryDirectory {
    pub(crate) db: DatabaseConnection,
}

/// Reads stock for other modules.
#[restate_sdk::service(name = "InventoryDirectory", client_visibility = "pub(crate)", journal_retention = "1 minute")]
impl InventoryDirectory {
    /// Which SKUs have units to sell, of stocks that changed lately.
    #[handler]
    async fn availability_since(
        &self,
        ctx: Context<'_>,
        Json(since): Json<AvailabilitySince>,
    ) -> Result<Json<Vec<SkuAvailability>>, HandlerError> {
        Ok(Json(step!(ctx, "read stocks", availability_list_since(&self.db, &since))?))
    }
}
