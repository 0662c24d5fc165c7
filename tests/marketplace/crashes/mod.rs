//! The processes die before and after every durable step, the first time they get there, and every workflow comes to
//! its right end all the same.
//!
//! The steps are read from the source, so a new one must be reached by a story here or be excused below.

mod stories;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde_json::json;
use test_kit::Stack;

use crate::stage::{Shop, act, available};
use stories::{
    accepted_and_never_handed_over, bought_and_delivered, cancelled_before_it_is_confirmed,
    cancelled_before_it_is_paid, cancelled_when_the_carrier_has_it, captured_short_and_astray, lapsed,
    not_confirmed_in_a_currency_that_the_carrier_does_not_know, not_paid_in_time, paid_out,
    refunded_because_the_seller_is_silent, refunded_in_part, refused_because_it_is_switched_off,
    rejected_by_the_seller, returned_and_refunded, reviewed, too_many_are_refused,
};

/// The modules whose steps move goods and money: all of them must be reached.
const MODULES: [&str; 3] = ["order", "inventory", "promotion"];

/// Steps that no story here comes to, and why.
const EXCUSED: &[(&str, &str)] = &[
    ("order::checkout::workflows::submit_checkout: find out", "only after an operator cancelled the invocation"),
    ("order::desk::workflows::confirm_items: find out", "the same"),
    ("promotion::workflows::price_checkout: find out what is used", "the same"),
    ("promotion::workflows::price_checkout: take back", "only when items end between two steps of their confirmation"),
];

/// Timers are short, so that what they do is reached as well.
const VARIABLES: &[(&str, &str)] = &[
    ("TRANSPORT_CLOCK_SECONDS", "1"),
    ("PAYMENT_EXPIRY_SECONDS", "30"),
    ("RECONCILE_SECONDS", "5"),
    ("REFUND_RECEIPT_SECONDS", "20"),
    ("REFUND_HANDOVER_SECONDS", "90"),
    ("REFUND_RETRY_SECONDS", "1"),
    ("PAYOUT_HOLD_SECONDS", "0"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_workflow_comes_to_its_end_whatever_step_the_processes_die_at() {
    let directory = tempfile::tempdir().unwrap();
    let crashes = directory.path().join("crashes");
    let stack = Stack::start_crashing(&crashes, VARIABLES).await;
    let shop = Shop::open(&stack, 20).await;
    for promotion in [
        json!({"name": "Ten off", "kind": "DISCOUNT", "percentOff": 10, "autoApply": true, "usesMax": 100}),
        json!({"name": "Half the way", "kind": "SHIP_DISCOUNT", "percentOff": 50, "autoApply": true, "usesMax": 100}),
        json!({"name": "Some back", "kind": "CASHBACK", "percentOff": 5, "autoApply": true, "usesMax": 100,
            "group": "loyalty"}),
    ] {
        act(&shop.seller.client, "06-seller-creates-a-promotion", promotion).await;
    }
    let buyer = stack.member("buyer").await;

    let not_handed_over = accepted_and_never_handed_over(&stack, &buyer, &shop).await;
    let reported = bought_and_delivered(&buyer, &shop, "vnpay-qr", "").await;
    bought_and_delivered(&buyer, &shop, "vnpay-qr", "&silent=true").await;
    let at_the_door = bought_and_delivered(&buyer, &shop, "cod", "").await;
    reviewed(&buyer, &shop).await;
    not_paid_in_time(&buyer, &shop).await;
    too_many_are_refused(&buyer, &shop).await;
    cancelled_before_it_is_confirmed(&buyer, &shop).await;
    rejected_by_the_seller(&buyer, &shop).await;
    cancelled_before_it_is_paid(&buyer, &shop).await;
    not_confirmed_in_a_currency_that_the_carrier_does_not_know(&stack, &buyer, &shop).await;
    returned_and_refunded(&buyer, &shop, &reported).await;
    refunded_in_part(&buyer, &shop).await;
    refunded_because_the_seller_is_silent(&buyer, &shop, &at_the_door).await;
    paid_out(&stack, &shop).await;
    refused_because_it_is_switched_off(&stack, &buyer, &shop).await;
    lapsed(&buyer, &not_handed_over).await;
    cancelled_when_the_carrier_has_it(&stack, &buyer, &shop).await;
    captured_short_and_astray(&stack, &buyer, &shop).await;

    let left = |sku: String| {
        let (client, product_id) = (buyer.client.clone(), shop.product_id.clone());
        async move { available(&client, &product_id, &sku).await }
    };
    assert_eq!(left(shop.counted_sku.clone()).await, 20 - 3 - 2 + 1 - 1, "what was not sold is on sale again");
    assert_eq!(left(shop.serial_sku.clone()).await, 20 - 3 + 1 - 1, "and what came back");
    stack.assert_sound().await;
    assert_eq!(missed(&crashes), BTreeSet::new(), "no process died at these steps");
}

/// The steps of [`MODULES`] before or after which no process has died, except those that are excused.
fn missed(crashes: &Path) -> BTreeSet<String> {
    let crashes = std::fs::read_to_string(crashes).unwrap();
    let seen: BTreeSet<&str> = crashes.lines().collect();
    let excused: BTreeSet<&str> = EXCUSED.iter().map(|(step, _)| *step).collect();
    let steps = MODULES.iter().flat_map(|module| steps_of(module)).filter(|step| !excused.contains(step.as_str()));
    let points = steps.flat_map(|step| ["before", "after"].map(|moment| format!("{step}: {moment}")));
    points.filter(|point| !seen.contains(point.as_str())).collect()
}

/// The durable steps in a module's source, as `order::desk::workflows::confirm_items: write order`.
fn steps_of(module: &str) -> Vec<String> {
    let source = tests::root().join("subgraphs").join(module).join("src");
    let mut steps = Vec::new();
    let mut folders = vec![source.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                // The name is the first text after the macro.
                let names = text.split("step!(").skip(1).filter_map(|rest| rest.split('"').nth(1));
                let place = module_path(module, path.strip_prefix(&source).unwrap());
                steps.extend(names.map(|name| format!("{place}: {name}")));
            }
        }
    }
    assert!(!steps.is_empty(), "{module} has durable steps");
    steps
}

fn module_path(module: &str, file: &Path) -> String {
    let place: PathBuf = [Path::new(module), &file.with_extension("")].into_iter().collect();
    let parts = place.iter().map(|part| part.to_string_lossy()).filter(|part| part != "mod" && part != "lib");
    parts.collect::<Vec<_>>().join("::")
}
