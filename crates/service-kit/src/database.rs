//! A module's connection: its own role, its own schema, and nothing else.

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr};

use crate::{
    config::{Config, ModuleName},
    module::StartError,
    telemetry::metrics,
};

/// Opens the pool of `module`, as the module's own role.
///
/// # Errors
/// The database cannot be reached, or the role does not exist (migrations make it).
pub async fn connect(config: &Config, module: ModuleName) -> Result<DatabaseConnection, StartError> {
    let mut options = ConnectOptions::new(config.module_database_url(module).as_str());
    options
        .max_connections(config.database_connections)
        .min_connections(1)
        .connect_timeout(Duration::from_secs(10))
        .acquire_timeout(Duration::from_secs(10))
        // A test is a round trip, and would go before every statement. Who was busy a moment ago needs none.
        .test_before_acquire_if_idle_for(Duration::from_secs(1))
        .sqlx_logging(false);
    let mut database = Database::connect(options).await.map_err(|source| StartError::Database { module, source })?;
    let statement = metrics::statements(module);
    database.set_metric_callback(move |info| statement(info.elapsed, info.failed));
    Ok(database)
}

/// The name of the constraint that a statement violated, if that is why it failed.
///
/// The database is the last guard of every invariant; a store maps the constraints it knows to user errors by name.
pub fn violated_constraint(error: &DbErr) -> Option<&str> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return None;
    };
    error.as_database_error()?.constraint()
}
