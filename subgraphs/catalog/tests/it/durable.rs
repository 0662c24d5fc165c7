//! The durable handlers, called through Restate, with the handlers of the other modules acted by this test. One test,
//! because the names of services are global in one engine.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, body::Body, extract::State, routing::any};
use contracts::{
    account::{Notify, ProductPublished},
    analytic::Interaction,
    catalog::SKU_FETCH,
    common::{Attach, AttachOutcome},
    inventory::{Provision, StockRef},
    order::PurchaseVerify,
};
use entities::catalog::{comment, product, sku};
use kernel::{AccountId, OrderItemId, ProductId, ResourceId, SkuId};
use restate_sdk::{endpoint::Endpoint, prelude::*};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use service_kit::{ModuleName, Platform};
use test_kit::TestDatabase;
use tokio::{net::TcpListener, runtime::Runtime, sync::Notify as Signal};

use crate::shop::{Reply, Shop};

/// What the other modules know and were told.
#[derive(Default)]
struct Neighbours {
    provisions: Mutex<Vec<Provision>>,
    attachments: Mutex<Vec<Attach>>,
    interactions: Mutex<Vec<Interaction>>,
    notifications: Mutex<Vec<Notify>>,
    published: Mutex<Vec<ProductPublished>>,
    /// What every buyer has received of every product.
    received: Mutex<Vec<OrderItemId>>,
    /// The resources that cannot be attached.
    unusable: Mutex<Vec<ResourceId>>,
    /// Whether the next provision waits until the caller is gone.
    hold_provision: AtomicBool,
    provision_held: Signal,
}

struct Stock(Arc<Neighbours>);

