//! A database with a category, and hands to put products into it and to ask the graph.

use async_graphql::{EmptySubscription, Request, Schema, Variables};
use catalog::{
    drafts::{Package, ProductDraft, SkuDraft},
    loaders::loaders,
    schema::{self, Mutation, Query},
    search::Search,
    store::{
        category::{NewCategory, category_insert},
        comment::{NewReview, review_insert},
        product::{NewProduct, product_insert},
    },
};
use chrono::{DateTime, SubsecRound, Utc};
use entities::catalog::product::{NamedValue, NamedValues};
use kernel::{AccountId, CategoryId, CommentId, Currency, Money, OrderItemId, ProductId, SessionId, SkuId};
use sea_orm::DatabaseConnection;
use serde_json::Value;
use service_kit::{ModuleName, Platform, Viewer};
use test_kit::TestDatabase;

/// The module's graph on a database of its own.
pub(crate) struct Shop {
    pub(crate) db: DatabaseConnection,
    pub(crate) category_id: CategoryId,
    schema: Schema<Query, Mutation, EmptySubscription>,
    search: Option<Search>,
}

/// What the graph answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) data: Value,
    pub(crate) errors: Vec<Value>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let database = TestDatabase::create().await;
        Self::open_with(database.connect(ModuleName::Catalog).await).await
    }

    pub(crate) async fn open_with(db: DatabaseConnection) -> Self {
        let category_id = category(&db, None, "Things").await;
        let schema = schema::build().data(db.clone()).finish();
        Self { db, category_id, schema, search: None }
    }

    /// A shop whose mutations reach durable handlers.
    pub(crate) async fn open_on(db: DatabaseConnection, platform: Platform) -> Self {
        let category_id = category(&db, None, "Things").await;
        let schema = schema::build().data(db.clone()).data(platform).finish();
        Self { db, category_id, schema, search: None }
    }

    /// The same shop with engines for search.
    pub(crate) fn with_search(self, search: Search) -> Self {
        let schema = schema::build().data(self.db.clone()).data(search.clone()).finish();
        Self { schema, search: Some(search), ..self }
    }

    /// Asks as a viewer, or as nobody.
    pub(crate) async fn ask(&self, viewer: Option<AccountId>, query: &str, variables: Value) -> Reply {
        self.ask_as(viewer.map(|account_id| viewer_of(account_id, false)), query, variables).await
    }

    pub(crate) async fn ask_as(&self, viewer: Option<Viewer>, query: &str, variables: Value) -> Reply {
        let mut request = Request::new(query)
            .variables(Variables::from_json(variables))
            .data(loaders(&self.db, self.search.as_ref()));
        if let Some(viewer) = viewer {
            request = request.data(viewer);
        }
        let reply = serde_json::to_value(self.schema.execute(request).await).unwrap();
        let errors = reply["errors"].as_array().cloned().unwrap_or_default();
        Reply { data: reply["data"].clone(), errors }
    }

    /// A product with one SKU.
    pub(crate) async fn product(&self, seller_id: AccountId, name: &str) -> ProductId {
        self.product_like(seller_id, name, |_| {}).await
    }

    /// A product with one SKU, changed before it is written.
    pub(crate) async fn product_like(
        &self,
        seller_id: AccountId,
        name: &str,
        change: impl FnOnce(&mut NewProduct),
    ) -> ProductId {
        let mut new = new_product(seller_id, self.category_id, name);
        change(&mut new);
        product_insert(&self.db, &new).await.unwrap();
        new.id
    }

    /// A review by somebody, of an item of its own.
    pub(crate) async fn review(&self, product_id: ProductId, rating: i16) -> CommentId {
        let review = new_review(product_id, rating, OrderItemId::new());
        assert!(review_insert(&self.db, &review).await.unwrap());
        review.id
    }
}

impl Reply {
    /// The answer's data, of which nothing failed.
    pub(crate) fn fine(self) -> Value {
        assert!(self.errors.is_empty(), "{:?}", self.errors);
        self.data
    }

    /// The codes and fields of the user errors of the only mutation.
    pub(crate) fn user_errors(self) -> Vec<(String, String)> {
        let data = self.fine();
        let payload = data.as_object().unwrap().values().next().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = payload["userErrors"].as_array().expect("the test selects `userErrors`").clone();
        errors.iter().map(|error| (text(&error["code"]), text(&error["field"]))).collect()
    }

    /// The code of the only top-level error.
    pub(crate) fn code(&self) -> &str {
        assert_eq!(self.errors.len(), 1, "{:?}", self.errors);
        self.errors[0]["extensions"]["code"].as_str().unwrap_or_default()
    }
}

pub(crate) fn viewer_of(account_id: AccountId, admin: bool) -> Viewer {
    Viewer { account_id, session_id: SessionId::new(), admin, issued_at_ms: 0, expires_at: DateTime::<Utc>::MAX_UTC }
}

pub(crate) async fn category(db: &DatabaseConnection, parent_id: Option<CategoryId>, name: &str) -> CategoryId {
    let new = NewCategory { parent_id, name: name.to_owned(), slug: None, description: String::new(), position: 0 };
    category_insert(db, new).await.unwrap().unwrap().id
}

pub(crate) fn new_product(seller_id: AccountId, category_id: CategoryId, name: &str) -> NewProduct {
    NewProduct {
        id: ProductId::new(),
        seller_id,
        operation_id: None,
        external_id: None,
        created_at: Utc::now().trunc_subsecs(6),
        draft: ProductDraft {
            name: name.to_owned(),
            description: String::new(),
            category_id,
            tags: Vec::new(),
            specifications: NamedValues::default(),
        },
        skus: vec![(SkuId::new(), new_sku(&[], 1000, true))],
    }
}

pub(crate) fn new_sku(attributes: &[(&str, &str)], price_minor: i64, featured: bool) -> SkuDraft {
    let attributes =
        attributes.iter().map(|(name, value)| NamedValue { name: (*name).to_owned(), value: (*value).to_owned() });
    SkuDraft {
        price: Money::new(price_minor, Currency::USD),
        attributes: NamedValues(attributes.collect()),
        package: Package { weight_grams: 100, length_mm: None, width_mm: None, height_mm: None },
        requires_serials: false,
        featured,
    }
}

pub(crate) fn new_review(product_id: ProductId, rating: i16, order_item_id: OrderItemId) -> NewReview {
    NewReview {
        id: CommentId::new(),
        product_id,
        author_id: AccountId::new(),
        order_item_id,
        rating,
        body: format!("{rating} stars"),
        created_at: Utc::now().trunc_subsecs(6),
    }
}
