//! Adding units.

use futures::future::join_all;
use inventory::store::imports::{Import, ImportOutcome, serials_of_import, stock_import};
use kernel::{OperationId, SkuId};

use crate::warehouse::Warehouse;

async fn import(warehouse: &Warehouse, sku_id: SkuId, serials: &[&str]) -> Import {
    Import {
        operation_id: OperationId::new(),
        actor_id: warehouse.seller,
        stock_id: warehouse.stock(sku_id).await.id,
        units: i64::try_from(serials.len()).unwrap(),
        serials: serials.iter().map(|serial| (*serial).to_owned()).collect(),
    }
}

#[tokio::test]
async fn serials_arrive_exactly_as_they_were_given() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku_with_serials(0).await;
    let odd = [r"a\b", r"\.", r"\N", "đồng hồ №1", "x,\"y\"", "two words"];
    let command = import(&warehouse, sku_id, &odd).await;
    let imported = stock_import(&warehouse.db, &command).await.unwrap();
    assert_eq!(imported, ImportOutcome::Imported { units: 6 });
    assert_eq!(serials_of_import(&warehouse.db, command.operation_id).await.unwrap(), command.serials);
    let reserved = warehouse.reserve(vec![crate::warehouse::line(sku_id, 6)]).await;
    let mut expected = command.serials;
    expected.sort();
    assert_eq!(crate::warehouse::serials(reserved), expected);
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn a_known_serial_refuses_the_whole_import() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku_with_serials(3).await;
    let command = import(&warehouse, sku_id, &["N1", "S2", "N2"]).await;
    let refused = ImportOutcome::SerialsExist(vec!["S2".to_owned()]);
    assert_eq!(stock_import(&warehouse.db, &command).await.unwrap(), refused);
    assert_eq!(stock_import(&warehouse.db, &command).await.unwrap(), refused);
    assert_eq!(warehouse.stock(sku_id).await.stock, 3);
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn a_hundred_thousand_serials_come_in_by_one_request() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku_with_serials(0).await;
    let serials: Vec<String> = (0..100_000).map(|number| format!("SN-2026-{number:06}")).collect();
    let command = Import { units: 100_000, serials, ..import(&warehouse, sku_id, &[]).await };
    assert_eq!(stock_import(&warehouse.db, &command).await.unwrap(), ImportOutcome::Imported { units: 100_000 });
    assert_eq!(stock_import(&warehouse.db, &command).await.unwrap(), ImportOutcome::Imported { units: 100_000 });
    assert_eq!(warehouse.stock(sku_id).await.available(), 100_000);
    let kept = "SELECT max(length(answer::text))::bigint FROM inventory.operation";
    assert!(warehouse.number(kept).await < 1_000, "what is kept as the answer does not repeat the serials");
    // Many that exist already are named by a few.
    let again = Import { operation_id: OperationId::new(), ..command };
    let ImportOutcome::SerialsExist(known) = stock_import(&warehouse.db, &again).await.unwrap() else {
        panic!("they exist already");
    };
    assert_eq!((known.len(), known[0].as_str()), (20, "SN-2026-000000"));
    warehouse.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_import_twenty_times_at_once_is_one() {
    let warehouse = Warehouse::open().await;
    for _ in 0..10 {
        let sku_id = warehouse.sku_with_serials(0).await;
        let command = import(&warehouse, sku_id, &["A", "B"]).await;
        let attempts = (0..20).map(|_| {
            let (warehouse, command) = (warehouse.clone(), command.clone());
            tokio::spawn(async move { stock_import(&warehouse.db, &command).await.unwrap() })
        });
        for outcome in join_all(attempts.collect::<Vec<_>>()).await {
            assert_eq!(outcome.unwrap(), ImportOutcome::Imported { units: 2 });
        }
        assert_eq!(warehouse.stock(sku_id).await.stock, 2);
    }
    warehouse.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn different_imports_of_the_same_serial_at_once_bring_it_in_once() {
    let warehouse = Warehouse::open().await;
    for _ in 0..10 {
        let sku_id = warehouse.sku_with_serials(0).await;
        let mut commands = Vec::new();
        for _ in 0..10 {
            commands.push(import(&warehouse, sku_id, &["SAME"]).await);
        }
        let attempts = commands.into_iter().map(|command| {
            let warehouse = warehouse.clone();
            tokio::spawn(async move { stock_import(&warehouse.db, &command).await.unwrap() })
        });
        let outcomes = join_all(attempts.collect::<Vec<_>>()).await;
        let imported = outcomes.iter().filter(|outcome| matches!(outcome, Ok(ImportOutcome::Imported { .. })));
        assert_eq!(imported.count(), 1);
        assert_eq!(warehouse.stock(sku_id).await.stock, 1);
    }
    warehouse.assert_sound().await;
}
