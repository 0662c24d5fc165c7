//! Free ports of the loopback interface, the same ones at every run as long as they stay free.

mod holder;
mod reservation;

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

pub(crate) use holder::holder_of;

use reservation::Reservation;

use crate::data_dir::{self, DataDir};
use crate::failure::{Failure, Result};
use crate::say;

/// Below the range from which systems draw the ports of outgoing connections, so that a port that was free in the
/// last run is likely to be free in the next.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// The ports of one data directory, by what listens there.
#[derive(Debug)]
pub(crate) struct Ports {
    file: PathBuf,
    remembered: BTreeMap<String, u16>,
    claimed: BTreeMap<String, u16>,
    /// Held as long as this lives, which is as long as the marketplace.
    reservations: Vec<Reservation>,
    next: u16,
}

impl Ports {
    /// Reads which ports were used last. A file that is not readable only costs new ports.
    pub(crate) fn load(data: &DataDir) -> Self {
        let file = data.path("ports.json");
        let remembered = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self {
            file,
            remembered,
            claimed: BTreeMap::new(),
            reservations: Vec::new(),
            next: first_candidate(data.root()),
        }
    }

    /// The port of `name`: the one it had, else `preferred`, else a free one.
    pub(crate) fn claim(&mut self, name: &str, preferred: Option<u16>) -> Result<u16> {
        if let Some(port) = self.remembered.get(name).copied() {
            if self.take(name, port) {
                return Ok(port);
            }
            say::warn(&format!("port {port} of {name} is taken{}; {name} moves to another", by_whom(port)));
        }
        if let Some(port) = preferred
            && self.take(name, port)
        {
            return Ok(port);
        }
        for _ in RANGE {
            let port = self.next;
            self.next = if port + 1 < RANGE.end { port + 1 } else { RANGE.start };
            if self.take(name, port) {
                return Ok(port);
            }
        }
        Err(Failure::new(format!("no free port between {} and {} is left for {name}", RANGE.start, RANGE.end)))
    }

    /// The very port the caller asked for.
    pub(crate) fn insist(&mut self, name: &str, port: u16) -> Result<u16> {
        if self.take(name, port) {
            return Ok(port);
        }
        Err(Failure::new(format!("port {port}, which was asked for the {name}, is taken{}", by_whom(port)))
            .mend("stop that process, or choose another port, or leave the choice to shopnexus"))
    }

    /// Writes down which ports are used, for the next run.
    pub(crate) fn save(&self) -> Result<()> {
        let mut all = self.remembered.clone();
        all.extend(self.claimed.clone());
        data_dir::write_json(&self.file, &all)
    }

    fn take(&mut self, name: &str, port: u16) -> bool {
        if self.claimed.values().any(|claimed| *claimed == port) {
            return false;
        }
        let Some(reservation) = Reservation::of(port).filter(|_| is_free(port)) else { return false };
        self.reservations.push(reservation);
        self.claimed.insert(name.to_owned(), port);
        true
    }
}

fn by_whom(port: u16) -> String {
    holder_of(port).map_or_else(String::new, |holder| format!(" by {holder}"))
}

/// Whether something could listen on the port now.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Different directories begin at different places, so that two starting at once rarely want the same port.
fn first_candidate(root: &Path) -> u16 {
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    let offset = hasher.finish() % u64::from(RANGE.end - RANGE.start);
    RANGE.start + u16::try_from(offset).expect("the range is smaller than a port number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> (tempfile::TempDir, DataDir) {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::open(directory.path()).unwrap();
        (directory, data)
    }

    #[test]
    fn a_port_is_kept_from_run_to_run_while_it_is_free() {
        let (_directory, data) = data();
        let mut first = Ports::load(&data);
        let port = first.claim("redis", None).unwrap();
        assert_ne!(first.claim("router", None).unwrap(), port);
        first.save().unwrap();

        assert_ne!(Ports::load(&data).claim("redis", None).unwrap(), port, "the first still runs");
        drop(first);
        assert_eq!(Ports::load(&data).claim("redis", None).unwrap(), port);

        let _holder = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        assert_ne!(Ports::load(&data).claim("redis", None).unwrap(), port);
        let refusal = Ports::load(&data).insist("router", port).unwrap_err().to_string();
        assert!(refusal.contains(&port.to_string()), "{refusal}");
    }

    #[test]
    fn a_broken_file_costs_only_new_ports() {
        let (_directory, data) = data();
        fs::write(data.path("ports.json"), "{").unwrap();
        assert!(Ports::load(&data).claim("redis", None).is_ok());
    }
}
