//! The commands that other modules give: provision, reserve, release, commit.
//!
//! | handler | step | undone by |
//! |---|---|---|
//! | `provision` | make the stock records | nothing: a stock without SKU is harmless |
//! | `reserve` | take counters and serials, all or nothing | `release` |
//! | `release` | give them back | |
//! | `commit` | sell them | a return, which is a new movement of stock |
//!
//! Each handler is one transaction in one step. The transaction keeps its answer under the operation id, so a step that
//! runs again, and a caller that asks again, get the first answer. That is why reserving, of which every checkout waits for
//! one, journals nothing.

use contracts::inventory::{Provision, Reserve, ReserveOutcome, Settle};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{durable::operation, idempotent_step, step};

use crate::{
    store::{
        provisions::stock_provision,
        reservations::stock_reserve,
        settlements::{Settlement, stock_settle},
    },
    workflows::announce_low_stock::{ANNOUNCE, LowStockAlert},
};

/// Carries out the commands of [`contracts::inventory`].
pub(crate) struct InventoryStock {
    pub(crate) db: DatabaseConnection,
}

/// Stock of SKUs: provision, reserve, release, commit. Idempotent by operation id.
#[restate_sdk::service(name = "InventoryStock", client_visibility = "pub(crate)")]
impl InventoryStock {
    /// Makes the stock records of new SKUs.
    #[handler]
    async fn provision(&self, ctx: Context<'_>, Json(command): Json<Provision>) -> Result<Json<()>, HandlerError> {
        step!(ctx, "make the stock records", stock_provision(&self.db, &command))?;
        Ok(Json(()))
    }

    /// Reserves every line or none, and has the sellers told of stocks that run low.
    #[handler]
    async fn reserve(
        &self,
        ctx: Context<'_>,
        Json(command): Json<Reserve>,
    ) -> Result<Json<ReserveOutcome>, HandlerError> {
        let reserved = idempotent_step!("take the units", stock_reserve(&self.db, &command))?;
        for stock in reserved.low {
            let alert_id = operation(command.operation_id, &stock.stock_id.to_string());
            ANNOUNCE.send(&ctx, LowStockAlert { alert_id, stock });
        }
        Ok(Json(reserved.outcome))
    }

    /// Gives reserved units back to sale.
    #[handler]
    async fn release(&self, ctx: Context<'_>, Json(command): Json<Settle>) -> Result<Json<()>, HandlerError> {
        step!(ctx, "give the units back", stock_settle(&self.db, Settlement::Release, &command))?;
        Ok(Json(()))
    }

    /// Turns reserved units into sold ones.
    #[handler]
    async fn commit(&self, ctx: Context<'_>, Json(command): Json<Settle>) -> Result<Json<()>, HandlerError> {
        step!(ctx, "sell the units", stock_settle(&self.db, Settlement::Commit, &command))?;
        Ok(Json(()))
    }
}
