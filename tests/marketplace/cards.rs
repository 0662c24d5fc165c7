//! A page of whole product cards through the router: what it shows, and how many SQL statements all modules take for it.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Client, Stack};
use uuid::Uuid;

use crate::{
    stage::{act, id},
    trace::{ask_in_trace, traced},
};

const SELLERS: usize = 4;

/// More than a page of them all.
const PRODUCTS_EACH: usize = 6;

/// What a page of twenty cards may take in all modules together.
const MOST_STATEMENTS: usize = 12;

/// Loaders close a batch by the clock, so a busy machine splits one now and then: the best of so many is what counts.
const ATTEMPTS: usize = 8;

const CARDS: &str = "query($first: Int!) { products(first: $first) { nodes {
    id name slug seller { id name } images(first: 1) { url } rating { count average } soldCount isFavorite
    featuredSku { id price { amountMinor currency } stock { available } offer { price { amountMinor } } } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_twenty_whole_cards_takes_few_statements() {
    let (stack, collector) = traced().await;
    let mut discounted = Vec::new();
    for number in 0..SELLERS {
        let seller = stack.member("seller").await;
        import(stack, &seller.id.to_string(), number).await;
        if number == 0 {
            let promotion = json!({"name": "Opening week", "kind": "DISCOUNT", "percentOff": 10, "autoApply": true,
                "startsAt": "2020-01-01T00:00:00Z"});
            act(&seller.client, "06-seller-creates-a-promotion", promotion).await;
            discounted.push(seller.id.to_string());
        }
    }
    let viewer = stack.member("viewer").await.client;
    let product_id = whole_cards(&viewer, &discounted).await;
    let favorite = "mutation($input: AddFavoriteInput!) { addFavorite(input: $input) { userErrors { code } } }";
    viewer.act(favorite, json!({"productId": product_id})).await;
    let shown = viewer.data(CARDS, json!({"first": 100})).await;
    let cards = shown["products"]["nodes"].as_array().unwrap();
    let favorites: Vec<&Value> = cards.iter().filter(|card| card["isFavorite"] == true).collect();
    assert_eq!(favorites.len(), 1);
    assert_eq!(favorites[0]["id"], json!(product_id));

    let mut fewest: Option<Vec<String>> = None;
    for _ in 0..ATTEMPTS {
        let trace_id = Uuid::new_v4().simple().to_string();
        let body = json!({"query": CARDS, "variables": {"first": 20}});
        let answer = ask_in_trace(stack, &viewer, &trace_id, &body).await;
        assert_eq!(answer["data"]["products"]["nodes"].as_array().map(Vec::len), Some(20), "{answer:#}");
        let statements = collector.statements(&trace_id).await;
        if fewest.as_ref().is_none_or(|fewest| statements.len() < fewest.len()) {
            fewest = Some(statements);
        }
        if fewest.as_ref().is_some_and(|fewest| fewest.len() <= MOST_STATEMENTS) {
            break;
        }
    }
    let fewest = fewest.unwrap();
    assert!(fewest.len() > 3, "the statements are counted: {fewest:#?}");
    assert!(fewest.len() <= MOST_STATEMENTS, "{} statements: {fewest:#?}", fewest.len());
    stack.assert_sound().await;
}

/// Products of a seller, with an image and units each.
async fn import(stack: &Stack, seller: &str, number: usize) {
    let rows = (0..PRODUCTS_EACH).map(|row| {
        let image = format!("https://images.example.com/{number}-{row}.jpg");
        let row = json!({"external_id": format!("{row}"), "name": format!("Vase {number} {row}"), "images": [image],
            "category": "Home > Vases", "price": "20.00", "currency": "USD", "stock": 7});
        row.to_string() + "\n"
    });
    let file = stack.data_dir().join(format!("vases-{number}.jsonl"));
    std::fs::write(&file, rows.collect::<String>()).unwrap();
    let mut command = stack.command("import");
    let output = command.arg(&file).arg("--seller").arg(seller).output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Waits until every card shows everything, the prices of `discounted` sellers with their promotion, and gives a product.
async fn whole_cards(viewer: &Client, discounted: &[String]) -> String {
    let whole = |card: &Value| {
        let sku = &card["featuredSku"];
        let price = if discounted.contains(&id(&card["seller"]["id"])) { "1800" } else { "2000" };
        card["seller"]["name"] == "seller"
            && card["images"].as_array().map(Vec::len) == Some(1)
            && card["rating"]["count"] == 0
            && card["soldCount"] == "0"
            && card["isFavorite"] == false
            && sku["price"]["amountMinor"] == "2000"
            && sku["stock"]["available"] == "7"
            && sku["offer"]["price"]["amountMinor"] == price
    };
    let vases = |data: &Value| -> Vec<Value> {
        let cards = data["products"]["nodes"].as_array().cloned().unwrap_or_default();
        cards.into_iter().filter(|card| id(&card["name"]).starts_with("Vase ")).collect()
    };
    let done = |data: &Value| {
        let vases = vases(data);
        vases.len() == SELLERS * PRODUCTS_EACH && vases.iter().all(whole)
    };
    let data = viewer.eventually(CARDS, json!({"first": 100}), Duration::from_secs(60), done).await;
    id(&vases(&data)[0]["id"])
}
