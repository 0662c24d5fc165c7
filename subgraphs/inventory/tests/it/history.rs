//! The history is for good, and the database sees to the rest.

use entities::inventory::stock_history::StockChangeKind;
use inventory::store::{
    adjustments::{AdjustOutcome, Adjustment, stock_adjust},
    history::{HistoryFilter, history_list_by_stocks},
};
use kernel::OperationId;
use sea_orm::ConnectionTrait;
use service_kit::{database::violated_constraint, graphql::Page};

use crate::warehouse::{Warehouse, line};

#[tokio::test]
async fn the_database_refuses_to_change_the_history() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(3).await;
    warehouse.reserve(vec![line(sku_id, 1)]).await;
    for tampering in [
        "UPDATE inventory.stock_history SET stock_delta = 100",
        "UPDATE inventory.stock_history SET actor_id = NULL WHERE kind = 'RESERVE'",
        "DELETE FROM inventory.stock_history",
        "DELETE FROM inventory.stock_history WHERE false",
    ] {
        let refused = warehouse.db.execute_unprepared(tampering).await.unwrap_err().to_string();
        assert!(refused.contains("inventory.stock_history is append-only"), "{tampering}: {refused}");
    }
    assert_eq!(warehouse.number("SELECT count(*) FROM inventory.stock_history").await, 2);
}

#[tokio::test]
async fn not_even_the_owner_of_the_database_empties_the_history() {
    let database = test_kit::TestDatabase::create().await;
    let owner = database.connect_as_owner().await;
    let refused = owner.execute_unprepared("TRUNCATE inventory.stock_history").await.unwrap_err().to_string();
    assert!(refused.contains("append-only"), "{refused}");
}

#[tokio::test]
async fn the_database_is_the_last_guard_of_the_counters() {
    let warehouse = Warehouse::open().await;
    warehouse.sku(3).await;
    for (tampering, constraint) in [
        ("UPDATE inventory.stock SET taken = stock + 1", "stock_counters_sound"),
        ("UPDATE inventory.stock SET taken = -1", "stock_counters_sound"),
        ("UPDATE inventory.stock SET stock = -1", "stock_counters_sound"),
        (
            "INSERT INTO inventory.stock (id, ref_type, ref_id, owner_id, requires_serials)
            SELECT gen_random_uuid(), ref_type, ref_id, owner_id, false FROM inventory.stock",
            "stock_one_per_reference",
        ),
        (
            "INSERT INTO inventory.serial (id, stock_id, serial, status)
            SELECT gen_random_uuid(), id, 'S', 'RESERVED' FROM inventory.stock",
            "serial_reserved_by_reservation",
        ),
        (
            "INSERT INTO inventory.stock_history (id, stock_id, kind, stock_delta, taken_delta, operation_id)
            SELECT gen_random_uuid(), stock_id, kind, stock_delta, taken_delta, operation_id
            FROM inventory.stock_history",
            "stock_history_once_per_operation",
        ),
    ] {
        let refused = warehouse.db.execute_unprepared(tampering).await.unwrap_err();
        assert_eq!(violated_constraint(&refused), Some(constraint), "{tampering}");
    }
    warehouse.assert_sound().await;
}

/// The alert is for the correction that crosses the threshold, and for none after it.
#[tokio::test]
async fn a_correction_tells_of_low_stock_once_for_each_crossing() {
    let warehouse = Warehouse::open().await;
    // The threshold is 5 unless set.
    let sku_id = warehouse.sku(8).await;
    let mut outcomes = Vec::new();
    for delta in [-2, -1, -1, 4, -3] {
        let adjustment = Adjustment {
            operation_id: OperationId::new(),
            actor_id: warehouse.seller,
            delta,
            reason: "counted".to_owned(),
            serials: Vec::new(),
        };
        let stock = warehouse.stock(sku_id).await;
        let outcome = stock_adjust(&warehouse.db, &stock, &adjustment).await.unwrap();
        assert_eq!(stock_adjust(&warehouse.db, &stock, &adjustment).await.unwrap(), outcome, "the first answer again");
        outcomes.push(match outcome {
            AdjustOutcome::AdjustedLow(low) => Some(low.available),
            _ => None,
        });
    }
    assert_eq!(outcomes, [None, Some(5), None, None, Some(5)]);
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn a_history_is_listed_by_kind_and_time() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(8).await;
    for _ in 0..3 {
        warehouse.reserve(vec![line(sku_id, 1)]).await;
    }
    let stock_id = warehouse.stock(sku_id).await.id;
    let page = Page { limit: 2, after: None };
    let listed = async |filter: HistoryFilter| {
        let mut pages = history_list_by_stocks(&warehouse.db, &[stock_id], filter, &page, true).await.unwrap();
        let rows = pages.remove(&stock_id).unwrap();
        (rows.total, rows.rows.len(), rows.rows.iter().all(|row| filter.kind.is_none_or(|kind| row.kind == kind)))
    };
    // One row more than the page is read, so that the page knows whether there is a next one.
    assert_eq!(listed(HistoryFilter::default()).await, (Some(4), 3, true));
    let of_kind = |kind| HistoryFilter { kind: Some(kind), ..HistoryFilter::default() };
    assert_eq!(listed(of_kind(StockChangeKind::Reserve)).await, (Some(3), 3, true));
    assert_eq!(listed(of_kind(StockChangeKind::Import)).await, (Some(1), 1, true));
    let long_ago = chrono::DateTime::UNIX_EPOCH;
    assert_eq!(listed(HistoryFilter { before: Some(long_ago), ..HistoryFilter::default() }).await, (Some(0), 0, true));
    assert_eq!(listed(HistoryFilter { from: Some(long_ago), ..HistoryFilter::default() }).await.0, Some(4));
}
