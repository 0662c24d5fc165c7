//! SKUs: the featured one, prices, and what other modules read of them.

use catalog::{
    drafts::SkuDraft,
    store::{
        directory::sku_snapshot_list,
        product::{NewProduct, product_insert},
        sku::{SkuRefusal, sku_insert},
    },
};
use chrono::Utc;
use kernel::{AccountId, Currency, Money, SkuId};
use serde_json::{Value, json};

use crate::shop::{Shop, category, new_product, new_sku};

const UPDATE: &str = "mutation($input: UpdateSkuInput!) { updateSku(input: $input) {
    sku { label enabled price { amountMinor } } userErrors { code field } } }";

/// A product with a red and a blue SKU; the red one is featured.
async fn shirt(shop: &Shop, seller_id: AccountId) -> NewProduct {
    let mut new = new_product(seller_id, shop.category_id, "Shirt");
    new.skus = vec![
        (SkuId::new(), new_sku(&[("Colour", "Red"), ("Size", "M")], 1000, true)),
        (SkuId::new(), new_sku(&[("Colour", "Blue"), ("Size", "M")], 900, false)),
    ];
    product_insert(&shop.db, &new).await.unwrap();
    new
}

async fn featured(shop: &Shop, product: &NewProduct) -> Value {
    let query = "query($id: ID!) { product(id: $id) { featuredSku { id price { amountMinor } }
        skus { id featured } } products(sort: PRICE_ASCENDING) { edges { node { id } } } }";
    let data = shop.ask(None, query, json!({"id": product.id})).await.fine();
    let marks = data["product"]["skus"].as_array().unwrap().iter().filter(|sku| sku["featured"] == true).count();
    assert_eq!(marks, 1, "one SKU is featured");
    data["product"]["featuredSku"].clone()
}

#[tokio::test]
async fn the_featured_mark_moves_and_the_price_of_lists_follows() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let shirt = shirt(&shop, seller).await;
    let (red, blue) = (shirt.skus[0].0, shirt.skus[1].0);
    assert_eq!(featured(&shop, &shirt).await, json!({"id": red, "price": {"amountMinor": "1000"}}));
    shop.ask(Some(seller), UPDATE, json!({"input": {"skuId": blue, "featured": true}})).await.fine();
    assert_eq!(featured(&shop, &shirt).await["id"], json!(blue));
    let price = json!({"amountMinor": "750", "currency": "USD"});
    shop.ask(Some(seller), UPDATE, json!({"input": {"skuId": blue, "price": price}})).await.fine();
    let cheap = "{ products(filter: {priceMax: {amountMinor: 750, currency: \"USD\"}}) { totalCount } }";
    assert_eq!(shop.ask(None, cheap, json!({})).await.fine()["products"]["totalCount"], 1);
    shop.ask(Some(seller), UPDATE, json!({"input": {"skuId": blue, "enabled": false}})).await.fine();
    assert_eq!(featured(&shop, &shirt).await["id"], json!(red), "the mark passes to what is on offer");
    shop.ask(Some(seller), UPDATE, json!({"input": {"skuId": red, "enabled": false}})).await.fine();
    assert_eq!(featured(&shop, &shirt).await["id"], json!(red), "the mark stays when nothing is on offer");
}

#[tokio::test]
async fn a_change_of_a_sku_that_breaks_a_rule_is_refused_by_field() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let shirt = shirt(&shop, seller).await;
    let blue = shirt.skus[1].0;
    let same = json!([{"name": "Colour", "value": "Red"}, {"name": "Size", "value": "M"}]);
    let cases = [
        (json!({"skuId": blue, "price": {"amountMinor": "1", "currency": "VND"}}), "CURRENCY_MIXED", "price.currency"),
        (
            json!({"skuId": blue, "price": {"amountMinor": "-1", "currency": "USD"}}),
            "PRICE_INVALID",
            "price.amountMinor",
        ),
        (json!({"skuId": blue, "attributes": same}), "DUPLICATE", "attributes"),
        (json!({"skuId": blue, "featured": false}), "FEATURED_INVALID", "featured"),
        (json!({"skuId": blue, "package": {"weightGrams": 0}}), "PACKAGE_INVALID", "package.weightGrams"),
        (json!({"skuId": SkuId::new()}), "SKU_NOT_FOUND", "skuId"),
    ];
    for (input, code, field) in cases {
        let reply = shop.ask(Some(seller), UPDATE, json!({ "input": input })).await;
        assert_eq!(reply.user_errors(), [(code.to_owned(), field.to_owned())], "{input}");
    }
    let stranger = shop.ask(Some(AccountId::new()), UPDATE, json!({"input": {"skuId": blue, "enabled": false}})).await;
    assert_eq!(stranger.code(), "FORBIDDEN");
}

