//! Adding units; their serials go in by `COPY`.
//!
//! `COPY` needs the connection itself, which SeaORM's transactions keep to themselves. This one command therefore speaks
//! to the same pool by sqlx, so that counters, history and serials are still one transaction.
//!
//! An import may have a hundred thousand serials. They are held once: they go to the database in portions, and what is
//! kept as the answer is their number, since the rows themselves name the import by which they came.

use std::fmt::Write;

use entities::inventory::serial;
use kernel::{AccountId, OperationId, StockId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sqlx::{self, PgConnection, types::Json},
};
use serde::{Deserialize, Serialize};
use service_kit::{Error, Result};
use uuid::Uuid;

/// Units to add to one stock.
#[derive(Debug, Clone)]
pub struct Import {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// Who imports. The caller has checked that the stock is theirs.
    pub actor_id: AccountId,
    /// The stock.
    pub stock_id: StockId,
    /// How many units, at least one.
    pub units: i64,
    /// Their serials, for a stock that requires them: as many as units, all different, without control characters.
    pub serials: Vec<String>,
}

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// It is done; [`serials_of_import`] tells the serials.
    Imported {
        /// How many units came in.
        units: i64,
    },
    /// The stock has units with these serials already, and perhaps more; nothing came in.
    SerialsExist(Vec<String>),
}

/// How many serials one statement looks for.
const PORTION: usize = 1_000;

/// How much text goes into `COPY` at once.
const PORTION_BYTES: usize = 64 * 1024;

/// How many serials that exist already are named.
const KNOWN_MAX: usize = 20;

/// Adds units to a stock, in one transaction.
///
/// # Errors
/// The database fails.
pub async fn stock_import(db: &DatabaseConnection, import: &Import) -> Result<ImportOutcome> {
    stock_import_by_sqlx(db, import).await.map_err(|error| Error::internal("importing stock", error))
}

/// The serials that came in by an import, in the order in which they were given. Empty where units have none.
///
/// # Errors
/// The database fails.
pub async fn serials_of_import(db: &impl ConnectionTrait, operation_id: OperationId) -> Result<Vec<String>> {
    let serials = serial::Entity::find()
        .select_only()
        .column(serial::Column::Serial)
        .filter(serial::Column::OperationId.eq(operation_id))
        .order_by_asc(serial::Column::Id);
    Ok(serials.into_tuple().all(db).await?)
}

async fn stock_import_by_sqlx(db: &DatabaseConnection, import: &Import) -> Result<ImportOutcome, sqlx::Error> {
    let mut txn = db.get_postgres_connection_pool().begin().await?;
    let claimed = sqlx::query(
        "INSERT INTO inventory.operation (operation_id, command) VALUES ($1, 'IMPORT') ON CONFLICT DO NOTHING",
    )
    .bind(import.operation_id.uuid())
    .execute(&mut *txn)
    .await?;
    if claimed.rows_affected() == 0 {
        let Json(first) = sqlx::query_scalar("SELECT answer FROM inventory.operation WHERE operation_id = $1")
            .bind(import.operation_id.uuid())
            .fetch_one(&mut *txn)
            .await?;
        return Ok(first);
    }
    // Under this lock nobody else imports into the stock, so that what is not there now will not be there at the COPY.
    sqlx::query("SELECT FROM inventory.stock WHERE id = $1 FOR NO KEY UPDATE")
        .bind(import.stock_id.uuid())
        .fetch_one(&mut *txn)
        .await?;
    let known = known_in_txn(&mut txn, import).await?;
    let outcome = if known.is_empty() {
        units_add_in_txn(&mut txn, import).await?;
        ImportOutcome::Imported { units: import.units }
    } else {
        ImportOutcome::SerialsExist(known)
    };
    sqlx::query("UPDATE inventory.operation SET answer = $2 WHERE operation_id = $1")
        .bind(import.operation_id.uuid())
        .bind(Json(&outcome))
        .execute(&mut *txn)
        .await?;
    txn.commit().await?;
    Ok(outcome)
}

/// Serials of the import that the stock has already, the first few of them.
async fn known_in_txn(connection: &mut PgConnection, import: &Import) -> Result<Vec<String>, sqlx::Error> {
    let mut known: Vec<String> = Vec::new();
    for portion in import.serials.chunks(PORTION) {
        let found: Vec<String> = sqlx::query_scalar(
            "SELECT serial FROM inventory.serial WHERE stock_id = $1 AND serial = ANY($2) ORDER BY serial",
        )
        .bind(import.stock_id.uuid())
        .bind(portion)
        .fetch_all(&mut *connection)
        .await?;
        known.extend(found);
        if known.len() >= KNOWN_MAX {
            break;
        }
    }
    known.truncate(KNOWN_MAX);
    Ok(known)
}

/// The counter, its history (in one statement, as [`crate::store::counters`] does it) and the serials.
async fn units_add_in_txn(connection: &mut PgConnection, import: &Import) -> Result<(), sqlx::Error> {
    sqlx::query(
        "WITH changed AS (
            UPDATE inventory.stock SET stock = stock + $2, updated_at = now() WHERE id = $1 RETURNING id
        )
        INSERT INTO inventory.stock_history (id, stock_id, kind, stock_delta, taken_delta, operation_id, actor_id)
        SELECT $3, id, 'IMPORT', $2, 0, $4, $5 FROM changed",
    )
    .bind(import.stock_id.uuid())
    .bind(import.units)
    .bind(Uuid::now_v7())
    .bind(import.operation_id.uuid())
    .bind(import.actor_id.uuid())
    .execute(&mut *connection)
    .await?;
    if import.serials.is_empty() {
        return Ok(());
    }
    let statement = "COPY inventory.serial (id, stock_id, serial, status, operation_id) FROM STDIN";
    let mut copy = connection.copy_in_raw(statement).await?;
    let mut portion = String::with_capacity(PORTION_BYTES + 512);
    for serial in &import.serials {
        copy_row(&mut portion, import, serial);
        if portion.len() >= PORTION_BYTES {
            copy.send(portion.as_bytes()).await?;
            portion.clear();
        }
    }
    copy.send(portion.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// Adds a row in the text format of `COPY`, in which only the backslash needs care: serials hold no control characters.
fn copy_row(rows: &mut String, import: &Import, serial: &str) {
    let Import { stock_id, operation_id, .. } = import;
    let serial = serial.replace('\\', r"\\");
    writeln!(rows, "{}\t{stock_id}\t{serial}\tAVAILABLE\t{operation_id}", Uuid::now_v7())
        .expect("writing to a string cannot fail");
}
