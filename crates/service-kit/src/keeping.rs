//! What a module keeps of people, and for how long.
//!
//! A module says in statements what it keeps of an account ([`Kept`]); [`keeper!`](crate::keeper) makes of them the
//! durable service that the rest of the marketplace asks ([`contracts::keeping`]). Each answer is a step: a list that is
//! read, a transaction that forgets, rows that are deleted a thousand at a time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use contracts::keeping::{Obstacle, Purged};
use kernel::AccountId;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement, TransactionTrait};
use serde_json::Value;

use crate::{Result, config::Config, config::ConfigError};

/// Rows of one kind that an export shows at most; whoever has more is told so.
const MOST_ROWS: usize = 10_000;

/// Rows that one statement deletes, so that it never holds many locks for long.
const BATCH: u64 = 1_000;

/// What a module keeps. In every statement `$1` is the account, or in a purge the moment before which rows are old.
#[derive(Debug)]
pub struct Kept {
    /// The module.
    pub module: &'static str,
    /// What an account is shown of itself: a name, and a query whose rows become objects.
    pub exports: &'static [(&'static str, &'static str)],
    /// What stands in the way of forgetting: a reason, and a query that has a row while it holds.
    pub obstacles: &'static [(&'static str, &'static str)],
    /// What forgetting does, in this order, in one transaction. Doing it again changes nothing.
    pub forgets: &'static [&'static str],
    /// What is not kept for ever.
    pub purges: &'static [Purge],
}

/// Rows that are let go of when they are old.
#[derive(Debug, Clone, Copy)]
pub struct Purge {
    /// What they are, as in `sessions`.
    pub kind: &'static str,
    /// The variable that says after how many days; 0 keeps them for ever.
    pub setting: &'static str,
    /// After how many days when the variable is not set.
    pub days: u32,
    /// Deletes at most `$2` rows that are older than `$1`.
    pub sql: &'static str,
}

/// A purge, and how old rows may become.
pub type Lifetime = (Purge, Duration);

impl Kept {
    /// How long the configuration keeps what may go.
    ///
    /// # Errors
    /// A variable is not a number of days.
    pub fn lifetimes(&self, config: &Config) -> Result<Vec<Lifetime>, ConfigError> {
        let mut lifetimes = Vec::new();
        for purge in self.purges {
            let days: u32 = config.setting_or(purge.setting, purge.days)?;
            if days > 0 {
                lifetimes.push((*purge, Duration::from_secs(u64::from(days) * 24 * 60 * 60)));
            }
        }
        Ok(lifetimes)
    }
}

/// Everything that is kept of an account.
///
/// # Errors
/// The database fails.
pub async fn export(db: &impl ConnectionTrait, kept: &Kept, account: AccountId) -> Result<Value> {
    let mut lists = serde_json::Map::new();
    for (name, sql) in kept.exports {
        let sql = format!(
            "SELECT coalesce(jsonb_agg(to_jsonb(kept)), '[]') AS rows FROM ({sql} LIMIT {}) AS kept",
            MOST_ROWS + 1
        );
        let row = db.query_one_raw(of_account(&sql, account)).await?;
        let mut rows: Value = row.map_or(Ok(Value::Array(Vec::new())), |row| row.try_get("", "rows"))?;
        if let Some(all) = rows.as_array_mut().filter(|all| all.len() > MOST_ROWS) {
            all.truncate(MOST_ROWS);
            lists.insert(format!("{name}Truncated"), Value::Bool(true));
        }
        lists.insert((*name).to_owned(), rows);
    }
    Ok(Value::Object(lists))
}

/// Forgets an account, or tells what stands in the way.
///
/// # Errors
/// The database fails.
pub async fn forget(
    db: &DatabaseConnection,
    kept: &Kept,
    account: AccountId,
    only_look: bool,
) -> Result<Vec<Obstacle>> {
    let txn = db.begin().await?;
    let mut obstacles = Vec::new();
    for (reason, sql) in kept.obstacles {
        let holds: Option<QueryResult> = txn.query_one_raw(of_account(sql, account)).await?;
        if holds.is_some() {
            obstacles.push(Obstacle { module: kept.module.to_owned(), reason: (*reason).to_owned() });
        }
    }
    if obstacles.is_empty() && !only_look {
        for sql in kept.forgets {
            txn.execute_raw(of_account(sql, account)).await?;
        }
        txn.commit().await?;
    }
    Ok(obstacles)
}

