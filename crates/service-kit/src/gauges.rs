//! What a module reads of its business now and then: how many orders are open, how far the index is behind.
//!
//! A gauge is a statement over an index, so that reading it stays cheap as tables grow. Every instance of a module reads
//! the same database, so a dashboard takes the maximum over the instances, never the sum.

use std::{borrow::Cow, collections::HashMap, time::Duration};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{config::ModuleName, readiness::Readiness, telemetry::metrics::Reading};

/// A value that is read from the module's own tables.
#[derive(Debug, Clone, Copy)]
pub struct Gauge {
    /// Its name, as Prometheus shows it.
    pub name: &'static str,
    /// What it counts, and in which unit.
    pub help: &'static str,
    /// The name of the label that tells its rows apart, and every value of it; one that no row has is zero.
    pub label: Option<(&'static str, &'static [&'static str])>,
    /// Answers with `value` as `float8`, and with `label` as `text` when there is one.
    pub sql: &'static str,
}

impl Gauge {
    /// Reads it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn read(&self, db: &impl ConnectionTrait) -> Result<Vec<(Option<String>, f64)>, DbErr> {
        let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, self.sql)).await?;
        let Some((_, expected)) = self.label else {
            let value = rows.first().map_or(Ok(0.0), |row| row.try_get("", "value"))?;
            return Ok(vec![(None, value)]);
        };
        let mut values: HashMap<String, f64> = expected.iter().map(|label| ((*label).to_owned(), 0.0)).collect();
        for row in rows {
            values.insert(row.try_get("", "label")?, row.try_get("", "value")?);
        }
        Ok(values.into_iter().map(|(label, value)| (Some(label), value)).collect())
    }
}

/// Reads the gauges of a module every `period`, and whether what it depends on is there, until `stop` is cancelled.
pub(crate) struct Reader {
    pub(crate) module: ModuleName,
    pub(crate) db: DatabaseConnection,
    pub(crate) gauges: &'static [Gauge],
    pub(crate) readiness: Readiness,
    pub(crate) engine: Engine,
}

impl Reader {
    /// Goes on until `stop` is cancelled.
    pub(crate) async fn run(self, period: Duration, stop: CancellationToken) {
        let reading = |name, help| Reading::new(self.module, name, help);
        let own: Vec<(Gauge, Reading)> =
            self.gauges.iter().map(|gauge| (*gauge, reading(gauge.name, gauge.help))).collect();
        let ready = reading("shopnexus_ready", "1 while the module takes requests, else 0");
        let dependency = reading("shopnexus_dependency_up", "1 while what the module depends on is there, else 0");
        let connections = reading("shopnexus_database_connections", "Connections of the module's pool");
        let invocations =
            reading("shopnexus_durable_invocations", "Invocations of the module's handlers that have not ended");
        let resident = reading("shopnexus_resident_memory_bytes", "Memory of the process that is in use");
        loop {
            let report = self.readiness.look().await;
            ready.record(None, f64::from(u8::from(report.ready)));
            for (name, state) in &report.checks {
                let up = f64::from(u8::from(state.is_ok()));
                dependency.record(Some(("dependency", Cow::Borrowed(*name))), up);
            }
            let pool = self.db.get_postgres_connection_pool();
            let (all, idle) = (f64::from(pool.size()), f64::from(u32::try_from(pool.num_idle()).unwrap_or(u32::MAX)));
            connections.record(Some(("state", "idle".into())), idle);
            connections.record(Some(("state", "used".into())), (all - idle).max(0.0));
            if let Some(bytes) = resident_bytes() {
                resident.record(None, bytes);
            }
            for (gauge, reading) in &own {
                match gauge.read(&self.db).await {
                    Ok(values) => values.into_iter().for_each(|(label, value)| {
                        reading.record(gauge.label.zip(label).map(|((name, _), label)| (name, label.into())), value);
                    }),
                    Err(error) => {
                        tracing::warn!(module = %self.module, gauge = gauge.name, %error, "a gauge is not read")
                    }
                }
            }
            match self.engine.invocations().await {
                Ok(counts) => counts.into_iter().for_each(|(status, count)| {
                    invocations.record(Some(("status", status.into())), count);
                }),
                Err(error) => tracing::debug!(module = %self.module, %error, "the invocations are not read"),
            }
            if stop.run_until_cancelled(tokio::time::sleep(period)).await.is_none() {
                return;
            }
        }
    }
}

/// Memory of the process, in pages of 4 KiB, as Linux tells it.
fn resident_bytes() -> Option<f64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    pages.split_whitespace().nth(1)?.parse::<f64>().ok().map(|pages| pages * 4096.0)
}

/// What the durable engine knows of the module's handlers.
pub(crate) struct Engine {
    pub(crate) http: reqwest::Client,
    pub(crate) admin: Url,
    pub(crate) services: Vec<String>,
}

/// States of invocations that have not ended. `backing-off` waits after a failed attempt, `paused` waits for a person.
const UNFINISHED: [&str; 7] = ["backing-off", "inbox", "paused", "ready", "running", "scheduled", "suspended"];

#[derive(Deserialize)]
struct Answer {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    status: String,
    value: f64,
}

impl Engine {
    async fn invocations(&self) -> reqwest::Result<HashMap<String, f64>> {
        let mut counts: HashMap<String, f64> = UNFINISHED.iter().map(|status| ((*status).to_owned(), 0.0)).collect();
        if self.services.is_empty() {
            return Ok(counts);
        }
        // The names are identifiers of this program, so they need no escaping.
        let services = self.services.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        let query = format!(
            "SELECT status, count(*) AS value FROM sys_invocation
             WHERE target_service_name IN ({services}) AND status <> 'completed' GROUP BY status"
        );
        let mut url = self.admin.clone();
        url.set_path(&format!("{}/query", self.admin.path().trim_end_matches('/')));
        let request = self.http.post(url).header("accept", "application/json").json(&json!({ "query": query }));
        let answer: Answer = request.send().await?.error_for_status()?.json().await?;
        for row in answer.rows {
            counts.insert(row.status, row.value);
        }
        Ok(counts)
    }
}
