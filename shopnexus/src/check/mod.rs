//! `shopnexus check`: whether what must always hold does hold, on a live database.
//!
//! It only reads, in one read-only transaction at one moment, and names each row that breaks a rule. It connects as the
//! owner, because a rule may look at tables of several modules, which no module's own role may.
//!
//! What spans modules becomes true a moment after its first step: an item is cancelled, then its stock is released. So
//! with `--patience` it looks again, and only what is broken at **every** look until then is reported: work that is
//! under way is given the time to end, however busy the marketplace is.

mod orders;
mod payments;
mod promotions;
mod sequences;
mod stock;

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr, FromQueryResult, IsolationLevel,
    Statement, TransactionTrait,
};
use serde::Serialize;

use crate::environment::Where;
use crate::failure::{Context, Failure, Result, causes};

/// Options of `check`.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    place: Where,
    /// Write the answer as JSON.
    #[arg(long)]
    json: bool,
    /// Look again for so many seconds before something counts as broken: work that is under way may need them.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    patience: u64,
}

/// Something that must always hold.
pub(crate) struct Rule {
    /// Names it, for people and for programs.
    name: &'static str,
    /// The number of the invariant that it is a part of, as `docs/operating/checking.md` lists them.
    invariant: u8,
    /// What must hold, in a sentence.
    says: &'static str,
    /// Answers with a row for each that breaks it: `subject`, which row it is, and `finding`, what is wrong with it.
    sql: &'static str,
}

/// A row that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Breach {
    invariant: u8,
    rule: &'static str,
    says: &'static str,
    row: String,
    finding: String,
}

#[derive(Debug, FromQueryResult)]
struct Found {
    subject: String,
    finding: String,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    clean: bool,
    rules: usize,
    broken: Vec<&'a Breach>,
}

/// The most rows that are named for one rule.
const ROWS_MAX: usize = 100;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// Every rule, by its invariant.
fn rules() -> impl Iterator<Item = &'static Rule> {
    [stock::RULES, orders::RULES, payments::RULES, promotions::RULES, sequences::RULES].into_iter().flatten()
}

/// The command `check`. Fails when a rule is broken.
pub(crate) async fn run(arguments: CheckArgs) -> Result<ExitCode> {
    let (url, _) = arguments.place.database()?;
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.map_err(unreadable)?;
    let broken = look_until(&db, Duration::from_secs(arguments.patience)).await.map_err(unreadable)?;
    let _closed = db.close().await;
    report(&broken, arguments.json).context(|| "standard output".to_owned())?;
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn unreadable(error: DbErr) -> Failure {
    Failure::new(format!("the database cannot be checked: {}", causes(&error)))
        .mend("DATABASE_URL must be of the owner, and the migrations applied; `shopnexus doctor` says more")
}

/// Looks until nothing is left that was broken at every look, or until patience is over.
async fn look_until(db: &DatabaseConnection, patience: Duration) -> Result<BTreeSet<Breach>, DbErr> {
    let deadline = tokio::time::Instant::now() + patience;
    let mut lasting = look(db).await?;
    while !lasting.is_empty() && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(PAUSE).await;
        let rows: BTreeSet<(&str, String)> = lasting.into_iter().map(|breach| (breach.rule, breach.row)).collect();
        lasting = look(db).await?;
        // What is new now has had no time yet; what a row is accused of may have changed meanwhile.
        lasting.retain(|breach| rows.contains(&(breach.rule, breach.row.clone())));
    }
    Ok(lasting)
}

/// Everything that is broken at this moment. One snapshot of the whole database, so that the tables agree with each
/// other; nothing can be written in it.
async fn look(db: &DatabaseConnection) -> Result<BTreeSet<Breach>, DbErr> {
    let txn = db.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?;
    let mut broken = BTreeSet::new();
    for rule in rules() {
        let sql = format!("SELECT subject::text, finding::text FROM ({}) AS broken LIMIT {ROWS_MAX}", rule.sql);
        let found = Found::find_by_statement(Statement::from_string(DbBackend::Postgres, sql)).all(&txn).await?;
        broken.extend(found.into_iter().map(|found| Breach {
            invariant: rule.invariant,
            rule: rule.name,
            says: rule.says,
            row: found.subject,
            finding: found.finding,
        }));
    }
    txn.rollback().await?;
    Ok(broken)
}

fn report(broken: &BTreeSet<Breach>, json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let rules = rules().count();
    if json {
        let answer = Answer { clean: broken.is_empty(), rules, broken: broken.iter().collect() };
        serde_json::to_writer_pretty(&mut out, &answer)?;
        return writeln!(out);
    }
    let mut last = "";
    for breach in broken {
        if breach.rule != last {
            writeln!(out, "✗ invariant {}, {}: {}", breach.invariant, breach.rule, breach.says)?;
            last = breach.rule;
        }
        writeln!(out, "    {}: {}", breach.row, breach.finding)?;
    }
    if broken.is_empty() {
        writeln!(out, "✓ all {rules} rules hold")
    } else {
        writeln!(out, "{} rows break a rule", broken.len())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::rules;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_an_invariant() {
        let names: BTreeSet<&str> = rules().map(|rule| rule.name).collect();
        assert_eq!(names.len(), rules().count());
        assert!(rules().all(|rule| (1..=7).contains(&rule.invariant)));
        assert_eq!(rules().map(|rule| rule.invariant).collect::<BTreeSet<_>>(), (1..=7).collect());
    }
}
