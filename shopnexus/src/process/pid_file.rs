//! Pid files: which children a supervisor left behind when it was killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use super::identity::{is_running, started_at};
use crate::data_dir;
use crate::failure::{Failure, Result};

/// One child, as written down when it was started.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    name: String,
    pid: i32,
    started: String,
    stop_signal: String,
    grace_seconds: u64,
}

/// The pid file of a child that runs; it is removed when this is dropped.
#[derive(Debug)]
pub(super) struct PidFile(PathBuf);

impl PidFile {
    pub(super) fn write(run: &Path, name: &str, pid: i32, stop: Signal, grace: Duration) -> Result<Self> {
        let path = run.join(format!("{name}.pid"));
        // A child that is gone already needs no file.
        if let Some(started) = started_at(pid) {
            let record = Record {
                name: name.to_owned(),
                pid,
                started,
                stop_signal: stop.as_str().to_owned(),
                grace_seconds: grace.as_secs(),
            };
            data_dir::write_json(&path, &record)?;
        }
        Ok(Self(path))
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.0);
    }
}

/// Ends what an earlier, killed run left running, and gives the names. Files of processes that are gone, or whose
/// number now belongs to another process, are only removed.
pub(crate) fn end_leftovers(run: &Path) -> Result<Vec<String>> {
    let mut ended = Vec::new();
    let entries = fs::read_dir(run).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "pid")) {
        let record = fs::read(&path).ok().and_then(|text| serde_json::from_slice::<Record>(&text).ok());
        if let Some(record) = record.filter(|record| is_running(record.pid, &record.started)) {
            end(&record)?;
            ended.push(format!("{} (process {})", record.name, record.pid));
        }
        _ = fs::remove_file(&path);
    }
    ended.sort();
    Ok(ended)
}

fn end(record: &Record) -> Result<()> {
    let stop = record.stop_signal.parse().unwrap_or(Signal::SIGTERM);
    for (signal, patience) in [(stop, record.grace_seconds), (Signal::SIGKILL, 10)] {
        match kill(Pid::from_raw(record.pid), signal) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => {
                return Err(Failure::new(format!(
                    "{} (process {}) is left over from an earlier run and cannot be ended: {error}",
                    record.name, record.pid
                ))
                .mend(format!("run as the user who started it, or `sudo kill {}`", record.pid)));
            }
        }
        let deadline = Instant::now() + Duration::from_secs(patience);
        while Instant::now() < deadline {
            if !is_running(record.pid, &record.started) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    Err(Failure::new(format!("{} (process {}) does not end, not even when killed", record.name, record.pid)))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn record(directory: &Path, pid: i32, started: &str) {
        let record = Record {
            name: "sleeper".to_owned(),
            pid,
            started: started.to_owned(),
            stop_signal: "SIGTERM".to_owned(),
            grace_seconds: 5,
        };
        data_dir::write_json(&directory.join("sleeper.pid"), &record).unwrap();
    }

    #[test]
    fn a_leftover_is_ended_and_a_stranger_of_the_same_number_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let mut sleeper = Command::new("sleep").arg("60").spawn().unwrap();
        let pid = i32::try_from(sleeper.id()).unwrap();

        record(directory.path(), pid, "another boot:1");
        assert!(end_leftovers(directory.path()).unwrap().is_empty());
        assert!(sleeper.try_wait().unwrap().is_none(), "the stranger still runs");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "the stale file is gone");

        record(directory.path(), pid, &started_at(pid).unwrap());
        assert_eq!(end_leftovers(directory.path()).unwrap(), [format!("sleeper (process {pid})")]);
        assert!(!sleeper.wait().unwrap().success());
    }
}
