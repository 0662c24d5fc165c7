//! What the tests act on: the shared marketplace, the saved operations, and a seller with something to sell.

use std::{process::Stdio, time::Duration};

use kernel::AccountId;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use test_kit::{Client, Layout, Member, Stack};
use tests::{read, root};
use tokio::{process::Command, sync::OnceCell};
use uuid::Uuid;

/// Parcels move quickly, so that a test sees them arrive; so does what follows a sale.
const FAST: &[(&str, &str)] = &[
    ("TRANSPORT_CLOCK_SECONDS", "1"),
    ("REFUND_RETRY_SECONDS", "1"),
    ("PAYOUT_HOLD_SECONDS", "0"),
    ("RECOMMENDATION_SECONDS", "1"),
];

/// The marketplace that most tests share.
pub(crate) async fn marketplace() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    STACK.get_or_init(|| start(Layout::Together)).await
}

/// A marketplace of the test's own.
pub(crate) async fn start(layout: Layout) -> Stack {
    Stack::start_with(layout, FAST).await
}

/// A saved operation of the playground, by the name of its file.
pub(crate) fn operation(name: &str) -> String {
    read(&format!("router/playground/operations/{name}.graphql"))
}

/// Runs a saved mutation that must succeed, and gives the answer to its only field.
pub(crate) async fn act(client: &Client, name: &str, input: Value) -> Value {
    client.act(&operation(name), input).await
}

/// An idempotency key that no other test uses.
pub(crate) fn key() -> String {
    Uuid::now_v7().to_string()
}

/// An id of an answer.
pub(crate) fn id(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not an id")).to_owned()
}

/// Makes an account an administrator, which only the operators can, and logs it in anew.
pub(crate) async fn administrator(stack: &Stack) -> Client {
    let member = stack.member("admin").await;
    let owner = stack.database.connect_as_owner().await;
    let promote = format!("UPDATE account.account SET is_admin = true WHERE id = '{}'", member.id);
    owner.execute_unprepared(&promote).await.expect("the owner may change every row");
    owner.close().await.expect("closing an idle connection");
    let me = member.client.data("{ me { username } }", json!({})).await;
    let input = json!({"identifier": me["me"]["username"], "password": "correct horse battery"});
    let query =
        "mutation($input: LogInInput!) { logIn(input: $input) { session { accessToken } userErrors { code } } }";
    let data = stack.client().data(query, json!({"input": input})).await;
    stack.client().with_token(id(&data["logIn"]["session"]["accessToken"]))
}

/// A category that nothing else is in.
async fn category(stack: &Stack) -> String {
    let admin = administrator(stack).await;
    let query = "mutation($input: CreateCategoryInput!) {
        createCategory(input: $input) { category { id } userErrors { code message field } } }";
    let name = format!("Lamps {}", Uuid::now_v7().simple());
    let data = admin.data(query, json!({"input": {"name": name}})).await;
    id(&data["createCategory"]["category"]["id"])
}

/// A seller with a product of two SKUs, the first counted, the second with serials.
pub(crate) struct Shop {
    /// The seller.
    pub(crate) seller: Member,
    /// The product.
    pub(crate) product_id: String,
    /// Its name, which no other product has.
    pub(crate) name: String,
    /// A SKU of 250,000 VND.
    pub(crate) counted_sku: String,
    /// A SKU of 400,000 VND whose units have serials.
    pub(crate) serial_sku: String,
}

impl Shop {
    /// Opens the shop, with `units` of each SKU.
    pub(crate) async fn open(stack: &Stack, units: u32) -> Self {
        let category_id = category(stack).await;

        let seller = stack.member("seller").await;
        let address = "12 Hang Bac, Hoan Kiem, Ha Noi";
        let contact = json!({"fullName": "Nguyen Thi Lan", "phone": "+84901234567", "address": address});
        let contact = act(&seller.client, "02-seller-sets-a-contact", contact).await;
        assert_eq!(contact["contact"]["isDefault"], true);

        let name = format!("Lamp zq{}", &Uuid::now_v7().simple().to_string()[20..]);
        let price = |amount: &str| json!({"amountMinor": amount, "currency": "VND"});
        let size = |size: &str| json!([{"name": "Size", "value": size}]);
        let input = json!({
            "name": name, "description": "A warm light for long evenings.", "categoryId": category_id,
            "tags": ["bamboo", "handmade"], "idempotencyKey": key(),
            "skus": [
                {"price": price("250000"), "attributes": size("Small"), "weightGrams": 800, "featured": true},
                {"price": price("400000"), "attributes": size("Large"), "weightGrams": 1500, "requiresSerials": true},
            ],
        });
        let product = act(&seller.client, "04-seller-creates-a-product", input).await["product"].clone();
        let skus = product["skus"].as_array().expect("a product has SKUs").clone();
        let sku = |serials: bool| {
            let found = skus.iter().find(|sku| sku["stock"]["requiresSerials"] == json!(serials));
            id(&found.unwrap_or_else(|| panic!("one SKU of {skus:#?} has requiresSerials = {serials}"))["id"])
        };
        let shop =
            Self { product_id: id(&product["id"]), name, counted_sku: sku(false), serial_sku: sku(true), seller };
        for sku in [&shop.counted_sku, &shop.serial_sku] {
            let input = json!({"skuId": sku, "quantity": units.to_string(), "idempotencyKey": key()});
            let imported = act(&shop.seller.client, "05-seller-imports-stock", input).await;
            assert_eq!(imported["stock"]["available"], units.to_string());
        }
        shop
    }
}

