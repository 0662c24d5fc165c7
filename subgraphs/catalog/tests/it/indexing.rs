//! The index on LanceDB with the real model: how it follows the catalog, and what it finds.

use std::sync::Arc;

use catalog::{
    drafts::ProductChange,
    search::{
        Index, Search,
        embedding::{Embedder, MiniLm},
        indexing::{Work, follow_facts, follow_texts, rebuild, tidy},
    },
    store::{
        index::{backlog, facts_claim, stock_note},
        index_table::index_tables,
        product::{product_set_enabled, product_update},
        recommendation::popular_replace,
        sku::sku_update,
    },
};
use contracts::inventory::SkuAvailability;
use entities::catalog::{product_index, product_vector};
use kernel::{AccountId, Currency, Money};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::shop::{Shop, category};

const SEARCH: &str = "query($query: String!, $filter: ProductFilterInput, $sort: SearchSort! = RELEVANCE, $first: Int,
        $after: String) {
    searchProducts(query: $query, filter: $filter, sort: $sort, first: $first, after: $after) {
        mode totalCount edges { node { id name } highlight { name { text match } } } pageInfo { hasNextPage endCursor } } }";

/// A shop whose search has an index in a directory of its own.
pub(crate) struct Indexed {
    pub(crate) shop: Shop,
    pub(crate) search: Search,
    pub(crate) seller: AccountId,
    pub(crate) directory: TempDir,
}

impl Indexed {
    pub(crate) async fn open() -> Self {
        Self::open_with(Some(local_model())).await
    }

    pub(crate) async fn open_with(embedder: Option<Arc<dyn Embedder>>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let search = Search { index: Arc::new(Index::new(directory.path().join("search"))), embedder };
        let shop = Shop::open().await.with_search(search.clone());
        Self { shop, search, seller: AccountId::new(), directory }
    }

    /// Lets the index catch up with the catalog.
    pub(crate) async fn follow(&self) {
        while follow_texts(&self.shop.db, &self.search).await.unwrap() == Work::More {}
        while follow_facts(&self.shop.db, &self.search).await.unwrap() == Work::More {}
    }

    pub(crate) async fn product(&self, name: &str, description: &str, price_minor: i64) {
        self.shop
            .product_like(self.seller, name, |new| {
                new.draft.description = description.to_owned();
                new.skus[0].1.price = Money::new(price_minor, Currency::USD);
            })
            .await;
    }

    /// Products that differ in words and in meaning.
    pub(crate) async fn stock_up(&self) {
        for (name, description, price) in [
            ("Wireless mouse", "A silent mouse with two batteries", 2500),
            ("Wired mouse", "Plugs into the computer", 900),
            ("Mouse pad", "A soft mat for the desk", 400),
            ("Áo thun đen", "Áo cotton cho mùa hè", 1500),
            ("Running shoes", "Light footwear for runners", 7000),
            ("Leather sofa", "Seats three people in the living room", 90_000),
            ("Coffee grinder", "Grinds beans for espresso", 4500),
        ] {
            self.product(name, description, price).await;
        }
        self.follow().await;
    }

    pub(crate) async fn found(&self, variables: Value) -> Value {
        self.shop.ask(None, SEARCH, variables).await.fine()["searchProducts"].clone()
    }

    pub(crate) async fn names(&self, query: &str) -> Vec<String> {
        names(&self.found(json!({ "query": query })).await)
    }
}

/// The model of this machine; `cargo xtask setup` fetches its weights.
pub(crate) fn local_model() -> Arc<dyn Embedder> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(std::path::PathBuf::from);
    let cache = cache.unwrap_or_else(|| std::env::home_dir().unwrap().join(".cache"));
    MiniLm::shared(cache.join("shopnexus/models/all-MiniLM-L6-v2"))
}

