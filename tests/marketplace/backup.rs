//! A backup of a running marketplace becomes another marketplace.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use test_kit::{Layout, Stack, TestDatabase};

use crate::stage::{Shop, act, checkout_of};

async fn run(
    stack: &Stack,
    name: &str,
    flag: &str,
    path: &Path,
    database: Option<&TestDatabase>,
    data: Option<&Path>,
) -> (bool, String) {
    let mut command = stack.command(name);
    command.arg(flag).arg(path);
    if let Some(database) = database {
        command.env("DATABASE_URL", database.url.as_str());
        command.env("MODULE_ROLE_SECRET", std::env::var("MODULE_ROLE_SECRET").unwrap());
    }
    if let Some(data) = data {
        command.env("DATA_DIR", data);
    }
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_marketplace_sells_searches_and_keeps_every_rule() {
    let stack = crate::stage::start(Layout::Together).await;
    let shop = Shop::open(&stack, 5).await;
    let buyer = stack.member("buyer").await;
    act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 2)).await;
    let objects = stack.data_dir().join("objects/ab");
    std::fs::create_dir_all(&objects).unwrap();
    std::fs::write(objects.join("picture"), "bytes").unwrap();

    let place = tempfile::tempdir().unwrap();
    let backup = place.path().join("backup");
    let (made, said) = run(&stack, "backup", "--to", &backup, None, None).await;
    assert!(made, "{said}");
    let (again, said) = run(&stack, "backup", "--to", &backup, None, None).await;
    assert!(!again && said.contains("is there already"), "{said}");

    // What happens afterwards is not in it.
    act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await;

    let (onto_itself, said) = run(&stack, "restore", "--from", &backup, Some(&stack.database), None).await;
    assert!(!onto_itself && said.contains("not empty"), "a restore never writes over a marketplace: {said}");
    let fresh = TestDatabase::empty().await;
    let (nothing, said) = run(&stack, "restore", "--from", place.path(), Some(&fresh), None).await;
    assert!(!nothing && said.contains("is not a backup"), "{said}");
    let data = place.path().join("data");
    let (restored, said) = run(&stack, "restore", "--from", &backup, Some(&fresh), Some(&data)).await;
    assert!(restored, "{said}");
    assert_eq!(std::fs::read_to_string(data.join("objects/ab/picture")).unwrap(), "bytes");

    let again = Stack::start_on(fresh, Layout::Together, &[]).await;
    // The buyer's token was signed by a key that is in the backup.
    let client = again.client().with_token(buyer.client.token().unwrap());
    let query = "{ me { id purchasedItems(first: 10) { nodes { quantity state } } } }";
    let me = client.data(query, json!({})).await;
    let items = json!([{"quantity": 2, "state": "PENDING"}]);
    assert_eq!(me["me"]["purchasedItems"]["nodes"], items, "what was bought before the backup, and not after it");
    // The engine of the other marketplace is new, its index as well: both come up by themselves.
    let search = "query($query: String!) { searchProducts(query: $query) { mode edges { node { id } } } }";
    let found = |data: &Value| {
        data["searchProducts"]["mode"] != "DATABASE"
            && data["searchProducts"]["edges"].as_array().is_some_and(|edges| !edges.is_empty())
    };
    client.eventually(search, json!({"query": shop.name}), Duration::from_secs(60), found).await;
    act(&client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 3)).await;
    again.assert_sound().await;
    stack.assert_sound().await;
}
