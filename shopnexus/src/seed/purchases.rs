//! Orders that were delivered and paid at the door: what entitles their buyers to review.

use chrono::{DateTime, Utc};
use contracts::analytic::Sale;
use entities::order::{
    AppliedPromotions, LedgerAccount, LedgerKind, OrderItemState, OrderStatus, PaymentEventKind, PaymentStatus,
    ShipmentStatus, checkout, ledger_entry, order_event, order_item, order_item_event, orders, payment, payment_event,
    payment_order, shipment, shipment_event,
};
use kernel::{AccountId, Currency, Money, OperationId, Percent};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::accounts::{People, Person};
use super::dice::{Dice, day};
use super::products::{CURRENCY, Offer};

const TRANSPORT: &str = "table-rate";
const TRANSPORT_COST: i64 = 30_000;
const FEE_BASIS_POINTS: u32 = 500;

/// An order of one item, with everything that happened to it.
pub(super) struct Purchase {
    /// The checkout.
    pub(super) checkout: checkout::Model,
    /// The order.
    pub(super) order: orders::Model,
    /// Its item.
    pub(super) item: order_item::Model,
    /// What happened to the item.
    pub(super) item_events: Vec<order_item_event::Model>,
    /// What happened to the order.
    pub(super) order_events: Vec<order_event::Model>,
    /// The parcel.
    pub(super) shipment: shipment::Model,
    /// What happened to the parcel.
    pub(super) shipment_events: Vec<shipment_event::Model>,
    /// The payment.
    pub(super) payment: payment::Model,
    /// What it paid.
    pub(super) payment_order: payment_order::Model,
    /// What happened to the payment.
    pub(super) payment_events: Vec<payment_event::Model>,
    /// Whose the money is.
    pub(super) ledger: Vec<ledger_entry::Model>,
}

impl Purchase {
    /// What the order module has the analytic module count once an order is paid.
    pub(super) fn sale(&self) -> Sale {
        Sale {
            sale_id: OperationId(self.item.id.uuid()).child("sale").uuid(),
            seller_id: self.item.seller_id,
            order_id: self.order.id,
            product_id: self.item.product_id,
            units: self.item.quantity.into(),
            amount_minor: self.item.paid_amount_minor,
            currency: self.item.currency.clone(),
            occurred_at: self.order.updated_at,
        }
    }
}

/// When each thing happened.
struct Times {
    checked_out: DateTime<Utc>,
    confirmed: DateTime<Utc>,
    payable: DateTime<Utc>,
    picked_up: DateTime<Utc>,
    in_transit: DateTime<Utc>,
    delivered: DateTime<Utc>,
}

/// Draws purchases of some two in five products, each by several buyers.
pub(super) fn draw(dice: &mut Dice, people: &People, offers: &[Offer]) -> Vec<Purchase> {
    let mut purchases = Vec::new();
    for offer in offers {
        if !dice.chance(42) {
            continue;
        }
        let count = usize::try_from(dice.number(1..=5)).unwrap_or(1);
        for buyer in dice.some(&people.buyers, count) {
            purchases.push(purchase(dice, offer, buyer));
        }
    }
    purchases
}

fn purchase(dice: &mut Dice, offer: &Offer, buyer: &Person) -> Purchase {
    let checked_out = dice.later(day(55), 0..=50_000);
    let confirmed = dice.later(checked_out, 5..=600);
    let payable = dice.later(confirmed, 1..=60);
    let picked_up = dice.later(payable, 60..=1_400);
    let in_transit = dice.later(picked_up, 30..=400);
    let delivered = dice.later(in_transit, 600..=4_000);
    let times = Times { checked_out, confirmed, payable, picked_up, in_transit, delivered };

    let order = order(dice, offer, buyer, &times);
    let item = item(dice, offer, &order, &times);
    let order = priced(order, &item);
    let checkout = checkout::Model {
        id: item.checkout_id,
        buyer_id: order.buyer_id,
        answer: json!({"item_ids": [item.id], "refused_lines": [], "refusals": []}),
        created_at: times.checked_out,
        announced_in: Some(0),
    };
    let shipment = parcel(dice, offer, &order, &item, &times);
    let payment = payment(dice, &order, &times);
    Purchase {
        item_events: item_events(&item, &times),
        order_events: order_events(&order, &times),
        shipment_events: [
            (ShipmentStatus::Created, times.confirmed),
            (ShipmentStatus::PickedUp, times.picked_up),
            (ShipmentStatus::InTransit, times.in_transit),
            (ShipmentStatus::Delivered, times.delivered),
        ]
        .into_iter()
        .zip(1..)
        .map(|((status, at), seq)| shipment_event::Model { shipment_id: shipment.id, seq, status, at })
        .collect(),
        payment_order: payment_order::Model {
            payment_id: payment.id,
            order_id: order.id,
            amount_minor: order.total_minor,
            open: true,
            settled_at: Some(times.delivered),
        },
        payment_events: payment_events(&payment, &order, &times),
        ledger: ledger(dice, &order, &payment, &times),
        checkout,
        order,
        item,
        shipment,
        payment,
    }
}

