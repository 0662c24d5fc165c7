//! The rows of a backup, by PostgreSQL's own tools.

use std::path::Path;
use std::process::Stdio;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use tokio::process::Command;
use url::Url;

use crate::engines::postgres_program;
use crate::failure::{Context, Failure, Result};

/// Writes every schema of the database into `file`, as one snapshot.
pub(super) async fn dump(url: &Url, file: &Path) -> Result<()> {
    let mut command = tool("pg_dump", url)?;
    command.args(["--format=custom", "--no-owner", "--file"]).arg(file);
    run(command, "pg_dump").await
}

/// Loads a dump into the database, wholly or not at all.
pub(super) async fn load(url: &Url, file: &Path) -> Result<()> {
    let mut command = tool("pg_restore", url)?;
    let name = database_name(url)?;
    command.args(["--no-owner", "--exit-on-error", "--single-transaction", "--dbname", &name]).arg(file);
    run(command, "pg_restore").await
}

/// The name of a module's schema, if the database has one.
pub(super) async fn occupied(url: &str) -> Result<Option<String>> {
    let database = connect(url).await?;
    let list = migrations::MODULES.map(|module| format!("'{module}'")).join(", ");
    let sql = format!("SELECT nspname::text AS name FROM pg_namespace WHERE nspname IN ({list}) LIMIT 1");
    let row = database.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
    let row = row.context(|| "the database does not tell its schemas".to_owned())?;
    _ = database.close().await;
    row.map(|row| row.try_get("", "name")).transpose().context(|| "the database does not tell its schemas".to_owned())
}

/// An index that is about may hold what the restored database does not know yet, so it is not believed: the catalog
/// begins another one.
pub(super) async fn forget_index(url: &str) -> Result<()> {
    let database = connect(url).await?;
    let sql = "DELETE FROM catalog.search_index;
               UPDATE catalog.product_index
               SET facts_indexed = 0, facts_claimed_until = NULL, text_claimed_until = NULL;";
    database.execute_unprepared(sql).await.context(|| "the search index cannot be begun anew".to_owned())?;
    _ = database.close().await;
    Ok(())
}

async fn connect(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.map_err(|error| {
        Failure::new(format!("the database cannot be reached: {}", crate::failure::causes(&error)))
            .mend("check DATABASE_URL; `shopnexus doctor` says what is wrong with it")
    })
}

/// One of PostgreSQL's tools, told of the database by its environment: arguments are seen by everyone on the machine.
fn tool(name: &str, url: &Url) -> Result<Command> {
    let mut command = Command::new(postgres_program(name)?);
    command.env("PGHOST", url.host_str().unwrap_or("localhost").trim_matches(['[', ']']));
    command.env("PGPORT", url.port().unwrap_or(5432).to_string());
    command.env("PGUSER", unescaped(url.username()));
    if let Some(password) = url.password() {
        command.env("PGPASSWORD", unescaped(password));
    }
    command.env("PGDATABASE", database_name(url)?);
    for (name, value) in url.query_pairs() {
        match name.as_ref() {
            // A directory instead of a host is the socket of this machine.
            "host" => _ = command.env("PGHOST", value.as_ref()),
            "sslmode" => _ = command.env("PGSSLMODE", value.as_ref()),
            _ => {}
        }
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

fn database_name(url: &Url) -> Result<String> {
    match unescaped(url.path().trim_start_matches('/')) {
        name if name.is_empty() => Err(Failure::new("DATABASE_URL names no database")),
        name => Ok(name),
    }
}

/// Text of a URL as it was before it was escaped.
fn unescaped(text: &str) -> String {
    // A query is decoded by the library; a plus sign means itself elsewhere.
    let query = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(query.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn run(mut command: Command, name: &str) -> Result<()> {
    let output = command.output().await.context(|| format!("{name} cannot be run"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: String = said.trim().chars().take(2_000).collect();
    Err(Failure::new(format!("{name} ended with {}", output.status)).detail(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_in_the_url_reaches_the_tools_as_it_is() {
        assert_eq!(unescaped("p%40ss%2Bword+1"), "p@ss+word+1");
        let url = Url::parse("postgres://u@h/shop%20db").unwrap();
        assert_eq!(database_name(&url).unwrap(), "shop db");
        assert!(database_name(&Url::parse("postgres://u@h").unwrap()).is_err());
    }
}
