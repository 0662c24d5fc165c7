//! Cards, a product page and searches, against the same rows by one SQL statement.

use std::{sync::Arc, time::Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Value, json};
use test_kit::{Client, Layout, Stack};

use crate::{
    load::{self, Outcome},
    measure::tell,
    memory,
    shop::{self, id},
};

/// How search answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Mode {
    /// By words and by meaning, with the model in the process.
    Hybrid,
    /// By words alone.
    Text,
    /// By the database alone, as when the index is lost.
    Database,
}

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many demo products there are.
    #[arg(long, default_value_t = 10_000)]
    products: u32,
    /// How many operations, for each measurement.
    #[arg(long, default_value_t = 500)]
    count: usize,
    /// How many at once, for the throughput; latencies are those of one after the other.
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// How search answers.
    #[arg(long, value_enum, default_value_t = Mode::Hybrid)]
    mode: Mode,
    /// Serve each module by a process of its own, to see the memory of each.
    #[arg(long)]
    apart: bool,
}

const CARDS: &str = "query($after: String) { products(first: 20, after: $after) { pageInfo { endCursor } nodes {
    id name slug seller { id name } images(first: 1) { url } rating { count average } isFavorite popularity { score }
    featuredSku { id price { amountMinor currency } stock { available }
        offer { listPrice { amountMinor } price { amountMinor currency } } } } } }";

const PAGE: &str = "query($id: ID!) { product(id: $id) {
    id name slug description tags seller { id name } images { url } rating { count average } isFavorite
    skus { id label price { amountMinor currency } stock { available } offer { price { amountMinor currency } } }
    reviews(first: 10) { nodes { id rating body author { id name } } } } }";

const SEARCH: &str = "query($query: String!) { searchProducts(query: $query, first: 20) { mode nodes { id name } } }";

/// The rows of a page of cards in one statement over all modules' tables, which no module could run: what one program
/// on one database might do. Promoted prices are left out; the graph computes them as well.
const CARDS_SQL: &str = "
SELECT p.id, p.name, p.slug, a.id AS seller_id, a.name AS seller, image.url, r.score, f.product_id IS NOT NULL AS favorite,
    popularity.score_milli, s.id AS sku_id, s.price_minor, s.price_currency, stock.stock - stock.taken AS available
FROM catalog.product p
JOIN account.account a ON a.id = p.seller_id
JOIN catalog.sku s ON s.product_id = p.id AND s.featured
LEFT JOIN inventory.stock stock ON stock.ref_type = 'PRODUCT_SKU' AND stock.ref_id = s.id
LEFT JOIN catalog.product_rating r ON r.product_id = p.id
LEFT JOIN analytic.popularity ON popularity.product_id = p.id
LEFT JOIN account.favorite f ON f.product_id = p.id AND f.account_id = $1
LEFT JOIN LATERAL (
    SELECT coalesce(o.object_key, o.remote_url) AS url FROM common.attachment t
    JOIN common.resource o ON o.id = t.resource_id
    WHERE t.entity_kind = 'PRODUCT' AND t.entity_id = p.id ORDER BY t.position LIMIT 1
) image ON true
WHERE p.enabled AND p.deleted_at IS NULL
ORDER BY p.created_at DESC, p.id DESC
LIMIT 20";

/// What people look for in the demo products: names, misspelt words, and what a thing is for.
const QUERIES: [&str; 8] = [
    "lamp",
    "ceramic bowl",
    "something warm for the evening",
    "bambo desk",
    "gift for a child",
    "áo dài",
    "blue",
    "tea",
];

