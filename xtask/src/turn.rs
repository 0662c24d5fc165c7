//! Taking turns in a target directory that several checkouts share.
//!
//! Cargo names the artifacts of a workspace's own crates by their paths *inside* the workspace, and finds them fresh by
//! the times of files alone. So it takes what another checkout has built for its own whenever its files are older.
//! What depends on nothing of ours, which is what takes half an hour to build, is shared without harm.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};

use crate::checkout::Checkout;
use crate::command::{announce, cargo, run};

/// The right to build, held until this is dropped or the process becomes another program.
#[must_use = "dropping it lets another checkout build"]
#[derive(Debug)]
pub(crate) struct Turn {
    _lock: File,
}

/// Waits until no other checkout builds, and clears away what another one built of its own crates.
pub(crate) fn take(checkout: &Checkout) -> Result<Turn, String> {
    take_with(checkout, clean)
}

fn take_with(checkout: &Checkout, clean: impl Fn(&Checkout) -> Result<(), String>) -> Result<Turn, String> {
    let file = checkout.target.join(".built-by");
    let problem = |error: std::io::Error| format!("{}: {error}", file.display());
    fs::create_dir_all(&checkout.target).map_err(problem)?;
    let mut lock =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&file).map_err(problem)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            announce(&format!("waiting for another `cargo xtask` that builds into {}", checkout.target.display()));
            lock.lock().map_err(problem)?;
        }
        Err(TryLockError::Error(error)) => return Err(problem(error)),
    }
    let mut builder = String::new();
    lock.read_to_string(&mut builder).map_err(problem)?;
    let this = checkout.root.display().to_string();
    // An unknown builder is another one.
    let is_ours = builder.trim_end() == this;
    let is_empty = !["debug", "release"].iter().any(|profile| checkout.target.join(profile).exists());
    if !is_ours {
        if !is_empty {
            clean(checkout)?;
        }
        // Only now: if clearing is interrupted, the next turn does it again.
        lock.set_len(0).and_then(|()| lock.rewind()).and_then(|()| writeln!(lock, "{this}")).map_err(problem)?;
    }
    Ok(Turn { _lock: lock })
}

fn clean(checkout: &Checkout) -> Result<(), String> {
    announce("another checkout built here last: its crates are cleared away, those of others are kept");
    for profile in ["dev", "release"] {
        run(&mut cargo(checkout, &["clean", "--quiet", "--workspace", "--profile", profile]))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_another_checkout_built_is_cleared_once() {
        let directory = std::env::temp_dir().join(format!("xtask-turn-{}", std::process::id()));
        let target = directory.join("target");
        let checkout =
            |name: &str| Checkout { root: directory.join(name), cache: directory.clone(), target: target.clone() };
        let cleared = Cell::new(0);
        let take = |name: &str| {
            take_with(&checkout(name), |_| {
                cleared.set(cleared.get() + 1);
                Ok(())
            })
        };
        drop(take("one").unwrap());
        fs::create_dir_all(target.join("debug")).unwrap();
        drop(take("one").unwrap());
        assert_eq!(cleared.get(), 0, "nothing of another's is there");
        drop(take("two").unwrap());
        drop(take("two").unwrap());
        assert_eq!(cleared.get(), 1);
        let turn = take("one").unwrap();
        assert_eq!(cleared.get(), 2);
        let second = OpenOptions::new().write(true).open(target.join(".built-by")).unwrap();
        assert!(second.try_lock().is_err(), "the turn is held");
        drop(turn);
        fs::remove_dir_all(directory).unwrap();
    }
}
