//! A database with the module's graph on it, and things to price.

use async_graphql::{Request, Variables};
use chrono::{TimeDelta, Utc};
use contracts::promotion::{PriceLine, PriceQuote, PriceRequest, Redeem};
use kernel::{
    AccountId, CategoryId, Currency, Money, OperationId, OrderItemId, ProductId, PromotionId, SessionId, SkuId,
};
use promotion::{
    loaders::Loaders,
    schema,
    store::{self, Redemption, Units},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};
use service_kit::{ModuleName, Viewer};
use test_kit::TestDatabase;

/// The module on a database of its own, and one seller.
pub(crate) struct Shop {
    pub(crate) db: DatabaseConnection,
    pub(crate) seller: Viewer,
}

/// Somebody who is logged in.
pub(crate) fn viewer(admin: bool) -> Viewer {
    let expires_at = Utc::now() + TimeDelta::minutes(15);
    Viewer { account_id: AccountId::new(), session_id: SessionId::new(), admin, issued_at_ms: 0, expires_at }
}

pub(crate) fn vnd(amount_minor: i64) -> Value {
    json!({"amountMinor": amount_minor.to_string(), "currency": "VND"})
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let db = TestDatabase::create().await.connect(ModuleName::Promotion).await;
        Self { db, seller: viewer(false) }
    }

    /// Another seller in the same database.
    pub(crate) fn next_door(&self) -> Self {
        Self { db: self.db.clone(), seller: viewer(false) }
    }

    /// What the graph answers to `viewer`: `{"data": …, "errors": […]}`.
    pub(crate) async fn ask(&self, viewer: Option<&Viewer>, query: &str, variables: Value) -> Value {
        let schema = schema::build().data(self.db.clone()).finish();
        let mut request = Request::new(query).variables(Variables::from_json(variables)).data(Loaders::new(&self.db));
        if let Some(viewer) = viewer {
            request = request.data(*viewer);
        }
        serde_json::to_value(schema.execute(request).await).unwrap()
    }

    /// Creates a promotion of the seller and expects that to work.
    pub(crate) async fn promote(&self, input: Value) -> PromotionId {
        let answer = self.try_promote(&self.seller, input).await;
        let id = &answer["data"]["createPromotion"]["promotion"]["id"];
        id.as_str().unwrap_or_else(|| panic!("{answer:#}")).parse().unwrap()
    }

    pub(crate) async fn try_promote(&self, viewer: &Viewer, input: Value) -> Value {
        let mutation = "mutation($input: CreatePromotionInput!) { createPromotion(input: $input) {
            promotion { id scope code active } userErrors { code field message } } }";
        let mut whole = json!({"name": "Sale", "kind": "DISCOUNT"});
        whole.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
        self.ask(Some(viewer), mutation, json!({"input": whole})).await
    }

    /// One new line of the seller.
    pub(crate) fn line(&self, unit_minor: i64) -> PriceLine {
        PriceLine {
            line_id: OrderItemId::new(),
            sku_id: SkuId::new(),
            product_id: ProductId::new(),
            seller_id: self.seller.account_id,
            category_path: vec![CategoryId::new()],
            unit_price: Money::new(unit_minor, Currency::VND),
            quantity: 1,
        }
    }

    /// A number that one statement gives.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let row = self.db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// Checks that the counters are what the uses say.
    pub(crate) async fn assert_counters_match_uses(&self) {
        let wrong = "SELECT count(*) FROM promotion.promotion p WHERE
            (p.uses, p.spent_minor) <> (
                SELECT count(DISTINCT u.operation_id),
                    coalesce(sum(u.amount_minor - u.returned_minor) FILTER (WHERE u.currency = p.currency), 0)
                FROM promotion.promotion_use u WHERE u.promotion_id = p.id AND u.given_back_at IS NULL)
            OR p.uses <> (SELECT coalesce(sum(a.uses), 0) FROM promotion.promotion_account_use a
                WHERE a.promotion_id = p.id)";
        assert_eq!(self.number(wrong).await, 0);
    }
}

pub(crate) fn redeem(lines: Vec<PriceLine>, codes: &[&str]) -> Redeem {
    redeem_as(AccountId::new(), lines, codes)
}

pub(crate) fn redeem_as(buyer_id: AccountId, lines: Vec<PriceLine>, codes: &[&str]) -> Redeem {
    let codes = codes.iter().map(|code| (*code).to_owned()).collect();
    let request = PriceRequest { buyer_id: Some(buyer_id), codes, lines };
    Redeem { operation_id: OperationId::new(), request }
}

/// Counts a checkout of promotions none of which has a stock.
pub(crate) async fn count(db: &DatabaseConnection, command: &Redeem) -> service_kit::Result<PriceQuote> {
    match store::redeem(db, command, &Units::new()).await? {
        Redemption::Counted { quote, .. } => Ok(quote),
        Redemption::Wanted(wanted) => panic!("{wanted:?} have a stock"),
    }
}
