//! `shopnexus seed`: a marketplace full of demo data, the same ones every time.
//!
//! Everything is drawn from one fixed number and dated in the past, so two installations hold the same accounts,
//! products and orders under the same ids. The rows go in through the owner's connection in one transaction and keep
//! every rule that the modules keep: counters equal their histories, ledgers add up to zero, and only who received a
//! product has reviewed it.

mod accounts;
mod catalog;
mod categories;
mod dice;
mod pictures;
mod products;
mod promotions;
mod purchases;
mod reviews;
mod rows;
mod stock;
mod words;

use entities::account::account;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    TransactionTrait,
};
use serde::Serialize;
use service_kit::config::Environment;

use crate::data_dir;
use crate::environment::Where;
use crate::failure::{Context, Failure, Result};
use crate::say;
use accounts::People;
use dice::Dice;
use rows::{Progress, Rows};

/// What to fill the marketplace with.
#[derive(Debug, clap::Args)]
pub(crate) struct SeedArgs {
    #[command(flatten)]
    place: Where,
    /// How many products.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    products: u32,
}

/// Where the accounts to log in with are written down.
const DEMO_ACCOUNTS: &str = "demo.json";

/// An account that somebody may log in with.
#[derive(Debug, Serialize)]
struct DemoAccount {
    role: &'static str,
    login: String,
    password: &'static str,
}

/// The command `seed`.
pub(crate) async fn run(arguments: SeedArgs) -> Result<()> {
    let config = arguments.place.config()?;
    if config.environment == Environment::Production {
        return Err(Failure::new("the demo accounts have a password that everybody knows, so production gets none")
            .mend("set SHOPNEXUS_ENV=development if this is an installation to try things on"));
    }
    std::fs::create_dir_all(&config.data_dir).context(|| format!("{} cannot be made", config.data_dir.display()))?;
    let mut dice = Dice::new();
    let people = accounts::draw(&mut dice)?;

    let mut options = ConnectOptions::new(config.database_url.as_str());
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.map_err(|error| failed(&error))?;
    let txn = db.begin().await.map_err(|error| failed(&error))?;
    match state(&txn, &people).await.map_err(|error| failed(&error))? {
        State::Empty => {
            let rows = draw(&mut dice, people.clone(), arguments.products);
            let (summary, sales) = (rows.summary(), rows.sales());
            let progress = Progress::begin(rows.count() + rows.pictures.len());
            pictures::store(&config.data_dir, &rows.pictures, &progress)?;
            rows.insert(&txn, &progress).await.map_err(|error| failed(&error))?;
            // One statement adds them to every roll-up, as when they happen.
            analytic::store::sales::sales_record(&txn, &sales)
                .await
                .map_err(|error| Failure::new(format!("the demo's sales cannot be counted: {error:?}")))?;
            txn.commit().await.map_err(|error| failed(&error))?;
            progress.end();
            say::done(&summary);
        }
        State::Seeded => say::done("the demo data are there already; nothing was changed"),
        State::Used(accounts) => {
            return Err(Failure::new(format!(
                "the database has {accounts} accounts already, and they are not the demo's"
            ))
            .mend("seed an empty database, such as that of another --data-dir"));
        }
    }
    data_dir::write_json(&config.data_dir.join(DEMO_ACCOUNTS), &demo_accounts(&people))
}

/// Everything, drawn.
fn draw(dice: &mut Dice, people: People, products: u32) -> Rows {
    let categories = categories::draw(dice);
    let offers = products::draw(dice, &people, &categories, products);
    let purchases = purchases::draw(dice, &people, &offers);
    let reviews = reviews::draw(dice, &offers, &purchases);
    let stock = stock::draw(dice, &offers, &purchases);
    let promotions = promotions::draw(dice, &people, &categories);
    let pictures = pictures::draw(dice, &offers);
    Rows { people, categories, offers, purchases, reviews, stock, promotions, pictures }
}

/// What the database holds.
enum State {
    /// No account.
    Empty,
    /// The demo data.
    Seeded,
    /// So many accounts of somebody else.
    Used(u64),
}

/// Looks what is there, and keeps other seeds waiting until this one is done.
async fn state(txn: &DatabaseTransaction, people: &People) -> Result<State, DbErr> {
    txn.execute_unprepared("LOCK TABLE account.account IN SHARE ROW EXCLUSIVE MODE").await?;
    if account::Entity::find_by_id(people.buyer().account.id).one(txn).await?.is_some() {
        return Ok(State::Seeded);
    }
    Ok(match account::Entity::find().count(txn).await? {
        0 => State::Empty,
        accounts => State::Used(accounts),
    })
}

fn demo_accounts(people: &People) -> Vec<DemoAccount> {
    [("buyer", people.buyer()), ("seller", people.seller()), ("admin", &people.admin)]
        .map(|(role, person)| DemoAccount {
            role,
            login: person.account.email.clone().unwrap_or_default(),
            password: accounts::PASSWORD,
        })
        .into()
}

fn failed(error: &DbErr) -> Failure {
    Failure::new(format!("the demo data cannot be written: {}", crate::failure::causes(error)))
        .mend("`shopnexus migrate up` makes the tables; DATABASE_URL must be of the role that owns them")
}
