//! Adding units; their serials go in by `COPY`.
//!
//! `COPY` needs the connection itself, which SeaORM's transactions keep to themselves. This one command therefore speaks
//! to the same pool by sqlx, so that counters, history and serials are still one transaction.

use std::fmt::Write;

use kernel::{AccountId, OperationId, StockId};
use sea_orm::{
    DatabaseConnection,
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
    /// It is done.
    Imported {
        /// How many units came in.
        units: i64,
        /// Their serials.
        serials: Vec<String>,
    },
    /// The stock has units with these serials already; nothing came in.
    SerialsExist(Vec<String>),
}

/// Adds units to a stock, in one transaction.
pub async fn stock_import(db: &DatabaseConnection, import: &Import) -> Result<ImportOutcome> {
    stock_import_by_sqlx(db, import).await.map_err(|error| Error::internal("importing stock", error))
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
    let known: Vec<String> = sqlx::query_scalar(
        "SELECT serial FROM inventory.serial WHERE stock_id = $1 AND serial = ANY($2) ORDER BY serial",
    )
    .bind(import.stock_id.uuid())
    .bind(&import.serials)
    .fetch_all(&mut *txn)
    .await?;
    let outcome = if known.is_empty() {
        units_add_in_txn(&mut txn, import).await?;
        ImportOutcome::Imported { units: import.units, serials: import.serials.clone() }
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
    if !import.serials.is_empty() {
        let statement = "COPY inventory.serial (id, stock_id, serial, status) FROM STDIN";
        let mut copy = connection.copy_in_raw(statement).await?;
        copy.send(copy_rows(import).as_bytes()).await?;
        copy.finish().await?;
    }
    Ok(())
}

/// The rows in the text format of `COPY`, in which only the backslash needs care: serials hold no control characters.
fn copy_rows(import: &Import) -> String {
    let stock_id = import.stock_id;
    import.serials.iter().fold(String::new(), |mut rows, serial| {
        let serial = serial.replace('\\', r"\\");
        writeln!(rows, "{}\t{stock_id}\t{serial}\tAVAILABLE", Uuid::now_v7()).expect("writing to a string cannot fail");
        rows
    })
}
