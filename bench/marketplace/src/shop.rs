//! Whom the load acts on: a marketplace with demo products, a seller with a lot to sell, and buyers.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use test_kit::{Client, Layout, Member, Stack};
use uuid::Uuid;

const CONTACT: &str = "mutation($input: CreateContactInput!) {
    createContact(input: $input) { userErrors { code message field } } }";

/// How many SKUs one product of the shop has.
const SKUS_OF_A_PRODUCT: usize = 50;

/// Starts a marketplace of its own and fills it with `products` demo products. It is at rest afterwards: embedding their
/// texts takes a core for a while.
pub(crate) async fn marketplace(products: u32) -> Stack {
    let stack = Stack::start_with(Layout::Together, &[]).await;
    seed(&stack, products).await;
    indexed(&stack, true).await;
    stack
}

/// Waits until the index has every change, and tells how long that took.
pub(crate) async fn indexed(stack: &Stack, with_vectors: bool) -> Duration {
    let began = Instant::now();
    let owner = stack.database.connect_as_owner().await;
    let behind = "SELECT count(*) AS behind FROM catalog.product_index
        WHERE facts_indexed < facts_version OR ($1 AND text_indexed < text_version)";
    loop {
        let statement = Statement::from_sql_and_values(owner.get_database_backend(), behind, [with_vectors.into()]);
        let row = owner.query_one_raw(statement).await.expect("the owner may read every table");
        let behind: i64 = row.and_then(|row| row.try_get("", "behind").ok()).expect("`count` is one number");
        if behind == 0 {
            return began.elapsed();
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Fills the marketplace with so many demo products.
pub(crate) async fn seed(stack: &Stack, products: u32) {
    let seeded = stack.command("seed").args(["--products", &products.to_string()]).output().await;
    let seeded = seeded.expect("shopnexus starts");
    assert!(seeded.status.success(), "the demo data: {}", String::from_utf8_lossy(&seeded.stderr));
}

/// An idempotency key that was never used.
pub(crate) fn key() -> String {
    Uuid::now_v7().to_string()
}

/// An id of an answer.
pub(crate) fn id(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is an id")).to_owned()
}

/// What a new seller sells.
pub(crate) struct Shop {
    /// The seller.
    pub(crate) seller: Client,
    /// The products, each with up to fifty SKUs.
    pub(crate) product_ids: Vec<String>,
    /// All their SKUs.
    pub(crate) sku_ids: Vec<String>,
}

/// Opens the shop of a new seller, with so many units of each SKU.
pub(crate) async fn open(stack: &Stack, skus: usize, units: usize) -> Shop {
    let seller = stack.member("seller").await.client;
    let contact = json!({"fullName": "Nguyen Thi Lan", "phone": "+84901234567",
        "address": "12 Hang Bac, Hoan Kiem, Ha Noi"});
    seller.act(CONTACT, contact).await;
    let categories = seller.data("{ categories { id } }", json!({})).await;
    let category_id = id(&categories["categories"][0]["id"]);
    let (mut product_ids, mut sku_ids) = (Vec::new(), Vec::with_capacity(skus));
    while sku_ids.len() < skus {
        let wanted = SKUS_OF_A_PRODUCT.min(skus - sku_ids.len());
        let variant = |number: usize| {
            json!({"price": {"amountMinor": "250000", "currency": "VND"}, "weightGrams": 500,
            "attributes": [{"name": "Number", "value": number.to_string()}]})
        };
        let product = json!({
            "name": format!("Bench lamp {}", sku_ids.len()), "description": "A lamp that many want.",
            "categoryId": category_id, "skus": (0..wanted).map(variant).collect::<Vec<_>>(), "idempotencyKey": key(),
        });
        let create = "mutation($input: CreateProductInput!) {
            createProduct(input: $input) { product { id skus { id } } userErrors { code message field } } }";
        let product = seller.act(create, product).await["product"].clone();
        product_ids.push(id(&product["id"]));
        sku_ids.extend(product["skus"].as_array().into_iter().flatten().map(|sku| id(&sku["id"])));
    }
    let import = "mutation($input: ImportStockInput!) { importStock(input: $input) { userErrors { code } } }";
    for sku in &sku_ids {
        seller.act(import, json!({"skuId": sku, "quantity": units.to_string(), "idempotencyKey": key()})).await;
    }
    Shop { seller, product_ids, sku_ids }
}

/// Accounts that buy.
pub(crate) async fn buyers(stack: &Stack, count: usize) -> Vec<Member> {
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        all.push(stack.member("buyer").await);
    }
    all
}

/// What came of one checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The items are pending, with their stock reserved.
    Accepted,
    /// Refused with these codes.
    Refused(Vec<String>),
}

/// Buys one unit of a SKU.
pub(crate) async fn buy(buyer: &Client, sku_id: &str) -> Answer {
    let mutation = "mutation($input: CheckoutInput!) {
        checkout(input: $input) { items { id state paidAmount { amountMinor } } userErrors { code message field } } }";
    let address = json!({"fullName": "Tran Van Minh", "phone": "+84907654321",
        "address": "45 Le Loi, Quan 1, Ho Chi Minh"});
    let input = json!({"lines": [{"skuId": sku_id, "quantity": 1}], "address": address,
        "transportOption": "table-rate", "idempotencyKey": key()});
    let data = buyer.data(mutation, json!({"input": input})).await;
    let codes: Vec<String> =
        data["checkout"]["userErrors"].as_array().into_iter().flatten().map(|error| id(&error["code"])).collect();
    if codes.is_empty() { Answer::Accepted } else { Answer::Refused(codes) }
}