/// Where parcels of tests go.
pub(crate) fn address() -> Value {
    json!({"fullName": "Tran Van Minh", "phone": "+84907654321", "address": "45 Le Loi, Quan 1, Ho Chi Minh"})
}

/// The input of a checkout of `quantity` units of each SKU.
pub(crate) fn checkout_of(skus: &[&str], quantity: u32) -> Value {
    let lines: Vec<Value> = skus.iter().map(|sku| json!({"skuId": sku, "quantity": quantity})).collect();
    json!({"lines": lines, "address": address(), "transportOption": "table-rate", "idempotencyKey": key()})
}

/// The ids of the items that a checkout wrote.
pub(crate) fn items_of(checkout: &Value) -> Vec<String> {
    checkout["items"].as_array().into_iter().flatten().map(|item| id(&item["id"])).collect()
}

/// How many units of a SKU are available.
pub(crate) async fn available(client: &Client, product_id: &str, sku_id: &str) -> i64 {
    let query = "query($id: ID!) { product(id: $id) { skus { id stock { available } } } }";
    let data = client.data(query, json!({"id": product_id})).await;
    let skus = data["product"]["skus"].as_array().cloned().unwrap_or_default();
    let sku = skus.iter().find(|sku| sku["id"] == sku_id).unwrap_or_else(|| panic!("{sku_id} is in {data:#}"));
    sku["stock"]["available"].as_str().and_then(|text| text.parse().ok()).expect("`available` is a BigInt")
}

/// Does what the button of the sandbox's page does: pays, and reports it as `wishes` say, as in `&silent=true`.
pub(crate) async fn pay_at_the_sandbox(payment: &Value, wishes: &str) {
    let url = payment["redirectUrl"].as_str().expect("an online payment has a URL");
    let url = url.replacen("/paymentv2/vpcpay.html", "/pay", 1) + "&result=00" + wishes;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = http.get(url).send().await.expect("the sandbox answers");
    assert!(!answer.status().is_client_error() && !answer.status().is_server_error(), "{answer:?}");
}

/// An id that belongs to nothing.
pub(crate) fn nobody() -> AccountId {
    AccountId::new()
}

/// A program of Node.js in the checkout, told where the marketplace is. It is killed with what starts it.
pub(crate) fn node(stack: &Stack, program: &str) -> Command {
    let status = stack.status();
    let url = |name: &str| status[name].as_str().expect("the status names its URLs").to_owned();
    let mut command = Command::new("node");
    command.arg(root().join(program)).env("ROUTER_URL", url("router_url")).env("WEBSOCKET_URL", url("ws_url"));
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Kills one process of a marketplace, as a fault does, and waits until the supervisor has started it again.
pub(crate) async fn kill_child(stack: &Stack, name: &str) {
    let pid_now = || stack.status()["pids"][name].as_i64().and_then(|pid| i32::try_from(pid).ok());
    let died = pid_now().unwrap_or_else(|| panic!("{name} runs: {:#}", stack.status()["pids"]));
    kill(Pid::from_raw(died), Signal::SIGKILL).expect("the process runs");
    for _ in 0..600 {
        if pid_now().is_some_and(|pid| pid != died) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{name} was not started again within a minute\n{}", stack.logs());
}

/// Chance that a seed decides, so that a failure can be seen again.
pub(crate) struct Dice(u64);

impl Dice {
    /// The seed is what the variable holds, or always the same.
    pub(crate) fn seeded(variable: &str) -> Self {
        let seed = std::env::var(variable).ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_123);
        println!("{variable}={seed}");
        Self(seed)
    }

    /// A number below `end`, by the generator SplitMix64.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
