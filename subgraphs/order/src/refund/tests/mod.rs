//! Refunds on a real database.

mod answers;
mod lapse;
mod money;
mod requests;
mod sums;
mod undelivered;

use std::time::Duration;

use entities::order::{
    LedgerAccount, OrderStatus, RefundStatus, ReturnMethod, ShipmentStatus, ledger_entry, order_item, orders, refund,
};
use kernel::{AccountId, Money, OperationId, OrderId, PaymentId, Percent, RefundId};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter};
use service_kit::ModuleName;
use test_kit::TestDatabase;

use super::{
    Rules,
    answering::refund_move,
    command::{Answer, Condition, ConfirmReceipt, Move, MoveRefund, Party, RequestRefund, Wish},
    news::News,
    receipt::receipt_confirm,
    repayment::{self, Repaid},
    requesting::{self, refund_request},
    store,
};
use crate::{
    checkout::{request::Source, store::checkout_accept},
    desk::{
        confirmation::Begun,
        selection::Quoted,
        store::{confirmation_begin, order_confirm},
    },
    error::ErrorCode,
    payment::{
        opening::{Pay, PayAnswer, payment_open},
        report::{self, Record},
    },
    providers::payment::{
        PaymentProviders, RefundAnswer, reference,
        vnpay::{VnPay, report::Report},
    },
    shipment::{moving, store as shipment_store},
    tests::samples,
};

const MERCHANT: &str = "SHOPNX01";

/// Units, the list price of one, and what is paid for all.
type Line = (i32, i64, i64);

/// A buyer and a seller with what happens between them.
pub(crate) struct Market {
    pub(crate) db: DatabaseConnection,
    providers: PaymentProviders,
    pub(crate) buyer: AccountId,
    pub(crate) seller: AccountId,
    pub(crate) rules: Rules,
}

impl Market {
    pub(crate) async fn new() -> Self {
        let vnpay = VnPay {
            tmn_code: MERCHANT.to_owned(),
            hash_secret: "0123456789ABCDEF0123456789ABCDEF".to_owned().into(),
            pay_url: "http://127.0.0.1:9/paymentv2/vpcpay.html".parse().unwrap(),
            api_url: None,
            return_url: "http://127.0.0.1:9/webhooks/vnpay/return".parse().unwrap(),
        };
        let hour = Duration::from_secs(3600);
        Self {
            db: TestDatabase::create().await.connect(ModuleName::Order).await,
            providers: PaymentProviders::new(Some(vnpay)),
            buyer: AccountId::new(),
            seller: AccountId::new(),
            rules: Rules {
                window: hour,
                answer: hour,
                dispute: hour,
                handover: hour,
                receipt: hour,
                retry: hour,
                attempts: 3,
            },
        }
    }

    /// A confirmed order of the lines, and transport.
    pub(crate) async fn order(&self, lines: &[Line], transport: i64, code: &str) -> orders::Model {
        let submit = samples::submit(self.buyer, Source::Cart);
        let item = |(quantity, unit, paid): &Line| order_item::Model {
            quantity: *quantity,
            currency: code.to_owned(),
            unit_price_minor: *unit,
            list_amount_minor: unit * i64::from(*quantity),
            paid_amount_minor: *paid,
            ..samples::item(&submit, self.seller)
        };
        let items: Vec<order_item::Model> = lines.iter().map(item).collect();
        self.confirmed(&submit, items, transport, code).await
    }

    async fn confirmed(
        &self,
        submit: &crate::checkout::request::Submit,
        items: Vec<order_item::Model>,
        transport: i64,
        code: &str,
    ) -> orders::Model {
        let confirm = samples::confirm(self.seller, samples::ids(&items));
        checkout_accept(&self.db, submit, items).await.unwrap();
        let Begun::Selected(draft) = confirmation_begin(&self.db, &confirm).await.unwrap() else {
            panic!("pending items can be confirmed")
        };
        let money = |minor| Money::new(minor, code.parse().unwrap());
        let pickup = Some(samples::address("9 Hang Bac, Hanoi"));
        let quoted = Quoted { cost: money(transport), discount: money(0), pickup };
        order_confirm(&self.db, &confirm, &draft, &quoted).await.unwrap().1.unwrap()
    }

    /// An order of one item with these serials.
    pub(crate) async fn order_with_serials(&self, serials: &[&str]) -> orders::Model {
        let submit = samples::submit(self.buyer, Source::Cart);
        let quantity = i32::try_from(serials.len()).unwrap();
        let item = order_item::Model {
            quantity,
            list_amount_minor: 500 * i64::from(quantity),
            paid_amount_minor: 500 * i64::from(quantity),
            serials: serials.iter().map(|serial| (*serial).to_owned()).collect(),
            ..samples::item(&submit, self.seller)
        };
        self.confirmed(&submit, vec![item], 300, "VND").await
    }

