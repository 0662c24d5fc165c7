//! Units that come back from orders.
//!
//! | handler | step |
//! |---|---|
//! | `arrive` | marks sold serials as back with their seller |
//! | `take_back` | puts units back into the stock, or writes them off |
//!
//! Each is one transaction in one step, which keeps its answer under the operation id. Nothing is undone.

use contracts::inventory::{Arrive, TakeBack};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::store::returns::{stock_arrive, stock_take_back};

/// Carries out what `contracts::inventory` says of returns.
pub(crate) struct StockReturns {
    pub(crate) db: DatabaseConnection,
}

/// Units that come back. Idempotent by operation id.
#[restate_sdk::service(name = "StockReturns", client_visibility = "pub(crate)")]
impl StockReturns {
    /// Records that sold units are back with their seller.
    #[handler]
    async fn arrive(&self, ctx: Context<'_>, Json(command): Json<Arrive>) -> Result<Json<()>, HandlerError> {
        step!(ctx, "mark the serials", stock_arrive(&self.db, &command))?;
        Ok(Json(()))
    }

    /// Takes units back.
    #[handler]
    async fn take_back(&self, ctx: Context<'_>, Json(command): Json<TakeBack>) -> Result<Json<()>, HandlerError> {
        step!(ctx, "take the units back", stock_take_back(&self.db, &command))?;
        Ok(Json(()))
    }
}