#[restate_sdk::service(name = "InventoryStock", client_visibility = "pub(crate)")]
impl Stock {
    #[handler]
    async fn provision(&self, _: Context<'_>, Json(told): Json<Provision>) -> Result<Json<()>, HandlerError> {
        if self.0.hold_provision.swap(false, Ordering::SeqCst) {
            self.0.provision_held.notify_one();
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
        self.0.provisions.lock().unwrap().push(told);
        Ok(Json(()))
    }
}

struct Files(Arc<Neighbours>);

#[restate_sdk::service(name = "Attachments", client_visibility = "pub(crate)")]
impl Files {
    #[handler]
    async fn attach(&self, _: Context<'_>, Json(told): Json<Attach>) -> Result<Json<AttachOutcome>, HandlerError> {
        let unusable = self.0.unusable.lock().unwrap().clone();
        let refused: Vec<ResourceId> = told.resource_ids.iter().copied().filter(|id| unusable.contains(id)).collect();
        if !refused.is_empty() {
            return Ok(Json(AttachOutcome::Refused(refused)));
        }
        self.0.attachments.lock().unwrap().push(told);
        Ok(Json(AttachOutcome::Attached))
    }
}

struct Orders(Arc<Neighbours>);

#[restate_sdk::service(name = "OrderDirectory", client_visibility = "pub(crate)")]
impl Orders {
    #[handler]
    async fn purchase_verify(
        &self,
        _: Context<'_>,
        Json(_): Json<PurchaseVerify>,
    ) -> Result<Json<Vec<OrderItemId>>, HandlerError> {
        Ok(Json(self.0.received.lock().unwrap().clone()))
    }
}

struct Interactions(Arc<Neighbours>);

#[restate_sdk::service(name = "InteractionLog", client_visibility = "pub(crate)")]
impl Interactions {
    #[handler]
    async fn track(&self, _: Context<'_>, Json(told): Json<Vec<Interaction>>) -> Result<Json<()>, HandlerError> {
        self.0.interactions.lock().unwrap().extend(told);
        Ok(Json(()))
    }
}

struct Notifications(Arc<Neighbours>);

#[restate_sdk::service(name = "Notifications", client_visibility = "pub(crate)")]
impl Notifications {
    #[handler]
    async fn notify(&self, _: Context<'_>, Json(told): Json<Notify>) -> Result<Json<()>, HandlerError> {
        self.0.notifications.lock().unwrap().push(told);
        Ok(Json(()))
    }
}

struct Feeds(Arc<Neighbours>);

#[restate_sdk::service(name = "Feeds", client_visibility = "pub(crate)")]
impl Feeds {
    #[handler]
    async fn product_published(
        &self,
        _: Context<'_>,
        Json(told): Json<ProductPublished>,
    ) -> Result<Json<()>, HandlerError> {
        self.0.published.lock().unwrap().push(told);
        Ok(Json(()))
    }
}

/// The catalog in a runtime of its own, which can be killed.
struct Catalog {
    /// There until it is killed.
    runtime: Option<Runtime>,
    address: std::net::SocketAddr,
}

impl Catalog {
    async fn start(platform: &Platform, address: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let (platform, address) = (platform.clone(), address.to_owned());
        let serving = runtime.spawn(async move {
            let app = catalog::module(&platform).await.unwrap().app;
            let listener = TcpListener::bind(address).await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(async move { axum::serve(listener, app).await });
            address
        });
        let address = serving.await.unwrap();
        Self { runtime: Some(runtime), address }
    }
}

/// Ends everything that the catalog is doing, in the middle of it.
impl Drop for Catalog {
    fn drop(&mut self) {
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

struct Market {
    shop: Shop,
    platform: Platform,
    neighbours: Arc<Neighbours>,
    seller: AccountId,
}

impl Market {
    async fn open() -> (Self, Catalog) {
        let database = TestDatabase::create().await;
        let platform = Platform::connect(database.config()).await.unwrap();
        let neighbours = Arc::new(Neighbours::default());
        let others = Endpoint::builder()
            .bind(Stock(neighbours.clone()))
            .bind(Files(neighbours.clone()))
            .bind(Orders(neighbours.clone()))
            .bind(Interactions(neighbours.clone()))
            .bind(Notifications(neighbours.clone()))
            .bind(Feeds(neighbours.clone()))
            .build();
        register(&platform, serve(others).await).await;
        let catalog = Catalog::start(&platform, "127.0.0.1:0").await;
        register(&platform, catalog.address).await;
        let db = database.connect(ModuleName::Catalog).await;
        let shop = Shop::open_on(db, platform.clone()).await;
        (Self { shop, platform, neighbours, seller: AccountId::new() }, catalog)
    }

    async fn create(&self, key: &str, change: impl FnOnce(&mut Value)) -> Reply {
        let sku = |colour: &str, serials: bool| {
            json!({"price": {"amountMinor": 1000, "currency": "USD"}, "weightGrams": 100,
                   "attributes": [{"name": "Colour", "value": colour}], "requiresSerials": serials})
        };
        let mut input = json!({"name": "Cup", "categoryId": self.shop.category_id, "tags": ["mug"],
            "skus": [sku("Red", false), sku("Blue", true)], "idempotencyKey": key});
        change(&mut input);
        let create = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
            product { id slug skus { label featured } } userErrors { code field } } }";
        self.shop.ask(Some(self.seller), create, json!({ "input": input })).await
    }

    async fn review(
        &self,
        buyer: AccountId,
        product_id: ProductId,
        key: &str,
        rating: i32,
        images: &[ResourceId],
    ) -> Reply {
        let input = json!({"productId": product_id, "rating": rating, "idempotencyKey": key, "imageIds": images});
        let create = "mutation($input: CreateReviewInput!) { createReview(input: $input) {
            review { id rating author { id } } userErrors { code field } } }";
        self.shop.ask(Some(buyer), create, json!({ "input": input })).await
    }

    async fn products(&self) -> Vec<product::Model> {
        product::Entity::find().all(&self.shop.db).await.unwrap()
    }
}

/// Serves the handlers of an endpoint.
async fn serve(endpoint: Endpoint) -> std::net::SocketAddr {
    let handle = |State(endpoint): State<Endpoint>, request: axum::extract::Request| async move {
        endpoint.handle(request).map(Body::new)
    };
    let app = Router::new().route("/restate/{*path}", any(handle)).with_state(endpoint);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Tells Restate where handlers are.
async fn register(platform: &Platform, address: std::net::SocketAddr) {
    let body = json!({"uri": format!("http://{address}/restate"), "force": true});
    let url = platform.config.restate_admin_url.join("deployments").unwrap();
    let answer = platform.http.post(url).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

fn refusal(code: &str, field: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), field.to_owned())]
}