#[tokio::test]
async fn a_sku_is_added_once_and_only_where_it_fits() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let shirt = shirt(&shop, seller).await;
    let green = new_sku(&[("Colour", "Green"), ("Size", "M")], 800, true);
    let id = SkuId::new();
    let add = |id: SkuId, draft: SkuDraft| {
        let db = shop.db.clone();
        async move { sku_insert(&db, seller, shirt.id, id, &draft, Utc::now()).await.unwrap() }
    };
    assert_eq!(add(id, green.clone()).await, Ok(()));
    assert_eq!(add(id, green.clone()).await, Ok(()), "the same command again");
    assert_eq!(add(SkuId::new(), green.clone()).await, Err(SkuRefusal::SameVariant));
    let in_dong = SkuDraft { price: Money::new(1, Currency::VND), ..new_sku(&[("Colour", "Grey")], 1, false) };
    assert_eq!(add(SkuId::new(), in_dong).await, Err(SkuRefusal::OtherCurrency));
    let data = shop.ask(None, "{ products { edges { node { skus { label featured } } } } }", json!({})).await.fine();
    let labels = json!([
        {"label": "Red / M", "featured": false}, {"label": "Blue / M", "featured": false},
        {"label": "Green / M", "featured": true},
    ]);
    assert_eq!(data["products"]["edges"][0]["node"]["skus"], labels);
}

#[tokio::test]
async fn a_hundred_skus_are_the_most() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let shirt = shop.product(seller, "Shirt").await;
    for number in 1..100 {
        let draft = new_sku(&[("Number", &number.to_string())], 100, false);
        sku_insert(&shop.db, seller, shirt, SkuId::new(), &draft, Utc::now()).await.unwrap().unwrap();
    }
    let one_more = new_sku(&[("Number", "100")], 100, false);
    let refused = sku_insert(&shop.db, seller, shirt, SkuId::new(), &one_more, Utc::now()).await.unwrap();
    assert_eq!(refused, Err(SkuRefusal::TooMany));
}

#[tokio::test]
async fn other_modules_read_skus_with_the_path_of_their_category_nearest_first() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let shirts = category(&shop.db, Some(shop.category_id), "Shirts").await;
    let mut new = new_product(seller, shirts, "Shirt");
    new.skus = vec![(SkuId::new(), new_sku(&[("Colour", "Red")], 1000, true))];
    product_insert(&shop.db, &new).await.unwrap();
    let deleted = shirt(&shop, seller).await;
    let delete = "mutation($id: ID!) { deleteProduct(input: {productId: $id}) { productId } }";
    shop.ask(Some(seller), delete, json!({"id": deleted.id})).await.fine();
    let ids = [new.skus[0].0, deleted.skus[0].0, SkuId::new()];
    let snapshots = sku_snapshot_list(&shop.db, &ids).await.unwrap();
    let [snapshot] = snapshots.as_slice() else { panic!("unknown and deleted ones are left out: {snapshots:?}") };
    assert_eq!(snapshot.category_path, [shirts, shop.category_id]);
    assert_eq!((snapshot.unit_price, snapshot.seller_id), (Money::new(1000, Currency::USD), seller));
    assert!(snapshot.enabled && snapshot.variant_label == "Red" && snapshot.product_name == "Shirt");

    let entity = "query($id: ID!) { _entities(representations: [{__typename: \"Sku\", id: $id}]) {
        ... on Sku { productId sellerId categoryPath product { name } } } }";
    let data = shop.ask(None, entity, json!({"id": new.skus[0].0})).await.fine();
    let expected = json!({"productId": new.id, "sellerId": seller, "categoryPath": [shirts, shop.category_id],
        "product": {"name": "Shirt"}});
    assert_eq!(data["_entities"][0], expected);
}

#[tokio::test]
async fn a_product_shows_what_there_is_to_choose_from() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let mut shirt = new_product(seller, shop.category_id, "Shirt");
    let sku = |colour, size, featured| (SkuId::new(), new_sku(&[("Colour", colour), ("Size", size)], 900, featured));
    shirt.skus =
        vec![sku("Red", "M", true), sku("Blue", "M", false), sku("Red", "S", false), sku("Green", "XL", false)];
    product_insert(&shop.db, &shirt).await.unwrap();
    let plain = shop.product(seller, "Cup").await;
    let green = shirt.skus[3].0;
    shop.ask(Some(seller), UPDATE, json!({"input": {"skuId": green, "enabled": false}})).await.fine();
    let query = "query($id: ID!) { product(id: $id) { options { name values } } }";
    let data = shop.ask(None, query, json!({"id": shirt.id})).await.fine();
    let expected = json!([{"name": "Colour", "values": ["Red", "Blue"]}, {"name": "Size", "values": ["M", "S"]}]);
    assert_eq!(data["product"]["options"], expected, "what is on offer, each once, in the seller's order");
    assert_eq!(shop.ask(None, query, json!({ "id": plain })).await.fine()["product"]["options"], json!([]));
}
