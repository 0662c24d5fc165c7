//! What sellers see of their own trade, and accounts of what they looked at.

use analytic::{
    store::{
        interactions_record,
        sales::{Span, Step, best_sold_list, figures_list, sales_record, sellers_note, strangers_viewed},
    },
    weights::Weights,
};
use chrono::{DateTime, Utc};
use contracts::{
    analytic::{Interaction, InteractionKind, Sale},
    catalog::ProductSeller,
};
use futures::future::join_all;
use kernel::{AccountId, OrderId, ProductId};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{graph::ask, recording::analytic_database};

fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

fn sale(seller_id: AccountId, product_id: ProductId, units: i64, amount_minor: i64, time: &str) -> Sale {
    Sale {
        sale_id: Uuid::now_v7(),
        seller_id,
        order_id: OrderId::new(),
        product_id,
        units,
        amount_minor,
        currency: "VND".to_owned(),
        occurred_at: at(time),
    }
}

fn view(account_id: Option<AccountId>, product_id: ProductId, time: &str) -> Interaction {
    let (interaction_id, kind) = (Uuid::now_v7(), InteractionKind::View);
    Interaction { interaction_id, account_id, product_id, kind, occurred_at: at(time) }
}

async fn seen(db: &DatabaseConnection, seller_id: AccountId, views: &[Interaction]) {
    for stranger in strangers_viewed(db, views).await.unwrap() {
        sellers_note(db, &[ProductSeller { product_id: stranger, seller_id }]).await.unwrap();
    }
    interactions_record(db, &Weights::default(), views).await.unwrap();
}

const FIGURES: &str = "orders unitsSold unitsReturned views conversion
    revenue { sold { amountMinor currency } returned { amountMinor } net { amountMinor } }";

/// The dashboard of an account as somebody asks for it.
async fn dashboard(
    db: &DatabaseConnection,
    viewer: Option<AccountId>,
    seller: AccountId,
    arguments: &str,
) -> async_graphql::Response {
    let query = format!(
        "query($accounts: [_Any!]!) {{ _entities(representations: $accounts) {{ ... on Account {{ soldCount
            dashboard({arguments}) {{ timeZone total {{ {FIGURES} }} periods {{ start figures {{ {FIGURES} }} }}
                topProducts {{ product {{ id }} units views revenue {{ amountMinor }} }}
                seen: topProducts(by: VIEWS, first: 1) {{ product {{ id }} views }} }} }} }} }}"
    );
    ask(db, viewer, &query, json!({"accounts": [{"__typename": "Account", "id": seller}]})).await
}

async fn fine(db: &DatabaseConnection, seller: AccountId, arguments: &str) -> Value {
    let answer = dashboard(db, Some(seller), seller, arguments).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    answer.data.into_json().unwrap()["_entities"][0].clone()
}