pub(crate) fn names(found: &Value) -> Vec<String> {
    let edges = found["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn words_and_meaning_find_together_and_the_answer_says_so() {
    let indexed = Indexed::open().await;
    assert_eq!(indexed.found(json!({"query": "mouse"})).await["mode"], "DATABASE", "before there is an index");
    indexed.stock_up().await;
    let found = indexed.found(json!({"query": "wireless mouse"})).await;
    assert_eq!(found["mode"], "HYBRID");
    assert_eq!(names(&found)[0], "Wireless mouse");
    assert_eq!(found["edges"][0]["highlight"]["name"][0], json!({"text": "Wireless", "match": true}));
    assert_eq!(indexed.names("couch").await[0], "Leather sofa", "by meaning alone");
    assert_eq!(indexed.names("batteries").await[0], "Wireless mouse", "by a word of the description");
    assert_eq!(indexed.names("sneakers for jogging").await[0], "Running shoes");
    assert_eq!(indexed.names("ao thun den").await[0], "Áo thun đen");
    assert_eq!(indexed.names("ÁO THUN").await[0], "Áo thun đen");
    assert!(indexed.names("xqzvbn").await.is_empty(), "{:?}", indexed.names("xqzvbn").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_almost_rightly_is_found() {
    let indexed = Indexed::open_with(None).await;
    indexed.stock_up().await;
    tidy(&indexed.shop.db, &indexed.search).await.unwrap();
    let found = indexed.found(json!({"query": "wireles mouse"})).await;
    assert_eq!((found["mode"].as_str(), names(&found)[0].as_str()), (Some("TEXT"), "Wireless mouse"));
    assert_eq!(indexed.names("coffe grindr").await, ["Coffee grinder"]);
    assert_eq!(indexed.names("runing shoes").await, ["Running shoes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_orders_and_pages_apply_to_the_index() {
    let indexed = Indexed::open().await;
    let deeper = category(&indexed.shop.db, Some(indexed.shop.category_id), "Deeper").await;
    for number in 0..12 {
        indexed
            .shop
            .product_like(indexed.seller, &format!("Blue cup {number}"), |new| {
                new.draft.tags = vec![format!("tag {}", number % 3), "it's".to_owned()];
                new.skus[0].1.price = Money::new(100 + number % 4, Currency::USD);
                if number % 2 == 0 {
                    new.draft.category_id = deeper;
                }
            })
            .await;
    }
    indexed.follow().await;
    let count = async |filter: Value| {
        let found = indexed.found(json!({"query": "cup", "filter": filter, "first": 100})).await;
        assert_eq!(found["mode"], "HYBRID");
        assert_eq!(found["totalCount"], names(&found).len());
        names(&found).len()
    };
    assert_eq!(count(json!({})).await, 12);
    assert_eq!(count(json!({"categoryId": deeper})).await, 6);
    assert_eq!(count(json!({"categoryId": indexed.shop.category_id})).await, 12, "descendants count");
    assert_eq!(count(json!({"categoryId": AccountId::new()})).await, 0);
    assert_eq!(count(json!({"tags": ["TAG 1", "it's"]})).await, 4);
    assert_eq!(count(json!({"sellerId": AccountId::new()})).await, 0);
    assert_eq!(count(json!({"ratingMin": 1})).await, 0);
    let usd = |minor: i64| json!({"amountMinor": minor, "currency": "USD"});
    assert_eq!(count(json!({"priceMin": usd(101), "priceMax": usd(102)})).await, 6);
    let turned = json!({"query": "cup", "filter": {"priceMin": usd(103), "priceMax": usd(101)}});
    assert_eq!(indexed.shop.ask(None, SEARCH, turned).await.code(), "BAD_USER_INPUT");

    for sort in ["RELEVANCE", "NEWEST", "PRICE_ASCENDING", "PRICE_DESCENDING", "RATING"] {
        let whole = names(&indexed.found(json!({"query": "blue cup", "sort": sort, "first": 100})).await);
        let (mut paged, mut after) = (Vec::new(), Value::Null);
        loop {
            let found = indexed.found(json!({"query": "blue cup", "sort": sort, "first": 5, "after": after})).await;
            paged.extend(names(&found));
            after = found["pageInfo"]["endCursor"].clone();
            if found["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
            if sort == "RELEVANCE" && paged.len() == 5 {
                indexed.product("Blue cup of the best", "Blue cup, blue cup", 1).await;
                indexed.follow().await;
            }
        }
        paged.retain(|name| name != "Blue cup of the best");
        let whole: Vec<_> = whole.into_iter().filter(|name| name != "Blue cup of the best").collect();
        assert_eq!(paged, whole, "{sort}");
    }
    let after = indexed.found(json!({"query": "blue cup", "first": 1})).await["pageInfo"]["endCursor"].clone();
    let other = indexed.shop.ask(None, SEARCH, json!({"query": "red cup", "after": after})).await;
    assert_eq!(other.code(), "BAD_USER_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_followed_and_an_unchanged_text_is_not_embedded_again() {
    let indexed = Indexed::open().await;
    indexed.stock_up().await;
    let db = &indexed.shop.db;
    let id = indexed.shop.product(indexed.seller, "Garden hose").await;
    indexed.follow().await;
    let skus = catalog::store::sku::sku_list_by_products(db, &[id]).await.unwrap();
    let change = catalog::drafts::SkuChange { price: Some(Money::new(77, Currency::USD)), ..Default::default() };
    sku_update(db, indexed.seller, skus[0].id, change).await.unwrap().unwrap();
    let before = product_vector::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
    indexed.follow().await;
    let filter = json!({"priceMax": {"amountMinor": 77, "currency": "USD"}});
    let found = indexed.found(json!({"query": "hose", "filter": filter})).await;
    assert_eq!(names(&found), ["Garden hose"]);
    let after = product_vector::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
    assert_eq!(before.embedded_at, after.embedded_at, "a price has no meaning");

    let change = ProductChange { name: Some("Submarine".to_owned()), ..Default::default() };
    product_update(db, indexed.seller, id, change).await.unwrap().unwrap();
    indexed.follow().await;
    assert_eq!(indexed.names("submarine").await, ["Submarine"]);
    assert!(!indexed.names("garden").await.contains(&"Submarine".to_owned()));
    product_set_enabled(db, indexed.seller, id, false).await.unwrap().unwrap();
    assert!(indexed.names("submarine").await.is_empty(), "taken off at once, though the index does not know yet");
    indexed.follow().await;
    assert_eq!(indexed.found(json!({"query": "submarine"})).await["totalCount"], 0);
    product_set_enabled(db, indexed.seller, id, true).await.unwrap().unwrap();
    indexed.follow().await;
    assert_eq!(indexed.names("submarine").await, ["Submarine"]);
    let left = backlog(db).await.unwrap();
    assert_eq!((left.facts, left.texts), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_share_the_work_and_a_dead_one_holds_nothing_back_for_long() {
    let indexed = Indexed::open_with(None).await;
    for number in 0..40 {
        indexed.shop.product(indexed.seller, &format!("Thing {number}")).await;
    }
    let db = &indexed.shop.db;
    let (one, other) = tokio::join!(facts_claim(db, 30), facts_claim(db, 30));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.len() + other.len(), 40, "none is claimed twice");
    assert!(facts_claim(db, 10).await.unwrap().is_empty());
    // Both died. Their claims end, and the work is done.
    sea_orm::ConnectionTrait::execute_unprepared(
        db,
        "UPDATE catalog.product_index SET facts_claimed_until = now() - interval '1 second'",
    )
    .await
    .unwrap();
    let follow = async || while follow_facts(db, &indexed.search).await.unwrap() == Work::More {};
    tokio::join!(follow(), follow(), follow());
    follow().await;
    let found = indexed.found(json!({"query": "thing", "first": 100})).await;
    assert_eq!((found["mode"].as_str(), names(&found).len()), (Some("TEXT"), 40));
    assert_eq!(product_index::Entity::find().count(db).await.unwrap(), 40);
    assert_eq!(index_tables(db).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_removed_is_done_without_and_heals_by_itself() {
    let indexed = Indexed::open().await;
    indexed.stock_up().await;
    assert_eq!(indexed.found(json!({"query": "mouse"})).await["mode"], "HYBRID");
    std::fs::remove_dir_all(indexed.directory.path().join("search")).unwrap();
    let found = indexed.found(json!({"query": "wireless mouse"})).await;
    assert_eq!((found["mode"].as_str(), names(&found)[0].as_str()), (Some("DATABASE"), "Wireless mouse"));
    indexed.follow().await;
    assert_eq!(indexed.found(json!({"query": "mouse"})).await["mode"], "HYBRID");
    assert_eq!(indexed.names("couch").await[0], "Leather sofa", "with vectors, which were not computed again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_leaves_search_running() {
    let indexed = Indexed::open().await;
    indexed.stock_up().await;
    let old = index_tables(&indexed.shop.db).await.unwrap();
    rebuild(&indexed.shop.db, &indexed.search).await.unwrap();
    rebuild(&indexed.shop.db, &indexed.search).await.unwrap();
    assert_eq!(index_tables(&indexed.shop.db).await.unwrap().len(), 2, "one is filled at a time");
    assert_eq!(indexed.found(json!({"query": "mouse"})).await["mode"], "HYBRID", "by the old one");
    indexed.product("Late lamp", "Came while the index was rebuilt", 10).await;
    indexed.follow().await;
    let new = index_tables(&indexed.shop.db).await.unwrap();
    assert!(new.len() == 1 && new[0].id != old[0].id);
    assert_eq!(indexed.names("late lamp").await[0], "Late lamp");
    let directories = std::fs::read_dir(indexed.directory.path().join("search")).unwrap().count();
    assert_eq!(directories, 1, "the old table is gone from the disk");
    assert_eq!(indexed.search.embedder.as_ref().map(|embedder| embedder.dimensions()), Some(384));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_in_stock_is_found_when_that_is_wanted() {
    let indexed = Indexed::open_with(None).await;
    let db = &indexed.shop.db;
    let full = indexed.shop.product(indexed.seller, "Full jar").await;
    let empty = indexed.shop.product(indexed.seller, "Empty jar").await;
    let skus = catalog::store::sku::sku_list_by_products(db, &[full, empty]).await.unwrap();
    let told = |in_stock: &dyn Fn(&entities::catalog::sku::Model) -> bool| -> Vec<SkuAvailability> {
        let one = |sku: &entities::catalog::sku::Model| SkuAvailability {
            sku_id: sku.id,
            in_stock: in_stock(sku),
            changed_micros: 0,
        };
        skus.iter().map(one).collect()
    };
    let found = async |mode: &str| {
        let found = indexed.found(json!({"query": "jar", "filter": {"inStock": true}})).await;
        assert_eq!(found["mode"], mode);
        names(&found)
    };
    stock_note(db, &told(&|sku| sku.product_id == full)).await.unwrap();
    assert_eq!(found("DATABASE").await, ["Full jar"]);
    indexed.follow().await;
    assert_eq!(found("TEXT").await, ["Full jar"]);
    stock_note(db, &told(&|sku| sku.product_id == full)).await.unwrap();
    assert_eq!(backlog(db).await.unwrap().facts, 0, "what stays as it is costs nothing");
    stock_note(db, &told(&|_| false)).await.unwrap();
    indexed.follow().await;
    assert!(found("TEXT").await.is_empty());
    assert_eq!(indexed.names("jar").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_products_that_fit_alike_the_popular_one_comes_first_and_pages_do_not_notice_the_change() {
    let indexed = Indexed::open_with(None).await;
    let db = &indexed.shop.db;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(indexed.shop.product(indexed.seller, "Tin lantern").await);
    }
    indexed.follow().await;
    let found = async |after: Value| {
        let found = indexed.found(json!({"query": "tin lantern", "first": 2, "after": after})).await;
        let shown = found["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["id"].clone());
        (shown.collect::<Vec<_>>(), found["pageInfo"]["endCursor"].clone())
    };
    let (mut whole, cursor) = found(Value::Null).await;
    let last = *ids.iter().find(|id| !whole.contains(&json!(id))).unwrap();
    popular_replace(db, &[], &[last]).await.unwrap();
    popular_replace(db, &[], &[last]).await.unwrap();
    assert_eq!(backlog(db).await.unwrap().facts, 1, "only what moved is written, and once");
    indexed.follow().await;
    assert_eq!(found(Value::Null).await.0[0], json!(last));
    whole.extend(found(cursor).await.0);
    whole.sort_by_key(ToString::to_string);
    whole.dedup();
    assert_eq!(whole.len(), 4, "the next page is of the same state as the first");

    let better = indexed.shop.product(indexed.seller, "Brass lantern").await;
    indexed.follow().await;
    let first = indexed.names("brass lantern").await[0].clone();
    assert_eq!(first, "Brass lantern", "it fits better, and popularity does not outweigh that");
    popular_replace(db, &[better], &[]).await.unwrap();
    assert_eq!(backlog(db).await.unwrap().facts, 2, "one is popular now, the other no longer");
}
