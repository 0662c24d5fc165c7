//! Products: who may change them, what is refused, and what vanishes.

use catalog::store::product::product_insert;
use entities::catalog::{product, product_index, tag};
use kernel::{AccountId, ProductId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::shop::{Shop, new_product, viewer_of};

const UPDATE: &str = "mutation($input: UpdateProductInput!) {
    updateProduct(input: $input) { product { name slug tags description } userErrors { code field } } }";
const CREATE: &str = "mutation($input: CreateProductInput!) {
    createProduct(input: $input) { product { id } userErrors { code field } } }";
const DELETE: &str =
    "mutation($id: ID!) { deleteProduct(input: {productId: $id}) { productId userErrors { code field } } }";
const ENABLE: &str = "mutation($id: ID!, $enabled: Boolean!) {
    setProductEnabled(input: {productId: $id, enabled: $enabled}) { product { enabled } userErrors { code field } } }";
const PRODUCT: &str = "query($id: ID!) { product(id: $id) { name enabled } }";

async fn slug(shop: &Shop, id: ProductId) -> String {
    product::Entity::find_by_id(id).one(&shop.db).await.unwrap().unwrap().slug
}

#[tokio::test]
async fn products_of_one_name_get_slugs_with_numbers_also_at_the_same_time() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let first = shop.product(seller, "Áo thun đen!").await;
    assert_eq!(slug(&shop, first).await, "ao-thun-den");
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (db, new) = (shop.db.clone(), new_product(seller, shop.category_id, "Ao Thun Den"));
        writers.spawn(async move { product_insert(&db, &new).await.unwrap() });
    }
    writers.join_all().await;
    let rows = product::Entity::find().all(&shop.db).await.unwrap();
    let mut numbers: Vec<u32> = rows
        .iter()
        .filter_map(|row| row.slug.strip_prefix("ao-thun-den-"))
        .map(|number| number.parse().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=21).collect::<Vec<u32>>());
}

#[tokio::test]
async fn writing_a_product_twice_changes_nothing() {
    let shop = Shop::open().await;
    let mut new = new_product(AccountId::new(), shop.category_id, "Cup");
    new.draft.tags = vec!["mug".to_owned()];
    product_insert(&shop.db, &new).await.unwrap();
    product_insert(&shop.db, &new).await.unwrap();
    assert_eq!(product::Entity::find().all(&shop.db).await.unwrap().len(), 1);
    assert_eq!(tag::Entity::find().all(&shop.db).await.unwrap().len(), 1, "a tag is made on first use");
}

#[tokio::test]
async fn a_renamed_product_keeps_its_slug_and_the_index_hears_of_it() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let id = shop.product(seller, "Old name").await;
    let input = json!({"productId": id, "name": "  New name ", "tags": ["Red  Wine", "red wine"]});
    let data = shop.ask(Some(seller), UPDATE, json!({ "input": input })).await.fine();
    let expected = json!({"name": "New name", "slug": "old-name", "tags": ["red wine"], "description": ""});
    assert_eq!(data["updateProduct"]["product"], expected);
    let versions = product_index::Entity::find_by_id(id).one(&shop.db).await.unwrap().unwrap();
    assert_eq!((versions.facts_version, versions.text_version), (2, 2));
    shop.ask(Some(seller), UPDATE, json!({"input": {"productId": id, "tags": []}})).await.fine();
    let versions = product_index::Entity::find_by_id(id).one(&shop.db).await.unwrap().unwrap();
    assert_eq!((versions.facts_version, versions.text_version), (3, 2), "tags are not embedded");
}

#[tokio::test]
async fn strangers_and_visitors_cannot_change_a_product() {
    let shop = Shop::open().await;
    let id = shop.product(AccountId::new(), "Mine").await;
    let attempts = [
        (UPDATE, json!({"input": {"productId": id, "name": "Yours"}})),
        (ENABLE, json!({"id": id, "enabled": false})),
        (DELETE, json!({ "id": id })),
        (
            "mutation($id: ID!) { setProductImages(input: {productId: $id, imageIds: [], idempotencyKey: \"k\"}) {
                userErrors { code } } }",
            json!({ "id": id }),
        ),
        (
            "mutation($id: ID!) { addSku(input: {productId: $id, idempotencyKey: \"k\", sku: {weightGrams: 1,
                price: {amountMinor: 1, currency: \"USD\"}}}) { userErrors { code } } }",
            json!({ "id": id }),
        ),
    ];
    for (mutation, variables) in attempts {
        let stranger = shop.ask(Some(AccountId::new()), mutation, variables.clone()).await;
        assert_eq!(stranger.code(), "FORBIDDEN", "{mutation}");
        assert_eq!(shop.ask(None, mutation, variables).await.code(), "UNAUTHENTICATED", "{mutation}");
    }
    let row = product::Entity::find_by_id(id).one(&shop.db).await.unwrap().unwrap();
    assert!(row.name == "Mine" && row.enabled && row.deleted_at.is_none());
}

#[tokio::test]
async fn a_product_that_does_not_exist_is_named_by_its_field() {
    let shop = Shop::open().await;
    let reply = shop.ask(Some(AccountId::new()), DELETE, json!({"id": ProductId::new()})).await;
    assert_eq!(reply.user_errors(), [("PRODUCT_NOT_FOUND".to_owned(), "productId".to_owned())]);
}

