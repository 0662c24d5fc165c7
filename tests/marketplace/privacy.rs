//! An account is shown everything that is kept of it, is forgotten when it asks, and old rows go by themselves.

use std::time::Duration;

use contracts::{
    Ingress,
    keeping::{Forget, KEEPERS},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};
use test_kit::{Client, Layout, Member, Stack};

use crate::stage::{Shop, act, items_of, key, start};

/// Stands in everything that the account tells of itself, so that whatever is left of it is found.
const MARK: &str = "zanzibarian";

const DELETE: &str = "mutation($input: DeleteAccountInput!) {
    deleteAccount(input: $input) { accountId userErrors { code message field } } }";
const EXPORT: &str = "mutation { exportAccountData { data userErrors { code } } }";

fn address() -> Value {
    json!({"fullName": format!("Minh {MARK}"), "phone": "+84907770001", "address": format!("1 {MARK} Street, Hue")})
}

fn checkout_of(sku: &str) -> Value {
    json!({"lines": [{"skuId": sku, "quantity": 1}], "address": address(), "transportOption": "table-rate",
        "note": format!("ring twice, {MARK}"), "idempotencyKey": key()})
}

async fn ask(client: &Client, query: &str, input: Value) -> Value {
    client.data(query, json!({"input": input})).await
}

async fn export(member: &Member) -> Value {
    let data = member.client.data(EXPORT, json!({})).await;
    serde_json::from_str(data["exportAccountData"]["data"].as_str().unwrap()).unwrap()
}

/// An account that has told the marketplace a lot: contact, orders that have ended, a message, a favorite.
async fn talkative(stack: &Stack, shop: &Shop) -> Member {
    let buyer = stack.member(MARK).await;
    act(&buyer.client, "02-seller-sets-a-contact", address()).await;
    let kept = act(&buyer.client, "09-buyer-checks-out", checkout_of(&shop.counted_sku)).await;
    let confirm = json!({"itemIds": items_of(&kept), "transportOption": "table-rate", "idempotencyKey": key()});
    let order = act(&shop.seller.client, "12-seller-confirms", confirm).await["order"].clone();
    let cancel = "mutation($input: CancelOrderInput!) { cancelOrder(input: $input) { userErrors { code } } }";
    let cancelled = ask(&buyer.client, cancel, json!({"orderId": order["id"], "idempotencyKey": key()})).await;
    assert_eq!(cancelled["cancelOrder"]["userErrors"], json!([]));
    let open = "mutation($input: OpenConversationInput!) { openConversation(input: $input) { conversation { id } } }";
    let opened = ask(&buyer.client, open, json!({"accountId": shop.seller.id})).await;
    let send = "mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }";
    let conversation_id = &opened["openConversation"]["conversation"]["id"];
    let message = json!({"conversationId": conversation_id, "clientId": "1", "body": format!("I am {MARK}")});
    ask(&buyer.client, send, message).await;
    let favorite = "mutation($input: AddFavoriteInput!) { addFavorite(input: $input) { userErrors { code } } }";
    ask(&buyer.client, favorite, json!({"productId": shop.product_id})).await;
    buyer
}

