//! Payments, parcels and the ledger on a real database.

mod audit;
mod cancellation;
mod delivery;
mod enquiries;
mod graph;
mod ledger;
mod opening;
mod provider;
mod races;
mod reports;
mod strays;
mod webhooks;

use std::time::Duration;

use entities::order::{OrderStatus, PaymentStatus, order_item, orders, payment};
use kernel::{AccountId, Money, OperationId, OrderId, PaymentId, Percent};
use sea_orm::{DatabaseConnection, EntityTrait, TransactionTrait};
use service_kit::ModuleName;
use test_kit::TestDatabase;

use super::{
    opening::{Opened, Pay, PayAnswer, payment_open},
    report::{self, Record, Recorded},
};
use crate::{
    checkout::{request::Source, store::checkout_accept},
    desk::{
        confirmation::Begun,
        selection::Quoted,
        store::{confirmation_begin, order_confirm},
    },
    providers::payment::{
        PaymentProviders, reference,
        vnpay::{VnPay, report::Report},
    },
    tests::samples,
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

    async fn order_of(&self, seller_id: AccountId, code: &str, goods: i64, transport: i64) -> orders::Model {
        let submit = samples::submit(self.buyer, Source::Cart);
        let item = order_item::Model {
            quantity: 1,
            currency: code.to_owned(),
            unit_price_minor: goods,
            list_amount_minor: goods,
            paid_amount_minor: goods,
            ..samples::item(&submit, seller_id)
        };
        let confirm = samples::confirm(seller_id, vec![item.id]);
        checkout_accept(&self.db, &submit, vec![item]).await.unwrap();
        let Begun::Selected(draft) = confirmation_begin(&self.db, &confirm).await.unwrap() else {
            panic!("pending items can be confirmed")
        };
        let money = |minor| Money::new(minor, code.parse().unwrap());
        let quoted = Quoted { cost: money(transport), discount: money(0), pickup: None };
        let (_, order) = order_confirm(&self.db, &confirm, &draft, &quoted).await.unwrap();
        order.unwrap()
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
        let record = Record { operation_id: OperationId::new(), report, asked: false };
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

/// A report that the money of a payment was captured.
fn captured(payment_id: PaymentId, amount_minor: i64, transaction_no: &str) -> Report {
    Report {
        tmn_code: MERCHANT.to_owned(),
        payment_id: Some(payment_id),
        reference: reference(payment_id),
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
