//! `shopnexus import` on a running marketplace.

use std::{
    io::Write,
    path::Path,
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use test_kit::{Layout, Stack};

use crate::stage::marketplace;

/// Vectors of two thousand products would keep the machine busy for what is not tested here.
const NO_VECTORS: &[(&str, &str)] = &[("EMBEDDING_PROVIDER", "none")];

/// How many rows there are; `IMPORT_ROWS` says more, as for a run by hand with 50,000.
fn rows() -> usize {
    std::env::var("IMPORT_ROWS").ok().map_or(2_000, |rows| rows.parse().expect("IMPORT_ROWS is a number"))
}

/// The most memory that the importer may take, whatever the file: most of it is the program itself.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// Row `number`, from 0; every tenth is broken, each in another way.
fn line(number: usize) -> Vec<u8> {
    let fine = json!({
        "external_id": format!("row-{number}"), "name": format!("Teapot number {number}"),
        "description": format!("<p>Brews tea &amp; more.</p><script>alert({number})</script>"),
        "category": "Kitchen > Teapots", "price": "12.50", "currency": "USD", "brand": "Steep",
        "attributes": {"Colour": (if number.is_multiple_of(2) { "Red" } else { "Green" })}, "tags": [format!("tea-{}", number % 5)],
        "images": [format!("https://images.example.com/{number}.jpg")], "stock": 3,
    });
    let with = |field: &str, value: Value| {
        let mut row = fine.clone();
        row[field] = value;
        row.to_string().into_bytes()
    };
    match (number % 10, number / 10 % 7) {
        (9, 0) => with("name", json!(" ")),
        (9, 1) => with("price", json!(-1)),
        (9, 2) => with("currency", json!("DOUBLOON")),
        (9, 3) => with("name", json!("x".repeat(100_000))),
        (9, 4) => with("external_id", json!("row-0")),
        (9, 5) => b"{\"name\": \"Teapot".to_vec(),
        (9, _) => b"{\"name\": \"Teapot \xc3\x28\"}".to_vec(),
        _ => with("stock", if number.is_multiple_of(3) { json!("") } else { json!(3) }),
    }
}

fn write_rows(path: &Path) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    for number in 0..rows() {
        file.write_all(&line(number)).unwrap();
        file.write_all(b"\n").unwrap();
    }
}

async fn import(stack: &Stack, seller: &str, file: &Path, more: &[&str]) -> Output {
    let mut command = stack.command("import");
    command.arg(file).arg("--seller").arg(seller).args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
    let begun = Instant::now();
    let importer = command.spawn().unwrap();
    let watched = tokio::spawn(peak_bytes(importer.id().unwrap()));
    let patience = Duration::from_secs(300) + Duration::from_millis(100) * u32::try_from(rows()).unwrap();
    let output = tokio::time::timeout(patience, importer.wait_with_output()).await.expect("it ends in time").unwrap();
    let peak = watched.await.unwrap();
    println!("{} rows in {:.1?}, {} MiB at most", rows(), begun.elapsed(), peak / 1024 / 1024);
    assert!(peak < MOST_BYTES, "the importer took {peak} bytes");
    output
}

/// The most memory that a process ever had, looked at until it ends.
async fn peak_bytes(pid: u32) -> u64 {
    let mut peak = 0;
    while let Ok(status) = tokio::fs::read_to_string(format!("/proc/{pid}/status")).await {
        let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) else { break };
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("in kilobytes");
        peak = kilobytes * 1024;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    peak
}

/// The summary, the lines about rows, and the exit code.
fn told(output: &Output) -> (String, Vec<String>, i32) {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    let rows = String::from_utf8(output.stdout.clone()).unwrap().lines().map(str::to_owned).collect();
    (said, rows, output.status.code().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_once_and_its_broken_rows_are_told() {
    // One after the other: two that migrate at the same moment meet at the roles, which belong to the whole cluster.
    marketplace().await;
    let stack = Stack::start_with(Layout::Together, NO_VECTORS).await;
    let seller = stack.member("importer").await;
    let file = stack.data_dir().join("rows.jsonl");
    write_rows(&file);
    let id = seller.id.to_string();

    // Every tenth is broken.
    let (fine, broken) = (rows() - rows() / 10, rows() / 10);

    let (said, told_rows, code) = told(&import(&stack, &id, &file, &["--dry-run"]).await);
    assert!(said.contains(&format!("{fine} to import, 0 there already, {broken} refused")), "{said}");
    assert_eq!((told_rows.len(), code), (broken, 3));
    let products = "query($id: ID!) { products(filter: {sellerId: $id}) { totalCount } }";
    let count = async || stack.client().data(products, json!({"id": id})).await["products"]["totalCount"].clone();
    assert_eq!(count().await, 0, "a dry run writes nothing");

    let (said, told_rows, code) = told(&import(&stack, &id, &file, &[]).await);
    assert!(said.contains(&format!("{fine} imported, 0 there already, {broken} refused")), "{said}");
    assert_eq!((told_rows.len(), code), (broken, 3));
    for (row, reason) in told_rows.iter().zip([
        "line 10: name: it is missing",
        "line 20: price: it lies above zero",
        "line 30: currency: `DOUBLOON` is not",
        "line 40: name: it has at most 300 characters, not 100000",
        "line 50: external_id: an earlier row of the file has `row-0` too",
        "line 60: it is not JSON",
        "line 70: it is not UTF-8",
    ]) {
        assert!(row.starts_with(reason), "{row}");
    }
    assert_eq!(count().await, fine);

    let me = seller.client.data("{ me { username } }", json!({})).await["me"]["username"].clone();
    let (said, _, _) = told(&import(&stack, me.as_str().unwrap(), &file, &[]).await);
    assert!(said.contains(&format!("0 imported, {fine} there already, {broken} refused")), "{said}");
    assert_eq!(count().await, fine);
    found_and_buyable(&stack).await;
    stack.assert_sound().await;
}

async fn found_and_buyable(stack: &Stack) {
    let query = r#"{ searchProducts(query: "teapot 1234") { edges { node {
        name description price: featuredSku { price { amountMinor } stock { available } }
        category { name path { name } } specifications { name value } images { url } } } } }"#;
    let first = |data: &Value| data["searchProducts"]["edges"][0]["node"]["name"] == "Teapot number 1234";
    let data = stack.client().eventually(query, json!({}), Duration::from_secs(60), first).await;
    let product = &data["searchProducts"]["edges"][0]["node"];
    assert_eq!(product["description"], "Brews tea & more.");
    assert_eq!(product["price"]["price"]["amountMinor"], "1250");
    assert_eq!(product["price"]["stock"]["available"], "3");
    assert_eq!(product["category"]["name"], "Teapots");
    assert_eq!(product["specifications"][0], json!({"name": "Brand", "value": "Steep"}));
    assert_eq!(product["images"].as_array().unwrap().len(), 1, "{product:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_says_what_it_cannot_read_and_whom_it_does_not_know() {
    let stack = marketplace().await;
    let directory = tempfile::tempdir().unwrap();
    let refusal = async |name: &str, seller: &str| {
        let output = import(stack, seller, &directory.path().join(name), &[]).await;
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refusal("absent.jsonl", "x").await.contains("cannot be read"));
    std::fs::write(directory.path().join("rows.xlsx"), "x").unwrap();
    assert!(refusal("rows.xlsx", "x").await.contains("the format is not known"));
    std::fs::write(directory.path().join("rows.csv"), "name,price\nCup,5\n").unwrap();
    assert!(refusal("rows.csv", "nobody-of-this-name").await.contains("no account has the username"));
    stack.assert_sound().await;
}
