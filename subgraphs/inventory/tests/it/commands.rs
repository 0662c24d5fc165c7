//! What each command does, alone.

use contracts::inventory::{Provision, ProvisionStock, ReserveOutcome, StockRef};
use inventory::store::{
    adjustments::{AdjustOutcome, Adjustment, stock_adjust},
    provisions::stock_provision,
    reservations::stock_reserve,
    settlements::{Settlement, stock_settle},
};
use kernel::{AccountId, OperationId, SkuId};

use crate::warehouse::{Warehouse, is_reserved, line, reserve, serials, settle};

#[tokio::test]
async fn reserve_takes_nothing_when_one_line_is_short_and_names_each_short_line() {
    let warehouse = Warehouse::open().await;
    let (plenty, few, numbered) =
        (warehouse.sku(10).await, warehouse.sku(2).await, warehouse.sku_with_serials(1).await);
    let unknown = SkuId::new();
    let lines = vec![line(unknown, 1), line(plenty, 3), line(numbered, 1), line(few, 5)];
    let ReserveOutcome::Refused(short) = warehouse.reserve(lines.clone()).await else { panic!("reserved") };
    let named: Vec<_> = short.iter().map(|line| (line.reservation_id, line.requested, line.available)).collect();
    assert_eq!(named, [(lines[0].reservation_id, 1, 0), (lines[3].reservation_id, 5, 2)]);
    for sku_id in [plenty, few, numbered] {
        assert_eq!(warehouse.stock(sku_id).await.taken, 0);
    }
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn lines_of_one_sku_share_its_stock_in_the_order_of_the_request() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(5).await;
    let lines = vec![line(sku_id, 3), line(sku_id, 3)];
    let ReserveOutcome::Refused(short) = warehouse.reserve(lines.clone()).await else { panic!("reserved") };
    assert_eq!(short.len(), 1);
    assert_eq!((short[0].reservation_id, short[0].available), (lines[1].reservation_id, 2));
    assert!(is_reserved(&warehouse.reserve(vec![line(sku_id, 3), line(sku_id, 2)]).await));
    assert_eq!(warehouse.stock(sku_id).await.available(), 0);
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn a_refusal_is_the_answer_for_good_even_when_stock_comes_in() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(1).await;
    let command = reserve(vec![line(sku_id, 2)]);
    let first = stock_reserve(&warehouse.db, &command).await.unwrap();
    assert!(!is_reserved(&first.outcome));
    let stock = warehouse.stock(sku_id).await;
    assert_eq!(stock_adjust(&warehouse.db, &stock, &adjustment(&warehouse, 5)).await.unwrap(), AdjustOutcome::Adjusted);
    assert_eq!(stock_reserve(&warehouse.db, &command).await.unwrap(), first);
    assert_eq!(warehouse.stock(sku_id).await.taken, 0);
}

#[tokio::test]
async fn release_gives_back_and_commit_sells_each_reservation_once() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku_with_serials(4).await;
    let lines = vec![line(sku_id, 1), line(sku_id, 2)];
    let ids: Vec<_> = lines.iter().map(|line| line.reservation_id).collect();
    assert_eq!(serials(warehouse.reserve(lines).await), ["S1", "S2", "S3"]);

    warehouse.settle(Settlement::Commit, vec![ids[1]]).await;
    warehouse.settle(Settlement::Release, ids.clone()).await;
    warehouse.settle(Settlement::Commit, ids).await;

    let stock = warehouse.stock(sku_id).await;
    assert_eq!((stock.stock, stock.taken), (2, 0));
    assert_eq!(warehouse.number("SELECT count(*) FROM inventory.serial WHERE status = 'SOLD'").await, 2);
    assert_eq!(warehouse.number("SELECT count(*) FROM inventory.serial WHERE status = 'AVAILABLE'").await, 2);
    assert_eq!(serials(warehouse.reserve(vec![line(sku_id, 2)]).await), ["S1", "S4"]);
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn ending_reservations_that_never_were_changes_nothing() {
    let warehouse = Warehouse::open().await;
    warehouse.sku(3).await;
    warehouse.settle(Settlement::Release, vec![line(SkuId::new(), 1).reservation_id]).await;
    stock_settle(&warehouse.db, Settlement::Commit, &settle(Vec::new())).await.unwrap();
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn a_request_without_units_or_with_a_known_reservation_is_refused() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(9).await;
    let none = stock_reserve(&warehouse.db, &reserve(vec![line(sku_id, 0)])).await.unwrap_err();
    assert_eq!(none.code(), "BAD_USER_INPUT");
    let known = line(sku_id, 1);
    assert!(is_reserved(&warehouse.reserve(vec![known.clone()]).await));
    let again = stock_reserve(&warehouse.db, &reserve(vec![known])).await.unwrap_err();
    assert_eq!(again.code(), "BAD_USER_INPUT");
    assert_eq!(warehouse.stock(sku_id).await.taken, 1);
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn a_stock_is_announced_as_low_once_when_it_crosses_its_threshold() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(8).await;
    let mut alerts = Vec::new();
    for quantity in [2, 1, 1, 4] {
        let reserved = stock_reserve(&warehouse.db, &reserve(vec![line(sku_id, quantity)])).await.unwrap();
        alerts.push(reserved.low.iter().map(|low| (low.owner_id, low.available)).collect::<Vec<_>>());
    }
    assert_eq!(alerts, [vec![], vec![(warehouse.seller, 5)], vec![], vec![]]);
}