/// Deletes what is older than its lifetime.
///
/// # Errors
/// The database fails; what was deleted until then stays deleted.
pub async fn purge(db: &impl ConnectionTrait, lifetimes: &[Lifetime], now: DateTime<Utc>) -> Result<Vec<Purged>> {
    let mut purged = Vec::new();
    for (purge, lifetime) in lifetimes {
        let before = now - *lifetime;
        let mut rows = 0;
        loop {
            let batch = i64::try_from(BATCH).expect("the literal fits");
            let values = [before.into(), batch.into()];
            let statement = Statement::from_sql_and_values(DbBackend::Postgres, purge.sql, values);
            let deleted = db.execute_raw(statement).await?.rows_affected();
            rows += deleted;
            if deleted < BATCH {
                break;
            }
        }
        if rows > 0 {
            tracing::info!(kind = purge.kind, rows, "old rows were deleted");
        }
        purged.push(Purged { kind: purge.kind.to_owned(), rows });
    }
    Ok(purged)
}

fn of_account(sql: &str, account: AccountId) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, [account.into()])
}

/// Makes the durable service `Keeper` of a module from what the module keeps. It is a macro because the engine knows
/// services by names that are unique in the whole marketplace, and the SDK takes a name only as a literal.
#[macro_export]
macro_rules! keeper {
    ($name:tt, $kept:expr) => {
        /// Answers for what the module keeps.
        pub(crate) struct Keeper {
            /// The module's own connections.
            pub(crate) db: sea_orm::DatabaseConnection,
            /// How long rows are kept.
            pub(crate) lifetimes: Vec<$crate::keeping::Lifetime>,
        }

        /// Answers for what the module keeps: tells it to whom it is about, forgets it, and lets go of what is old.
        #[restate_sdk::service(name = $name, client_visibility = "pub(crate)")]
        impl Keeper {
            /// Everything that is kept of an account.
            #[handler]
            async fn export(
                &self,
                ctx: restate_sdk::prelude::Context<'_>,
                restate_sdk::prelude::Json(account): restate_sdk::prelude::Json<kernel::AccountId>,
            ) -> Result<restate_sdk::prelude::Json<serde_json::Value>, restate_sdk::prelude::HandlerError> {
                use restate_sdk::prelude::*;
                let kept = $crate::step!(
                    ctx,
                    "read what is kept of the account",
                    $crate::keeping::export(&self.db, &$kept, account)
                )?;
                Ok(Json(kept))
            }

            /// Forgets an account, unless something stands in the way.
            #[handler]
            async fn forget(
                &self,
                ctx: restate_sdk::prelude::Context<'_>,
                restate_sdk::prelude::Json(asked): restate_sdk::prelude::Json<contracts::keeping::Forget>,
            ) -> Result<
                restate_sdk::prelude::Json<Vec<contracts::keeping::Obstacle>>,
                restate_sdk::prelude::HandlerError,
            > {
                use restate_sdk::prelude::*;
                let obstacles = $crate::step!(
                    ctx,
                    "forget the account",
                    $crate::keeping::forget(&self.db, &$kept, asked.account_id, asked.only_look)
                )?;
                Ok(Json(obstacles))
            }

            /// Deletes what is older than it is kept.
            #[handler]
            async fn purge(
                &self,
                ctx: restate_sdk::prelude::Context<'_>,
                restate_sdk::prelude::Json(()): restate_sdk::prelude::Json<()>,
            ) -> Result<
                restate_sdk::prelude::Json<Vec<contracts::keeping::Purged>>,
                restate_sdk::prelude::HandlerError,
            > {
                use restate_sdk::prelude::*;
                let purged = $crate::step!(
                    ctx,
                    "delete what is old",
                    $crate::keeping::purge(&self.db, &self.lifetimes, chrono::Utc::now())
                )?;
                Ok(Json(purged))
            }
        }
    };
}
