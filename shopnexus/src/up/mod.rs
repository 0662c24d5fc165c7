//! `shopnexus up`: a whole marketplace on this machine, supervised until it is told to stop.

mod banner;
mod children;
mod ready;
mod router;
mod seeding;
mod status;
mod stop;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use service_kit::ModuleName;
use service_kit::config::role_password;
use tokio::pin;

use crate::data_dir::DataDir;
use crate::engines::{Durability, Engine, Engines, Ground};
use crate::environment;
use crate::failure::Result;
use crate::installation;
use crate::migrate;
use crate::ports::Ports;
use crate::process::{MOST_CRASHES, Supervisor, end_leftovers};
use crate::register::{Changed, handlers_at, register};
use crate::say;
use crate::secrets::{ROLE_SECRET, Secrets};

use children::Addresses;
pub(crate) use ready::query;
use router::RouterKind;
use status::Status;
use stop::Stop;

/// Options of `up`.
#[derive(Debug, clap::Args)]
pub(crate) struct UpArgs {
    /// Where databases, logs and everything else of this marketplace are kept.
    #[arg(long, default_value_os_t = installation::usual_data_dir())]
    data_dir: PathBuf,
    /// Serve each module by a process of its own, as a cluster would.
    #[arg(long)]
    apart: bool,
    /// Which router serves the graph.
    #[arg(long, env = "SHOPNEXUS_ROUTER", value_enum, default_value_t = RouterKind::Hive)]
    router: RouterKind,
    /// Do not fill an empty marketplace with demo data.
    #[arg(long)]
    no_seed: bool,
    /// How many products the demo data have.
    #[arg(long, conflicts_with = "no_seed")]
    products: Option<u32>,
    /// The router's port. By default the one it had last time, or 4000, or a free one.
    #[arg(long)]
    port: Option<u16>,
    /// Once everything answers, write the addresses and process ids here as JSON, and keep them up to date.
    #[arg(long)]
    status_file: Option<PathBuf>,
    /// Stop when standard input ends: a lifeline for the program that started this one.
    #[arg(long)]
    until_stdin_closes: bool,
    /// Stop when a process crashed so often within a minute; before, it is started again.
    #[arg(long, env = "MOST_CRASHES", default_value_t = MOST_CRASHES, value_parser = clap::value_parser!(u32).range(1..))]
    most_crashes: u32,
    /// Show what every process writes into its log.
    #[arg(long, short)]
    verbose: bool,
}

/// The command `up`.
pub(crate) async fn run(arguments: UpArgs) -> Result<()> {
    let begun = Instant::now();
    let data = DataDir::open_alone(&arguments.data_dir)?;
    let status_file = arguments.status_file.as_deref().map(status::StatusFile::new).transpose()?;
    let mut stop = Stop::new(arguments.until_stdin_closes)?;
    for leftover in end_leftovers(&data.path("run"))? {
        say::warn(&format!("{leftover} was left over from a run that was killed, and has been ended"));
    }
    let mut supervisor = Supervisor::new(&data, arguments.verbose).give_up_after(arguments.most_crashes);
    let outcome = tokio::select! {
        outcome = up(&arguments, &data, &mut supervisor, status_file.as_ref(), begun) => outcome,
        () = stop.asked() => Ok(()),
    };
    environment::forget(&data);
    say::step("stopping");
    supervisor.stop_all(stop.asked()).await;
    drop(status_file);
    if outcome.is_ok() {
        say::done("stopped; the data are kept");
    }
    outcome
}

/// Brings everything up, then keeps the status file up to date until a child is given up.
async fn up(
    arguments: &UpArgs,
    data: &DataDir,
    supervisor: &mut Supervisor,
    status_file: Option<&status::StatusFile>,
    begun: Instant,
) -> Result<()> {
    let mut ports = Ports::load(data);
    let mut secrets = Secrets::load(data)?;
    // Before the engines: what cannot work should be said at once.
    let addresses = Addresses::claim(&mut ports, arguments.port)?;
    let relatives = children::Relatives::find(arguments.router)?;
    let mut ground = Ground { data, ports: &mut ports, secrets: &mut secrets, durability: Durability::Full };
    let engines = Engines::from_environment().await?.complete(&Engine::ALL, supervisor, &mut ground).await?;
    ports.save()?;

    let role_secret = match std::env::var("MODULE_ROLE_SECRET").ok().filter(|value| !value.is_empty()) {
        Some(secret) => secret,
        None => secrets.get(ROLE_SECRET)?,
    };
    let variables = children::variables(data, &engines, &addresses, &role_secret, &mut secrets)?;
    environment::write_down(data, &variables)?;

    let database_url = &variables["DATABASE_URL"];
    let role_secret = SecretString::from(role_secret);
    migrate::up(database_url, |role| role_password(&role_secret, role)).await?;
    say::done("the database is migrated");

    children::start(supervisor, &relatives, &addresses, &variables, arguments.apart);
    ready::listening(supervisor, &addresses, arguments.apart).await?;
    say::done("the eight modules serve");

    let admin = &engines.restate.as_ref().expect("every engine was asked for").admin;
    let registrations = ModuleName::ALL.map(async |module| {
        let origin = addresses.module_origin(module);
        register(admin, module, &handlers_at(&origin), Changed::Overwrite).await
    });
    futures::future::try_join_all(registrations).await?;
    ready::whole(supervisor, &addresses, arguments.apart).await?;
    say::done("the durable handlers are registered");

    if !arguments.no_seed {
        seeding::first_run(data, &relatives, &variables, arguments.products).await?;
    }
    ready::router(supervisor, &addresses).await?;
    let status = Status::new(&addresses, &engines, arguments);
    banner::print(&addresses, &engines, arguments.router, data, begun.elapsed());

    let mut pids = supervisor.pids();
    let given_up = supervisor.given_up();
    pin!(given_up);
    loop {
        if let Some(file) = status_file {
            file.write(&status, &pids.borrow_and_update())?;
        }
        tokio::select! {
            failure = &mut given_up => return Err(failure),
            Ok(()) = pids.changed() => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
