//! Takes sales and returns from `order`.
//!
//! One step, one statement: record what is new and add it to the roll-ups. There is nothing to undo, and a step that runs
//! again finds everything recorded.

use contracts::analytic::Sale;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::store::sales::sales_record;

/// The log of sales.
pub(crate) struct SalesLog {
    pub(crate) db: DatabaseConnection,
}

/// Records what was sold and what came back, each once by its id.
#[restate_sdk::service(name = "SalesLog", client_visibility = "pub(crate)")]
impl SalesLog {
    /// Records a batch.
    #[handler]
    async fn record(&self, ctx: Context<'_>, Json(sales): Json<Vec<Sale>>) -> Result<Json<()>, HandlerError> {
        step!(ctx, "record the sales", sales_record(&self.db, &sales))?;
        Ok(Json(()))
    }
}
