//! What is read of every marketplace every few seconds is read over an index, however large its tables grow.

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use service_kit::{ModuleName, gauges::Gauge};
use test_kit::TestDatabase;

const GAUGES: [(ModuleName, &[Gauge]); 4] = [
    (ModuleName::Account, account::gauges::GAUGES),
    (ModuleName::Catalog, catalog::gauges::GAUGES),
    (ModuleName::Inventory, inventory::gauges::GAUGES),
    (ModuleName::Order, order::gauges::GAUGES),
];

#[tokio::test]
async fn every_gauge_is_read_over_an_index_by_the_module_itself() {
    let database = TestDatabase::create().await;
    for (module, gauges) in GAUGES {
        let db = database.connect(module).await;
        for gauge in gauges {
            let values = gauge.read(&db).await.unwrap();
            let labels = gauge.label.map_or(1, |(_, labels)| labels.len());
            assert_eq!(values.len(), labels, "{}: one value for each label", gauge.name);
            assert!(values.iter().all(|(_, value)| *value == 0.0), "{}: nothing is there yet", gauge.name);

            let txn = db.begin().await.unwrap();
            // An empty table is always scanned; what would be done with a full one is what counts.
            txn.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
            let explain = Statement::from_string(DbBackend::Postgres, format!("EXPLAIN {}", gauge.sql));
            let rows = txn.query_all_raw(explain).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
            assert!(!plan.join("\n").contains("Seq Scan"), "{} scans a table:\n{}", gauge.name, plan.join("\n"));
        }
    }
}
