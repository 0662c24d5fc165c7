//! Logs of children: one file each, appended to over runs, shown on the terminal on request.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::say;

/// A log that has grown beyond this is set aside at the next start.
const LARGEST_BYTES: u64 = 20 * 1024 * 1024;

/// The log of one child.
#[derive(Debug, Clone)]
pub(super) struct LogFile {
    path: PathBuf,
}

impl LogFile {
    pub(super) fn new(logs: &Path, name: &str) -> Self {
        Self { path: logs.join(format!("{name}.log")) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn len(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// Opens it for a child to append to.
    pub(super) fn open(&self) -> io::Result<File> {
        if self.len() > LARGEST_BYTES {
            fs::rename(&self.path, self.path.with_extension("log.1"))?;
        }
        OpenOptions::new().create(true).append(true).open(&self.path)
    }

    /// The last lines written since the file was `from` bytes long.
    pub(super) fn tail(&self, from: u64, lines: usize) -> Vec<String> {
        const FAR_ENOUGH_BYTES: u64 = 64 * 1024;
        let Ok(mut file) = File::open(&self.path) else { return Vec::new() };
        let length = self.len();
        let from = if from > length { 0 } else { from }.max(length.saturating_sub(FAR_ENOUGH_BYTES));
        let mut text = Vec::new();
        if file.seek(SeekFrom::Start(from)).is_err() || file.read_to_end(&mut text).is_err() {
            return Vec::new();
        }
        let text = String::from_utf8_lossy(&text);
        let mut last = VecDeque::with_capacity(lines);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            if last.len() == lines {
                last.pop_front();
            }
            last.push_back(line.to_owned());
        }
        last.into()
    }

    /// Shows what is written from now on, each line with the child's name before it. Never ends by itself.
    pub(super) async fn show(self, name: String, colour: u8) {
        let prefix = say::paint(&format!("38;5;{colour}"), &format!("{name:>10} |"));
        let mut position = self.len();
        let mut partial = String::new();
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if self.len() < position {
                position = 0;
            }
            let Ok(mut file) = File::open(&self.path) else { continue };
            if file.seek(SeekFrom::Start(position)).is_err() {
                continue;
            }
            let mut reader = BufReader::new(file);
            let mut bytes = Vec::new();
            while let Ok(read @ 1..) = reader.read_until(b'\n', &mut bytes) {
                position += read as u64;
                partial.push_str(&String::from_utf8_lossy(&bytes));
                bytes.clear();
                if partial.ends_with('\n') {
                    say::line(&format!("{prefix} {}", partial.trim_end()));
                    partial.clear();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_of_this_run_only() {
        let directory = tempfile::tempdir().unwrap();
        let log = LogFile::new(directory.path(), "redis");
        assert!(log.tail(0, 5).is_empty());
        fs::write(log.path(), "of an earlier run\n").unwrap();
        let from = log.len();
        fs::write(log.path(), "of an earlier run\none\n\ntwo\nthree\n").unwrap();
        assert_eq!(log.tail(from, 2), ["two", "three"]);
        assert_eq!(log.tail(from, 9), ["one", "two", "three"]);
    }
}
