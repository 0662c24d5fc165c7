//! The data directory: everything that one private installation keeps.
//!
//! `postgres/`, `redis/` and `restate/` belong to the engines, `search/` and `objects/` to the modules; `logs/` and
//! `run/` to the supervisor, as do `ports.json` and `secrets.json`.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::failure::{Context, Failure, Result};

/// A data directory that exists and can be written.
#[derive(Debug)]
pub(crate) struct DataDir {
    root: PathBuf,
    _lock: Option<File>,
}

impl DataDir {
    /// Opens the directory, and makes it when it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let advice = "choose a directory that you may write to with --data-dir";
        let unusable = |error: std::io::Error| {
            Failure::new(format!("the data directory {} cannot be used: {error}", path.display())).mend(advice)
        };
        fs::create_dir_all(path).map_err(unusable)?;
        let root = fs::canonicalize(path).map_err(unusable)?;
        for part in ["logs", "run"] {
            fs::create_dir_all(root.join(part)).map_err(unusable)?;
        }
        // Says now, in one sentence, what an engine would say later in many.
        let probe = root.join("run/.write-probe");
        fs::write(&probe, "x").and_then(|()| fs::remove_file(&probe)).map_err(unusable)?;
        Ok(Self { root, _lock: None })
    }

    /// Opens the directory for a supervisor: nobody else may supervise it at the same time.
    pub(crate) fn open_alone(path: &Path) -> Result<Self> {
        let mut opened = Self::open(path)?;
        let file = opened.path("run/lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&file)
            .context(|| format!("{} cannot be opened", file.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                _ = lock.read_to_string(&mut holder);
                let holder = holder.trim();
                return Err(Failure::new(format!(
                    "the data directory {} is in use by another shopnexus (process {holder})",
                    opened.root.display()
                ))
                .mend(format!("stop that one (kill {holder}), or give this one another --data-dir")));
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).context(|| format!("{} cannot be locked", file.display()));
            }
        }
        lock.set_len(0)
            .and_then(|()| writeln!(lock, "{}", std::process::id()))
            .context(|| format!("{} cannot be written", file.display()))?;
        opened._lock = Some(lock);
        Ok(opened)
    }

    /// The absolute path of the directory itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The absolute path of something in it.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The absolute path of a directory in it, which is made if it is not there.
    pub(crate) fn directory(&self, relative: &str) -> Result<PathBuf> {
        let path = self.root.join(relative);
        fs::create_dir_all(&path).context(|| format!("{} cannot be made", path.display()))?;
        Ok(path)
    }
}

/// Writes a file so that a reader sees the old or the new content, never half of it. Only its owner may read it.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let temporary = path.with_file_name(name);
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().context(|| format!("{} cannot be written", path.display()))
}

/// Writes a value as JSON, as [`write_private`] does.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_vec_pretty(value).expect("our own values are JSON");
    text.push(b'\n');
    write_private(path, &text)
}