    pub(crate) async fn pay(&self, order: &orders::Model, option_id: &str) -> PaymentId {
        let pay = Pay {
            operation_id: OperationId::new(),
            buyer_id: self.buyer,
            order_ids: vec![order.id],
            option_id: option_id.to_owned(),
        };
        let opened = payment_open(&self.db, &self.providers, Duration::from_secs(900), &pay).await.unwrap();
        let PayAnswer::Opened(opened) = opened else { panic!("{opened:?}") };
        if option_id != "cod" {
            let report = Report {
                tmn_code: MERCHANT.to_owned(),
                payment_id: Some(opened.payment_id),
                reference: reference(opened.payment_id),
                amount_hundredths: order.total_minor * 100,
                response_code: "00".to_owned(),
                transaction_status: "00".to_owned(),
                transaction_no: "14226112".to_owned(),
                bank_code: None,
                pay_date: None,
            };
            let record = Record { operation_id: OperationId::new(), report, asked: false };
            report::report_record(&self.db, MERCHANT, fee(), &record).await.unwrap();
        }
        opened.payment_id
    }

    /// Moves the parcel of an order.
    pub(crate) async fn go(&self, order: &orders::Model, to: ShipmentStatus) -> moving::Moved {
        let parcel = shipment_store::shipments_of_orders(&self.db, &[order.id]).await.unwrap().pop().unwrap();
        moving::shipment_move(&self.db, fee(), parcel.id, to).await.unwrap()
    }

    /// An order that was paid and has arrived.
    pub(crate) async fn bought(&self, lines: &[Line], transport: i64, option_id: &str, code: &str) -> orders::Model {
        let order = self.order(lines, transport, code).await;
        self.pay(&order, option_id).await;
        self.go(&order, ShipmentStatus::Delivered).await;
        order
    }

    pub(crate) async fn items(&self, order: &orders::Model) -> Vec<order_item::Model> {
        crate::items::store::items_of_orders(&self.db, &[order.id]).await.unwrap()
    }

    /// What a buyer would ask for: so many units of each item, by its place in the order.
    pub(crate) async fn wishes(&self, order: &orders::Model, units: &[i32]) -> Vec<Wish> {
        let items = self.items(order).await;
        let wish = |(item, quantity): (&order_item::Model, &i32)| Wish {
            item_id: item.id,
            quantity: *quantity,
            serials: Vec::new(),
        };
        items.iter().zip(units).filter(|(_, units)| **units != 0).map(wish).collect()
    }

    pub(crate) fn request(&self, order_id: OrderId, wishes: Vec<Wish>) -> RequestRefund {
        RequestRefund {
            operation_id: OperationId::new(),
            buyer_id: self.buyer,
            order_id,
            wishes,
            reason: "Broken".to_owned(),
            image_ids: Vec::new(),
            method: ReturnMethod::PickUp,
        }
    }

    /// Runs a request as its durable handler does.
    pub(crate) async fn ask(&self, request: &RequestRefund) -> Answer {
        match requesting::request_begin(&self.db, request).await.unwrap() {
            Err(answer) => answer,
            Ok(draft) => refund_request(&self.db, &self.rules, &draft, request).await.unwrap(),
        }
    }

    /// Asks for units that can be had.
    pub(crate) async fn asked(&self, order: &orders::Model, units: &[i32]) -> News {
        let wishes = self.wishes(order, units).await;
        done(self.ask(&self.request(order.id, wishes)).await)
    }

    pub(crate) async fn refund(&self, refund_id: RefundId) -> refund::Model {
        store::refunds_fetch(&self.db, &[refund_id]).await.unwrap().pop().unwrap()
    }

    pub(crate) async fn act(&self, refund_id: RefundId, by: Party, answer: Move) -> Answer {
        let command =
            MoveRefund { operation_id: OperationId::new(), refund_id, by, answer, note: Some("Because.".to_owned()) };
        refund_move(&self.db, &self.rules, &command).await.unwrap()
    }

    pub(crate) async fn accept(&self, refund_id: RefundId) -> News {
        done(self.act(refund_id, Party::Seller(self.seller), Move::Accept).await)
    }

    /// The seller has everything back, all of it sellable.
    pub(crate) async fn receive(&self, news: &News) -> News {
        let confirm = self.receipt(news, |quantity| (quantity, 0));
        done(receipt_confirm(&self.db, &confirm).await.unwrap())
    }