pub(crate) async fn run(options: &Options) {
    let variables: &[(&str, &str)] = match options.mode {
        Mode::Hybrid => &[],
        Mode::Text => &[("EMBEDDING_PROVIDER", "none")],
        // A file cannot be made into a directory.
        Mode::Database => &[("EMBEDDING_PROVIDER", "none"), ("SEARCH_DIR", "/dev/null/search")],
    };
    let layout = if options.apart { Layout::Apart } else { Layout::Together };
    let stack = Stack::start_with(layout, variables).await;
    let began = Instant::now();
    shop::seed(&stack, options.products).await;
    tell("demo products into the database", format!("{:.1} s", began.elapsed().as_secs_f64()));
    if options.mode != Mode::Database {
        let took = shop::indexed(&stack, options.mode == Mode::Hybrid).await;
        tell("until all are in the index", format!("{:.1} s", took.as_secs_f64()));
    }
    let viewer = stack.member("buyer").await;
    let cards = measure(options, "cards", viewer.client.clone(), CARDS, vec![json!({})]).await;
    let pages = products(&viewer.client).await.into_iter().map(|id| json!({"id": id})).collect();
    measure(options, "product page", viewer.client.clone(), PAGE, pages).await;
    let queries = QUERIES.iter().map(|query| json!({"query": query})).collect();
    let name = format!("search, {:?}", options.mode).to_lowercase();
    measure(options, &name, viewer.client.clone(), SEARCH, queries).await;
    let answered = viewer.client.data(SEARCH, json!({"query": "lamp"})).await;
    let mode = format!("{:?}", options.mode).to_uppercase();
    assert_eq!(answered["searchProducts"]["mode"], mode, "search answers as it was measured");

    let owner = Arc::new(stack.database.connect_as_owner().await);
    let statement = sql(owner.clone(), &viewer.id.to_string(), options).await;
    tell("cards by one SQL statement", format!("{:.0} a second; {}", statement.rate(), statement.latencies));
    let p50 = |outcome: &Outcome<()>| outcome.latencies.percentile(50).as_secs_f64();
    tell("cards: p50 router / SQL", format!("{:.1}", p50(&cards) / p50(&statement)));
    tell("memory", memory::told(&stack));
    let index = stack.data_dir().join("search");
    tell("size of the index on disk", format!("{:.1} MiB", size(&index)));
    stack.assert_sound().await;
}

/// Measures the operation one after the other, then from many clients at once; answers with the former.
async fn measure(options: &Options, name: &str, client: Client, query: &'static str, all: Vec<Value>) -> Outcome<()> {
    let (client, all) = (Arc::new(client), Arc::new(all));
    let ask = |clients: usize, count: usize| {
        let (client, all) = (client.clone(), all.clone());
        load::run(clients, count, move |_, number| {
            let (client, variables) = (client.clone(), all[number % all.len()].clone());
            async move {
                client.data(query, variables).await;
            }
        })
    };
    ask(1, options.count / 5).await;
    let alone = ask(1, options.count).await;
    let together = ask(options.clients, options.count).await;
    tell(&format!("{name}, one after the other"), &alone.latencies);
    let (rate, latencies) = (together.rate(), &together.latencies);
    tell(&format!("{name}, {} at once", options.clients), format!("{rate:.0} a second; {latencies}"));
    alone
}

async fn products(client: &Client) -> Vec<String> {
    let data = client.data("{ products(first: 100) { nodes { id } } }", json!({})).await;
    data["products"]["nodes"].as_array().into_iter().flatten().map(|node| id(&node["id"])).collect()
}

async fn sql(owner: Arc<DatabaseConnection>, viewer_id: &str, options: &Options) -> Outcome<()> {
    let viewer_id: uuid::Uuid = viewer_id.parse().expect("an account id is a UUID");
    let ask = move |count: usize| {
        let owner = owner.clone();
        load::run(1, count, move |_, _| {
            let owner = owner.clone();
            async move {
                let statement =
                    Statement::from_sql_and_values(owner.get_database_backend(), CARDS_SQL, [viewer_id.into()]);
                let rows = owner.query_all_raw(statement).await.expect("the owner may read every table");
                assert_eq!(rows.len(), 20);
            }
        })
    };
    ask(options.count / 5).await;
    ask(options.count).await
}

/// Size of everything in a directory, in MiB.
fn size(directory: &std::path::Path) -> f64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let of = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size(&entry.path()),
        Ok(metadata) => f64::from(u32::try_from(metadata.len() / 1024).unwrap_or(u32::MAX)) / 1024.0,
        Err(_) => 0.0,
    };
    entries.map(of).sum()
}
