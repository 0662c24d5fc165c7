//! What must answer when a marketplace runs.

use std::fs;

use catalog::store::{index::backlog, index_table::index_table_active};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use service_kit::{Config, ModuleName};
use url::Url;

use super::Report;
use crate::engines::{
    connect, hide_password, postgres_answers, redis_answers, restate_answers, restate_ingress_answers,
};
use crate::failure::{Context, Failure, Result, causes};
use crate::ports::{holder_of, is_free};
use crate::register::{difference, discover, handlers_at, newest_of};
use crate::{http, migrate, up};

pub(super) async fn examine(report: &mut Report, config: &Config) {
    report.check("PostgreSQL answers", postgres(config).await);
    report.check("Redis answers", redis(config).await);
    let restate = restate(config).await;
    let restate_answers = restate.is_ok();
    report.check("Restate answers", restate);
    report.check("migrations", migrations(config).await);
    for module in ModuleName::ALL {
        report.check(&format!("role of {module}"), role(config, module).await);
    }
    for module in ModuleName::ALL {
        report.check(&format!("{module} serves"), serves(config, module).await);
    }
    if restate_answers {
        for module in ModuleName::ALL {
            report.check(&format!("handlers of {module}"), registration(config, module).await);
        }
        report.check("invocations", invocations(config).await);
    }
    report.check("keys of access tokens", keys(config).await);
    report.check("search index", search_index(config).await);
    report.check("router", router(config).await);
}

async fn postgres(config: &Config) -> Result<String> {
    postgres_answers(&config.database_url).await.map_err(|failure| {
        Failure::new(format!("{}: {}", hide_password(&config.database_url), failure.what()))
            .mend("start it (`cargo xtask up` starts a private one), or correct DATABASE_URL")
    })
}

async fn redis(config: &Config) -> Result<String> {
    let url: Url = config.redis_url.parse().map_err(|error| {
        Failure::new(format!("REDIS_URL is not a URL: {error}")).mend("it looks like redis://host:6379/")
    })?;
    redis_answers(&url).await.map_err(|failure| {
        Failure::new(format!("{}: {}", hide_password(&url), failure.what()))
            .mend("start it (`cargo xtask up` starts a private one), or correct REDIS_URL")
    })
}

async fn restate(config: &Config) -> Result<String> {
    let ask = async {
        restate_ingress_answers(&config.restate_ingress_url).await?;
        restate_answers(&config.restate_admin_url).await
    };
    ask.await.map_err(|failure| {
        Failure::new(failure.what()).mend(
            "start it (`cargo xtask up` starts a private one), or correct RESTATE_INGRESS_URL and RESTATE_ADMIN_URL",
        )
    })
}

async fn migrations(config: &Config) -> Result<String> {
    let pending = migrate::pending(config.database_url.as_str()).await?;
    if pending.is_empty() {
        return Ok("all applied".to_owned());
    }
    Err(Failure::new(format!("not applied: {}", pending.join(", "))).mend("`shopnexus migrate up`"))
}

/// A module's role must be able to log in, use its own schema, and use no other module's.
async fn role(config: &Config, module: ModuleName) -> Result<String> {
    let remake = "`shopnexus migrate up` makes the roles and their rights, with MODULE_ROLE_SECRET as it is now";
    let database = connect(&config.module_database_url(module))
        .await
        .map_err(|error| Failure::new(format!("{} cannot log in: {}", module.role(), causes(&error))).mend(remake))?;
    let mut wrong = Vec::new();
    for schema in ModuleName::ALL {
        let ask = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT coalesce(has_schema_privilege(to_regnamespace(quote_ident($1))::oid, 'USAGE'), false)",
            [schema.as_str().into()],
        );
        let row = database.query_one_raw(ask).await.context(|| "rights cannot be read".to_owned())?;
        let may: bool =
            row.map(|row| row.try_get_by_index(0)).transpose().context(|| "rights".to_owned())?.unwrap_or_default();
        match (may, schema == module) {
            (false, true) => wrong.push("may not use its own schema".to_owned()),
            (true, false) => wrong.push(format!("may use the schema of {schema}")),
            _ => {}
        }
    }
    _ = database.close().await;
    if wrong.is_empty() {
        return Ok("may use its own schema and no other".to_owned());
    }
    Err(Failure::new(format!("{} {}", module.role(), wrong.join(" and "))).mend(remake))
}

async fn serves(config: &Config, module: ModuleName) -> Result<String> {
    let listen = config.listen(module).map_err(|error| Failure::new(error.to_string()))?;
    let url = local(&format!("http://{listen}/readyz"));
    let advice = format!("`shopnexus serve {module}`, or read the logs in {}", config.data_dir.join("logs").display());
    match http::get_status(&url).await {
        Ok(200) => Ok(listen.to_string()),
        Ok(status) => Err(Failure::new(format!("{url} answers {status}")).mend(advice)),
        Err(_) if listen.ip().is_loopback() && is_free(listen.port()) => {
            Err(Failure::new(format!("nobody listens on {listen}")).mend(advice))
        }
        Err(failure) => {
            let holder = holder_of(listen.port()).map_or_else(String::new, |holder| format!(" ({holder} is there)"));
            Err(Failure::new(format!("{url} does not answer{holder}: {}", failure.what())).mend(advice))
        }
    }
}