    pub(crate) fn receipt(&self, news: &News, split: impl Fn(i32) -> (i32, i32)) -> ConfirmReceipt {
        let condition = |line: &entities::order::refund_item::Model| {
            let (sellable, damaged) = split(line.quantity);
            let damaged_serials = line.serials.iter().take(usize::try_from(damaged).unwrap()).cloned().collect();
            Condition { item_id: line.item_id, sellable, damaged, damaged_serials }
        };
        ConfirmReceipt {
            operation_id: OperationId::new(),
            seller_id: self.seller,
            refund_id: news.refund_id,
            conditions: news.lines.iter().map(|(line, _)| condition(line)).collect(),
        }
    }

    /// Pays a refund back, with what the provider says.
    pub(crate) async fn repay(&self, refund_id: RefundId, answer: RefundAnswer) -> Repaid {
        let Some(attempt) = repayment::attempt_begin(&self.db, refund_id).await.unwrap() else { return Repaid::Over };
        let first = repayment::attempt_record(&self.db, self.rules.attempts, &attempt, &answer).await.unwrap();
        let again = repayment::attempt_record(&self.db, self.rules.attempts, &attempt, &answer).await.unwrap();
        assert_eq!(first, again, "a step that runs twice changes nothing more");
        first
    }

    /// Asks, accepts, receives and pays back.
    pub(crate) async fn refunded(&self, order: &orders::Model, units: &[i32]) -> refund::Model {
        let news = self.asked(order, units).await;
        let accepted = self.accept(news.refund_id).await;
        if accepted.status == RefundStatus::Accepted {
            self.receive(&accepted).await;
        }
        self.repay(news.refund_id, paid_back()).await;
        self.refund(news.refund_id).await
    }

    pub(crate) async fn status(&self, order: &orders::Model) -> OrderStatus {
        samples::order_fetch(&self.db, order.id).await.status
    }

    /// What is on a ledger account, of everybody together.
    pub(crate) async fn ledger(&self, account: LedgerAccount) -> i64 {
        let rows =
            ledger_entry::Entity::find().filter(ledger_entry::Column::Account.eq(account)).all(&self.db).await.unwrap();
        rows.iter().map(|row| row.amount_minor).sum()
    }

    /// Fails unless every ledger transaction adds up to zero, histories have no gaps, and items claim what their
    /// refunds do.
    pub(crate) async fn assert_sound(&self) {
        for entry in ledger_entry::Entity::find().all(&self.db).await.unwrap() {
            let all = ledger_entry::Entity::find()
                .filter(ledger_entry::Column::TransactionId.eq(entry.transaction_id))
                .all(&self.db)
                .await
                .unwrap();
            assert_eq!(all.iter().map(|row| row.amount_minor).sum::<i64>(), 0);
        }
        samples::check_histories(&self.db).await;
        let unsound = self
            .db
            .query_all_raw(sea_orm::Statement::from_string(
                sea_orm::DbBackend::Postgres,
                r#"SELECT i.id FROM "order".order_item i LEFT JOIN (
                       SELECT l.item_id, sum(l.quantity) AS units, sum(l.amount_minor) AS minor
                       FROM "order".refund_item l JOIN "order".refund r ON r.id = l.refund_id
                       WHERE r.status IN ('PENDING', 'ACCEPTED', 'DISPUTED', 'PAYING', 'REFUNDED') GROUP BY l.item_id
                   ) held ON held.item_id = i.id
                   WHERE i.held_quantity <> coalesce(held.units, 0) OR i.held_minor <> coalesce(held.minor, 0)"#,
            ))
            .await
            .unwrap();
        assert!(unsound.is_empty(), "{} items claim something else than their refunds", unsound.len());
    }
}

pub(crate) fn fee() -> Percent {
    Percent::from_basis_points(500).unwrap()
}

pub(crate) fn paid_back() -> RefundAnswer {
    RefundAnswer::PaidBack { transaction: "14226113".to_owned() }
}

pub(crate) fn done(answer: Answer) -> News {
    match answer {
        Answer::Done(news) => *news,
        Answer::Refused(refusals) => panic!("refused: {refusals:?}"),
    }
}

/// The code and the field of the first refusal.
pub(crate) fn refused(answer: Answer) -> (ErrorCode, String) {
    match answer {
        Answer::Refused(mut refusals) => {
            let first = refusals.swap_remove(0);
            (first.code, first.field.unwrap_or_default())
        }
        Answer::Done(news) => panic!("done: {news:?}"),
    }
}
