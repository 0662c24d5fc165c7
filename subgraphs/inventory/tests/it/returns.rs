//! Units that come back.

use contracts::inventory::{Arrive, TakeBack, TakeBackLine};
use inventory::store::{
    returns::{stock_arrive, stock_take_back},
    settlements::Settlement,
};
use kernel::{OperationId, ReservationId};
use service_kit::Error;

use crate::warehouse::{Warehouse, is_reserved, line};

fn back(reservation_id: ReservationId, sellable: &[&str], damaged: &[&str]) -> TakeBack {
    let owned = |serials: &[&str]| serials.iter().map(|serial| (*serial).to_owned()).collect::<Vec<_>>();
    let units = |serials: &[&str]| i64::try_from(serials.len()).unwrap();
    TakeBack {
        operation_id: OperationId::new(),
        actor_id: None,
        lines: vec![TakeBackLine {
            reservation_id,
            sellable: units(sellable),
            damaged: units(damaged),
            sellable_serials: owned(sellable),
            damaged_serials: owned(damaged),
        }],
    }
}

fn counted(reservation_id: ReservationId, sellable: i64, damaged: i64) -> TakeBack {
    let mut command = back(reservation_id, &[], &[]);
    (command.lines[0].sellable, command.lines[0].damaged) = (sellable, damaged);
    command
}

async fn kinds(warehouse: &Warehouse, kind: &str) -> i64 {
    let sql =
        format!("SELECT coalesce(sum(stock_delta), 0)::bigint FROM inventory.stock_history WHERE kind = '{kind}'");
    warehouse.number(&sql).await
}

async fn serials(warehouse: &Warehouse, status: &str) -> i64 {
    warehouse.number(&format!("SELECT count(*) FROM inventory.serial WHERE status = '{status}'")).await
}

#[tokio::test]
async fn sold_units_come_back_sellable_or_are_written_off_once() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(10).await;
    let sold = line(sku_id, 4);
    assert!(is_reserved(&warehouse.reserve(vec![sold.clone()]).await));
    warehouse.settle(Settlement::Commit, vec![sold.reservation_id]).await;
    let command = counted(sold.reservation_id, 2, 1);
    for _ in 0..2 {
        stock_take_back(&warehouse.db, &command).await.unwrap();
    }
    let stock = warehouse.stock(sku_id).await;
    assert_eq!((stock.stock, stock.taken), (8, 0));
    assert_eq!((kinds(&warehouse, "RETURN").await, kinds(&warehouse, "DAMAGE").await), (3, -1));
    let refused = stock_take_back(&warehouse.db, &counted(sold.reservation_id, 2, 0)).await;
    assert!(matches!(refused, Err(Error::BadInput { .. })), "only one more was sold");
    stock_take_back(&warehouse.db, &counted(sold.reservation_id, 0, 1)).await.unwrap();
    assert_eq!(warehouse.stock(sku_id).await.stock, 8);
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn serials_are_returned_and_then_available_or_damaged() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku_with_serials(3).await;
    let sold = line(sku_id, 3);
    warehouse.reserve(vec![sold.clone()]).await;
    warehouse.settle(Settlement::Commit, vec![sold.reservation_id]).await;
    let serials_of = vec![(sold.reservation_id, vec!["S1".to_owned(), "S2".to_owned()])];
    let arrive = Arrive { operation_id: OperationId::new(), serials: serials_of };
    for _ in 0..2 {
        stock_arrive(&warehouse.db, &arrive).await.unwrap();
    }
    assert_eq!((serials(&warehouse, "RETURNED").await, serials(&warehouse, "SOLD").await), (2, 1));
    assert_eq!(warehouse.stock(sku_id).await.stock, 0, "nobody has looked at them");
    stock_take_back(&warehouse.db, &back(sold.reservation_id, &["S1"], &["S2"])).await.unwrap();
    assert_eq!((serials(&warehouse, "AVAILABLE").await, serials(&warehouse, "DAMAGED").await), (1, 1));
    assert_eq!(warehouse.stock(sku_id).await.available(), 1);
    let again = stock_take_back(&warehouse.db, &back(sold.reservation_id, &["S1"], &[])).await;
    assert!(matches!(again, Err(Error::BadInput { .. })), "S1 is not out any more");
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn units_that_were_never_sold_shrink_their_reservation() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku_with_serials(3).await;
    let held = line(sku_id, 3);
    warehouse.reserve(vec![held.clone()]).await;
    stock_take_back(&warehouse.db, &back(held.reservation_id, &["S2"], &[])).await.unwrap();
    let stock = warehouse.stock(sku_id).await;
    assert_eq!((stock.stock, stock.taken), (3, 2));
    warehouse.assert_sound().await;
    stock_take_back(&warehouse.db, &back(held.reservation_id, &["S1", "S3"], &[])).await.unwrap();
    assert_eq!(warehouse.stock(sku_id).await.taken, 0);
    assert_eq!(warehouse.number("SELECT count(*) FROM inventory.reservation WHERE status = 'RELEASED'").await, 1);
    let changes = warehouse.number("SELECT count(*) FROM inventory.stock_history").await;
    stock_take_back(&warehouse.db, &back(held.reservation_id, &["S1"], &[])).await.unwrap();
    assert_eq!(warehouse.stock(sku_id).await.taken, 0, "its units are back already");
    assert_eq!(warehouse.number("SELECT count(*) FROM inventory.stock_history").await, changes, "nothing changes");
    warehouse.assert_sound().await;
}
