//! Providers over the wire: servers that speak Nominatim's protocol and publish rates as the European Central Bank does.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use common::{places::Places, store};
use serde::Deserialize;
use serde_json::json;
use service_kit::{ModuleName, Platform};
use test_kit::TestDatabase;
use tokio::net::TcpListener;

use crate::desk::Desk;

/// Serves on a port of its own; the URL has no path.
async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

/// The platform as a process has it, with settings of its own.
async fn platform(settings: &[(&str, &str)]) -> Platform {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut config = service_kit::Config::from_variables(std::env::vars().chain(settings).collect()).unwrap();
    config.database_url = TestDatabase::create().await.url;
    Platform::connect(config).await.unwrap()
}

#[derive(Deserialize)]
struct Search {
    q: String,
    format: String,
    limit: usize,
}

async fn search(State(away): State<Arc<AtomicBool>>, Query(search): Query<Search>) -> Response {
    if away.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    assert_eq!((search.format.as_str(), search.limit), ("jsonv2", 1));
    let found = match search.q.contains("Hàng Bạc") {
        true => json!([{"place_id": 1, "lat": "21.0339", "lon": "105.8530", "display_name": "12, Hàng Bạc, Hà Nội"}]),
        false => json!([]),
    };
    axum::Json(found).into_response()
}

#[tokio::test]
async fn nominatim_knows_streets_and_the_gazetteer_helps_while_it_is_away() {
    let away = Arc::new(AtomicBool::new(false));
    let reverse = get(async || axum::Json(json!({"lat": "21.03", "lon": "105.85", "display_name": "Hoàn Kiếm"})));
    let app = Router::new().route("/search", get(search)).route("/reverse", reverse).with_state(away.clone());
    let url = serve(app).await;
    let platform = platform(&[("NOMINATIM_URL", &url)]).await;
    let db = platform.database(ModuleName::Common).await.unwrap();
    let places = Places::read(&platform.config, &platform.http, &db);
    let address = "12 Hàng Bạc, Hà Nội";
    assert_eq!(places.search(address, 1).await.unwrap()[0].latitude, 21.0339);
    assert_eq!(places.reverse(21.03, 105.85).await.unwrap().unwrap().name, "Hoàn Kiếm");
    assert_eq!(
        places.search("Đà Nẵng", 1).await.unwrap()[0].name,
        "Đà Nẵng, Vietnam",
        "what it does not know another may"
    );
    away.store(true, Ordering::SeqCst);
    assert_eq!(places.search(address, 1).await.unwrap()[0].latitude, 21.0278, "as good as its city");

    away.store(false, Ordering::SeqCst);
    store::option_register(&db, &places.options()).await.unwrap();
    assert_eq!(places.search(address, 1).await.unwrap()[0].latitude, 21.0339);
    store::option_set(&db, "gazetteer", None, Some(-1)).await.unwrap();
    assert_eq!(places.search(address, 1).await.unwrap()[0].latitude, 21.0278, "administrators order them");
    store::option_set(&db, "gazetteer", Some(false), None).await.unwrap();
    assert_eq!(places.search(address, 1).await.unwrap()[0].latitude, 21.0339, "and switch them off");
    assert!(places.search("Đà Nẵng", 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_provider_leads_nowhere_but_to_its_own_host() {
    let inside = serve(Router::new().route(
        "/search",
        get(async || axum::Json(json!([{"lat": "1", "lon": "1", "display_name": "a secret of this network"}]))),
    ))
    .await;
    // The same machine by another name: another host.
    let target = format!("{}/search", inside.replace("127.0.0.1", "localhost"));
    let own = get(async || Redirect::temporary("/reversed"));
    let reversed = get(async || axum::Json(json!({"lat": "2", "lon": "2", "display_name": "here"})));
    let elsewhere = get(async move || Redirect::temporary(&target));
    let app = Router::new().route("/search", elsewhere).route("/reverse", own).route("/reversed", reversed);
    let url = serve(app).await;
    let platform = platform(&[("NOMINATIM_URL", &url)]).await;
    let db = platform.database(ModuleName::Common).await.unwrap();
    let places = Places::read(&platform.config, &platform.http, &db);
    assert!(places.search("nowhere at all", 1).await.unwrap().is_empty(), "a redirect to another host is not followed");
    assert_eq!(places.reverse(2.0, 2.0).await.unwrap().unwrap().name, "here");
}

const RATES: &str = "<?xml version='1.0' encoding='UTF-8'?><gesmes:Envelope><Cube><Cube time='2026-01-02'>\
    <Cube currency='USD' rate='1.2500'/><Cube currency='JPY' rate='160.5'/></Cube></Cube></gesmes:Envelope>";

#[tokio::test]
async fn the_banks_rates_are_fetched_and_outlast_its_absence() {
    let desk = Desk::open().await;
    let away = Arc::new(AtomicBool::new(false));
    let daily = async |State(away): State<Arc<AtomicBool>>| match away.load(Ordering::SeqCst) {
        true => StatusCode::BAD_GATEWAY.into_response(),
        false => RATES.into_response(),
    };
    let url = serve(Router::new().route("/eurofxref-daily.xml", get(daily)).with_state(away.clone())).await;
    let platform = platform(&[("EXCHANGE_RATES_URL", &format!("{url}/eurofxref-daily.xml"))]).await;
    let sources = common::rates::sources(&platform.config, &platform.http).unwrap();
    for is_away in [false, true] {
        away.store(is_away, Ordering::SeqCst);
        common::refresh(&desk.db, &sources).await.unwrap();
        let query = "{ exchangeRate(from: \"EUR\", to: \"USD\") { rate sources } }";
        let rate = desk.ask(None, query, json!({})).await["data"]["exchangeRate"].clone();
        assert_eq!(rate, json!({"rate": "1.2500000000", "sources": ["ecb"]}));
    }
}