/// The tables in which the mark still stands. What others were told of a message, in a notification of theirs, is theirs.
async fn traces(owner: &DatabaseConnection) -> Vec<String> {
    let schemas = migrations::MODULES.map(|module| format!("'{module}'")).join(", ");
    let tables = format!(
        "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
         WHERE table_schema IN ({schemas}) AND table_type = 'BASE TABLE'
            AND (table_schema, table_name) <> ('account', 'notification') ORDER BY 1"
    );
    let rows = owner.query_all_raw(Statement::from_string(DbBackend::Postgres, tables)).await.unwrap();
    let mut found = Vec::new();
    for row in rows {
        let table: String = row.try_get("", "name").unwrap();
        let sql = format!("SELECT t::text AS row FROM {table} t WHERE t::text ILIKE '%{MARK}%' LIMIT 1");
        if let Some(row) = owner.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap() {
            found.push(format!("{table}: {}", row.try_get::<String>("", "row").unwrap()));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_everything_of_an_account_and_nothing_of_others() {
    let stack = start(Layout::Together).await;
    let shop = Shop::open(&stack, 5).await;
    let buyer = talkative(&stack, &shop).await;
    let data = export(&buyer).await;
    assert_eq!(data["account"]["profile"][0]["id"], json!(buyer.id));
    assert_eq!(data["account"]["contacts"][0]["address"], format!("1 {MARK} Street, Hue"));
    assert_eq!(data["account"]["favorites"][0]["product_id"], shop.product_id.as_str());
    assert_eq!(data["order"]["purchases"][0]["status"], "CANCELLED");
    assert_eq!(data["order"]["items"][0]["note"], format!("ring twice, {MARK}"));
    assert_eq!(data["chat"]["messages"][0]["body"], format!("I am {MARK}"));
    assert!(data["account"]["profile"][0].get("password_hash").is_none());
    // The other party of the same order and conversation is told its own side of it.
    let theirs = export(&shop.seller).await;
    assert_eq!(theirs["catalog"]["products"][0]["id"], shop.product_id.as_str());
    assert_eq!(theirs["order"]["sales"][0]["status"], "CANCELLED");
    assert_eq!(theirs["chat"]["messages"], json!([]));
    assert!(!theirs["order"].to_string().contains(MARK), "the buyer's address is the buyer's: {theirs:#}");
    let stranger = stack.client().send(EXPORT, json!({})).await;
    assert_eq!(stranger.code(), Some("UNAUTHENTICATED"));
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_leaves_its_orders_and_no_trace_of_who_it_was() {
    let stack = start(Layout::Together).await;
    let shop = Shop::open(&stack, 5).await;
    let buyer = talkative(&stack, &shop).await;
    let username = buyer.client.data("{ me { username } }", json!({})).await["me"]["username"].clone();

    let wrong = ask(&buyer.client, DELETE, json!({"password": "not mine at all"})).await;
    let error = &wrong["deleteAccount"]["userErrors"][0];
    assert_eq!((&error["code"], &error["field"]), (&json!("PASSWORD_WRONG"), &json!("password")));

    // An item under way stands in the way, and nothing is changed.
    let pending = act(&buyer.client, "09-buyer-checks-out", checkout_of(&shop.counted_sku)).await;
    let password = json!({"password": "correct horse battery"});
    let busy = ask(&buyer.client, DELETE, password.clone()).await;
    assert_eq!(busy["deleteAccount"]["accountId"], Value::Null);
    assert_eq!(busy["deleteAccount"]["userErrors"][0]["code"], "ACCOUNT_BUSY", "{busy:#}");
    let sellers = ask(&shop.seller.client, DELETE, password.clone()).await;
    assert_eq!(sellers["deleteAccount"]["userErrors"][0]["code"], "ACCOUNT_BUSY", "the seller owes an answer");
    buyer.client.data("{ me { id } }", json!({})).await;
    let cancel = "mutation($input: CancelItemsInput!) { cancelItems(input: $input) { userErrors { code } } }";
    ask(&buyer.client, cancel, json!({"itemIds": items_of(&pending), "idempotencyKey": key()})).await;

    let owner = stack.database.connect_as_owner().await;
    assert!(traces(&owner).await.len() >= 5, "the account has told a lot");
    let gone = ask(&buyer.client, DELETE, password.clone()).await;
    assert_eq!(gone["deleteAccount"], json!({"accountId": buyer.id, "userErrors": []}));
    let me = buyer.client.send("{ me { id } }", json!({})).await;
    assert_eq!(me.code(), Some("UNAUTHENTICATED"), "its tokens stop working");
    let log_in =
        "mutation($input: LogInInput!) { logIn(input: $input) { session { accessToken } userErrors { code } } }";
    let input = json!({"identifier": username, "password": "correct horse battery"});
    let refused = ask(&stack.client(), log_in, input).await;
    assert_eq!(refused["logIn"]["userErrors"][0]["code"], "CREDENTIALS_WRONG");
    assert_eq!(traces(&owner).await, Vec::<String>::new(), "something of the account is left");

    // Its seller still has the order, of somebody without a name.
    let sales = "{ me { sales(first: 5) { nodes { status buyer { name } address { fullName address } } } } }";
    let sold = shop.seller.client.data(sales, json!({})).await;
    let order = &sold["me"]["sales"]["nodes"][0];
    assert_eq!(order["status"], "CANCELLED");
    assert_eq!(order["buyer"]["name"], "Deleted account");
    assert_eq!(order["address"]["fullName"], "Deleted account");

    // Asked again, as after a crash, no module changes anything.
    let url = stack.status()["restate_ingress_url"].as_str().unwrap().parse().unwrap();
    let ingress = Ingress::connect(&url, Vec::new).unwrap();
    for keeper in &KEEPERS {
        let again = Forget { account_id: buyer.id, only_look: false };
        assert_eq!(keeper.forget.at_ingress(&ingress, key(), again).await.unwrap(), [], "{}", keeper.module);
    }
    owner.close().await.unwrap();
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_of_a_deleted_seller_is_closed() {
    let stack = start(Layout::Together).await;
    let shop = Shop::open(&stack, 5).await;
    let gone = ask(&shop.seller.client, DELETE, json!({"password": "correct horse battery"})).await;
    assert_eq!(gone["deleteAccount"]["userErrors"], json!([]));
    let query = "query($id: ID!) { product(id: $id) { id } }";
    assert_eq!(stack.client().data(query, json!({"id": shop.product_id})).await["product"], Value::Null);
    let search = "query($query: String!) { searchProducts(query: $query) { edges { node { id } } } }";
    let none = |data: &Value| data["searchProducts"]["edges"] == json!([]);
    stack.client().eventually(search, json!({"query": shop.name}), Duration::from_secs(60), none).await;
    let buyer = stack.member("buyer").await;
    let checkout = "mutation($input: CheckoutInput!) { checkout(input: $input) { items { id } userErrors { code } } }";
    let refused = ask(&buyer.client, checkout, checkout_of(&shop.counted_sku)).await;
    assert_ne!(refused["checkout"]["userErrors"], json!([]), "nobody buys from a shop that is gone");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_go_by_themselves_and_new_ones_stay() {
    let stack = Stack::start_with(Layout::Together, &[("RETENTION_PERIOD_SECONDS", "1")]).await;
    let shop = Shop::open(&stack, 5).await;
    let buyer = stack.member("buyer").await;
    let unread = "{ me { unreadNotificationCount } }";
    let two = |data: &Value| data["me"]["unreadNotificationCount"] == 2;
    // What arrives within a second is one notification.
    for number in 1..=2 {
        act(&buyer.client, "09-buyer-checks-out", crate::stage::checkout_of(&[&shop.counted_sku], 1)).await;
        let told = |data: &Value| data["me"]["unreadNotificationCount"] == number;
        shop.seller.client.eventually(unread, json!({}), Duration::from_secs(60), told).await;
    }
    let owner = stack.database.connect_as_owner().await;
    let age = format!(
        "UPDATE account.notification SET created_at = now() - interval '400 days' WHERE account_id = '{seller}';
         INSERT INTO account.session (id, account_id, created_at, refreshed_at, expires_at, ended_at, end_reason)
         VALUES (gen_random_uuid(), '{seller}', now() - interval '200 days', now() - interval '200 days',
            now() - interval '170 days', now() - interval '180 days', 'LOGGED_OUT');
         INSERT INTO account.outbox_message (id, medium, destination, subject, body, created_at)
         VALUES (gen_random_uuid(), 'EMAIL', 'x@example.com', 'old', 'old', now() - interval '40 days'),
            (gen_random_uuid(), 'EMAIL', 'x@example.com', 'new', 'new', now());",
        seller = shop.seller.id
    );
    owner.execute_unprepared(&age).await.unwrap();
    let left = format!(
        "SELECT (SELECT count(*) FROM account.notification WHERE account_id = '{seller}') AS notifications,
            (SELECT count(*) FROM account.session WHERE account_id = '{seller}') AS sessions,
            (SELECT count(*) FROM account.outbox_message WHERE subject IN ('old', 'new')) AS letters",
        seller = shop.seller.id
    );
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        let row = owner.query_one_raw(Statement::from_string(DbBackend::Postgres, &left)).await.unwrap().unwrap();
        let count = |name: &str| row.try_get::<i64>("", name).unwrap();
        let counts = ["notifications", "sessions", "letters"].map(count);
        // The newest notification keeps the numbers going, and the session of this test is open.
        if counts == [1, 1, 1] {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "old rows stay: {counts:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    act(&buyer.client, "09-buyer-checks-out", crate::stage::checkout_of(&[&shop.counted_sku], 1)).await;
    shop.seller.client.eventually(unread, json!({}), Duration::from_secs(60), two).await;
    owner.close().await.unwrap();
    stack.assert_sound().await;
}