#[tokio::test]
async fn provision_makes_each_record_once_and_leaves_known_ones_alone() {
    let warehouse = Warehouse::open().await;
    let (sku_id, other) = (SkuId::new(), SkuId::new());
    let wanted =
        |sku_id, initial_units| ProvisionStock { of: StockRef::Sku(sku_id), requires_serials: false, initial_units };
    let command = Provision {
        operation_id: OperationId::new(),
        seller_id: warehouse.seller,
        stocks: vec![wanted(sku_id, 7), wanted(other, 0)],
    };
    stock_provision(&warehouse.db, &command).await.unwrap();
    stock_provision(&warehouse.db, &command).await.unwrap();
    let stranger =
        Provision { operation_id: OperationId::new(), seller_id: AccountId::new(), stocks: vec![wanted(sku_id, 100)] };
    stock_provision(&warehouse.db, &stranger).await.unwrap();
    assert_eq!(warehouse.stock(sku_id).await.stock, 7);
    assert_eq!(warehouse.stock(other).await.stock, 0);
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn an_adjustment_cannot_take_out_what_is_reserved() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(5).await;
    assert!(is_reserved(&warehouse.reserve(vec![line(sku_id, 3)]).await));
    let stock = warehouse.stock(sku_id).await;
    let too_much = adjustment(&warehouse, -3);
    let refused = stock_adjust(&warehouse.db, &stock, &too_much).await.unwrap();
    assert_eq!(refused, AdjustOutcome::BelowTaken { available: 2 });
    assert_eq!(stock_adjust(&warehouse.db, &stock, &too_much).await.unwrap(), refused);
    assert_eq!(
        stock_adjust(&warehouse.db, &stock, &adjustment(&warehouse, -2)).await.unwrap(),
        AdjustOutcome::Adjusted
    );
    let now = warehouse.stock(sku_id).await;
    assert_eq!((now.stock, now.taken), (3, 3));
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn an_adjustment_takes_out_the_serials_it_names_or_none() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku_with_serials(4).await;
    assert_eq!(serials(warehouse.reserve(vec![line(sku_id, 1)]).await), ["S1"]);
    let stock = warehouse.stock(sku_id).await;
    let named = |serials: [&str; 2]| Adjustment {
        serials: serials.map(ToOwned::to_owned).to_vec(),
        ..adjustment(&warehouse, -2)
    };
    let refused = stock_adjust(&warehouse.db, &stock, &named(["S1", "S2"])).await.unwrap();
    assert_eq!(refused, AdjustOutcome::SerialsNotAvailable);
    warehouse.assert_sound().await;
    let done = stock_adjust(&warehouse.db, &stock, &named(["S2", "S4"])).await.unwrap();
    assert_eq!(done, AdjustOutcome::Adjusted);
    assert_eq!(serials(warehouse.reserve(vec![line(sku_id, 1)]).await), ["S3"]);
    warehouse.assert_sound().await;
}

fn adjustment(warehouse: &Warehouse, delta: i64) -> Adjustment {
    Adjustment {
        operation_id: OperationId::new(),
        actor_id: warehouse.seller,
        delta,
        reason: "counted again".to_owned(),
        serials: Vec::new(),
    }
}
