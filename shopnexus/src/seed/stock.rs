//! Stock, with every change that led to it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::inventory::{
    operation::{self, Command},
    reservation::{self, ReservationStatus},
    stock::{self, StockRefType},
    stock_history::{self, StockChangeKind},
};
use kernel::{AccountId, OperationId, ReservationId, SkuId, StockId};
use sea_orm::entity::prelude::Json;

use super::dice::Dice;
use super::products::Offer;
use super::purchases::Purchase;

/// Rows of the inventory module.
#[derive(Default)]
pub(super) struct Stock {
    /// The counters.
    pub(super) stocks: Vec<stock::Model>,
    /// The commands that changed them.
    pub(super) operations: Vec<operation::Model>,
    /// The claims of purchases, all of them sold.
    pub(super) reservations: Vec<reservation::Model>,
    /// The changes.
    pub(super) history: Vec<stock_history::Model>,
}

/// One change of one stock.
struct Change {
    kind: StockChangeKind,
    stock_delta: i64,
    taken_delta: i64,
    operation_id: OperationId,
    actor_id: Option<AccountId>,
    reservation_id: Option<ReservationId>,
    at: DateTime<Utc>,
}

/// Draws the stock of every SKU: what came in, less what the purchases took out.
pub(super) fn draw(dice: &mut Dice, offers: &[Offer], purchases: &[Purchase]) -> Stock {
    let mut sold: HashMap<SkuId, Vec<&Purchase>> = HashMap::new();
    for purchase in purchases {
        sold.entry(purchase.item.sku_id).or_default().push(purchase);
    }
    let mut rows = Stock::default();
    for offer in offers {
        let operation_id = rows.operation(dice, Command::Provision, offer.product.created_at);
        for sku in &offer.skus {
            let mut purchases = sold.remove(&sku.id).unwrap_or_default();
            purchases.sort_by_key(|purchase| purchase.item.created_at);
            let units_sold: i64 = purchases.iter().map(|purchase| i64::from(purchase.item.quantity)).sum();
            // Some are nearly or quite sold out.
            let units_left = if dice.chance(6) { dice.number(0..=4) } else { dice.number(8..=240) };
            rows.begin(dice, offer, sku.id);
            rows.import(dice, operation_id, units_sold + units_left);
            for purchase in purchases {
                rows.sell(dice, purchase);
            }
        }
    }
    rows
}

impl Stock {
    fn begin(&mut self, dice: &mut Dice, offer: &Offer, sku: SkuId) {
        let at = offer.product.created_at;
        self.stocks.push(stock::Model {
            id: dice.id(at),
            ref_type: StockRefType::ProductSku,
            ref_id: sku.uuid(),
            owner_id: offer.seller.account.id,
            stock: 0,
            taken: 0,
            requires_serials: false,
            low_stock_threshold: 5,
            created_at: at,
            updated_at: at,
        });
    }

    fn import(&mut self, dice: &mut Dice, operation_id: OperationId, units: i64) {
        let Some(stock) = self.stocks.last().filter(|_| units > 0) else { return };
        let change = Change {
            kind: StockChangeKind::Import,
            stock_delta: units,
            taken_delta: 0,
            operation_id,
            actor_id: Some(stock.owner_id),
            reservation_id: None,
            at: stock.created_at,
        };
        self.change(dice, &change);
    }

    fn sell(&mut self, dice: &mut Dice, purchase: &Purchase) {
        let (item, order) = (&purchase.item, &purchase.order);
        let quantity = i64::from(item.quantity);
        let reservation_id = ReservationId(item.id.uuid());
        let stock_id = self.stocks.last().map(|stock: &stock::Model| stock.id);
        self.reservations.extend(stock_id.map(|stock_id: StockId| reservation::Model {
            id: reservation_id,
            stock_id,
            quantity,
            returned: 0,
            status: ReservationStatus::Committed,
            created_at: item.created_at,
            closed_at: Some(order.created_at),
        }));
        let reserved = self.operation(dice, Command::Reserve, item.created_at);
        let committed = self.operation(dice, Command::Commit, order.created_at);
        let change = Change {
            kind: StockChangeKind::Reserve,
            stock_delta: 0,
            taken_delta: quantity,
            operation_id: reserved,
            actor_id: Some(item.buyer_id),
            reservation_id: Some(reservation_id),
            at: item.created_at,
        };
        self.change(dice, &change);
        let change = Change {
            kind: StockChangeKind::Commit,
            stock_delta: -quantity,
            taken_delta: -quantity,
            operation_id: committed,
            actor_id: Some(item.seller_id),
            at: order.created_at,
            ..change
        };
        self.change(dice, &change);
    }

    /// Changes the counters of the newest stock, and says so in its history.
    fn change(&mut self, dice: &mut Dice, change: &Change) {
        let Some(stock) = self.stocks.last_mut() else { return };
        stock.stock += change.stock_delta;
        stock.taken += change.taken_delta;
        stock.updated_at = stock.updated_at.max(change.at);
        self.history.push(stock_history::Model {
            id: dice.id(change.at),
            stock_id: stock.id,
            kind: change.kind,
            stock_delta: change.stock_delta,
            taken_delta: change.taken_delta,
            operation_id: change.operation_id,
            actor_id: change.actor_id,
            reservation_id: change.reservation_id,
            reason: None,
            created_at: change.at,
        });
    }

    fn operation(&mut self, dice: &mut Dice, command: Command, at: DateTime<Utc>) -> OperationId {
        let operation_id = dice.id(at);
        self.operations.push(operation::Model { operation_id, command, answer: Some(Json::Null), created_at: at });
        operation_id
    }
}
