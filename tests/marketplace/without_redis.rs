//! Redis goes away and comes back: search, cards and recommendations answer all the while, and heal by themselves.

use std::{net::TcpListener, path::Path, process::Stdio, time::Duration};

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_kit::{Client, Layout, Stack};
use tokio::process::{Child, Command};
use uuid::Uuid;

use crate::stage::Shop;

const PATIENCE: Duration = Duration::from_secs(60);

const SEARCH: &str = "query($query: String!) { searchProducts(query: $query) { mode edges { node { id } } } }";

const CARDS: &str = "query($seller: ID!) { products(filter: {sellerId: $seller}) { nodes {
    id name seller { name } rating { count } isFavorite soldCount
    featuredSku { price { amountMinor } stock { available } offer { price { amountMinor } } } } } }";

const RECOMMENDED: &str = "{ recommendedProducts(first: 100) { source edges { source node { id } } } }";

/// A Redis of the test's own, on a port that it keeps.
struct Redis {
    port: u16,
    directory: TempDir,
    server: Option<Child>,
}

impl Redis {
    async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut redis = Self { port, directory: tempfile::tempdir().unwrap(), server: None };
        redis.come().await;
        redis
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Comes back, with nothing of what it knew.
    async fn come(&mut self) {
        self.server = Some(serve(self.port, self.directory.path()));
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(tokio::time::Instant::now() < deadline, "Redis does not come up");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn go(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().await.unwrap();
        }
    }
}

fn serve(port: u16, directory: &Path) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no", "--dir"]);
    command.arg(directory).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    command.spawn().expect("redis-server is installed, as `cargo xtask setup` sees to")
}

fn source_of<'a>(data: &'a Value, product_id: &str) -> Option<&'a str> {
    let edges = data["recommendedProducts"]["edges"].as_array()?;
    edges.iter().find(|edge| edge["node"]["id"] == product_id)?["source"].as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn search_cards_and_recommendations_answer_without_redis_and_heal_when_it_is_back() {
    let mut redis = Redis::start().await;
    let url = redis.url();
    let variables = [("REDIS_URL", url.as_str()), ("RECOMMENDATION_SECONDS", "1"), ("TRENDING_SECONDS", "1")];
    let stack = Stack::start_with(Layout::Together, &variables).await;
    let (shop, liked) = (Shop::open(&stack, 5).await, Shop::open(&stack, 5).await);
    let best_sold = Shop::open(&stack, 5).await;
    sell(&stack, &best_sold).await;
    let (viewer, visitor) = (stack.member("visitor").await.client, stack.client());
    like(&viewer, &liked.product_id).await;

    let found = |data: &Value| {
        data["searchProducts"]["mode"] == "HYBRID"
            && data["searchProducts"]["edges"][0]["node"]["id"] == json!(shop.product_id)
    };
    visitor.eventually(SEARCH, json!({"query": shop.name}), PATIENCE, found).await;
    let personal = |data: &Value| source_of(data, &shop.product_id) == Some("PERSONAL");
    viewer.eventually(RECOMMENDED, json!({}), PATIENCE, personal).await;
    let newcomer = stack.member("newcomer").await.client;
    let most_sold = |data: &Value| source_of(data, &best_sold.product_id) == Some("MOST_SOLD");
    newcomer.eventually(RECOMMENDED, json!({}), PATIENCE, most_sold).await;

    redis.go().await;
    for _ in 0..3 {
        for client in [&visitor, &viewer] {
            let answer = client.data(SEARCH, json!({"query": shop.name})).await;
            assert!(found(&answer), "{answer:#}");
            let cards = client.data(CARDS, json!({"seller": shop.seller.id})).await;
            let card = &cards["products"]["nodes"][0];
            assert_eq!(card["featuredSku"]["offer"]["price"]["amountMinor"], "250000", "{cards:#}");
        }
        let feed = viewer.data(RECOMMENDED, json!({})).await;
        assert_ne!(feed["recommendedProducts"]["source"], "PERSONAL", "{feed:#}");
        assert!(most_sold(&feed), "{feed:#}");
    }

    redis.come().await;
    viewer.eventually(RECOMMENDED, json!({}), PATIENCE, personal).await;
    let answer = viewer.data(SEARCH, json!({"query": shop.name})).await;
    assert!(found(&answer), "{answer:#}");
    stack.assert_sound().await;
}

/// Units of the shop's product were sold, as the roll-up of sales says it.
async fn sell(stack: &Stack, shop: &Shop) {
    let owner = stack.database.connect_as_owner().await;
    let sold = format!(
        "INSERT INTO analytic.product_sales (product_id, seller_id, units_sold, units_returned)
         VALUES ('{}', '{}', 40, 2)",
        shop.product_id, shop.seller.id
    );
    owner.execute_unprepared(&sold).await.expect("the owner may write every row");
    owner.close().await.expect("closing an idle connection");
}

async fn like(viewer: &Client, product_id: &str) {
    let track =
        "mutation($input: TrackInteractionsInput!) { trackInteractions(input: $input) { userErrors { code } } }";
    let one = json!({"id": Uuid::now_v7(), "productId": product_id, "kind": "ADD_TO_CART"});
    viewer.act(track, json!({"interactions": [one]})).await;
}
