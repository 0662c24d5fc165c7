//! Where the engines' programs are.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};

const OLDEST_POSTGRES: u32 = 15;
const OLDEST_REDIS: u32 = 7;

/// A program and what it says its version is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The program, or for PostgreSQL the directory of its programs.
    pub(crate) path: PathBuf,
    pub(crate) version: String,
    pub(crate) major: u32,
}

/// The directory of PostgreSQL's programs: of the major version asked for, else the newest.
///
/// Distributions keep the server's programs outside `PATH`.
pub(crate) fn postgres_binaries(major: Option<u32>) -> Result<Found> {
    let mut found: Vec<Found> = postgres_directories()
        .into_iter()
        .filter(|directory| directory.join("initdb").is_file())
        .filter_map(|directory| {
            let (version, major) = version_of(&directory.join("postgres"))?;
            Some(Found { path: directory, version, major })
        })
        .collect();
    // The order of directories decides between equals.
    found.sort_by_key(|found| std::cmp::Reverse(found.major));
    let install = "`cargo xtask setup` installs it (on Debian: apt-get install postgresql), or set DATABASE_URL to a \
                   PostgreSQL of your own";
    let Some(newest) = found.first() else {
        return Err(Failure::new(
            "PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin, where pg_config \
                                 points, or on PATH",
        )
        .mend(install));
    };
    match major {
        Some(major) => found.iter().find(|found| found.major == major).cloned().ok_or_else(|| {
            Failure::new(format!(
                "the database was made by PostgreSQL {major}, and only {} is installed",
                found.iter().map(|found| found.version.as_str()).collect::<Vec<_>>().join(", ")
            ))
            .mend(format!(
                "install PostgreSQL {major}; or, to start afresh and lose the data, remove the data directory"
            ))
        }),
        None if newest.major < OLDEST_POSTGRES => Err(Failure::new(format!(
            "PostgreSQL {} is installed, and {OLDEST_POSTGRES} is the oldest that will do",
            newest.version
        ))
        .mend(install)),
        None => Ok(newest.clone()),
    }
}

fn postgres_directories() -> Vec<PathBuf> {
    let mut directories = Vec::new();
    for parent in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"] {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        directories.extend(entries.map(|entry| entry.path().join("bin")));
    }
    if let Ok(output) = Command::new("pg_config").arg("--bindir").stdin(Stdio::null()).output() {
        directories.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    directories.extend(on_path("initdb").and_then(|initdb| initdb.parent().map(Path::to_owned)));
    directories
}

/// One of PostgreSQL's tools, as `pg_dump`: of the newest server that is installed, which reads older ones as well, else
/// on `PATH`.
pub(crate) fn postgres_program(name: &str) -> Result<PathBuf> {
    let installed = postgres_directories().into_iter().map(|directory| directory.join(name));
    let newest = installed.filter(|path| path.is_file()).max_by_key(|path| version_of(path).map(|(_, major)| major));
    newest.or_else(|| on_path(name)).ok_or_else(|| {
        Failure::new(format!("{name} is not installed"))
            .mend("install PostgreSQL's client (on Debian: apt-get install postgresql-client), of the server's version")
    })
}

/// The Redis server on `PATH`.
pub(crate) fn redis_server() -> Result<Found> {
    let install = "`cargo xtask setup` installs it (on Debian: apt-get install redis-server), or set REDIS_URL to a \
                   Redis of your own";
    let Some(path) = on_path("redis-server") else {
        return Err(Failure::new("redis-server is not installed: it is not on PATH").mend(install));
    };
    match version_of(&path) {
        Some((version, major)) if major >= OLDEST_REDIS => Ok(Found { path, version, major }),
        Some((version, _)) => Err(Failure::new(format!(
            "{} is version {version}, and {OLDEST_REDIS} is the oldest that will do",
            path.display()
        ))
        .mend(install)),
        None => Err(Failure::new(format!("{} does not tell its version", path.display())).mend(install)),
    }
}

/// The Restate server: named by `RESTATE_SERVER`, or the newest that was set up, or on `PATH`.
pub(crate) fn restate_server() -> Result<Found> {
    let install = "`cargo xtask setup` installs it from npm, or set RESTATE_SERVER to the program, or set \
                   RESTATE_INGRESS_URL and RESTATE_ADMIN_URL to a Restate of your own";
    let installed = || newest_tool("restate-server-", "restate-server").or_else(|| on_path("restate-server"));
    let path = named("RESTATE_SERVER").or_else(installed);
    that_runs(path.ok_or_else(|| Failure::new("the Restate server is not installed").mend(install))?, install)
}

/// Apollo Router: named by `APOLLO_ROUTER`, or the newest that was set up.
pub(crate) fn apollo_router() -> Result<Found> {
    let install = "`cargo xtask up --router apollo` builds it once, or set APOLLO_ROUTER to the program";
    let path = named("APOLLO_ROUTER").or_else(|| newest_tool("apollo-router-", "bin/router"));
    that_runs(path.ok_or_else(|| Failure::new("Apollo Router is not installed").mend(install))?, install)
}

/// The program that a variable names.
fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The program, when it tells its version.
fn that_runs(path: PathBuf, install: &str) -> Result<Found> {
    match version_of(&path) {
        Some((version, major)) => Ok(Found { path, version, major }),
        None => Err(Failure::new(format!("{} does not run", path.display())).mend(install)),
    }
}

/// `~/.cache/shopnexus/tools/<prefix><version>/<program>`, of the highest version.
fn newest_tool(prefix: &str, program: &str) -> Option<PathBuf> {
    let tools = cache_dir()?.join("tools");
    let versions = fs::read_dir(tools).into_iter().flatten().flatten().filter_map(|entry| {
        let name = entry.file_name();
        let version = name.to_str()?.strip_prefix(prefix)?;
        let numbers: Vec<u32> = version.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
        Some((numbers, entry.path().join(program)))
    });
    versions.filter(|(_, path)| path.is_file()).max().map(|(_, path)| path)
}

/// Where set-up keeps what all checkouts share.
pub(crate) fn cache_dir() -> Option<PathBuf> {
    let named = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = named.or_else(|| env::home_dir().map(|home| home.join(".cache")))?;
    Some(base.join("shopnexus"))
}

fn on_path(program: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program.as_ref())).find(|candidate| candidate.is_file())
}

/// What the program says to `--version`, and its major version.
fn version_of(program: &Path) -> Option<(String, u32)> {
    let output = Command::new(program).arg("--version").env("DO_NOT_TRACK", "1").stdin(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    version_in(&String::from_utf8_lossy(&output.stdout))
}

/// The first word that looks like a version, with or without `v=` before it.
fn version_in(text: &str) -> Option<(String, u32)> {
    let word = text
        .split_whitespace()
        .map(|word| word.trim_start_matches("v="))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let major = word.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    Some((word.to_owned(), major))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_engines_print() {
        let read = |text| version_in(text).unwrap();
        assert_eq!(read("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), ("15.14".to_owned(), 15));
        assert_eq!(read("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0"), ("7.0.15".to_owned(), 7));
        assert_eq!(read("restate-server 1.7.12"), ("1.7.12".to_owned(), 1));
        assert_eq!(version_in("no version"), None);
    }
}