#[tokio::test]
async fn every_problem_of_a_new_product_is_named_by_its_field() {
    let shop = Shop::open().await;
    let sku = |price: Value, grams: i32, red: &str, featured: bool| {
        json!({"price": price, "weightGrams": grams, "featured": featured,
               "attributes": [{"name": "Colour", "value": red}]})
    };
    let input = json!({
        "name": " ", "categoryId": shop.category_id, "idempotencyKey": "k", "tags": ["fine", "x".repeat(51)],
        "specifications": [{"name": "", "value": "v"}],
        "skus": [
            sku(json!({"amountMinor": "0", "currency": "USD"}), 100, "Red", true),
            sku(json!({"amountMinor": "5", "currency": "VND"}), 0, "Red", true),
        ],
    });
    let reply = shop.ask(Some(AccountId::new()), CREATE, json!({ "input": input })).await;
    let expected = [
        ("TEXT_INVALID", "name"),
        ("TEXT_INVALID", "tags.1"),
        ("TEXT_INVALID", "specifications.0.name"),
        ("PRICE_INVALID", "skus.0.price.amountMinor"),
        ("PACKAGE_INVALID", "skus.1.weightGrams"),
        ("CURRENCY_MIXED", "skus.1.price.currency"),
        ("DUPLICATE", "skus.1.attributes"),
        ("FEATURED_INVALID", "skus"),
    ];
    assert_eq!(reply.user_errors(), expected.map(|(code, field)| (code.to_owned(), field.to_owned())));
    let none = json!({"name": "Cup", "categoryId": shop.category_id, "idempotencyKey": "k", "skus": []});
    let reply = shop.ask(Some(AccountId::new()), CREATE, json!({ "input": none })).await;
    assert_eq!(reply.user_errors(), [("SKU_MISSING".to_owned(), "skus".to_owned())]);
}

#[tokio::test]
async fn ids_and_keys_that_are_none_are_refused() {
    let shop = Shop::open().await;
    let reply = shop.ask(None, PRODUCT, json!({"id": "42"})).await;
    assert!(reply.errors[0]["message"].as_str().unwrap().contains("`42` is not an id"), "{reply:?}");
    let both = shop.ask(None, "{ product { id } }", json!({})).await;
    assert_eq!(both.code(), "BAD_USER_INPUT");
    let input = json!({"name": "Cup", "categoryId": shop.category_id, "idempotencyKey": "", "skus": []});
    assert_eq!(shop.ask(Some(AccountId::new()), CREATE, json!({ "input": input })).await.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_category_that_does_not_exist_is_named_by_its_field() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let id = shop.product(seller, "Cup").await;
    let input = json!({"productId": id, "name": "Mug", "categoryId": ProductId::new()});
    let reply = shop.ask(Some(seller), UPDATE, json!({ "input": input })).await;
    assert_eq!(reply.user_errors(), [("CATEGORY_NOT_FOUND".to_owned(), "categoryId".to_owned())]);
    let row = product::Entity::find_by_id(id).one(&shop.db).await.unwrap().unwrap();
    assert_eq!(row.name, "Cup", "nothing of a refused change is written");
}

#[tokio::test]
async fn a_disabled_product_is_there_for_its_seller_and_for_administrators_alone() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let id = shop.product(seller, "Cup").await;
    shop.ask(Some(seller), ENABLE, json!({"id": id, "enabled": false})).await.fine();
    let seen = |reply: crate::shop::Reply| !reply.fine()["product"].is_null();
    assert!(!seen(shop.ask(None, PRODUCT, json!({ "id": id })).await));
    assert!(!seen(shop.ask(Some(AccountId::new()), PRODUCT, json!({ "id": id })).await));
    assert!(seen(shop.ask(Some(seller), PRODUCT, json!({ "id": id })).await));
    assert!(seen(shop.ask_as(Some(viewer_of(AccountId::new(), true)), PRODUCT, json!({ "id": id })).await));
    let entity = "query($id: ID!) { _entities(representations: [{__typename: \"Account\", id: $id}]) {
        ... on Account { products { totalCount edges { node { name } } } } } }";
    let count = |data: Value| data["_entities"][0]["products"]["totalCount"].clone();
    assert_eq!(count(shop.ask(Some(seller), entity, json!({ "id": seller })).await.fine()), 1);
    assert_eq!(count(shop.ask(None, entity, json!({ "id": seller })).await.fine()), 0);
}

#[tokio::test]
async fn a_deleted_product_vanishes_everywhere() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let new = new_product(seller, shop.category_id, "Cup");
    product_insert(&shop.db, &new).await.unwrap();
    let sku_id = new.skus[0].0;
    let data = shop.ask(Some(seller), DELETE, json!({"id": new.id})).await.fine();
    assert_eq!(data["deleteProduct"]["productId"], json!(new.id));
    let everywhere = "query($id: ID!, $sku: ID!) {
        product(id: $id) { id }
        bySlug: product(slug: \"cup\") { id }
        products { totalCount edges { node { id } } }
        searchProducts(query: \"cup\") { totalCount edges { node { id } } }
        categories { products { totalCount } }
        _entities(representations: [{__typename: \"Product\", id: $id}, {__typename: \"Sku\", id: $sku}]) { __typename } }";
    let data = shop.ask(Some(seller), everywhere, json!({"id": new.id, "sku": sku_id})).await.fine();
    let expected = json!({
        "product": null, "bySlug": null, "products": {"totalCount": 0, "edges": []},
        "searchProducts": {"totalCount": 0, "edges": []}, "categories": [{"products": {"totalCount": 0}}],
        "_entities": [null, null],
    });
    assert_eq!(data, expected);
    let again = shop.ask(Some(seller), DELETE, json!({"id": new.id})).await;
    assert_eq!(again.user_errors(), [("PRODUCT_NOT_FOUND".to_owned(), "productId".to_owned())]);
    let rows = product::Entity::find().filter(product::Column::DeletedAt.is_not_null()).all(&shop.db).await.unwrap();
    assert_eq!(rows.len(), 1, "the row stays for what refers to it");
}
