//! One buyer, one seller, and one fixed operation for each capability.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Client, Member, Stack};
use tokio::time::{Instant, sleep};

use super::table::{Seen, has_null, seen};
use crate::stage::{Shop, act, address, checkout_of, id, items_of, key, operation};

/// How soon something has to be seen as it should be, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a message may take.
const A_MOMENT: Duration = Duration::from_secs(10);

const CARD: &str = "name seller { name } images { url } rating { count } popularity { score } isFavorite
    featuredSku { price { amountMinor } offer { price { amountMinor } } stock { available } }";

/// Who does what, and on what.
pub(super) struct Scene {
    shop: Shop,
    buyer: Member,
    /// Sells as well, so that what it creates is in nobody's way.
    maker: Member,
    username: String,
    category_id: String,
    conversation_id: String,
    stranger: Client,
    /// The answers while everything is there, in the order of the probes.
    whole: Vec<Value>,
}

/// What is asked to see whether a capability is there.
struct Probe {
    capability: &'static str,
    client: Client,
    document: String,
    variables: Value,
    /// Leads to what it is about.
    subject: &'static [&'static str],
    /// Of a stream: what the event that is waited for says.
    until: Option<String>,
}

/// One round of probes: what is written in it has ids of its own, so that asking again repeats it and adds nothing.
pub(super) struct Round(pub(super) String);

impl Scene {
    pub(super) async fn set(stack: &Stack) -> Self {
        let shop = Shop::open(stack, 100).await;
        let (buyer, maker) = (stack.member("buyer").await, stack.member("maker").await);
        let checkout = checkout_of(&[&shop.counted_sku], 1);
        let checkout = act(&buyer.client, "09-buyer-checks-out", checkout).await;
        let input = json!({"itemIds": items_of(&checkout), "idempotencyKey": key()});
        act(&shop.seller.client, "12-seller-confirms", input).await;
        let opened = act(&buyer.client, "18-buyer-opens-a-conversation", json!({"accountId": shop.seller.id})).await;
        let conversation_id = id(&opened["conversation"]["id"]);
        let hello = json!({"conversationId": conversation_id, "clientId": "hello", "body": "Hello"});
        act(&shop.seller.client, "20-write-a-message", hello).await;
        act(&buyer.client, "08-buyer-fills-the-cart", json!({"skuId": shop.counted_sku, "quantity": 2})).await;
        let me = buyer.client.data("{ me { username } }", json!({})).await;
        let product = "query($id: ID!) { product(id: $id) { category { id } } }";
        let product = buyer.client.data(product, json!({"id": shop.product_id})).await;
        Self {
            username: id(&me["me"]["username"]),
            category_id: id(&product["product"]["category"]["id"]),
            stranger: stack.client(),
            conversation_id,
            buyer,
            maker,
            shop,
            whole: Vec::new(),
        }
    }

