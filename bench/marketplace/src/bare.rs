//! The same reservations as bare SQL by `pgbench`: what the database alone could do.

use std::{path::PathBuf, process::Stdio};

use sea_orm::ConnectionTrait;
use test_kit::Stack;
use tokio::process::Command;

/// What `stock_reserve` writes for one line: the operation, counters and history in one statement, the reservation, and
/// the answer that the operation keeps. The checks of `inventory` are left in: they are the point.
const RESERVE: &str = r"
\set row random(1, :rows)
BEGIN;
INSERT INTO bare.operation (operation_id, command) VALUES (gen_random_uuid(), 'RESERVE') RETURNING operation_id \gset
SELECT id FROM bare.stock WHERE number = :row::integer \gset
WITH changed AS (
    UPDATE bare.stock SET taken = taken + 1, updated_at = now()
    WHERE id = :id::uuid AND taken + 1 BETWEEN 0 AND stock RETURNING *
), logged AS (
    INSERT INTO bare.stock_history (id, stock_id, kind, stock_delta, taken_delta, operation_id)
    SELECT gen_random_uuid(), id, 'RESERVE', 0, 1, :operation_id::uuid FROM changed
)
SELECT * FROM changed;
INSERT INTO bare.reservation (id, stock_id, quantity, status) VALUES (gen_random_uuid(), :id::uuid, 1, 'OPEN');
UPDATE bare.operation SET answer = '{}' WHERE operation_id = :operation_id::uuid;
COMMIT;
";

/// Copies of the tables with their indexes and checks, so that the invariants of the marketplace are left alone.
const TABLES: &str = "
DROP SCHEMA IF EXISTS bare CASCADE;
CREATE SCHEMA bare;
CREATE TABLE bare.stock (LIKE inventory.stock INCLUDING ALL);
CREATE TABLE bare.stock_history (LIKE inventory.stock_history INCLUDING ALL);
CREATE TABLE bare.reservation (LIKE inventory.reservation INCLUDING ALL);
CREATE TABLE bare.operation (LIKE inventory.operation INCLUDING ALL);
ALTER TABLE bare.stock ADD COLUMN number integer;
INSERT INTO bare.stock (id, ref_type, ref_id, owner_id, stock, taken, requires_serials, low_stock_threshold, number)
    SELECT gen_random_uuid(), 'PRODUCT_SKU', gen_random_uuid(), gen_random_uuid(), 1000000000, 0, false, 0, n
    FROM generate_series(1, 50) n;
CREATE UNIQUE INDEX stock_number ON bare.stock (number);
ANALYZE bare.stock;
";

/// Reservations a second over fifty rows, from `clients` connections.
pub(crate) async fn reservations(stack: &Stack, clients: usize) -> f64 {
    pgbench(stack, clients, 50).await
}

/// Reservations a second of one row.
pub(crate) async fn reservations_of_one(stack: &Stack, clients: usize) -> f64 {
    pgbench(stack, clients, 1).await
}

async fn pgbench(stack: &Stack, clients: usize, rows: u32) -> f64 {
    let owner = stack.database.connect_as_owner().await;
    owner.execute_unprepared(TABLES).await.expect("the owner may make tables");
    owner.close().await.expect("closing an idle connection");
    let script = stack.data_dir().join("reserve.sql");
    std::fs::write(&script, RESERVE).expect("the data directory can be written to");
    let output = Command::new(program())
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--time=10"])
        .args([format!("--client={clients}"), format!("--define=rows={rows}")])
        .arg(format!("--file={}", script.display()))
        .arg(stack.database.url.as_str())
        .stdin(Stdio::null())
        .output()
        .await
        .expect("pgbench starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "pgbench: {said}{}", String::from_utf8_lossy(&output.stderr));
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    tps.unwrap_or_else(|| panic!("pgbench tells its rate: {said}"))
}

/// `pgbench` stands beside the server, which distributions keep outside the search path.
fn program() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let beside = versions.map(|version| version.path().join("bin/pgbench")).filter(|program| program.is_file());
    beside.max().unwrap_or_else(|| PathBuf::from("pgbench"))
}