#[tokio::test(flavor = "multi_thread")]
async fn products_and_reviews_come_with_what_other_modules_keep_of_them() {
    let (market, catalog) = Market::open().await;
    a_product_is_created_once_for_each_key(&market).await;
    a_refused_product_leaves_nothing_behind(&market).await;
    a_sku_is_added_with_its_stock(&market).await;
    a_review_needs_a_delivered_item_of_its_own(&market).await;
    images_of_a_refused_review_are_refused_by_their_place(&market).await;
    a_kill_in_the_middle_completes(&market, catalog).await;
}

async fn a_product_is_created_once_for_each_key(market: &Market) {
    let images = [ResourceId::new(), ResourceId::new()];
    let first = market.create("k", |input| input["imageIds"] = json!(images)).await.fine();
    let created = &first["createProduct"]["product"];
    let skus = json!([{"label": "Red", "featured": true}, {"label": "Blue", "featured": false}]);
    assert_eq!((&created["slug"], &created["skus"]), (&json!("cup"), &skus));
    let again = market.create("k", |input| input["name"] = json!("Another")).await.fine();
    assert_eq!(first, again, "the same key again gives the first answer");
    assert_eq!(market.products().await.len(), 1);
    let provisions = market.neighbours.provisions.lock().unwrap().clone();
    let [provision] = provisions.as_slice() else { panic!("provisioned once: {provisions:?}") };
    assert_eq!(provision.seller_id, market.seller);
    let serials: Vec<(bool, i64)> =
        provision.stocks.iter().map(|stock| (stock.requires_serials, stock.initial_units)).collect();
    assert_eq!(serials, [(false, 0), (true, 0)]);
    let attached = market.neighbours.attachments.lock().unwrap().clone();
    assert_eq!(attached.len(), 1);
    assert_eq!((json!(attached[0].entity.id), &attached[0].resource_ids[..]), (created["id"].clone(), &images[..]));
}

async fn a_refused_product_leaves_nothing_behind(market: &Market) {
    let before = market.products().await.len();
    let reply = market.create("no category", |input| input["categoryId"] = json!(ProductId::new())).await;
    assert_eq!(reply.user_errors(), refusal("CATEGORY_NOT_FOUND", "categoryId"));
    let images = [ResourceId::new(), ResourceId::new()];
    market.neighbours.unusable.lock().unwrap().push(images[1]);
    let reply = market.create("bad image", |input| input["imageIds"] = json!(images)).await;
    assert_eq!(reply.user_errors(), refusal("IMAGE_NOT_USABLE", "imageIds.1"));
    assert_eq!(market.products().await.len(), before);
    assert_eq!(market.neighbours.provisions.lock().unwrap().len(), 1);
}

async fn a_sku_is_added_with_its_stock(market: &Market) {
    let id = market.products().await[0].id;
    let add = "mutation($input: AddSkuInput!) { addSku(input: $input) { sku { id label } userErrors { code field } } }";
    let input = |colour: &str, key: &str| {
        json!({"input": {"productId": id, "idempotencyKey": key, "sku": {"weightGrams": 1,
            "price": {"amountMinor": 1, "currency": "USD"}, "attributes": [{"name": "Colour", "value": colour}]}}})
    };
    let first = market.shop.ask(Some(market.seller), add, input("Green", "k")).await.fine();
    let again = market.shop.ask(Some(market.seller), add, input("Grey", "k")).await.fine();
    assert_eq!(first, again);
    let sku_id: SkuId = first["addSku"]["sku"]["id"].as_str().unwrap().parse().unwrap();
    let told = market.neighbours.provisions.lock().unwrap().last().cloned().unwrap();
    assert_eq!(told.stocks.iter().map(|stock| stock.of).collect::<Vec<_>>(), [StockRef::Sku(sku_id)]);
    let reply = market.shop.ask(Some(market.seller), add, input("Green", "l")).await;
    assert_eq!(reply.user_errors(), refusal("DUPLICATE", "sku.attributes"));

    let snapshots = SKU_FETCH.at_ingress(&market.platform.ingress, "read", vec![sku_id, SkuId::new()]).await.unwrap();
    assert_eq!(snapshots.iter().map(|sku| sku.variant_label.as_str()).collect::<Vec<_>>(), ["Green"]);
}

