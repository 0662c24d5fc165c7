//! People through the router: coming back without a password, blocks that reach the chat, feeds, pictures in messages.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use test_kit::{Client, Member, Stack};

use crate::stage::{Shop, id, key, marketplace};

/// Long enough for a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a mutation, and gives its payload with the codes of its user errors.
async fn act(client: &Client, name: &str, selection: &str, input: Value) -> Value {
    let mut type_name = name.to_owned();
    type_name[..1].make_ascii_uppercase();
    let query = format!(
        "mutation($input: {type_name}Input!) {{ {name}(input: $input) {{ {selection} userErrors {{ code }} }} }}"
    );
    client.data(&query, json!({"input": input})).await[name].take()
}

/// The newest letter to somebody, as the outbox of development shows it.
async fn letter_to(stack: &Stack, to: &str) -> String {
    let url = format!("{}/development/outbox", stack.module_url("account"));
    for _ in 0..600 {
        let request = reqwest::Client::new().get(&url).query(&[("to", to)]).header("accept", "application/json");
        let text = request.send().await.expect("the outbox answers").text().await.expect("the answer has a body");
        let letters: Vec<Value> = serde_json::from_str(&text).expect("the outbox speaks JSON");
        if let Some(letter) = letters.first() {
            return id(&letter["body"]);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no letter to {to} within a minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_forgot_the_password_comes_back_by_a_letter() {
    let stack = marketplace().await;
    let email = format!("{}@example.com", key());
    let input = json!({"email": email, "name": "Forgetful", "password": "correct horse battery"});
    let selection = "session { accessToken }";
    let token = id(&act(&stack.client(), "register", selection, input).await["session"]["accessToken"]);
    let before = stack.client().with_token(token);

    let input = json!({"identifier": email, "idempotencyKey": key()});
    let asked = act(&stack.client(), "requestPasswordReset", "accepted", input).await;
    assert_eq!(asked["accepted"], true);
    let letter = letter_to(stack, &email).await;
    let token = letter.lines().nth(2).expect("the token stands on a line of its own");
    let input = json!({"identifier": email, "token": token, "newPassword": "a fresh horse battery"});
    assert_eq!(act(&stack.client(), "resetPassword", "passwordSet", input.clone()).await["passwordSet"], true);
    let again = act(&stack.client(), "resetPassword", "passwordSet", input).await;
    assert_eq!(again["userErrors"], json!([{"code": "TOKEN_INVALID"}]));
    let input = json!({"identifier": email, "password": "a fresh horse battery"});
    assert!(act(&stack.client(), "logIn", selection, input).await["session"]["accessToken"].is_string());
    assert_eq!(before.send("{ me { id } }", json!({})).await.code(), Some("UNAUTHENTICATED"), "sessions are over");
    stack.assert_sound().await;
}

async fn conversation(one: &Member, two: &Member) -> String {
    let opened = act(&one.client, "openConversation", "conversation { id }", json!({"accountId": two.id})).await;
    id(&opened["conversation"]["id"])
}

async fn write(member: &Member, conversation_id: &str, resource_ids: &[&str]) -> Value {
    let input =
        json!({"conversationId": conversation_id, "clientId": key(), "body": "hello", "resourceIds": resource_ids});
    act(&member.client, "sendMessage", "message { sequence kind images { url } }", input).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_blocked_can_write_no_more_when_the_block_is_answered() {
    let stack = marketplace().await;
    let (ann, bob) = (stack.member("ann").await, stack.member("bob").await);
    let conversation_id = conversation(&ann, &bob).await;
    assert_eq!(write(&bob, &conversation_id, &[]).await["message"]["sequence"], "1");
    let blocked = act(&ann.client, "blockAccount", "account { isBlocked }", json!({"accountId": bob.id})).await;
    assert_eq!(blocked["account"]["isBlocked"], true);
    for member in [&ann, &bob] {
        let refused = write(member, &conversation_id, &[]).await;
        assert_eq!(refused["userErrors"], json!([{"code": "ACCOUNT_BLOCKED"}]));
    }
    act(&ann.client, "unblockAccount", "account { isBlocked }", json!({"accountId": bob.id})).await;
    assert_eq!(write(&bob, &conversation_id, &[]).await["message"]["sequence"], "2");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_account_of_a_conversation_is_seen_to_come_and_to_write() {
    let stack = marketplace().await;
    let (ann, bob) = (stack.member("ann").await, stack.member("bob").await);
    let conversation_id = conversation(&ann, &bob).await;
    let query =
        "subscription($id: ID!) { conversationActivity(conversationId: $id) { isOnline isTyping readSequence } }";
    let mut seen = ann.client.subscribe(query, json!({"id": conversation_id})).await;
    let mut bobs = bob.client.subscribe(query, json!({"id": conversation_id})).await;
    bobs.next().await.expect("how it is now is shown at once");
    seen.next_where(|event| event["conversationActivity"]["isOnline"] == true).await;
    let typing = json!({"conversationId": conversation_id, "typing": true});
    act(&bob.client, "setTyping", "conversation { id }", typing).await;
    seen.next_where(|event| event["conversationActivity"]["isTyping"] == true).await;
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_shows_pictures_of_its_sender_and_of_nobody_else() {
    let stack = marketplace().await;
    let (ann, bob) = (stack.member("ann").await, stack.member("bob").await);
    let conversation_id = conversation(&ann, &bob).await;
    let picture = upload(&ann, PNG).await;
    let refused = write(&bob, &conversation_id, &[&picture]).await;
    assert_eq!(refused["userErrors"], json!([{"code": "MESSAGE_IMAGES_INVALID"}]));
    let sent = write(&ann, &conversation_id, &[&picture]).await;
    assert_eq!(sent["message"]["kind"], "IMAGE", "{sent:#}");
    let url = id(&sent["message"]["images"][0]["url"]);
    let shown = reqwest::get(url).await.expect("the file is served").bytes().await.expect("the file has bytes");
    assert_eq!(shown, PNG);
    stack.assert_sound().await;
}

async fn upload(member: &Member, bytes: &[u8]) -> String {
    let mime_type = if bytes.starts_with(b"%PDF") { "application/pdf" } else { "image/png" };
    let input = json!({"fileName": "a file", "mimeType": mime_type, "sizeBytes": bytes.len().to_string(),
                       "checksumSha256": hex::encode(Sha256::digest(bytes))});
    let announced = act(&member.client, "createUpload", "uploadUrl resource { id }", input).await;
    let put = reqwest::Client::new().put(id(&announced["uploadUrl"])).body(bytes.to_vec()).send().await;
    assert!(put.expect("the upload is taken").status().is_success());
    let resource_id = id(&announced["resource"]["id"]);
    let done = act(&member.client, "completeUpload", "resource { id }", json!({"resourceId": resource_id})).await;
    assert_eq!(done["userErrors"], json!([]));
    resource_id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_arrives_whole() {
    let stack = marketplace().await;
    let ann = stack.member("ann").await;
    // Larger than what any store takes in one part, and no two parts alike.
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.extend((0..11 * 1024 * 1024_u32).map(|number| number.to_le_bytes()[usize::from(number % 251 == 0)]));
    let resource_id = upload(&ann, &bytes).await;
    let query = "query($id: ID!) { resource(id: $id) { url mimeType complete } }";
    let data = stack.client().data(query, json!({"id": resource_id})).await;
    assert_eq!(
        (&data["resource"]["complete"], &data["resource"]["mimeType"]),
        (&json!(true), &json!("application/pdf"))
    );
    let url = id(&data["resource"]["url"]);
    let shown = reqwest::get(url).await.expect("the file is served").bytes().await.expect("the file has bytes");
    assert!(shown == bytes, "{} bytes of {}", shown.len(), bytes.len());
    stack.assert_sound().await;
}

/// One white pixel.
const PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\
    \x00\x00\x90\x77\x53\xde\x00\x00\x00\x0c\x49\x44\x41\x54\x78\x9c\x63\xf8\xff\xff\x3f\x00\x05\xfe\x02\xfe\x0d\
    \xef\x46\xb8\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_product_comes_into_the_feed_of_its_sellers_followers() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 1).await;
    let fan = stack.member("fan").await;
    act(&fan.client, "followAccount", "account { id }", json!({"accountId": shop.seller.id})).await;
    let query = "{ me { feed(first: 5) { totalCount nodes { product { id name } seller { id } } } } }";
    let has_come = |data: &Value| data["me"]["feed"]["totalCount"] == 1;
    let data = fan.client.eventually(query, json!({}), PATIENCE, has_come).await;
    let entry = &data["me"]["feed"]["nodes"][0];
    assert_eq!(entry["product"], json!({"id": shop.product_id, "name": shop.name}));
    assert_eq!(entry["seller"]["id"], json!(shop.seller.id));
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_gets_the_position_of_its_address_and_stands_without_one() {
    let stack = marketplace().await;
    let ann = stack.member("ann").await;
    let contact = |address: &str| json!({"fullName": "Ann", "phone": "+84901234567", "address": address});
    let selection = "contact { id latitude longitude }";
    let found = act(&ann.client, "createContact", selection, contact("12 Hang Bac, Hoan Kiem, Ha Noi")).await;
    let unknown = act(&ann.client, "createContact", selection, contact("Nowhere at all")).await;
    assert_eq!((&found["userErrors"], &unknown["userErrors"]), (&json!([]), &json!([])));
    let mut given = contact("12 Hang Bac, Hoan Kiem, Ha Noi");
    given["latitude"] = json!(21.5);
    given["longitude"] = json!(105.5);
    let given = act(&ann.client, "createContact", selection, given).await["contact"].take();
    let query = "{ me { contacts { id address latitude longitude } } }";
    let is_found = |data: &Value| data["me"]["contacts"][0]["latitude"].is_number();
    let contacts = ann.client.eventually(query, json!({}), PATIENCE, is_found).await["me"]["contacts"].take();
    let degrees = |contact: &Value| (contact["latitude"].as_f64(), contact["longitude"].as_f64());
    assert_eq!(degrees(&contacts[0]), (Some(21.0278), Some(105.8342)));
    assert_eq!(degrees(&contacts[1]), (None, None), "nobody knows it, and it is kept");
    assert_eq!((&contacts[2]["id"], degrees(&contacts[2])), (&given["id"], (Some(21.5), Some(105.5))));

    let moved = json!({"id": contacts[0]["id"], "address": "45 Le Loi, Quan 1, Ho Chi Minh"});
    act(&ann.client, "updateContact", selection, moved).await;
    let is_there = |data: &Value| degrees(&data["me"]["contacts"][0]).0.is_some_and(|latitude| latitude < 11.0);
    ann.client.eventually(query, json!({}), PATIENCE, is_there).await;
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_is_shown_in_the_currency_of_whoever_looks() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 1).await;
    let query = "query($id: ID!, $currency: CurrencyCode!) {
        product(id: $id) { skus { id price { amountMinor currency } priceIn(currency: $currency) { amountMinor currency } } }
        convert(amount: {amountMinor: \"250000\", currency: \"VND\"}, to: $currency) { amountMinor currency } }";
    let variables = |currency: &str| json!({"id": shop.product_id, "currency": currency});
    let data = stack.client().data(query, variables("USD")).await;
    let skus = data["product"]["skus"].as_array().expect("a product has SKUs");
    let counted = skus.iter().find(|sku| sku["id"] == shop.counted_sku).expect("it is among them");
    assert_eq!(counted["priceIn"], data["convert"]);
    assert_eq!(counted["priceIn"]["currency"], "USD");
    let data = stack.client().data(query, variables("VND")).await;
    for sku in data["product"]["skus"].as_array().expect("a product has SKUs") {
        assert_eq!(sku["priceIn"], sku["price"]);
    }
    let data = stack.client().data(query, variables("ISK")).await;
    assert_eq!(data["product"]["skus"][0]["priceIn"], Value::Null, "nobody here knows its rate");
    stack.assert_sound().await;
}
