//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::backup::{self, BackupArgs, RestoreArgs};
use crate::check::{self, CheckArgs};
use crate::compose::{self, ComposeArgs};
use crate::doctor;
use crate::engines::{self, EnginesArgs};
use crate::environment::Where;
use crate::export::{self, ExportArgs};
use crate::failure::{Context, Result};
use crate::import::{self, ImportArgs};
use crate::migrate::{self, Migrate};
use crate::probe::{self, ProbeArgs};
use crate::register::{self, RegisterArgs};
use crate::reindex;
use crate::sandbox::{self, SandboxArgs};
use crate::schema::{self, SchemaArgs};
use crate::seed::{self, SeedArgs};
use crate::serve::{self, ServeArgs};
use crate::up::{self, UpArgs};

/// ShopNexus: a social marketplace behind one GraphQL API.
#[derive(Debug, Parser)]
#[command(name = "shopnexus", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a whole marketplace on this machine: engines, modules, router.
    Up(UpArgs),
    /// Serve modules, as the environment says.
    Serve(ServeArgs),
    /// Run a command with private engines that end with it.
    Engines(EnginesArgs),
    /// Change the shape of the database.
    Migrate {
        #[command(flatten)]
        place: Where,
        #[command(subcommand)]
        task: Migrate,
    },
    /// Fill an empty marketplace with demo data, the same ones every time.
    Seed(SeedArgs),
    /// Import a seller's products from a file, and say of each row that is wrong what is wrong with it.
    Import(ImportArgs),
    /// Export a seller's products into a file that `import` reads, with the featured SKU of each.
    Export(ExportArgs),
    /// Build the search index anew from the database; the one there is answers until the new one is complete.
    Reindex(Where),
    /// Tell Restate where the modules' durable handlers are.
    Register {
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        arguments: RegisterArgs,
    },
    /// Write each module's GraphQL schema to subgraphs/MODULE/schema.graphql.
    Schema(SchemaArgs),
    /// Compose the modules' schemas into the supergraph that the router serves.
    Compose(ComposeArgs),
    /// Behave as VNPay does, for development and tests.
    Sandbox(SandboxArgs),
    /// Check that what must always hold does hold in the database, and name each row that breaks a rule. Reads only.
    Check(CheckArgs),
    /// Ask a URL of this machine, and end with 0 if it answers 200: the health check of containers.
    Probe(ProbeArgs),
    /// Write the database and the stored files into a directory. The marketplace may go on meanwhile.
    Backup(BackupArgs),
    /// Fill an empty database, and the directory of stored files, from a backup.
    Restore(RestoreArgs),
    /// Check engines, ports, migrations, registration and the router, and say how to mend what is wrong.
    Doctor(Where),
}

/// Runs the command that was typed.
pub(crate) fn run() -> Result<ExitCode> {
    // Commands that start processes stay on this one thread, because a child's life is tied to the thread that
    // started it; what serves requests uses every core.
    match Cli::parse().command {
        Command::Up(arguments) => on_this_thread(up::run(arguments)).map(succeeded),
        Command::Engines(arguments) => on_this_thread(engines::run(arguments)),
        Command::Serve(arguments) => on_all_cores(serve::run(arguments)).map(succeeded),
        Command::Migrate { place, task } => on_this_thread(migrate::run(task, &place)).map(succeeded),
        Command::Seed(arguments) => on_all_cores(seed::run(arguments)).map(succeeded),
        Command::Import(arguments) => on_all_cores(import::run(arguments)),
        Command::Export(arguments) => on_all_cores(export::run(arguments)).map(succeeded),
        Command::Reindex(place) => on_all_cores(reindex::run(&place)).map(succeeded),
        Command::Register { place, arguments } => {
            on_this_thread(async { register::run(arguments, &place.config()?).await }).map(succeeded)
        }
        Command::Schema(arguments) => schema::run(&arguments).map(succeeded),
        Command::Compose(arguments) => compose::run(&arguments),
        Command::Sandbox(arguments) => on_all_cores(sandbox::run(arguments)).map(succeeded),
        Command::Check(arguments) => on_this_thread(check::run(arguments)),
        Command::Probe(arguments) => on_this_thread(probe::run(arguments)),
        Command::Backup(arguments) => on_this_thread(backup::back_up(&arguments)).map(succeeded),
        Command::Restore(arguments) => on_this_thread(backup::restore(&arguments)).map(succeeded),
        Command::Doctor(place) => on_this_thread(doctor::run(&place)),
    }
}

fn succeeded((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

fn on_this_thread<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context(|| "the async runtime cannot be started".to_owned())?;
    let outcome = runtime.block_on(work);
    // A lookup of a host name may still be under way in the background; nobody waits for it.
    runtime.shutdown_background();
    outcome
}

fn on_all_cores<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context(|| "the async runtime cannot be started".to_owned())?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }
}
