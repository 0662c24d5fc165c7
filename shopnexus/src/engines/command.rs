//! `shopnexus engines`: runs a command with engines of its own, which end with it.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitCode;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Command;

use super::{Durability, Engine, Engines, Ground};
use crate::data_dir::DataDir;
use crate::failure::{Context, Failure, Result};
use crate::interrupt::Interrupts;
use crate::ports::Ports;
use crate::process::{Supervisor, end_leftovers, end_with_parent};
use crate::say;
use crate::secrets::{ROLE_SECRET, Secrets};

/// Options of `engines`.
#[derive(Debug, clap::Args)]
pub(crate) struct EnginesArgs {
    /// Keep the engines' data here. By default they live in a temporary directory and are thrown away.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Start only these.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Engine>,
    /// Write to disk what is acknowledged, as in production. Without it the engines are faster, and a power cut costs
    /// their data.
    #[arg(long)]
    durable: bool,
    /// Show what the engines write into their logs.
    #[arg(long, short)]
    verbose: bool,
    /// The command, after `--`. It finds DATABASE_URL, REDIS_URL, RESTATE_INGRESS_URL, RESTATE_ADMIN_URL,
    /// MODULE_ROLE_SECRET and SHOPNEXUS_BIN_DIR in its environment.
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// Starts the engines, runs the command, stops them, and ends as the command did.
pub(crate) async fn run(arguments: EnginesArgs) -> Result<ExitCode> {
    let temporary = match arguments.data_dir {
        Some(_) => None,
        None => Some(temporary_directory()?),
    };
    let directory = match (&arguments.data_dir, &temporary) {
        (Some(given), _) => given.as_path(),
        (None, Some(temporary)) => temporary.path(),
        (None, None) => unreachable!("a directory is made when none is given"),
    };
    let data = DataDir::open_alone(directory)?;
    end_leftovers(&data.path("run"))?;
    let mut interrupts = Interrupts::new()?;
    let mut supervisor = Supervisor::new(&data, arguments.verbose);
    let outcome = with_engines(&arguments, &data, &mut supervisor, &mut interrupts).await;
    supervisor
        .stop_all(async {
            interrupts.next().await;
        })
        .await;
    outcome
}

/// Readable by others, because PostgreSQL may run as another user.
fn temporary_directory() -> Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new()
        .prefix("shopnexus-engines-")
        .permissions(std::fs::Permissions::from_mode(0o755))
        .tempdir()
        .context(|| "no temporary directory can be made".to_owned())
}

async fn with_engines(
    arguments: &EnginesArgs,
    data: &DataDir,
    supervisor: &mut Supervisor,
    interrupts: &mut Interrupts,
) -> Result<ExitCode> {
    let mut ports = Ports::load(data);
    let mut secrets = Secrets::load(data)?;
    let wanted = if arguments.only.is_empty() { Engine::ALL.to_vec() } else { arguments.only.clone() };
    let durability = if arguments.durable { Durability::Full } else { Durability::None };
    let mut ground = Ground { data, ports: &mut ports, secrets: &mut secrets, durability };
    let engines = tokio::select! {
        engines = Engines::default().complete(&wanted, supervisor, &mut ground) => engines?,
        signal = interrupts.next() => return Ok(interrupted(signal)),
    };

    let [program, rest @ ..] = arguments.command.as_slice() else { unreachable!("the parser asks for a command") };
    let mut command = Command::new(program);
    command.args(rest).envs(engines.variables());
    command.env("MODULE_ROLE_SECRET", secrets.get(ROLE_SECRET)?);
    if let Some(directory) = env::current_exe().ok().and_then(|program| program.parent().map(PathBuf::from)) {
        command.env("SHOPNEXUS_BIN_DIR", directory);
    }
    end_with_parent(&mut command, Signal::SIGTERM);
    let mut child = command.spawn().map_err(|error| {
        Failure::new(format!("{} cannot be started: {error}", program.to_string_lossy()))
            .mend("check the command after `--`")
    })?;
    let given_up = supervisor.given_up();
    tokio::pin!(given_up);
    loop {
        tokio::select! {
            status = child.wait() => {
                let status = status.context(|| "the command cannot be waited for".to_owned())?;
                return Ok(exit_code(status.code().or_else(|| status.signal().map(|signal| 128 + signal))));
            }
            // Ctrl-C on the terminal reaches the command as well; a signal sent to us alone is passed on.
            signal = interrupts.next() => if let Some(pid) = child.id() {
                _ = kill(Pid::from_raw(pid.cast_signed()), signal);
            },
            failure = &mut given_up => {
                _ = child.start_kill();
                _ = child.wait().await;
                return Err(failure);
            }
        }
    }
}

fn interrupted(signal: Signal) -> ExitCode {
    say::line("");
    exit_code(Some(128 + signal as i32))
}

fn exit_code(code: Option<i32>) -> ExitCode {
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}
