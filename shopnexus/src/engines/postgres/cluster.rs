//! The directory that PostgreSQL keeps its data in: where it lies, making it, and clearing what a crash left.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::data_dir;
use crate::engines::{Durability, Ground, binaries};
use crate::failure::{Context, Failure, Result};
use crate::process::User;
use crate::secrets::INSTALLATION_ID;

use super::user::can_reach;

/// A cluster that is ready to be started.
pub(super) struct Cluster {
    pub(super) directory: PathBuf,
    /// The programs of the major version that made it.
    pub(super) binaries: PathBuf,
}

/// Finds the cluster, or makes it.
pub(super) fn prepare(ground: &mut Ground<'_>, user: Option<&User>, owner: &str, password: &str) -> Result<Cluster> {
    let home = home(ground, user)?;
    let directory = home.join("cluster");
    let made_by = match fs::read_to_string(directory.join("PG_VERSION")) {
        Ok(version) => Some(version.trim().parse().map_err(|_| {
            Failure::new(format!("{} is not a PostgreSQL cluster", directory.display())).mend("remove it")
        })?),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            return Err(Failure::new(format!("{} cannot be read: {error}", directory.display()))
                .mend("run as the user who made this data directory, or choose another with --data-dir"));
        }
    };
    let binaries = binaries::postgres_binaries(made_by)?.path;
    if made_by.is_none() {
        make(&binaries, &home, &directory, user, owner, password, ground.durability)?;
    }
    remove_stale_pid_file(&directory)?;
    Ok(Cluster { directory, binaries })
}

/// The directory that holds the cluster. In the data directory, unless another user must work in it who cannot get
/// there, as when the checkout lies under `/root`.
fn home(ground: &mut Ground<'_>, user: Option<&User>) -> Result<PathBuf> {
    let home = ground.data.directory("postgres")?;
    let Some(user) = user else { return Ok(home) };
    // Our own directories may be closed to others by the umask; passing through them is enough.
    for directory in [ground.data.root(), &home] {
        let open = || {
            let mode = fs::metadata(directory)?.permissions().mode();
            fs::set_permissions(directory, fs::Permissions::from_mode(mode | 0o011))
        };
        open().context(|| format!("{} cannot be opened to {}", directory.display(), user.name))?;
    }
    let home = if can_reach(user, &home) {
        home
    } else {
        let id = ground.secrets.get(INSTALLATION_ID)?;
        let elsewhere = PathBuf::from("/var/lib/shopnexus").join(&id[..16]);
        fs::create_dir_all(&elsewhere).context(|| format!("{} cannot be made", elsewhere.display()))?;
        let note =
            format!("The user {} cannot reach this directory. The cluster is in {}\n", user.name, elsewhere.display());
        data_dir::write_private(&home.join("IS-ELSEWHERE"), note.as_bytes())?;
        elsewhere
    };
    chown(&home, Some(user.uid), Some(user.gid))
        .context(|| format!("{} cannot be given to {}", home.display(), user.name))?;
    Ok(home)
}

/// Makes the cluster beside its place and moves it there, so that one that was interrupted is never taken for whole.
fn make(
    binaries: &Path,
    home: &Path,
    directory: &Path,
    user: Option<&User>,
    owner: &str,
    password: &str,
    durability: Durability,
) -> Result<()> {
    let unfinished = home.join("cluster.unfinished");
    let password_file = home.join("password");
    for result in [fs::remove_dir_all(&unfinished), fs::remove_file(&password_file), fs::remove_dir_all(directory)] {
        if let Err(error) = result
            && error.kind() != ErrorKind::NotFound
        {
            return Err(error).context(|| format!("{} cannot be cleared", home.display()));
        }
    }
    data_dir::write_private(&password_file, password.as_bytes())?;
    let mut initdb = Command::new(binaries.join("initdb"));
    initdb.arg("--pgdata").arg(&unfinished).arg(format!("--username={owner}"));
    initdb.arg("--pwfile").arg(&password_file);
    // Without a locale's order of letters, text compares alike on every machine; its characters are still known.
    initdb.args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]);
    if durability == Durability::None {
        initdb.arg("--no-sync");
    }
    initdb.current_dir(home).stdin(Stdio::null());
    if let Some(user) = user {
        chown(&password_file, Some(user.uid), Some(user.gid))
            .context(|| format!("{} cannot be given to {}", password_file.display(), user.name))?;
        initdb.uid(user.uid).gid(user.gid);
    }
    let output = initdb.output().context(|| format!("{} cannot be started", binaries.join("initdb").display()))?;
    _ = fs::remove_file(&password_file);
    if !output.status.success() {
        return Err(Failure::new(format!("initdb could not make a PostgreSQL cluster in {}", home.display()))
            .detail(String::from_utf8_lossy(&output.stderr).into_owned())
            .mend("see to what it complains about; disk space and the rights on the directory are the usual causes"));
    }
    fs::rename(&unfinished, directory).context(|| format!("{} cannot be put in place", directory.display()))
}

/// Removes the pid file of a server that was killed, when its number belongs to something else by now. PostgreSQL
/// checks only whether any process has the number, and would refuse to start.
fn remove_stale_pid_file(directory: &Path) -> Result<()> {
    let file = directory.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else { return Ok(()) };
    let pid: Option<u32> = text.lines().next().and_then(|line| line.trim().parse().ok());
    // Nobody supervises it: the data directory is locked by us, and what an earlier run wrote down has been ended.
    if let Some(pid) = pid
        && is_server_of(pid, directory)
    {
        end_orphan(pid, directory)?;
    }
    match fs::remove_file(&file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).context(|| format!("the stale {} cannot be removed", file.display()))
        }
        _ => Ok(()),
    }
}

/// Whether the process is a PostgreSQL server on this directory, which is always its working directory. Where the
/// system does not tell, PostgreSQL's own check has to do.
fn is_server_of(pid: u32, directory: &Path) -> bool {
    if !cfg!(target_os = "linux") {
        return Command::new("ps")
            .args(["-o", "command=", "-p", &pid.to_string()])
            .output()
            .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(&*directory.to_string_lossy()));
    }
    let process = PathBuf::from(format!("/proc/{pid}"));
    match (fs::read_link(process.join("cwd")), fs::read_link(process.join("exe"))) {
        (Ok(cwd), Ok(program)) => {
            cwd == directory && program.file_name().is_some_and(|name| name.to_string_lossy().starts_with("postgres"))
        }
        _ => false,
    }
}

fn end_orphan(pid: u32, directory: &Path) -> Result<()> {
    let process = Pid::from_raw(pid.cast_signed());
    for (signal, patience) in [(Signal::SIGINT, 20), (Signal::SIGKILL, 5)] {
        let sent = kill(process, signal);
        let deadline = Instant::now() + Duration::from_secs(patience);
        while sent.is_ok() && Instant::now() < deadline {
            if !is_server_of(pid, directory) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    Err(Failure::new(format!("another PostgreSQL (process {pid}) runs on {} and does not end", directory.display()))
        .mend(format!("stop it as its owner or as root: kill -INT {pid}")))
}
