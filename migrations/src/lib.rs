//! The one migration history of the marketplace.
//!
//! Owns the shape of the database: a schema and a role for each module, and inside each schema the module's tables. It
//! never imports `entities`, because a migration describes what the tables were when it was written. Each module's
//! migrations stand in a folder of its own; no foreign key crosses a schema.

use std::fmt::Write;

use sea_orm_migration::{
    MigrationStatus,
    prelude::*,
    sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement, TransactionTrait},
};

mod account;
mod analytic;
mod catalog;
mod chat;
mod common;
mod inventory;
mod m20260101_000000_create_schemas;
mod m20260101_000200_show_history;
mod order;
mod promotion;

/// The modules that own a schema.
pub const MODULES: [&str; 8] = ["account", "analytic", "catalog", "chat", "common", "inventory", "order", "promotion"];

/// All migrations of all modules, ordered by their names, which begin with a date.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations: Vec<Box<dyn MigrationTrait>> = vec![
            Box::new(m20260101_000000_create_schemas::Migration),
            Box::new(m20260101_000200_show_history::Migration),
        ];
        migrations.extend(account::migrations());
        migrations.extend(analytic::migrations());
        migrations.extend(catalog::migrations());
        migrations.extend(chat::migrations());
        migrations.extend(common::migrations());
        migrations.extend(inventory::migrations());
        migrations.extend(order::migrations());
        migrations.extend(promotion::migrations());
        migrations.sort_by(|a, b| a.name().cmp(b.name()));
        migrations
    }
}

/// One migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    /// The name of its file.
    pub name: String,
    /// Whether it is applied.
    pub applied: bool,
}

/// Makes the roles of the modules, then applies every migration that is missing. `password` gives the password of a
/// role. Several processes may do this at once: they take turns.
///
/// # Errors
/// The database cannot be reached, refuses the owner, or refuses a statement. Nothing is half applied.
pub async fn up(database_url: &str, password: impl Fn(&str) -> String) -> Result<(), DbErr> {
    let database = connect(database_url).await?;
    let transaction = database.begin().await?;
    transaction.execute_unprepared(LOCK).await?;
    transaction.execute_unprepared(&roles(password)).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    database.close().await
}

/// Makes the roles of the modules, and nothing else: a dump of a database grants rights to them and does not hold them.
///
/// # Errors
/// The database cannot be reached, or refuses the owner.
pub async fn make_roles(database_url: &str, password: impl Fn(&str) -> String) -> Result<(), DbErr> {
    let database = connect(database_url).await?;
    database.execute_unprepared(&roles(password)).await?;
    database.close().await
}

/// Reverts the last `steps` migrations, or all of them.
///
/// # Errors
/// The database cannot be reached or refuses a statement. Nothing is half reverted.
pub async fn down(database_url: &str, steps: Option<u32>) -> Result<(), DbErr> {
    let database = connect(database_url).await?;
    let transaction = database.begin().await?;
    transaction.execute_unprepared(LOCK).await?;
    Migrator::down(&transaction, steps).await?;
    transaction.commit().await?;
    database.close().await
}

/// Every migration, in order, and whether the database has it.
///
/// # Errors
/// The database cannot be reached.
pub async fn status(database_url: &str) -> Result<Vec<MigrationState>, DbErr> {
    let database = connect(database_url).await?;
    let states = Migrator::get_migration_with_status(&database).await?;
    database.close().await?;
    let states = states.iter().map(|migration| MigrationState {
        name: migration.name().to_owned(),
        applied: migration.status() == MigrationStatus::Applied,
    });
    Ok(states.collect())
}

/// The first migration of this program that the database does not have. A module's own role may ask.
///
/// # Errors
/// The database cannot be reached, or has no migrations at all.
pub async fn missing(database: &DatabaseConnection) -> Result<Option<String>, DbErr> {
    let rows =
        database.query_all_raw(Statement::from_string(DbBackend::Postgres, "SELECT version FROM seaql_migrations"));
    let applied: Vec<String> = rows.await?.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?;
    let names = Migrator::migrations().into_iter().map(|migration| migration.name().to_owned());
    Ok(names.into_iter().find(|name| !applied.contains(name)))
}

/// Serialises migrators: the number is arbitrary and only has to stay the same.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7236019441)";

async fn connect(database_url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(database_url);
    options.max_connections(2).sqlx_logging(false);
    Database::connect(options).await
}

/// The statements that make each module's role, with its password. Roles belong to the whole server, so several
/// databases on one server share them; making or changing them twice at once (`internal_error`: "tuple concurrently
/// updated") is guarded by catching the second, who wanted the same.
fn roles(password: impl Fn(&str) -> String) -> String {
    MODULES.iter().fold(String::new(), |mut sql, module| {
        let role = format!("shopnexus_{module}");
        let password = password(&role).replace('\'', "''");
        write!(
            sql,
            "DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                    CREATE ROLE {role} LOGIN PASSWORD '{password}';
                ELSE
                    ALTER ROLE {role} PASSWORD '{password}';
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation OR internal_error THEN NULL; END $$;"
        )
        .expect("writing to a string cannot fail");
        sql
    })
}
