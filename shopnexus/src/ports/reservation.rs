//! Reserving a port among our own processes, from the moment it is chosen until the one who chose it is gone.
//!
//! Between choosing a free port and listening on it there is time for another marketplace, started at the same moment,
//! to choose the same one. A lock on a file closes the gap, and the kernel gives it back however its holder ends.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

/// A port that no other of our processes will choose while this lives.
#[derive(Debug)]
pub(super) struct Reservation {
    _lock: Option<File>,
}

impl Reservation {
    /// Reserves the port, unless another process has. Where no lock can be had, the gap stays open and the port counts
    /// as reserved: a start that fails and is repeated is better than none.
    pub(super) fn of(port: u16) -> Option<Self> {
        let open = || {
            let directory = directory();
            fs::create_dir_all(&directory)?;
            OpenOptions::new().write(true).create(true).truncate(false).open(directory.join(port.to_string()))
        };
        let Ok(lock) = open() else { return Some(Self { _lock: None }) };
        lock.try_lock().is_ok().then_some(Self { _lock: Some(lock) })
    }
}

/// One for each user: the files of another cannot be opened.
fn directory() -> PathBuf {
    env::temp_dir().join(format!("shopnexus-ports-{}", nix::unistd::geteuid()))
}