async fn a_review_needs_a_delivered_item_of_its_own(market: &Market) {
    let (id, buyer) = (market.products().await[0].id, AccountId::new());
    let reply = market.review(buyer, ProductId::new(), "missing", 5, &[]).await;
    assert_eq!(reply.user_errors(), refusal("PRODUCT_NOT_FOUND", "productId"));
    let reply = market.review(buyer, id, "early", 5, &[]).await;
    assert_eq!(reply.user_errors(), refusal("NOT_PURCHASED", "productId"));

    *market.neighbours.received.lock().unwrap() = vec![OrderItemId::new(), OrderItemId::new()];
    let first = market.review(buyer, id, "k", 5, &[]).await.fine();
    assert_eq!(first["createReview"]["review"]["author"]["id"], json!(buyer));
    assert_eq!(market.review(buyer, id, "k", 1, &[]).await.fine(), first, "the same key again");
    // One item is left, and two reviews want it at the same time.
    let (one, other) = tokio::join!(market.review(buyer, id, "l", 2, &[]), market.review(buyer, id, "m", 2, &[]));
    let refused = [one.user_errors(), other.user_errors()].concat();
    assert_eq!(refused, refusal("ALREADY_REVIEWED", "productId"));
    assert_eq!(comment::Entity::find().all(&market.shop.db).await.unwrap().len(), 2);

    let told =
        || market.neighbours.interactions.lock().unwrap().len() + market.neighbours.notifications.lock().unwrap().len();
    for _ in 0..100 {
        if told() == 6 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut kinds: Vec<Value> =
        market.neighbours.interactions.lock().unwrap().iter().map(|told| json!(told.kind)).collect();
    kinds.sort_by_key(Value::to_string);
    assert_eq!(json!(kinds), json!(["rating_high", "rating_low", "write_review", "write_review"]));
    let notifications = market.neighbours.notifications.lock().unwrap();
    assert!(notifications.iter().all(|told| told.account_id == market.seller));
    assert_eq!(notifications.len(), 2);
}

async fn images_of_a_refused_review_are_refused_by_their_place(market: &Market) {
    let (id, buyer) = (market.products().await[0].id, AccountId::new());
    *market.neighbours.received.lock().unwrap() = vec![OrderItemId::new()];
    let image = ResourceId::new();
    market.neighbours.unusable.lock().unwrap().push(image);
    let reply = market.review(buyer, id, "bad image", 3, &[image]).await;
    assert_eq!(reply.user_errors(), refusal("IMAGE_NOT_USABLE", "imageIds.0"));
    assert_eq!(comment::Entity::find().all(&market.shop.db).await.unwrap().len(), 2);
}

async fn a_kill_in_the_middle_completes(market: &Market, catalog: Catalog) {
    let (products, provisions) = (market.products().await.len(), market.neighbours.provisions.lock().unwrap().len());
    market.neighbours.hold_provision.store(true, Ordering::SeqCst);
    let killed = async {
        market.neighbours.provision_held.notified().await;
        let address = catalog.address;
        drop(catalog);
        assert_eq!(market.products().await.len(), products + 1, "the product was written before the kill");
        Catalog::start(&market.platform, &address.to_string()).await
    };
    let (reply, _catalog) = tokio::join!(market.create("killed", |input| input["name"] = json!("Survivor")), killed);
    assert_eq!(reply.fine()["createProduct"]["product"]["slug"], "survivor");
    assert_eq!(market.products().await.len(), products + 1);
    let provisions_now = market.neighbours.provisions.lock().unwrap().clone();
    assert_eq!(provisions_now.len(), provisions + 1);
    for stock in &provisions_now.last().unwrap().stocks {
        let StockRef::Sku(sku_id) = stock.of else { panic!("a product has stocks of SKUs: {stock:?}") };
        assert!(sku::Entity::find_by_id(sku_id).one(&market.shop.db).await.unwrap().is_some());
    }
}
