//! As whom PostgreSQL runs: it refuses to run as root.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd;

use crate::failure::{Failure, Result};
use crate::process::User;

/// The user to become, or `None` when this process is not root and PostgreSQL runs as whoever we are.
pub(super) fn to_run_as() -> Result<Option<User>> {
    if !unistd::geteuid().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Ok(Some(user)) = unistd::User::from_name(name) {
            return Ok(Some(User { name: name.to_owned(), uid: user.uid.as_raw(), gid: user.gid.as_raw() }));
        }
    }
    Err(Failure::new("PostgreSQL refuses to run as root, and this machine has no user `postgres` or `nobody`")
        .mend("make one (useradd --system postgres), or run as an ordinary user"))
}

/// Whether the user can reach the directory: every directory on the way to it must let him pass.
pub(super) fn can_reach(user: &User, directory: &Path) -> bool {
    Command::new("test")
        .args(["-x"])
        .arg(directory)
        .uid(user.uid)
        .gid(user.gid)
        .current_dir("/")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
