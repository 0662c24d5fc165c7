//! A seller with stock, and the invariants that must hold of it.

use contracts::inventory::{Provision, ProvisionStock, Reserve, ReserveLine, ReserveOutcome, Settle, StockRef};
use entities::inventory::stock;
use inventory::store::{
    imports::{Import, stock_import},
    provisions::stock_provision,
    reservations::stock_reserve,
    settlements::{Settlement, stock_settle},
    stocks::stock_fetch_owned,
};
use kernel::{AccountId, OperationId, ReservationId, SkuId};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use service_kit::ModuleName;
use test_kit::TestDatabase;

/// A seller's stocks, in a database of their own.
#[derive(Clone)]
pub(crate) struct Warehouse {
    pub(crate) db: DatabaseConnection,
    pub(crate) seller: AccountId,
}

impl Warehouse {
    /// An empty one.
    pub(crate) async fn open() -> Self {
        let db = TestDatabase::create().await.connect(ModuleName::Inventory).await;
        Self { db, seller: AccountId::new() }
    }

    /// A SKU whose units have no serials.
    pub(crate) async fn sku(&self, units: i64) -> SkuId {
        self.provision(units, false).await
    }

    /// A SKU whose units have the serials `S1`, `S2`, …
    pub(crate) async fn sku_with_serials(&self, units: i64) -> SkuId {
        let sku_id = self.provision(0, true).await;
        if units == 0 {
            return sku_id;
        }
        let serials = (1..=units).map(|number| format!("S{number}")).collect();
        let stock_id = self.stock(sku_id).await.id;
        let import = Import { operation_id: OperationId::new(), actor_id: self.seller, stock_id, units, serials };
        stock_import(&self.db, &import).await.unwrap();
        sku_id
    }

    async fn provision(&self, initial_units: i64, requires_serials: bool) -> SkuId {
        let sku_id = SkuId::new();
        let stocks = vec![ProvisionStock { of: StockRef::Sku(sku_id), requires_serials, initial_units }];
        let command = Provision { operation_id: OperationId::new(), seller_id: self.seller, stocks };
        stock_provision(&self.db, &command).await.unwrap();
        sku_id
    }

    pub(crate) async fn stock(&self, sku_id: SkuId) -> stock::Model {
        stock_fetch_owned(&self.db, self.seller, StockRef::Sku(sku_id)).await.unwrap()
    }

    pub(crate) async fn reserve(&self, lines: Vec<ReserveLine>) -> ReserveOutcome {
        stock_reserve(&self.db, &reserve(lines)).await.unwrap().outcome
    }

    pub(crate) async fn settle(&self, settlement: Settlement, reservation_ids: Vec<ReservationId>) {
        stock_settle(&self.db, settlement, &settle(reservation_ids)).await.unwrap();
    }

    /// One number that a statement answers with.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let row = self.db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// Fails unless the counters, the history, the reservations and the serials tell the same.
    pub(crate) async fn assert_sound(&self) {
        for (violation, sql) in VIOLATIONS {
            assert_eq!(self.number(sql).await, 0, "{violation}");
        }
    }
}

const VIOLATIONS: [(&str, &str); 5] = [
    ("0 <= taken <= stock", "SELECT count(*) FROM inventory.stock WHERE NOT (0 <= taken AND taken <= stock)"),
    (
        "the history adds up to the counters",
        "SELECT count(*) FROM inventory.stock s LEFT JOIN (
            SELECT stock_id, sum(stock_delta) AS stock, sum(taken_delta) AS taken
            FROM inventory.stock_history GROUP BY stock_id
        ) h ON h.stock_id = s.id
        WHERE s.stock <> coalesce(h.stock, 0) OR s.taken <> coalesce(h.taken, 0)",
    ),
    (
        "taken is the sum of the open reservations",
        "SELECT count(*) FROM inventory.stock s LEFT JOIN (
            SELECT stock_id, sum(quantity) AS taken FROM inventory.reservation WHERE status = 'OPEN' GROUP BY stock_id
        ) r ON r.stock_id = s.id
        WHERE s.taken <> coalesce(r.taken, 0)",
    ),
    (
        "free and reserved serials are what the counters say",
        "SELECT count(*) FROM inventory.stock s LEFT JOIN (
            SELECT stock_id, count(*) FILTER (WHERE status = 'AVAILABLE') AS free,
                count(*) FILTER (WHERE status = 'RESERVED') AS reserved
            FROM inventory.serial GROUP BY stock_id
        ) u ON u.stock_id = s.id
        WHERE s.requires_serials
            AND (s.stock - s.taken <> coalesce(u.free, 0) OR s.taken <> coalesce(u.reserved, 0))",
    ),
    (
        "reserved serials belong to an open reservation of their stock, as many as it holds",
        "SELECT count(*) FROM inventory.reservation r JOIN inventory.stock s ON s.id = r.stock_id AND s.requires_serials
        LEFT JOIN (
            SELECT reservation_id, stock_id, count(*) AS units FROM inventory.serial
            WHERE status = 'RESERVED' GROUP BY reservation_id, stock_id
        ) u ON u.reservation_id = r.id AND u.stock_id = r.stock_id
        WHERE coalesce(u.units, 0) <> CASE WHEN r.status = 'OPEN' THEN r.quantity ELSE 0 END",
    ),
];

pub(crate) fn line(sku_id: SkuId, quantity: i64) -> ReserveLine {
    ReserveLine { reservation_id: ReservationId::new(), of: StockRef::Sku(sku_id), quantity }
}

pub(crate) fn reserve(lines: Vec<ReserveLine>) -> Reserve {
    Reserve { operation_id: OperationId::new(), actor_id: AccountId::new(), lines }
}

pub(crate) fn settle(reservation_ids: Vec<ReservationId>) -> Settle {
    Settle { operation_id: OperationId::new(), actor_id: None, reservation_ids }
}

pub(crate) fn is_reserved(outcome: &ReserveOutcome) -> bool {
    matches!(outcome, ReserveOutcome::Reserved(_))
}

/// The serials of all lines of an outcome.
pub(crate) fn serials(outcome: ReserveOutcome) -> Vec<String> {
    match outcome {
        ReserveOutcome::Reserved(lines) => lines.into_iter().flat_map(|line| line.serials).collect(),
        ReserveOutcome::Refused(short) => panic!("refused: {short:?}"),
    }
}
