//! What clients see when something is wrong: a stable code, a request id, and nothing from inside.

use serde_json::{Value, json};

use crate::stage::{id, key, marketplace, nobody, operation};

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_no_uuid_is_bad_input() {
    let stack = marketplace().await;
    let member = stack.member("member").await;
    let reply = member.client.send(&operation("15-an-order-of-its-parties"), json!({"id": "42"})).await;
    assert_eq!(reply.code(), Some("BAD_USER_INPUT"), "{reply:#?}");
    assert!(reply.errors[0]["extensions"]["requestId"].is_string(), "{reply:#?}");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_not_there_is_not_found() {
    let stack = marketplace().await;
    let member = stack.member("member").await;
    let reply = member.client.send(&operation("15-an-order-of-its-parties"), json!({"id": nobody()})).await;
    assert_eq!(reply.code(), Some("NOT_FOUND"), "{reply:#?}");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_proves_nothing_is_unauthenticated() {
    let stack = marketplace().await;
    let member = stack.member("member").await;
    let token = member.client.token().unwrap();
    let mut parts = token.split('.');
    let (header, claims) = (parts.next().unwrap(), parts.next().unwrap());
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let forged = [
        "nonsense".to_owned(),
        // `alg: none`, without a signature.
        format!("{unsigned}.{claims}."),
        // The right header and claims under somebody else's signature.
        format!("{header}.{claims}.{}", "A".repeat(86)),
    ];
    for token in forged {
        let reply = stack.client().with_token(&token).send("{ me { id } }", json!({})).await;
        assert_eq!(reply.code(), Some("UNAUTHENTICATED"), "{token}: {reply:#?}");
    }
    let mut stream = stack
        .client()
        .with_token("nonsense")
        .subscribe("subscription { notificationReceived { kind } }", json!({}))
        .await;
    let refused = stream.next().await.expect_err("a stream of nobody");
    assert!(refused.to_string().contains("UNAUTHENTICATED"), "{refused:#}");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_ends_the_token_within_a_second() {
    let stack = marketplace().await;
    let member = stack.member("member").await;
    member.client.data("{ me { id } }", json!({})).await;
    member.client.data("mutation { logOut { userErrors { code } } }", json!({})).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let reply = member.client.send("{ me { id } }", json!({})).await;
    assert_eq!(reply.code(), Some("UNAUTHENTICATED"), "{reply:#?}");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_of_what_is_not_there_names_the_line_and_reserves_nothing() {
    let stack = marketplace().await;
    let shop = crate::stage::Shop::open(stack, 3).await;
    let buyer = stack.member("buyer").await;
    let input = json!({
        "lines": [{"skuId": shop.counted_sku, "quantity": 2}, {"skuId": shop.serial_sku, "quantity": 4}],
        "address": crate::stage::address(), "transportOption": "table-rate", "idempotencyKey": key(),
    });
    let data = buyer.client.data(&operation("09-buyer-checks-out"), json!({"input": input})).await;
    let refused: &Value = &data["checkout"]["refusedLines"];
    assert_eq!(*refused, json!([{"skuId": shop.serial_sku, "requested": 4, "available": 3}]), "{data:#}");
    assert_eq!(data["checkout"]["items"], json!([]));
    assert_eq!(crate::stage::available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 3);
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ipn_with_a_wrong_signature_changes_nothing() {
    let stack = marketplace().await;
    let url = format!("{}/webhooks/vnpay/ipn?vnp_TxnRef=1&vnp_Amount=100&vnp_SecureHash=00", stack.module_url("order"));
    let answer: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    assert_eq!(answer["RspCode"], "97", "{answer:#}");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_carries_the_request_id_that_was_sent() {
    let stack = marketplace().await;
    let url = id(&stack.status()["router_url"]);
    let query = json!({"query": "mutation { logOut { userErrors { code } } }"});
    let request = reqwest::Client::new().post(url).header("x-request-id", "my-request-1").json(&query);
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    let extensions = &body["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["requestId"]),
        (&json!("UNAUTHENTICATED"), &json!("my-request-1")),
        "{body:#}"
    );
    stack.assert_sound().await;
}
