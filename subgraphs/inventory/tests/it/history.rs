//! The history is for good, and the database sees to the rest.

use sea_orm::ConnectionTrait;
use service_kit::database::violated_constraint;

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
