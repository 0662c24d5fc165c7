//! What a seller does with stock: the root, the inputs and the payloads.

mod bulk;
mod checks;

use async_graphql::{Context, InputObject, MergedObject, Object, SimpleObject};
use contracts::Ingress;
use kernel::{AccountId, OperationId, PromotionId, SkuId};
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, Viewer, graphql::BigInt};

pub use bulk::BulkMutations;

use crate::{
    error::{ErrorCode, UserError},
    store::{
        adjustments::{AdjustOutcome, Adjustment, stock_adjust},
        imports::{Import, ImportOutcome, serials_of_import, stock_import},
        stocks::{stock_fetch_owned, stock_set_threshold},
    },
    types::Stock,
    workflows::announce_low_stock::{ANNOUNCE, LowStockAlert},
};

/// Units that came in.
#[derive(InputObject)]
pub struct ImportStockInput {
    /// The SKU, one of the viewer's own. Give this or `promotionId`.
    pub sku_id: Option<SkuId>,
    /// A promotion of the viewer's own that was created with a stock.
    pub promotion_id: Option<PromotionId>,
    /// How many units, 1 to 1,000,000 (100,000 where units have serials). May be left out when `serials` are given.
    pub quantity: Option<BigInt>,
    /// The serials of the units, where units have serials; they are generated when left out. At most 64 characters
    /// each, and at most 100,000 of them in a request of at most 8 MB. Send many as a variable: what is written into the
    /// operation itself counts towards the limit of its length.
    #[graphql(default)]
    pub serials: Vec<String>,
    /// 1 to 64 characters drawn by the client: the same key again changes nothing and gives the first answer.
    pub idempotency_key: String,
}

/// A correction of the number of units.
#[derive(InputObject)]
pub struct AdjustStockInput {
    /// The SKU, one of the viewer's own. Give this or `promotionId`.
    pub sku_id: Option<SkuId>,
    /// A promotion of the viewer's own that was created with a stock.
    pub promotion_id: Option<PromotionId>,
    /// How many units more (positive) or less (negative) there are than thought. Where units have serials it can only
    /// be negative: new units come in by `importStock`.
    pub delta: BigInt,
    /// Why, for the history: 1 to 200 characters.
    pub reason: String,
    /// Where units have serials: those that are taken out of sale, as many as `delta` says.
    #[graphql(default)]
    pub serials: Vec<String>,
    /// 1 to 64 characters drawn by the client: the same key again changes nothing and gives the first answer.
    pub idempotency_key: String,
}

/// When to be told that a stock runs low.
#[derive(InputObject)]
pub struct SetLowStockThresholdInput {
    /// The SKU, one of the viewer's own. Give this or `promotionId`.
    pub sku_id: Option<SkuId>,
    /// A promotion of the viewer's own that was created with a stock.
    pub promotion_id: Option<PromotionId>,
    /// The seller is notified when a checkout leaves no more than so many units available. "0": only when it is sold
    /// out.
    pub threshold: BigInt,
}

/// The answer to `importStock`.
#[derive(SimpleObject)]
pub struct ImportStockPayload {
    /// The stock as it is now. Null when refused.
    pub stock: Option<Stock>,
    /// The serials of the units that came in, the generated ones too. Empty where units have none.
    pub serials: Vec<String>,
    /// Why it was refused.
    pub user_errors: Vec<UserError>,
}

/// The answer to `adjustStock`.
#[derive(SimpleObject)]
pub struct AdjustStockPayload {
    /// The stock as it is now. Null when refused.
    pub stock: Option<Stock>,
    /// Why it was refused.
    pub user_errors: Vec<UserError>,
}

/// The answer to `setLowStockThreshold`.
#[derive(SimpleObject)]
pub struct SetLowStockThresholdPayload {
    /// The stock as it is now. Null when refused.
    pub stock: Option<Stock>,
    /// Why it was refused.
    pub user_errors: Vec<UserError>,
}

/// Mutations of single stocks.
pub struct StockMutations;

/// The mutation root.
#[derive(MergedObject)]
pub struct Mutation(StockMutations, BulkMutations);

impl Mutation {
    /// The root.
    pub(crate) const fn new() -> Self {
        Self(StockMutations, BulkMutations)
    }
}

#[Object]
impl StockMutations {
    /// Adds units to the stock of one of the viewer's SKUs or promotions. `NOT_FOUND` when it is unknown, `FORBIDDEN` when it is
    /// somebody else's.
    async fn import_stock(&self, ctx: &Context<'_>, input: ImportStockInput) -> Result<ImportStockPayload> {
        let (db, viewer) = (ctx.data_unchecked::<DatabaseConnection>(), Viewer::of(ctx)?);
        let operation_id = operation(viewer.account_id, "importStock", &input.idempotency_key)?;
        let of = match checks::of(input.sku_id, input.promotion_id) {
            Ok(of) => of,
            Err(error) => return Ok(ImportStockPayload::refused(error)),
        };
        let stock = stock_fetch_owned(db, viewer.account_id, of).await?;
        let (units, serials) = match checks::units(input.quantity.map(|units| units.0), input.serials, &stock) {
            Ok(checked) => checked,
            Err(error) => return Ok(ImportStockPayload::refused(error)),
        };
        let import = Import { operation_id, actor_id: viewer.account_id, stock_id: stock.id, units, serials };
        match stock_import(db, &import).await? {
            ImportOutcome::Imported { .. } => {
                // Ours are no longer needed: what has come in, now or the first time, is read from where it is.
                drop(import);
                let serials = serials_of_import(db, operation_id).await?;
                let stock = Some(Stock(stock_fetch_owned(db, viewer.account_id, of).await?));
                Ok(ImportStockPayload { stock, serials, user_errors: Vec::new() })
            }
            ImportOutcome::SerialsExist(serials) => Ok(ImportStockPayload::refused(serials_exist(&serials))),
        }
    }