async fn registration(config: &Config, module: ModuleName) -> Result<String> {
    let advice = format!("`shopnexus register {module}`");
    let admin = &config.restate_admin_url;
    let listen = config.listen(module).map_err(|error| Failure::new(error.to_string()))?;
    let uri = handlers_at(&format!("http://{listen}"));
    let Some(deployment) = newest_of(admin, module).await? else {
        return Err(Failure::new("not registered with Restate").mend(advice));
    };
    if !deployment.is_at(&uri) {
        return Err(Failure::new(format!("registered at another address than {uri}")).mend(advice));
    }
    let registered = deployment.handlers(admin).await?;
    let served = discover(admin, &uri).await.map_err(|failure| {
        Failure::new(format!("Restate cannot ask {uri}: {}", failure.what())).mend("see whether the module serves")
    })?;
    if registered != served {
        let difference = difference(&registered, &served);
        return Err(Failure::new(format!("not as registered: {difference}")).mend(format!("{advice} --force")));
    }
    let names: Vec<&str> = served.keys().map(String::as_str).collect();
    Ok(if names.is_empty() { "none".to_owned() } else { names.join(", ") })
}

/// Invocations that no retry will end by itself.
async fn invocations(config: &Config) -> Result<String> {
    let query = "SELECT id, target, status, retry_count, last_failure FROM sys_invocation \
                 WHERE status = 'paused' OR retry_count > 20 LIMIT 5";
    let answer: Value =
        http::post_json(&http::join(&config.restate_admin_url, "query"), &json!({ "query": query })).await?;
    let stuck: Vec<String> = answer["rows"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            format!("{} {} ({}): {}", text("target"), text("id"), text("status"), text("last_failure"))
        })
        .collect();
    if stuck.is_empty() {
        return Ok("none is stuck".to_owned());
    }
    Err(Failure::new(format!("stuck:\n{}", stuck.join("\n")))
        .mend("mend their cause, then resume them in Restate's own user interface"))
}

async fn keys(config: &Config) -> Result<String> {
    let answer: Value = http::get_json(&config.jwks_url)
        .await
        .map_err(|failure| Failure::new(failure.what()).mend("see whether account serves, or correct JWKS_URL"))?;
    match answer["keys"].as_array().map(Vec::len) {
        Some(count @ 1..) => Ok(format!("{count} at {}", config.jwks_url)),
        _ => Err(Failure::new(format!("no key at {}", config.jwks_url)).mend("restart account: it makes one at start")),
    }
}

/// Whether the index answers, and how far it is behind. Without one search reads the database, which is no fault by
/// itself; a directory that cannot be written keeps it so.
async fn search_index(config: &Config) -> Result<String> {
    let directory = config.setting("SEARCH_DIR").map_or_else(|| config.data_dir.join("search"), Into::into);
    let place = if directory.is_dir() { &directory } else { &config.data_dir };
    let probe = place.join(".write-probe");
    fs::write(&probe, "x").and_then(|()| fs::remove_file(&probe)).map_err(|error| {
        Failure::new(format!("{}: {error}", place.display())).mend("DATA_DIR must be writable for catalog and common")
    })?;
    let database = connect(&config.module_database_url(ModuleName::Catalog))
        .await
        .map_err(|error| Failure::new(causes(&error)).mend("`shopnexus migrate up`"))?;
    let read = async {
        let active = index_table_active(&database).await?;
        Ok::<_, service_kit::Error>((active, backlog(&database).await?))
    };
    let read = read.await;
    _ = database.close().await;
    let (active, backlog) = read.map_err(|_| {
        Failure::new("the state of the index cannot be read").mend("`shopnexus migrate up` makes its tables")
    })?;
    let behind = format!("{} products to write, {} texts to embed", backlog.facts, backlog.texts);
    let Some(active) = active else { return Ok(format!("not built yet, so the database answers; {behind}")) };
    let table = directory.join(format!("products_{}.lance", active.id.simple()));
    if !table.is_dir() {
        return Err(Failure::new(format!("{} is gone, so the database answers", table.display()))
            .mend("nothing to do while catalog serves: it fills a new one; see its log if that takes long"));
    }
    let model = if active.model.is_empty() { "words alone" } else { &active.model };
    Ok(format!("{} ({model}); {behind}", table.display()))
}

async fn router(config: &Config) -> Result<String> {
    let url = http::join(&config.public_url, "graphql");
    up::query(&url).await.map_err(|failure| {
        Failure::new(format!("{url}: {}", failure.what()))
            .mend(format!("read {}", config.data_dir.join("logs/router.log").display()))
    })?;
    Ok(format!("answers a query at {url}"))
}

fn local(text: &str) -> Url {
    Url::parse(text).expect("a socket address makes a URL")
}
