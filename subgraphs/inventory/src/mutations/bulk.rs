//! Correcting many stocks at once.

use std::collections::{HashMap, HashSet};

use async_graphql::{Context, InputObject, Object, SimpleObject};
use contracts::{Ingress, inventory::StockRef};
use kernel::SkuId;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, Viewer, graphql::BigInt};

use super::{checks, operation};
use crate::{
    error::{ErrorCode, UserError},
    store::{
        adjustments::{BulkLine, BulkOutcome, stocks_adjust},
        stocks::stock_list,
    },
    types::Stock,
    workflows::announce_low_stock::{ANNOUNCE, LowStockAlert},
};

/// The most stocks that are corrected at once.
const LINES_MAX: usize = 200;

/// Corrections of many stocks.
#[derive(InputObject)]
pub struct AdjustStocksInput {
    /// 1–200 SKUs of the viewer whose units have no serials, each once.
    pub lines: Vec<StockLineInput>,
    /// Why, for the history: 1 to 200 characters.
    pub reason: String,
    /// 1 to 64 characters drawn by the client: the same key again changes nothing and gives the first answer.
    pub idempotency_key: String,
}

/// The correction of one stock.
#[derive(InputObject, Clone, Copy)]
pub struct StockLineInput {
    /// The SKU.
    pub sku_id: SkuId,
    /// How many units more (positive) or less (negative) there are than thought.
    pub delta: BigInt,
}

/// The answer to `adjustStocks`.
#[derive(SimpleObject)]
pub struct AdjustStocksPayload {
    /// The stocks as they are now, in the order of the lines. Empty when refused.
    pub stocks: Vec<Stock>,
    /// Why nothing was changed; each names the line, as in `lines.3.delta`.
    pub user_errors: Vec<UserError>,
}

/// Mutations of many stocks.
pub struct BulkMutations;

#[Object]
impl BulkMutations {
    /// Corrects the numbers of units of many SKUs of the viewer: all of them, or none when something is wrong with one.
    /// Reserved units cannot be taken out: `STOCK_BELOW_TAKEN`. Units with serials are corrected by `adjustStock`:
    /// `SERIALS_REQUIRED`. `NOT_FOUND` when a SKU is unknown, `FORBIDDEN` when it is somebody else's.
    async fn adjust_stocks(&self, ctx: &Context<'_>, input: AdjustStocksInput) -> Result<AdjustStocksPayload> {
        let (db, viewer) = (ctx.data_unchecked::<DatabaseConnection>(), Viewer::of(ctx)?);
        let operation_id = operation(viewer.account_id, "adjustStocks", &input.idempotency_key)?;
        let refused = |user_errors| Ok(AdjustStocksPayload { stocks: Vec::new(), user_errors });
        if !(1..=LINES_MAX).contains(&input.lines.len()) {
            let message = format!("Between 1 and {LINES_MAX} stocks are corrected at once.");
            return refused(vec![UserError::at("lines", ErrorCode::StockQuantityInvalid, message)]);
        }
        let ids: Vec<SkuId> = input.lines.iter().map(|line| line.sku_id).collect();
        let of: Vec<StockRef> = ids.iter().copied().map(StockRef::Sku).collect();
        let stocks = stock_list(db, &of).await?;
        if stocks.iter().any(|stock| stock.owner_id != viewer.account_id) {
            return Err(Error::Forbidden);
        }
        let mut stocks: HashMap<SkuId, _> = stocks.into_iter().map(|stock| (SkuId(stock.ref_id), stock)).collect();
        if ids.iter().any(|id| !stocks.contains_key(id)) {
            return Err(Error::NotFound("SKU"));
        }
        let (mut lines, mut errors, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for (place, line) in input.lines.iter().enumerate() {
            if !seen.insert(line.sku_id) {
                let message = "Each SKU is named once.";
                errors.push(UserError::at(format!("lines.{place}.skuId"), ErrorCode::StockQuantityInvalid, message));
                continue;
            }
            let stock = stocks.remove(&line.sku_id).ok_or(Error::NotFound("SKU"))?;
            match checks::correction(line.delta.0, &input.reason, Vec::new(), &stock) {
                Ok(_) => lines.push(BulkLine { stock, delta: line.delta.0 }),
                Err(error) => errors.push(at_line(place, error)),
            }
        }
        if !errors.is_empty() {
            // A reason that does not do is told once, not for each line.
            errors.dedup();
            return refused(errors);
        }
        match stocks_adjust(db, operation_id, viewer.account_id, &lines, input.reason.trim()).await? {
            BulkOutcome::BelowTaken(short) => refused(
                short.into_iter().map(|short| at_line(short.line, super::below_taken(short.available))).collect(),
            ),
            BulkOutcome::Adjusted(low) => {
                for stock in low {
                    let ingress = ctx.data_unchecked::<Ingress>();
                    // Asked again with the same key, this is sent again, and the seller is told once.
                    let alert_id = operation_id.child(format!("low/{}", stock.stock_id));
                    let alert = LowStockAlert { alert_id, stock };
                    ANNOUNCE.send_at_ingress(ingress, alert.alert_id.to_string(), alert).await?;
                }
                let rows = stock_list(db, &of).await?;
                let mut rows: HashMap<SkuId, _> = rows.into_iter().map(|row| (SkuId(row.ref_id), row)).collect();
                let stocks = ids.iter().filter_map(|id| rows.remove(id)).map(Stock).collect();
                Ok(AdjustStocksPayload { stocks, user_errors: Vec::new() })
            }
        }
    }
}

/// The error with the place of its line, unless it is about the reason, which all lines share.
fn at_line(place: usize, error: UserError) -> UserError {
    match error.field.as_deref() {
        Some("reason") => error,
        field => {
            let field = field.unwrap_or_default();
            UserError { field: Some(format!("lines.{place}.{field}")), ..error }
        }
    }
}