/// The order, still without prices.
fn order(dice: &mut Dice, offer: &Offer, buyer: &Person, times: &Times) -> orders::Model {
    let address = buyer.address();
    orders::Model {
        id: dice.id(times.confirmed),
        buyer_id: buyer.account.id,
        seller_id: offer.seller.account.id,
        status: OrderStatus::Delivered,
        currency: CURRENCY.to_owned(),
        product_cost_minor: 0,
        product_discount_minor: 0,
        transport_cost_minor: TRANSPORT_COST,
        transport_discount_minor: 0,
        total_minor: 0,
        refunded_minor: 0,
        transport_option: TRANSPORT.to_owned(),
        address_key: address_key([&address.full_name, &address.phone, &address.address]),
        address,
        event_seq: 5,
        created_at: times.confirmed,
        updated_at: times.delivered,
    }
}

fn priced(mut order: orders::Model, item: &order_item::Model) -> orders::Model {
    order.product_cost_minor = item.paid_amount_minor;
    order.total_minor = item.paid_amount_minor + order.transport_cost_minor;
    order
}

fn item(dice: &mut Dice, offer: &Offer, order: &orders::Model, times: &Times) -> order_item::Model {
    let sku = dice.pick(&offer.skus);
    let quantity = if dice.chance(80) { 1 } else { 2 };
    let list = sku.price_minor * i64::from(quantity);
    order_item::Model {
        id: dice.id(times.checked_out),
        checkout_id: dice.id(times.checked_out),
        order_id: Some(order.id),
        buyer_id: order.buyer_id,
        seller_id: order.seller_id,
        sku_id: sku.id,
        product_id: offer.product.id,
        product_name: offer.product.name.clone(),
        variant_label: sku.label.clone(),
        quantity,
        weight_grams: sku.weight_grams,
        currency: CURRENCY.to_owned(),
        unit_price_minor: sku.price_minor,
        list_amount_minor: list,
        paid_amount_minor: list,
        held_quantity: 0,
        held_minor: 0,
        refunded_quantity: 0,
        applied_promotions: AppliedPromotions::default(),
        shipping_promotion_ids: Vec::new(),
        serials: Vec::new(),
        address: order.address.clone(),
        address_key: order.address_key.clone(),
        transport_option: TRANSPORT.to_owned(),
        note: None,
        state: OrderItemState::Delivered,
        reason: None,
        event_seq: 3,
        deadline_at: times.checked_out + chrono::Duration::days(2),
        created_at: times.checked_out,
        updated_at: times.delivered,
    }
}

fn item_events(item: &order_item::Model, times: &Times) -> Vec<order_item_event::Model> {
    use OrderItemState::{Confirmed, Delivered, Pending};
    let event = |seq, from_state, to_state, actor_id, at| order_item_event::Model {
        item_id: item.id,
        seq,
        from_state,
        to_state,
        actor_id,
        reason: None,
        at,
    };
    vec![
        event(1, None, Pending, Some(item.buyer_id), times.checked_out),
        event(2, Some(Pending), Confirmed, Some(item.seller_id), times.confirmed),
        event(3, Some(Confirmed), Delivered, None, times.delivered),
    ]
}