    /// Corrects the number of units of one of the viewer's SKUs or promotions. Reserved units cannot be taken out:
    /// `STOCK_BELOW_TAKEN`. `NOT_FOUND` when it is unknown, `FORBIDDEN` when it is somebody else's.
    async fn adjust_stock(&self, ctx: &Context<'_>, input: AdjustStockInput) -> Result<AdjustStockPayload> {
        let (db, viewer) = (ctx.data_unchecked::<DatabaseConnection>(), Viewer::of(ctx)?);
        let operation_id = operation(viewer.account_id, "adjustStock", &input.idempotency_key)?;
        let of = match checks::of(input.sku_id, input.promotion_id) {
            Ok(of) => of,
            Err(error) => return Ok(AdjustStockPayload { stock: None, user_errors: vec![error] }),
        };
        let stock = stock_fetch_owned(db, viewer.account_id, of).await?;
        let checked = checks::correction(input.delta.0, &input.reason, input.serials, &stock);
        let (reason, serials) = match checked {
            Ok(checked) => checked,
            Err(error) => return Ok(AdjustStockPayload { stock: None, user_errors: vec![error] }),
        };
        let actor_id = viewer.account_id;
        let adjustment = Adjustment { operation_id, actor_id, delta: input.delta.0, reason, serials };
        let outcome = stock_adjust(db, &stock, &adjustment).await?;
        if let AdjustOutcome::AdjustedLow(stock) = &outcome {
            // Asked again with the same key, this is sent again, and the seller is told once.
            let alert = LowStockAlert { alert_id: operation_id.child("low"), stock: stock.clone() };
            let ingress = ctx.data_unchecked::<Ingress>();
            ANNOUNCE.send_at_ingress(ingress, alert.alert_id.to_string(), alert).await?;
        }
        let error = match outcome {
            AdjustOutcome::Adjusted | AdjustOutcome::AdjustedLow(_) => {
                let stock = Some(Stock(stock_fetch_owned(db, actor_id, of).await?));
                return Ok(AdjustStockPayload { stock, user_errors: Vec::new() });
            }
            AdjustOutcome::BelowTaken { available } => below_taken(available),
            AdjustOutcome::SerialsNotAvailable => serials_not_available(),
        };
        Ok(AdjustStockPayload { stock: None, user_errors: vec![error] })
    }

    /// Sets when the viewer is told that the stock of one of their SKUs or promotions runs low. `NOT_FOUND` when it is
    /// unknown, `FORBIDDEN` when it is somebody else's.
    async fn set_low_stock_threshold(
        &self,
        ctx: &Context<'_>,
        input: SetLowStockThresholdInput,
    ) -> Result<SetLowStockThresholdPayload> {
        let (db, viewer) = (ctx.data_unchecked::<DatabaseConnection>(), Viewer::of(ctx)?);
        let checked = checks::of(input.sku_id, input.promotion_id);
        let of = match checks::threshold(input.threshold.0).and(checked) {
            Ok(of) => of,
            Err(error) => return Ok(SetLowStockThresholdPayload { stock: None, user_errors: vec![error] }),
        };
        stock_set_threshold(db, viewer.account_id, of, input.threshold.0).await?;
        let stock = Some(Stock(stock_fetch_owned(db, viewer.account_id, of).await?));
        Ok(SetLowStockThresholdPayload { stock, user_errors: Vec::new() })
    }
}

impl ImportStockPayload {
    fn refused(error: UserError) -> Self {
        Self { stock: None, serials: Vec::new(), user_errors: vec![error] }
    }
}

fn operation(account_id: AccountId, name: &str, key: &str) -> Result<OperationId> {
    if (1..=64).contains(&key.chars().count()) {
        Ok(OperationId::derive(account_id, name, key))
    } else {
        Err(Error::bad_input("idempotencyKey", "it has between 1 and 64 characters"))
    }
}

fn serials_exist(serials: &[String]) -> UserError {
    let shown = serials.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    let message = format!("Units with these serials are known already: {shown}. Nothing was imported.");
    UserError::at("serials", ErrorCode::SerialExists, message)
}

fn below_taken(available: i64) -> UserError {
    let message = format!("Only {available} units are free; reserved units cannot be taken out.");
    UserError::at("delta", ErrorCode::StockBelowTaken, message)
}

fn serials_not_available() -> UserError {
    let message = "Not all of these serials are units that are for sale. Nothing was changed.";
    UserError::at("serials", ErrorCode::SerialNotAvailable, message)
}
