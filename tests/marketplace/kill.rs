//! A process that dies in the middle leaves nothing half done.

use std::time::Duration;

use futures::future::join_all;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use test_kit::{Layout, Stack};

use crate::stage::{Shop, available, checkout_of, operation, start};

/// Checkouts run while the process of all modules is killed. Afterwards each is either complete or undone: what is
/// reserved is exactly what is pending, and asking again with the same key gives one answer.
#[tokio::test(flavor = "multi_thread")]
async fn checkouts_survive_a_kill_of_the_modules() {
    let stack = start(Layout::Together).await;
    let shop = Shop::open(&stack, 100).await;
    let buyer = stack.member("buyer").await;
    let inputs: Vec<Value> = (0..12).map(|_| checkout_of(&[&shop.counted_sku, &shop.serial_sku], 1)).collect();

    let running = inputs.iter().map(|input| {
        let (client, variables) = (buyer.client.clone(), json!({"input": input}));
        // Some of these get no answer: that is the point.
        tokio::spawn(async move { client.send(&operation("09-buyer-checks-out"), variables).await })
    });
    let running: Vec<_> = running.collect();
    tokio::time::sleep(Duration::from_millis(120)).await;
    kill_modules(&stack);
    join_all(running).await;

    let mut items = 0;
    for input in &inputs {
        let variables = json!({"input": input});
        let answered = |data: &Value| data["checkout"]["items"].as_array().is_some_and(|items| items.len() == 2);
        let query = operation("09-buyer-checks-out");
        let data = buyer.client.eventually(&query, variables, Duration::from_secs(90), answered).await;
        items += data["checkout"]["items"].as_array().map_or(0, Vec::len);
    }
    assert_eq!(items, 2 * inputs.len());
    let pending = "{ me { purchasedItems(first: 100) { totalCount edges { node { id state } } } } }";
    let pending = buyer.client.data(pending, json!({})).await;
    assert_eq!(pending["me"]["purchasedItems"]["totalCount"], 2 * inputs.len(), "nothing was written twice");
    for sku in [&shop.counted_sku, &shop.serial_sku] {
        assert_eq!(available(&buyer.client, &shop.product_id, sku).await, 100 - inputs.len() as i64);
    }
    stack.assert_sound().await;
}

fn kill_modules(stack: &Stack) {
    let status = stack.status();
    let pid = status["modules"]["order"]["pid"].as_i64().unwrap_or_else(|| panic!("a pid is in {status:#}"));
    let pid = Pid::from_raw(i32::try_from(pid).expect("process ids fit"));
    kill(pid, Signal::SIGKILL).expect("the process of the modules runs");
}
