//! Asking an engine whether it answers, whoever started it.

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};
use url::Url;

use crate::failure::{Context, Failure, Result, causes};
use crate::http;

/// Checks an engine that a variable names, and gives its version.
pub(crate) async fn answers(variable: &str, url: &Url, ask: impl AsyncFn(&Url) -> Result<String>) -> Result<String> {
    ask(url).await.map_err(|failure| {
        Failure::new(format!("{variable} ({}) is of no use: {}", hide_password(url), failure.what()))
            .mend(format!("correct {variable} or start that engine; or unset {variable} to have a private one"))
    })
}

/// The URL as it may be shown.
pub(crate) fn hide_password(url: &Url) -> Url {
    let mut shown = url.clone();
    if shown.password().is_some() {
        _ = shown.set_password(Some("***"));
    }
    shown
}

/// Opens one connection.
pub(crate) async fn connect(url: &Url) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url.as_str());
    options
        .max_connections(1)
        .min_connections(0)
        .connect_timeout(Duration::from_secs(5))
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false);
    Database::connect(options).await
}

/// The version of the PostgreSQL at `url`.
pub(crate) async fn postgres_answers(url: &Url) -> Result<String> {
    let database = connect(url).await.map_err(|error| Failure::new(causes(&error)))?;
    let statement = Statement::from_string(DbBackend::Postgres, "SHOW server_version");
    let row = database.query_one_raw(statement).await.context(|| "SHOW server_version".to_owned())?;
    let version: String =
        row.map(|row| row.try_get_by_index(0)).transpose().context(|| "server_version".to_owned())?.unwrap_or_default();
    _ = database.close().await;
    Ok(version.split_whitespace().next().unwrap_or_default().to_owned())
}

/// The version of the Redis at `url`.
pub(crate) async fn redis_answers(url: &Url) -> Result<String> {
    let ask = async {
        let client = redis::Client::open(url.as_str())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        redis::cmd("INFO").arg("server").query_async::<String>(&mut connection).await
    };
    let info = match tokio::time::timeout(Duration::from_secs(5), ask).await {
        Ok(answer) => answer.map_err(|error: redis::RedisError| Failure::new(causes(&error)))?,
        Err(_) => return Err(Failure::new("no answer within 5 s")),
    };
    let version = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
    Ok(version.unwrap_or("of unknown version").trim().to_owned())
}

/// The version of the Restate whose admin API is at `url`.
pub(crate) async fn restate_answers(url: &Url) -> Result<String> {
    let answer: serde_json::Value = http::get_json(&http::join(url, "version")).await?;
    Ok(answer["version"].as_str().unwrap_or("of unknown version").to_owned())
}

/// Whether Restate's ingress is at `url`.
pub(crate) async fn restate_ingress_answers(url: &Url) -> Result<String> {
    let _: serde_json::Value = http::get_json(&http::join(url, "restate/health")).await?;
    Ok(String::new())
}
