//! Payments, parcels and the ledger on a real database.

mod cancellation;
mod delivery;
mod graph;
mod ledger;
mod opening;
mod races;
mod reports;
mod webhooks;

use std::time::Duration;

use chrono::Utc;
use entities::order::{
    Address, AppliedPromotions, OrderItemState, OrderStatus, PaymentStatus, checkout, order_item, orders, payment,
};
use kernel::{AccountId, CheckoutId, OperationId, OrderId, OrderItemId, PaymentId, Percent, ProductId, SkuId};
use sea_orm::{ActiveValue::Set, DatabaseConnection, EntityTrait, TransactionTrait};
use service_kit::ModuleName;
use test_kit::TestDatabase;

use super::{
    opening::{Opened, Pay, PayAnswer, payment_open},
    report::{self, Record, Recorded},
};
use crate::{
    addresses,
    items::{self, store::Change},
    orders as order_rows,
    providers::payment::{
        PaymentProviders,
        vnpay::{VnPay, report::Report},
    },
    shipment::store::{Dispatch, shipment_create_in_txn},
};

const MERCHANT: &str = "SHOPNX01";

/// An order module's database with some people in it.
struct World {
    test: TestDatabase,
    db: DatabaseConnection,
    providers: PaymentProviders,
    buyer: AccountId,
    seller: AccountId,
}

impl World {
    async fn new() -> Self {
        let test = TestDatabase::create().await;
        let db = test.connect(ModuleName::Order).await;
        Self {
            test,
            db,
            providers: PaymentProviders::new(Some(merchant())),
            buyer: AccountId::new(),
            seller: AccountId::new(),
        }
    }

    /// A confirmed order of the buyer, with one item and a parcel.
    async fn order(&self) -> orders::Model {
        self.order_of(self.seller, "VND", 100_000, 30_000).await
    }

    async fn order_of(&self, seller_id: AccountId, currency: &str, goods: i64, transport: i64) -> orders::Model {
        let (now, address) = (Utc::now(), address());
        let checkout_id = CheckoutId::new();
        let checkout = checkout::ActiveModel {
            id: Set(checkout_id),
            buyer_id: Set(self.buyer),
            answer: Set(serde_json::json!({})),
            ..Default::default()
        };
        checkout::Entity::insert(checkout).exec(&self.db).await.unwrap();
        let item = order_item::Model {
            id: OrderItemId::new(),
            checkout_id,
            order_id: None,
            buyer_id: self.buyer,
            seller_id,
            sku_id: SkuId::new(),
            product_id: ProductId::new(),
            product_name: "Lamp".to_owned(),
            variant_label: String::new(),
            quantity: 1,
            weight_grams: 700,
            currency: currency.to_owned(),
            unit_price_minor: goods,
            list_amount_minor: goods,
            paid_amount_minor: goods,
            applied_promotions: AppliedPromotions::default(),
            shipping_promotion_ids: vec![],
            serials: vec![],
            address_key: addresses::key(&address),
            address: address.clone(),
            transport_option: "table-rate".to_owned(),
            note: None,
            state: OrderItemState::Pending,
            reason: None,
            event_seq: 1,
            deadline_at: now,
            created_at: now,
            updated_at: now,
        };
        let order = orders::Model {
            id: OrderId::new(),
            buyer_id: self.buyer,
            seller_id,
            status: OrderStatus::Confirmed,
            currency: currency.to_owned(),
            product_cost_minor: goods,
            product_discount_minor: 0,
            transport_cost_minor: transport,
            transport_discount_minor: 0,
            total_minor: goods + transport,
            transport_option: "table-rate".to_owned(),
            address_key: item.address_key.clone(),
            address,
            event_seq: 1,
            created_at: now,
            updated_at: now,
        };
        let txn = self.db.begin().await.unwrap();
        items::store::items_insert_in_txn(&txn, vec![item.clone()]).await.unwrap();
        let order = order_rows::store::order_insert_in_txn(&txn, order, seller_id).await.unwrap();
        let change = Change {
            to: OrderItemState::Confirmed,
            actor: Some(seller_id),
            reason: None,
            order_id: Some(order.id),
        };
        items::store::pending_change_in_txn(&txn, &[item.id], &change).await.unwrap();
        let dispatch = Dispatch { weight_grams: 700, pickup: None };
        shipment_create_in_txn(&txn, &order, &dispatch).await.unwrap();
        txn.commit().await.unwrap();
        order
    }

    fn pay(&self, orders: &[&orders::Model], option_id: &str) -> Pay {
        Pay {
            operation_id: OperationId::new(),
            buyer_id: self.buyer,
            order_ids: orders.iter().map(|order| order.id).collect(),
            option_id: option_id.to_owned(),
        }
    }

    async fn open(&self, pay: &Pay) -> PayAnswer {
        payment_open(&self.db, &self.providers, Duration::from_secs(900), pay).await.unwrap()
    }

    /// Opens a payment that must open.
    async fn opened(&self, orders: &[&orders::Model], option_id: &str) -> Opened {
        match self.open(&self.pay(orders, option_id)).await {
            PayAnswer::Opened(opened) => opened,
            PayAnswer::Refused(refusal) => panic!("refused: {refusal:?}"),
        }
    }

    async fn record(&self, report: Report) -> Recorded {
        let record = Record { operation_id: OperationId::new(), report };
        report::report_record(&self.db, MERCHANT, fee(), &record).await.unwrap()
    }

    async fn status(&self, order: &orders::Model) -> OrderStatus {
        orders::Entity::find_by_id(order.id).one(&self.db).await.unwrap().unwrap().status
    }

    async fn payment(&self, id: PaymentId) -> payment::Model {
        payment::Entity::find_by_id(id).one(&self.db).await.unwrap().unwrap()
    }

    async fn payment_status(&self, id: PaymentId) -> PaymentStatus {
        self.payment(id).await.status
    }
}

fn merchant() -> VnPay {
    VnPay {
        tmn_code: MERCHANT.to_owned(),
        hash_secret: "0123456789ABCDEF0123456789ABCDEF".to_owned().into(),
        pay_url: "http://127.0.0.1:9/paymentv2/vpcpay.html".parse().unwrap(),
        api_url: None,
        return_url: "http://127.0.0.1:9/webhooks/vnpay/return".parse().unwrap(),
    }
}

fn fee() -> Percent {
    Percent::from_basis_points(500).unwrap()
}

fn address() -> Address {
    Address {
        contact_id: None,
        full_name: "An Nguyen".to_owned(),
        phone: "+84901234567".to_owned(),
        address: "1 Le Loi, Quan 1, TP. Ho Chi Minh".to_owned(),
        latitude: None,
        longitude: None,
    }
}

/// A report that the money of a payment was captured.
fn captured(payment_id: PaymentId, amount_minor: i64, transaction_no: &str) -> Report {
    Report {
        tmn_code: MERCHANT.to_owned(),
        payment_id: Some(payment_id),
        amount_hundredths: amount_minor * 100,
        response_code: "00".to_owned(),
        transaction_status: "00".to_owned(),
        transaction_no: transaction_no.to_owned(),
        bank_code: Some("NCB".to_owned()),
        pay_date: None,
    }
}

/// A report that the buyer left without paying.
fn cancelled(payment_id: PaymentId, amount_minor: i64) -> Report {
    let report = captured(payment_id, amount_minor, "0");
    Report { response_code: "24".to_owned(), transaction_status: "02".to_owned(), ..report }
}