#[tokio::test]
async fn days_weeks_and_months_are_those_of_the_time_zone() {
    let db = analytic_database().await;
    let (seller, lamp, rug) = (AccountId::new(), ProductId::new(), ProductId::new());
    // In Ha Noi it is Monday, the 2nd of March, already; in UTC still Sunday, the 1st.
    let late = sale(seller, lamp, 2, 500_000, "2026-03-01T17:05:00Z");
    let back = Sale {
        units: -1,
        amount_minor: -250_000,
        order_id: late.order_id,
        ..sale(seller, lamp, 0, 0, "2026-03-03T01:00:00Z")
    };
    let other = sale(seller, rug, 1, 90_000, "2026-02-28T10:00:00Z");
    sales_record(&db, &[late, other]).await.unwrap();
    sales_record(&db, &[back]).await.unwrap();
    let views: Vec<Interaction> = (0..4)
        .map(|_| view(None, lamp, "2026-03-02T03:00:00Z"))
        .chain([view(Some(seller), lamp, "2026-03-02T03:00:00Z")])
        .collect();
    seen(&db, seller, &views).await;

    let days = fine(&db, seller, "from: \"2026-02-28\", to: \"2026-03-03\", timeZone: \"Asia/Ho_Chi_Minh\"").await;
    assert_eq!(days["soldCount"], "2", "two units of the lamp less one, and a rug");
    let days = &days["dashboard"];
    let starts: Vec<&Value> = days["periods"].as_array().unwrap().iter().map(|period| &period["start"]).collect();
    assert_eq!(starts, ["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03"]);
    let of = |place: usize| &days["periods"][place]["figures"];
    assert_eq!((&of(1)["orders"], &of(1)["revenue"]), (&json!("0"), &json!([])), "an empty day is shown");
    assert_eq!((&of(2)["orders"], &of(2)["unitsSold"], &of(2)["views"]), (&json!("1"), &json!("2"), &json!("4")));
    assert_eq!(of(2)["conversion"], 0.25, "the seller's own look at it does not count");
    assert_eq!(of(3)["revenue"][0]["returned"]["amountMinor"], "250000");
    assert_eq!(days["total"]["revenue"][0]["net"]["amountMinor"], "340000");
    assert_eq!(days["total"]["orders"], "2");
    let top = json!([
        {"product": {"id": lamp}, "units": "1", "views": "4", "revenue": {"amountMinor": "250000"}},
        {"product": {"id": rug}, "units": "1", "views": "0", "revenue": {"amountMinor": "90000"}},
    ]);
    assert_eq!(days["topProducts"], top);
    assert_eq!(days["seen"], json!([{"product": {"id": lamp}, "views": "4"}]));

    let utc = fine(&db, seller, "from: \"2026-02-28\", to: \"2026-03-03\"").await;
    assert_eq!(utc["dashboard"]["periods"][1]["figures"]["unitsSold"], "2", "in UTC it was Sunday");
    let weeks =
        fine(&db, seller, "from: \"2026-02-23\", to: \"2026-03-08\", by: WEEK, timeZone: \"Asia/Ho_Chi_Minh\"").await;
    let sold: Vec<Value> = weeks["dashboard"]["periods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|week| week["figures"]["unitsSold"].clone())
        .collect();
    assert_eq!(sold, ["1", "2"], "weeks begin on Monday");
    let months = fine(&db, seller, "from: \"2026-02-10\", to: \"2026-03-31\", by: MONTH").await;
    let months = &months["dashboard"]["periods"];
    assert_eq!((&months[0]["start"], &months[0]["figures"]["orders"]), (&json!("2026-02-01"), &json!("1")));
    assert_eq!((&months[1]["start"], &months[1]["figures"]["orders"]), (&json!("2026-03-01"), &json!("1")));
    // Kathmandu is a quarter of an hour off: its midnight was at 18:15 UTC.
    let quarter = sale(seller, rug, 1, 1, "2026-05-01T18:14:59Z");
    sales_record(&db, &[quarter]).await.unwrap();
    let nepal = fine(&db, seller, "from: \"2026-05-01\", to: \"2026-05-01\", timeZone: \"Asia/Kathmandu\"").await;
    assert_eq!(nepal["dashboard"]["total"]["unitsSold"], "1");
}

#[tokio::test]
async fn a_sale_counts_once_however_often_and_by_how_many_it_is_told() {
    let db = analytic_database().await;
    let (seller, product) = (AccountId::new(), ProductId::new());
    let sales: Vec<Sale> = (0..50).map(|_| sale(seller, product, 1, 100, "2026-03-02T03:00:00Z")).collect();
    let recorded = join_all((0..10).map(|shift| {
        let mut batch = sales.clone();
        batch.rotate_left(shift * 5);
        let db = db.clone();
        async move { sales_record(&db, &batch).await.unwrap() }
    }));
    assert_eq!(recorded.await.into_iter().sum::<u64>(), 50);
    let day = "2026-03-02".parse().unwrap();
    let span = Span { seller_id: seller, from: day, to: day, time_zone: "UTC".to_owned() };
    let figures = figures_list(&db, &span, Step::Day).await.unwrap();
    assert_eq!((figures.len(), figures[0].units_sold, figures[0].sold_minor), (1, 50, 5_000));
    let shown = fine(&db, seller, "from: \"2026-03-02\", to: \"2026-03-02\"").await;
    assert_eq!((&shown["soldCount"], &shown["dashboard"]["total"]["orders"]), (&json!("50"), &json!("50")));
}

#[tokio::test]
async fn what_sold_most_and_was_kept_comes_first() {
    let db = analytic_database().await;
    let seller = AccountId::new();
    let [many, few, returned] = [(); 3].map(|()| ProductId::new());
    let sold = |product, units| sale(seller, product, units, units * 100, "2026-03-02T03:00:00Z");
    sales_record(&db, &[sold(few, 2), sold(many, 3), sold(returned, 9), sold(returned, -9)]).await.unwrap();
    assert_eq!(best_sold_list(&db, 10).await.unwrap(), [many, few], "what came back whole was not sold");
    sales_record(&db, &[sold(few, 5), sold(returned, 1)]).await.unwrap();
    assert_eq!(best_sold_list(&db, 10).await.unwrap(), [few, many, returned]);
    assert_eq!(best_sold_list(&db, 1).await.unwrap(), [few]);
}

#[tokio::test]
async fn nobody_else_sees_a_dashboard_and_its_days_follow_rules() {
    let db = analytic_database().await;
    let seller = AccountId::new();
    let code = |answer: async_graphql::Response| {
        let error = serde_json::to_value(&answer.errors[0]).unwrap();
        (error["extensions"]["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
    };
    let week = "from: \"2026-03-02\", to: \"2026-03-08\"";
    assert_eq!(code(dashboard(&db, None, seller, week).await).0, "UNAUTHENTICATED");
    assert_eq!(code(dashboard(&db, Some(AccountId::new()), seller, week).await).0, "FORBIDDEN");
    for (arguments, field) in [
        ("from: \"2026-03-09\", to: \"2026-03-08\"", "from"),
        ("from: \"2020-01-01\", to: \"2026-03-08\"", "to"),
        ("from: \"0001-01-01\", to: \"9999-12-31\", by: MONTH", "to"),
        ("from: \"2026-03-02\", to: \"2026-03-08\", timeZone: \"Moon/Tranquility\"", "timeZone"),
        ("from: \"2026-03-02\", to: \"2026-03-08\", timeZone: \"\"", "timeZone"),
    ] {
        let (code, message) = code(dashboard(&db, Some(seller), seller, arguments).await);
        assert_eq!(code, "BAD_USER_INPUT", "{arguments}");
        assert!(message.contains(field), "{arguments}: {message}");
    }
}

#[tokio::test]
async fn what_was_looked_at_is_listed_once_the_latest_first_and_pages_neither_repeat_nor_skip() {
    let db = analytic_database().await;
    let (viewer, other) = (AccountId::new(), AccountId::new());
    let products: Vec<ProductId> = (0..7).map(|_| ProductId::new()).collect();
    let mut views: Vec<Interaction> = Vec::new();
    for (hour, product) in products.iter().enumerate() {
        views.push(view(Some(viewer), *product, &format!("2026-03-02T{hour:02}:00:00Z")));
    }
    views.push(view(Some(viewer), products[0], "2026-03-02T20:00:00Z"));
    // Told late, it is older than what is known.
    views.push(view(Some(viewer), products[0], "2026-03-01T20:00:00Z"));
    views.push(view(Some(other), ProductId::new(), "2026-03-02T21:00:00Z"));
    seen(&db, AccountId::new(), &views).await;
    let query = "query($after: String) { recentlyViewedProducts(first: 3, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }";
    let (mut after, mut listed) = (Value::Null, Vec::new());
    loop {
        let answer = ask(&db, Some(viewer), query, json!({ "after": after })).await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        let page = answer.data.into_json().unwrap()["recentlyViewedProducts"].clone();
        assert_eq!(page["totalCount"], 7);
        listed.extend(page["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["id"].clone()));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let expected: Vec<Value> = [products[0]].iter().chain(products[1..].iter().rev()).map(|id| json!(id)).collect();
    assert_eq!(listed, expected);
    let nobody = ask(&db, None, query, json!({})).await;
    assert_eq!(serde_json::to_value(&nobody.errors[0]).unwrap()["extensions"]["code"], "UNAUTHENTICATED");
}