    fn probes(&self, round: &Round) -> Vec<Probe> {
        let probe = |capability, subject: &'static [&'static str], document: &str, variables| Probe {
            capability,
            client: self.buyer.client.clone(),
            document: document.to_owned(),
            variables,
            subject,
            until: None,
        };
        let saved = |capability, subject: &'static [&'static str], name: &str, input: Value| {
            probe(capability, subject, &operation(name), json!({"input": input}))
        };
        let by = |client: &Client, probe: Probe| Probe { client: client.clone(), ..probe };
        let (sku, seller) = (&self.shop.counted_sku, &self.shop.seller);
        let checkout = json!({
            "lines": [{"skuId": sku, "quantity": 1}], "address": address(), "transportOption": "table-rate",
            "idempotencyKey": round.0,
        });
        let product = json!({
            "name": format!("Stool {}", round.0), "categoryId": self.category_id, "idempotencyKey": round.0,
            "skus": [{"price": {"amountMinor": "90000", "currency": "VND"}, "weightGrams": 900}],
        });
        let message =
            json!({"conversationId": self.conversation_id, "clientId": round.0, "body": format!("In {}", round.0)});
        let upload = json!({
            "fileName": "lamp.png", "mimeType": "image/png", "sizeBytes": "1000", "checksumSha256": "0".repeat(64),
        });
        let of_seller = json!({"seller": seller.id, "name": self.shop.name});
        let conversation = json!({"id": self.conversation_id});
        vec![
            probe(
                "app shell",
                &["me"],
                "{ me { id name unreadNotificationCount unreadMessageCount cart { totalQuantity }
                    purchases(first: 1) { edges { node { id } } } conversations(first: 1) { edges { node { id } } } } }",
                json!({}),
            ),
            by(
                &self.stranger,
                probe(
                    "log-in",
                    &["logIn"],
                    "mutation($input: LogInInput!) {
                        logIn(input: $input) { session { accessToken account { name } } userErrors { code } } }",
                    json!({"input": {"identifier": self.username, "password": "correct horse battery"}}),
                ),
            ),
            probe(
                "product list",
                &["products"],
                &format!("query($seller: ID!) {{ products(filter: {{sellerId: $seller}}) {{ nodes {{ {CARD} }} }} }}"),
                of_seller.clone(),
            ),
            probe(
                "search",
                &["searchProducts"],
                &format!(
                    "query($seller: ID!, $name: String!) {{ searchProducts(query: $name, filter: {{sellerId: $seller}})
                        {{ edges {{ node {{ {CARD} }} }} }} }}"
                ),
                of_seller,
            ),
            probe(
                "cart",
                &["me", "cart"],
                "{ me { cart { totalQuantity quotes { paidAmount { amountMinor } } items { quantity product { name }
                    sku { label price { amountMinor } offer { price { amountMinor } } stock { available } } } } } }",
                json!({}),
            ),
            saved("cart change", &["setCartItem"], "08-buyer-fills-the-cart", json!({"skuId": sku, "quantity": 2})),
            saved("checkout", &["checkout"], "09-buyer-checks-out", checkout),
            probe(
                "orders",
                &["me", "purchases"],
                "{ me { purchases { edges { node { status total { amountMinor } shipment { status } seller { name }
                    items { productName paidAmount { amountMinor } product { name } sku { label } } } } } } }",
                json!({}),
            ),
            probe(
                "conversation",
                &["conversation"],
                "query($id: ID!) { conversation(id: $id) { lastSequence other { name }
                    messages(first: 1) { edges { node { body sender { name } } } } } }",
                conversation.clone(),
            ),
            saved("message", &["sendMessage"], "20-write-a-message", message),
            Probe {
                until: Some(format!("In {}", round.0)),
                ..probe(
                    "live messages",
                    &["messageReceived"],
                    "subscription($id: ID!) { messageReceived(conversationId: $id, after: \"0\")
                        { sequence body sender { name } } }",
                    conversation,
                )
            },
            probe(
                "notifications",
                &["me", "notifications"],
                "{ me { notifications(first: 3) { edges { node { kind title content } } } } }",
                json!({}),
            ),
            Probe {
                until: Some("MESSAGE_RECEIVED".to_owned()),
                ..probe(
                    "live notifications",
                    &["notificationReceived"],
                    "subscription { notificationReceived(after: \"0\") { sequence kind content } }",
                    json!({}),
                )
            },
            by(&self.maker.client, saved("new product", &["createProduct"], "04-seller-creates-a-product", product)),
            by(
                &seller.client,
                saved(
                    "restocking",
                    &["importStock"],
                    "05-seller-imports-stock",
                    json!({"skuId": sku, "quantity": "1", "idempotencyKey": round.0}),
                ),
            ),
            probe(
                "upload",
                &["createUpload"],
                "mutation($input: CreateUploadInput!) {
                    createUpload(input: $input) { uploadUrl resource { id } userErrors { code } } }",
                json!({"input": upload}),
            ),
        ]
    }

    /// The names of all that is probed.
    pub(super) fn capabilities(&self) -> Vec<&'static str> {
        self.probes(&Round(String::new())).iter().map(|probe| probe.capability).collect()
    }

    /// Waits until every probe has a whole answer, and keeps those for comparison.
    pub(super) async fn look_at_the_whole(&mut self, round: &Round) {
        let asked = self.probes(round).into_iter().map(async |probe| {
            let begun = Instant::now();
            loop {
                let answer = probe.ask().await;
                match answer {
                    Some((data, errors)) if errors.is_empty() && !has_null(&data) => return data,
                    answer => assert!(begun.elapsed() < PATIENCE, "{} answers {answer:#?}", probe.capability),
                }
                sleep(Duration::from_millis(100)).await;
            }
        });
        self.whole = futures::future::join_all(asked).await;
    }

    /// Asks everything at once, until each shows what is expected of it, and tells what does not.
    pub(super) async fn differences(&self, round: &Round, away: &str, expected: impl Fn(&str) -> Seen) -> Vec<String> {
        let probes = self.probes(round);
        let asked = probes.iter().zip(&self.whole).map(async |(probe, whole)| {
            let (begun, expected) = (Instant::now(), expected(probe.capability));
            loop {
                let seen = match probe.ask().await {
                    Some((data, errors)) => seen(probe.subject, whole, &data, &errors, away),
                    None => Seen::Other("no answer".to_owned()),
                };
                if seen == expected {
                    return None;
                }
                if begun.elapsed() > PATIENCE {
                    return Some(format!("{away} away, {}: told is `{expected}`, seen `{seen}`", probe.capability));
                }
                sleep(Duration::from_millis(100)).await;
            }
        });
        futures::future::join_all(asked).await.into_iter().flatten().collect()
    }

    /// Fails unless every round has bought one thing and created one product, however often it asked.
    pub(super) async fn assert_nothing_twice(&self, rounds: &[Round]) {
        let bought = "{ me { purchasedItems { totalCount } } }";
        let bought = self.buyer.client.data(bought, json!({})).await;
        assert_eq!(bought["me"]["purchasedItems"]["totalCount"], rounds.len(), "one item a checkout");
        let made = self.maker.client.data("{ me { products { totalCount } } }", json!({})).await;
        assert_eq!(made["me"]["products"]["totalCount"], rounds.len(), "one product a key");
    }
}

impl Probe {
    /// The data and the errors of the answer; of a stream those of the event that is waited for, or of its end.
    async fn ask(&self) -> Option<(Value, Vec<Value>)> {
        let Some(until) = &self.until else {
            let reply = self.client.try_send(&self.document, self.variables.clone()).await?;
            return Some((reply.data, reply.errors));
        };
        let mut stream = self.client.try_subscribe(&self.document, self.variables.clone()).await?;
        loop {
            match stream.try_next(A_MOMENT).await? {
                Ok(event) if !event.to_string().contains(until) => {}
                Ok(event) => return Some((event, Vec::new())),
                Err(message) => {
                    let payload = &message["payload"];
                    let errors = payload["errors"].as_array().or(payload.as_array()).cloned().unwrap_or_default();
                    return Some((payload["data"].clone(), errors));
                }
            }
        }
    }
}
