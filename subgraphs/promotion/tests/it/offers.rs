//! `Sku.offer`, as the router asks for it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use contracts::promotion::PriceLine;
use serde_json::{Value, json};

use crate::shop::{Shop, redeem, viewer};

const OFFERS: &str = "query($skus: [_Any!]!, $codes: [String!], $quantity: Int) { _entities(representations: $skus) {
    ... on Sku { id offer(codes: $codes, quantity: $quantity) {
        listPrice { amountMinor currency } price { amountMinor } saving { amountMinor }
        applied { promotion { id name } saving { amountMinor } }
        shippingPromotions { id }
        rejected { promotion { id } code reason }
    } } } }";

/// What the router brings along of a line's SKU.
fn representation(line: &PriceLine) -> Value {
    json!({
        "__typename": "Sku",
        "id": line.sku_id,
        "price": {"amountMinor": line.unit_price.amount_minor.to_string(), "currency": "VND"},
        "productId": line.product_id,
        "sellerId": line.seller_id,
        "categoryPath": line.category_path,
    })
}

#[tokio::test]
async fn the_card_shows_what_the_checkout_charges() {
    let shop = Shop::open().await;
    let line = shop.line(1_000);
    let (sku, category) = (line.sku_id, line.category_path[0]);
    let on_sku = shop.promote(json!({"percentOff": 10, "targets": [{"skuId": sku}]})).await;
    shop.promote(json!({"percentOff": 5, "targets": [{"categoryId": category}]})).await;
    shop.promote(json!({"percentOff": 90, "code": "SECRET"})).await;
    let card = shop.ask(None, OFFERS, json!({"skus": [representation(&line)]})).await;
    let offer = &card["data"]["_entities"][0]["offer"];
    assert_eq!(offer["listPrice"], json!({"amountMinor": "1000", "currency": "VND"}), "{card:#}");
    assert_eq!(offer["price"]["amountMinor"], "900");
    assert_eq!(offer["saving"]["amountMinor"], "100");
    assert_eq!(offer["applied"][0]["promotion"], json!({"id": on_sku, "name": "Sale"}));
    assert_eq!(offer["rejected"][0]["reason"], "OUTRANKED");
    let charged = crate::shop::count(&shop.db, &redeem(vec![line], &[])).await.unwrap();
    assert_eq!(charged.lines[0].paid_amount.amount_minor, 900);
}

#[tokio::test]
async fn codes_are_answered_for_as_they_were_entered() {
    let shop = Shop::open().await;
    shop.promote(json!({"percentOff": 50, "code": "half"})).await;
    let variables = json!({"skus": [representation(&shop.line(1_000))], "codes": [" hAlf", "no such"], "quantity": 3});
    let answer = shop.ask(Some(&viewer(false)), OFFERS, variables).await;
    let offer = &answer["data"]["_entities"][0]["offer"];
    assert_eq!((&offer["listPrice"]["amountMinor"], &offer["price"]["amountMinor"]), (&json!("3000"), &json!("1500")));
    let unknown = json!([{"promotion": null, "code": "no such", "reason": "UNKNOWN_CODE"}]);
    assert_eq!(offer["rejected"], unknown, "{answer:#}");
}

#[tokio::test]
async fn a_quantity_out_of_range_is_named() {
    let shop = Shop::open().await;
    let variables = json!({"skus": [representation(&shop.line(1_000))], "quantity": 0});
    let answer = shop.ask(None, OFFERS, variables).await;
    assert_eq!(answer["data"]["_entities"][0]["offer"], Value::Null);
    assert_eq!(answer["errors"][0]["extensions"], json!({"code": "BAD_USER_INPUT", "field": "quantity"}), "{answer:#}");
}

#[tokio::test]
async fn twenty_cards_read_promotions_once() {
    let mut shop = Shop::open().await;
    for number in 0..5 {
        shop.promote(json!({"percentOff": 10 + number, "group": format!("g{number}")})).await;
    }
    let statements = Arc::new(AtomicUsize::new(0));
    let counted = statements.clone();
    shop.db.set_metric_callback(move |_| _ = counted.fetch_add(1, Ordering::Relaxed));
    let skus: Vec<Value> = (0..20).map(|_| representation(&shop.line(1_000))).collect();
    let answer = shop.ask(None, OFFERS, json!({"skus": skus})).await;
    assert_eq!(answer["data"]["_entities"].as_array().unwrap().len(), 20);
    assert_eq!(answer["data"]["_entities"][19]["offer"]["price"]["amountMinor"], "400", "{answer:#}");
    assert_eq!(statements.load(Ordering::Relaxed), 1);
}
