//! A marketplace in small: what the tests of this module begin with.

use std::collections::BTreeSet;

use chrono::Utc;
use entities::order::{Address, AppliedPromotions, OrderItemState, order_event, order_item, order_item_event, orders};
use kernel::{AccountId, CheckoutId, Currency, Money, OperationId, OrderId, OrderItemId, ProductId, SkuId};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder};
use service_kit::ModuleName;
use test_kit::TestDatabase;

use crate::{
    addresses,
    checkout::{
        request::{Source, Submit},
        store::checkout_accept,
    },
    desk::{
        confirmation::{Answer, Begun, Confirm, QuoteRequest},
        selection::Quoted,
        store::{confirmation_begin, order_confirm},
    },
    items::store::items_fetch,
};

/// The module's own pool of a fresh database.
pub(crate) async fn database() -> DatabaseConnection {
    TestDatabase::create().await.connect(ModuleName::Order).await
}

pub(crate) fn address(text: &str) -> Address {
    Address {
        contact_id: None,
        full_name: "An Nguyen".to_owned(),
        phone: "+84901234567".to_owned(),
        address: text.to_owned(),
        latitude: None,
        longitude: None,
    }
}

pub(crate) fn submit(buyer_id: AccountId, source: Source) -> Submit {
    Submit {
        checkout_id: CheckoutId::new(),
        buyer_id,
        source,
        place: None,
        transport_option: "table-rate".to_owned(),
        codes: vec![],
        note: None,
    }
}

/// A line of a checkout, as its durable handler would write it: two units at 500, of which 100 are discounted.
pub(crate) fn item(submit: &Submit, seller_id: AccountId) -> order_item::Model {
    let (now, address) = (Utc::now(), address("1 Le Loi, Hanoi"));
    order_item::Model {
        id: OrderItemId::new(),
        checkout_id: submit.checkout_id,
        order_id: None,
        buyer_id: submit.buyer_id,
        seller_id,
        sku_id: SkuId::new(),
        product_id: ProductId::new(),
        product_name: "Áo dài".to_owned(),
        variant_label: "Red / M".to_owned(),
        quantity: 2,
        weight_grams: 300,
        currency: "VND".to_owned(),
        unit_price_minor: 500,
        list_amount_minor: 1000,
        paid_amount_minor: 900,
        held_quantity: 0,
        held_minor: 0,
        refunded_quantity: 0,
        applied_promotions: AppliedPromotions::default(),
        shipping_promotion_ids: vec![],
        serials: vec![],
        address_key: addresses::key(&address),
        address,
        transport_option: "table-rate".to_owned(),
        note: None,
        state: OrderItemState::Pending,
        reason: None,
        event_seq: 1,
        deadline_at: now,
        created_at: now,
        updated_at: now,
    }
}

/// Checks `count` items of one seller out.
pub(crate) async fn pending(
    db: &DatabaseConnection,
    buyer_id: AccountId,
    seller_id: AccountId,
    count: usize,
) -> Vec<order_item::Model> {
    let submit = submit(buyer_id, Source::Cart);
    let items: Vec<_> = (0..count).map(|_| item(&submit, seller_id)).collect();
    checkout_accept(db, &submit, items.clone()).await.unwrap();
    items
}

pub(crate) fn ids(items: &[order_item::Model]) -> Vec<OrderItemId> {
    items.iter().map(|item| item.id).collect()
}

pub(crate) fn confirm(seller_id: AccountId, item_ids: Vec<OrderItemId>) -> Confirm {
    let request = QuoteRequest { seller_id, item_ids, transport_option: None };
    Confirm { operation_id: OperationId::new(), request }
}

pub(crate) fn quoted() -> Quoted {
    let money = |minor| Money::new(minor, Currency::VND);
    Quoted { cost: money(300), discount: money(50), pickup: None }
}

/// Runs a confirmation as its durable handler does.
pub(crate) async fn run(db: &DatabaseConnection, confirm: &Confirm) -> Answer {
    match confirmation_begin(db, confirm).await.unwrap() {
        Begun::Answered(answer) => answer,
        Begun::Selected(draft) => order_confirm(db, confirm, &draft, &quoted()).await.unwrap().0,
    }
}

/// An order of `count` items.
pub(crate) async fn order(
    db: &DatabaseConnection,
    buyer_id: AccountId,
    seller_id: AccountId,
    count: usize,
) -> orders::Model {
    let items = pending(db, buyer_id, seller_id, count).await;
    let answer = run(db, &confirm(seller_id, ids(&items))).await;
    order_fetch(db, answer.order_id.expect("pending items can be confirmed")).await
}

pub(crate) async fn order_fetch(db: &DatabaseConnection, order_id: OrderId) -> orders::Model {
    orders::Entity::find_by_id(order_id).one(db).await.unwrap().expect("the order is there")
}

/// The states of items, each once.
pub(crate) async fn states(db: &DatabaseConnection, item_ids: &[OrderItemId]) -> Vec<OrderItemState> {
    let found = items_fetch(db, item_ids).await.unwrap();
    assert_eq!(found.len(), item_ids.len());
    found.into_iter().fold(vec![], |mut states, item| {
        if !states.contains(&item.state) {
            states.push(item.state);
        }
        states
    })
}

/// Checks what always holds: every change of state is in the history, which has no gaps and is a chain.
pub(crate) async fn check_histories(db: &DatabaseConnection) {
    for item in order_item::Entity::find().all(db).await.unwrap() {
        let events = order_item_event::Entity::find()
            .filter(order_item_event::COLUMN.item_id.eq(item.id))
            .order_by_asc(order_item_event::Column::Seq)
            .all(db)
            .await
            .unwrap();
        let numbers: Vec<i32> = events.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (1..=item.event_seq).collect::<Vec<_>>());
        assert!(events.windows(2).all(|pair| pair[1].from_state == Some(pair[0].to_state)));
        assert_eq!(events.last().map(|event| event.to_state), Some(item.state));
    }
    for order in orders::Entity::find().all(db).await.unwrap() {
        let events = order_event::Entity::find()
            .filter(order_event::COLUMN.order_id.eq(order.id))
            .order_by_asc(order_event::Column::Seq)
            .all(db)
            .await
            .unwrap();
        let numbers: Vec<i64> = events.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (1..=order.event_seq).collect::<Vec<_>>());
        assert!(events.windows(2).all(|pair| pair[1].from_status == Some(pair[0].to_status)));
        assert_eq!(events.last().map(|event| event.to_status), Some(order.status));
    }
}

/// Whether numbers run from 1 without gap or repetition.
pub(crate) fn is_gapless(numbers: &[i64]) -> bool {
    let distinct: BTreeSet<i64> = numbers.iter().copied().collect();
    distinct.len() == numbers.len() && numbers.iter().copied().eq(1..=numbers.len() as i64)
}
