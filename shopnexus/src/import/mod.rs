//! `shopnexus import`: a seller's products from a file.
//!
//! The file is read once, row by row, and never held as a whole. Each row is checked as it comes; those that are fine
//! go to the catalog's durable importer in batches, those that are not are told with their line and every reason. The
//! importer knows a product by its seller and external id, so running the same file again changes nothing.

mod rows;
pub(crate) mod seller;
mod tally;

use std::{collections::HashSet, path::PathBuf, process::ExitCode};

use catalog::{
    import::{IMPORT, ImportBatch, ImportedProduct, RowOutcome, row},
    store::import::external_ids_known,
};
use kernel::{Currency, OperationId};
use sea_orm::DatabaseConnection;
use service_kit::{ModuleName, Platform};
use sha2::{Digest, Sha256};

use crate::environment::Where;
use crate::failure::{Failure, Result, causes};
use rows::{Rows, Source};
use seller::Seller;
use tally::Tally;

/// What to import, and for whom.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit code: 0 when every row is imported or was there already, 3 when rows were refused, 1 when \
    the import could not go on."
)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    place: Where,
    /// One JSON object a line (.jsonl, .ndjson), or a table with a head line (.csv).
    file: PathBuf,
    /// Whose products they will be: username, email or id of an account.
    #[arg(long)]
    seller: String,
    /// Currency of prices whose row names none; that of the seller's country without.
    #[arg(long)]
    currency: Option<Currency>,
    /// Units of products whose row names no stock.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=1_000_000_000))]
    stock: i64,
    /// Weight of one packed unit of products whose row names none.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(i32).range(1..=1_000_000))]
    weight_grams: i32,
    /// Check every row and write nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Rows in one durable command: enough to make its cost small, few enough to keep its journal so.
const BATCH: usize = 200;

/// Bytes of descriptions in one durable command, so that its journal stays small with long ones too.
const BATCH_BYTES: usize = 1024 * 1024;

/// The exit code when rows were refused.
const ROWS_REFUSED: u8 = 3;

/// The command `import`.
pub(crate) async fn run(arguments: ImportArgs) -> Result<ExitCode> {
    let source = Source::open(&arguments.file)?;
    let platform = Platform::connect(arguments.place.config()?).await.map_err(|error| unreachable(&error))?;
    let seller = seller::find(&platform, &arguments.seller).await?;
    let defaults = row::Defaults {
        currency: arguments.currency.unwrap_or(seller.currency),
        stock: arguments.stock,
        weight_grams: arguments.weight_grams,
    };
    let tally = Tally::begin(source.bytes, arguments.dry_run);
    let sink = match arguments.dry_run {
        true => Sink::Nothing(platform.database(ModuleName::Catalog).await.map_err(|error| unreachable(&error))?),
        false => Sink::Catalog(OperationId::new()),
    };
    let mut import =
        Import { platform, seller, defaults, sink, tally, seen: HashSet::new(), batch: Vec::new(), sent: 0 };
    let outcome = import.all(source.rows).await;
    // What was told so far stays on the screen, whatever stopped the rest.
    import.tally.end();
    outcome?;
    Ok(if import.tally.refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(ROWS_REFUSED) })
}

/// Where checked rows go.
enum Sink {
    /// To the catalog, under this identity.
    Catalog(OperationId),
    /// Nowhere; the database only tells which are there already.
    Nothing(DatabaseConnection),
}

struct Import {
    platform: Platform,
    seller: Seller,
    defaults: row::Defaults,
    sink: Sink,
    tally: Tally,
    /// Digests of the external ids so far: sixteen bytes a row, however long the ids are.
    seen: HashSet<[u8; 16]>,
    batch: Vec<ImportedProduct>,
    sent: usize,
}

impl Import {
    async fn all(&mut self, mut rows: Box<dyn Rows>) -> Result<()> {
        while let Some(found) = rows.next()? {
            self.tally.position(found.bytes);
            let checked = found.fields.and_then(|fields| {
                row::read(&fields, &self.defaults)
                    .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
            });
            match checked {
                Err(why) => self.tally.refuse(found.line, &why),
                Ok(product) if !self.seen.insert(digest(&product.external_id)) => {
                    let id = &product.external_id;
                    self.tally.refuse(found.line, &format!("external_id: an earlier row of the file has `{id}` too"));
                }
                Ok(product) => self.batch.push(product),
            }
            let bytes: usize = self.batch.iter().map(|product| product.description.len()).sum();
            if self.batch.len() == BATCH || bytes > BATCH_BYTES {
                self.flush().await?;
            }
        }
        self.flush().await
    }

    async fn flush(&mut self) -> Result<()> {
        let products = std::mem::take(&mut self.batch);
        if products.is_empty() {
            return Ok(());
        }
        let rows = products.len();
        let imported = match &self.sink {
            Sink::Catalog(operation_id) => {
                let operation_id = operation_id.child(self.sent);
                let batch = ImportBatch { operation_id, seller_id: self.seller.id, products };
                let outcomes = IMPORT.at_ingress(&self.platform.ingress, operation_id.to_string(), batch).await;
                let outcomes = outcomes.map_err(|error| {
                    Failure::new(format!("the catalog did not take the rows: {}", causes(&error)))
                        .mend("run the same command again: rows that are there already are passed over")
                })?;
                outcomes.iter().filter(|outcome| **outcome == RowOutcome::Imported).count()
            }
            Sink::Nothing(db) => {
                let ids = products.iter().map(|product| product.external_id.clone()).collect();
                let known = external_ids_known(db, self.seller.id, ids).await;
                rows - known.map_err(|_| Failure::new("the catalog's tables cannot be read"))?.len()
            }
        };
        self.sent += 1;
        self.tally.count(imported, rows - imported);
        Ok(())
    }
}

fn digest(external_id: &str) -> [u8; 16] {
    let digest = Sha256::digest(external_id);
    digest[..16].try_into().expect("a SHA-256 digest has 32 bytes")
}

fn unreachable(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(causes(error)).mend("start the marketplace (`cargo xtask up`); `shopnexus doctor` finds the rest")
}
