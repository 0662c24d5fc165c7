//! What must hold when many want the same at once.

use std::collections::HashSet;

use contracts::inventory::ReserveOutcome;
use futures::future::join_all;
use inventory::store::{
    reservations::{stock_reserve, stock_reserve_in_txn},
    settlements::{Settlement, stock_settle},
};
use kernel::{AccountId, OperationId, SkuId};
use sea_orm::TransactionTrait;

use crate::warehouse::{Warehouse, is_reserved, line, reserve, serials, settle};

/// Every race is run so often.
const ROUNDS: usize = 20;

/// Lets 50 buyers reserve one unit of the SKU at once.
async fn rush(warehouse: &Warehouse, sku_id: SkuId) -> Vec<ReserveOutcome> {
    let buyers = (0..50).map(|_| {
        let warehouse = warehouse.clone();
        tokio::spawn(async move { warehouse.reserve(vec![line(sku_id, 1)]).await })
    });
    join_all(buyers.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_who_want_the_last_unit_exactly_one_gets_it() {
    let warehouse = Warehouse::open().await;
    for _ in 0..ROUNDS {
        let sku_id = warehouse.sku(1).await;
        let outcomes = rush(&warehouse, sku_id).await;
        assert_eq!(outcomes.iter().filter(|outcome| is_reserved(outcome)).count(), 1);
        for outcome in outcomes {
            if let ReserveOutcome::Refused(short) = outcome {
                assert_eq!((short[0].requested, short[0].available), (1, 0));
            }
        }
    }
    warehouse.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_who_want_serials_of_one_stock_get_different_ones() {
    let warehouse = Warehouse::open().await;
    for _ in 0..ROUNDS {
        let sku_id = warehouse.sku_with_serials(50).await;
        let taken: Vec<String> = rush(&warehouse, sku_id).await.into_iter().flat_map(serials).collect();
        assert_eq!((taken.len(), taken.iter().collect::<HashSet<_>>().len()), (50, 50));
    }
    warehouse.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_operation_twenty_times_at_once_is_one() {
    let warehouse = Warehouse::open().await;
    for _ in 0..ROUNDS {
        let sku_id = warehouse.sku_with_serials(40).await;
        let command = reserve(vec![line(sku_id, 2)]);
        let attempts = (0..20).map(|_| {
            let (warehouse, command) = (warehouse.clone(), command.clone());
            tokio::spawn(async move { stock_reserve(&warehouse.db, &command).await.unwrap() })
        });
        let answers: Vec<_> = join_all(attempts.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).collect();
        assert!(is_reserved(&answers[0].outcome));
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        assert_eq!(warehouse.stock(sku_id).await.taken, 2);
    }
    warehouse.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn releasing_and_committing_the_same_reservation_at_once_does_one_of_them() {
    let warehouse = Warehouse::open().await;
    for _ in 0..ROUNDS {
        let sku_id = warehouse.sku_with_serials(3).await;
        let lines = vec![line(sku_id, 2)];
        let ids = vec![lines[0].reservation_id];
        assert!(is_reserved(&warehouse.reserve(lines).await));
        let ends = [Settlement::Release, Settlement::Commit].into_iter().cycle().take(10).map(|settlement| {
            let (warehouse, ids) = (warehouse.clone(), ids.clone());
            tokio::spawn(async move { warehouse.settle(settlement, ids).await })
        });
        for end in join_all(ends.collect::<Vec<_>>()).await {
            end.unwrap();
        }
        let stock = warehouse.stock(sku_id).await;
        assert!([(3, 0), (1, 0)].contains(&(stock.stock, stock.taken)), "{stock:?}");
    }
    warehouse.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_the_same_stocks_in_opposite_order_never_block_each_other_for_good() {
    let warehouse = Warehouse::open().await;
    let (one, two) = (warehouse.sku(10_000).await, warehouse.sku_with_serials(1000).await);
    for _ in 0..ROUNDS {
        let buyers = (0..40).map(|number| {
            let warehouse = warehouse.clone();
            let lines = if number % 2 == 0 { [one, two] } else { [two, one] };
            tokio::spawn(async move { warehouse.reserve(lines.map(|sku_id| line(sku_id, 1)).to_vec()).await })
        });
        for outcome in join_all(buyers.collect::<Vec<_>>()).await {
            assert!(is_reserved(&outcome.unwrap()));
        }
    }
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn a_serial_that_somebody_has_locked_is_passed_over_without_waiting() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku_with_serials(2).await;
    let slow = warehouse.db.begin().await.unwrap();
    let locked = "SELECT id FROM inventory.serial WHERE serial = 'S1' FOR UPDATE";
    sea_orm::ConnectionTrait::execute_unprepared(&slow, locked).await.unwrap();
    let wait = std::time::Duration::from_secs(5);
    let outcome = tokio::time::timeout(wait, warehouse.reserve(vec![line(sku_id, 1)])).await.unwrap();
    assert_eq!(serials(outcome), ["S2"]);
    slow.rollback().await.unwrap();
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn a_reservation_that_is_rolled_back_frees_its_serials_and_its_operation() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku_with_serials(3).await;
    let command = reserve(vec![line(sku_id, 3)]);
    for _ in 0..ROUNDS {
        let txn = warehouse.db.begin().await.unwrap();
        let reserved = stock_reserve_in_txn(&txn, &command).await.unwrap();
        assert_eq!(serials(reserved.outcome).len(), 3);
        txn.rollback().await.unwrap();
        assert_eq!(warehouse.stock(sku_id).await.available(), 3);
        assert_eq!(warehouse.number("SELECT count(*) FROM inventory.serial WHERE status <> 'AVAILABLE'").await, 0);
    }
    assert_eq!(serials(stock_reserve(&warehouse.db, &command).await.unwrap().outcome), ["S1", "S2", "S3"]);
    warehouse.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_books_balance_after_any_mix_of_commands_at_once() {
    let warehouse = Warehouse::open().await;
    for seed in 0..6_u64 {
        let skus = [
            warehouse.sku(30).await,
            warehouse.sku(5).await,
            warehouse.sku_with_serials(20).await,
            warehouse.sku_with_serials(4).await,
        ];
        let workers = (0..16_u64).map(|worker| {
            let warehouse = warehouse.clone();
            tokio::spawn(async move { work(&warehouse, skus, Dice(seed * 1000 + worker + 1)).await })
        });
        for worker in join_all(workers.collect::<Vec<_>>()).await {
            worker.unwrap();
        }
        warehouse.assert_sound().await;
    }
    let open = warehouse.number("SELECT count(*) FROM inventory.reservation WHERE status = 'OPEN'").await;
    let closed = warehouse.number("SELECT count(*) FROM inventory.reservation WHERE status <> 'OPEN'").await;
    assert!(open > 0 && closed > 0, "the mix was one of all commands: {open} open, {closed} closed");
}

/// One worker's share of the mix: it reserves one to three lines, and ends some of what it has, sometimes twice.
async fn work(warehouse: &Warehouse, skus: [SkuId; 4], mut dice: Dice) {
    let mut held = Vec::new();
    for _ in 0..12 {
        match dice.roll(4) {
            0 | 1 => {
                let lines: Vec<_> = (0..=dice.roll(3))
                    .map(|_| line(skus[dice.roll(4)], 1 + i64::try_from(dice.roll(3)).unwrap()))
                    .collect();
                let ids: Vec<_> = lines.iter().map(|line| line.reservation_id).collect();
                if is_reserved(&warehouse.reserve(lines).await) {
                    held.extend(ids);
                }
            }
            end => {
                let settlement = if end == 2 { Settlement::Release } else { Settlement::Commit };
                let ids: Vec<_> = held.iter().copied().filter(|_| dice.roll(2) == 0).collect();
                let command = settle(ids);
                stock_settle(&warehouse.db, settlement, &command).await.unwrap();
                stock_settle(&warehouse.db, settlement, &command).await.unwrap();
            }
        }
    }
}

/// A small deterministic generator (xorshift), so that a failing mix can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (self.0 >> 29);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[tokio::test]
async fn an_operation_id_belongs_to_one_kind_of_command() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(1).await;
    let mut command = reserve(vec![line(sku_id, 1)]);
    command.operation_id = OperationId::derive(AccountId::new(), "checkout", "k");
    stock_reserve(&warehouse.db, &command).await.unwrap();
    let mut other = settle(vec![command.lines[0].reservation_id]);
    other.operation_id = command.operation_id;
    let refused = stock_settle(&warehouse.db, Settlement::Release, &other).await.unwrap_err();
    assert_eq!(refused.code(), "BAD_USER_INPUT");
    assert_eq!(warehouse.stock(sku_id).await.taken, 1);
}