fn order_events(order: &orders::Model, times: &Times) -> Vec<order_event::Model> {
    use OrderStatus::{Confirmed, Delivered, PayableOnDelivery, Shipping};
    let event = |seq, from_status, to_status, shipment_status, actor_id, at| order_event::Model {
        order_id: order.id,
        seq,
        from_status,
        to_status,
        shipment_status,
        refund_id: None,
        refund_status: None,
        actor_id,
        at,
    };
    let nobody = None::<AccountId>;
    vec![
        event(1, None, Confirmed, Some(ShipmentStatus::Created), Some(order.seller_id), times.confirmed),
        event(2, Some(Confirmed), PayableOnDelivery, None, Some(order.buyer_id), times.payable),
        event(3, Some(PayableOnDelivery), Shipping, Some(ShipmentStatus::PickedUp), nobody, times.picked_up),
        event(4, Some(Shipping), Shipping, Some(ShipmentStatus::InTransit), nobody, times.in_transit),
        event(5, Some(Shipping), Delivered, Some(ShipmentStatus::Delivered), nobody, times.delivered),
    ]
}

fn parcel(
    dice: &mut Dice,
    offer: &Offer,
    order: &orders::Model,
    item: &order_item::Model,
    times: &Times,
) -> shipment::Model {
    shipment::Model {
        id: dice.id(times.confirmed),
        order_id: order.id,
        option_id: TRANSPORT.to_owned(),
        status: ShipmentStatus::Delivered,
        cost_minor: order.transport_cost_minor,
        currency: CURRENCY.to_owned(),
        weight_grams: i64::from(item.weight_grams) * i64::from(item.quantity),
        pickup: Some(offer.seller.address()),
        tracking_code: None,
        event_seq: 4,
        created_at: times.confirmed,
        updated_at: times.delivered,
    }
}

fn payment(dice: &mut Dice, order: &orders::Model, times: &Times) -> payment::Model {
    payment::Model {
        id: dice.id(times.payable),
        buyer_id: order.buyer_id,
        option_id: "cod".to_owned(),
        status: PaymentStatus::Succeeded,
        currency: CURRENCY.to_owned(),
        amount_minor: order.total_minor,
        redirect_url: None,
        expires_at: None,
        provider_transaction: None,
        event_seq: 3,
        created_at: times.payable,
        updated_at: times.delivered,
        reconciled_at: None,
    }
}

fn payment_events(payment: &payment::Model, order: &orders::Model, times: &Times) -> Vec<payment_event::Model> {
    let event = |seq, kind, detail, at| payment_event::Model { payment_id: payment.id, seq, kind, detail, at };
    vec![
        event(1, PaymentEventKind::Requested, json!({}), times.payable),
        event(2, PaymentEventKind::Collected, json!({"orderId": order.id}), times.delivered),
        event(3, PaymentEventKind::Succeeded, json!({}), times.delivered),
    ]
}

/// The sale: the seller earns the total and is charged the platform's share of the goods.
fn ledger(dice: &mut Dice, order: &orders::Model, payment: &payment::Model, times: &Times) -> Vec<ledger_entry::Model> {
    let percent = Percent::from_basis_points(FEE_BASIS_POINTS).expect("5 % is a percentage");
    let goods = Money::new(order.product_cost_minor, Currency::VND);
    let fee = goods.share(percent).expect("prices of goods are far from an overflow").amount_minor;
    let (total, seller) = (order.total_minor, Some(order.seller_id));
    [
        (LedgerKind::Sale, LedgerAccount::BuyerClearing, Some(order.buyer_id), -total),
        (LedgerKind::Sale, LedgerAccount::SellerEarning, seller, total),
        (LedgerKind::Fee, LedgerAccount::SellerEarning, seller, -fee),
        (LedgerKind::Fee, LedgerAccount::PlatformFee, None, fee),
    ]
    .into_iter()
    .zip(0..)
    .map(|((kind, account, owner_id, amount_minor), position)| ledger_entry::Model {
        id: dice.id(times.delivered),
        transaction_id: OperationId(order.id.uuid()).child("sale"),
        position,
        kind,
        account,
        owner_id,
        amount_minor,
        currency: CURRENCY.to_owned(),
        payment_id: Some(payment.id),
        order_id: Some(order.id),
        refund_id: None,
        payout_id: None,
        at: times.delivered,
    })
    .collect()
}

/// The key that the order module groups equal addresses by.
fn address_key(parts: [&String; 3]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        let words: Vec<String> = part.split_whitespace().map(str::to_lowercase).collect();
        digest.update(words.join(" "));
        digest.update([0]);
    }
    hex::encode(digest.finalize())
}
