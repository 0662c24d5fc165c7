//! `shopnexus migrate`.

use std::io::Write;

use service_kit::config::role_password;

use crate::environment::Where;
use crate::failure::{Context, Failure, Result};
use crate::say;

/// What to do with the migrations.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Migrate {
    /// Make the modules' roles and apply every migration that is missing.
    Up,
    /// Revert the last migrations. This loses what their tables hold.
    Down {
        /// How many, counted from the newest.
        #[arg(default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List every migration, and whether it is applied.
    Status,
}

/// The command `migrate`.
pub(crate) async fn run(task: Migrate, place: &Where) -> Result<()> {
    let (url, secret) = place.database()?;
    match task {
        Migrate::Up => {
            let secret = secret.ok_or_else(|| {
                Failure::new("MODULE_ROLE_SECRET is not set").mend(
                    "set it to a long random text and keep it: the passwords of the modules' roles follow from it",
                )
            })?;
            let before = pending(&url).await?;
            up(&url, |role| role_password(&secret, role)).await?;
            match before.as_slice() {
                [] => say::done("the database is up to date"),
                names => say::done(&format!("applied {}", names.join(", "))),
            }
            Ok(())
        }
        Migrate::Down { steps } => {
            migrations::down(&url, Some(steps)).await.context(|| "the migrations cannot be reverted".to_owned())?;
            let applied = migrations::status(&url).await.map_err(unreachable_database)?;
            let last = applied.iter().rev().find(|migration| migration.applied);
            say::done(&format!("reverted; the newest now is {}", last.map_or("none", |migration| &migration.name)));
            Ok(())
        }
        Migrate::Status => {
            let mut out = std::io::stdout().lock();
            for migration in migrations::status(&url).await.map_err(unreachable_database)? {
                let state = if migration.applied { "applied" } else { "pending" };
                writeln!(out, "{state}  {}", migration.name).context(|| "standard output".to_owned())?;
            }
            Ok(())
        }
    }
}

/// Makes the roles and applies what is missing.
pub(crate) async fn up(url: &str, password: impl Fn(&str) -> String) -> Result<()> {
    migrations::up(url, password).await.map_err(|error| {
        Failure::new(format!("the database cannot be migrated: {}", crate::failure::causes(&error)))
            .mend("DATABASE_URL must be of a role that may create roles and schemas; `shopnexus doctor` checks it")
    })
}

/// The names of the migrations that the database does not have.
pub(crate) async fn pending(url: &str) -> Result<Vec<String>> {
    let all = migrations::status(url).await.map_err(unreachable_database)?;
    Ok(all.into_iter().filter(|migration| !migration.applied).map(|migration| migration.name).collect())
}

fn unreachable_database(error: sea_orm::DbErr) -> Failure {
    Failure::new(format!("the database does not tell its migrations: {}", crate::failure::causes(&error)))
        .mend("check DATABASE_URL; `shopnexus doctor` says what is wrong with it")
}
