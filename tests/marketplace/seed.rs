//! The demo data: what a newcomer meets first keeps every rule, and the README's first query finds something.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Layout, Stack};

use crate::stage::{id, start};

async fn seed(stack: &Stack) -> String {
    let output = stack.command("seed").args(["--products", "60"]).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn demo_data_keep_every_rule_and_answer_the_first_query() {
    let stack = start(Layout::Together).await;
    seed(&stack).await;
    assert!(seed(&stack).await.contains("nothing was changed"), "the second time changes nothing");

    let readme = tests::read("README.md");
    let query = readme.split("```graphql").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let found = |data: &Value| data["searchProducts"]["edges"].as_array().is_some_and(|edges| !edges.is_empty());
    let data = stack.client().eventually(query, json!({}), Duration::from_secs(60), found).await;
    let sku = &data["searchProducts"]["edges"][0]["node"]["featuredSku"];
    assert!(id(&sku["price"]["amountMinor"]).parse::<i64>().unwrap() > 0, "{data:#}");

    let accounts = std::fs::read_to_string(stack.data_dir().join("demo.json")).unwrap();
    let accounts: Value = serde_json::from_str(&accounts).unwrap();
    let log_in = "mutation($input: LogInInput!) { logIn(input: $input) { session { accessToken } } }";
    for account in accounts.as_array().unwrap() {
        let input = json!({"identifier": account["login"], "password": account["password"]});
        let data = stack.client().data(log_in, json!({"input": input})).await;
        let client = stack.client().with_token(id(&data["logIn"]["session"]["accessToken"]));
        let me = client.data("{ me { id purchases(first: 1) { totalCount } } }", json!({})).await;
        if account["role"] == "buyer" {
            assert_ne!(me["me"]["purchases"]["totalCount"], 0, "the demo's buyer has bought something");
        }
        if account["role"] == "seller" {
            let me = client.data("{ me { soldCount sales(first: 1) { totalCount } } }", json!({})).await;
            assert_ne!(me["me"]["soldCount"], "0", "what the demo's seller sold counts: {me:#}");
        }
    }
    stack.assert_sound().await;
}
