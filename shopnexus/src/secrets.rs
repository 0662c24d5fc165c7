//! Secrets of a private installation, drawn once and kept.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use rand::RngCore;

use crate::data_dir::{self, DataDir};
use crate::failure::{Context, Failure, Result};

/// From which the passwords of the modules' database roles are derived.
pub(crate) const ROLE_SECRET: &str = "module_role_secret";
/// Password of the private Postgres' owner.
pub(crate) const POSTGRES_PASSWORD: &str = "postgres_password";
/// Password of the private Redis.
pub(crate) const REDIS_PASSWORD: &str = "redis_password";
/// Which private cluster belongs to this data directory, when it has to lie outside of it.
pub(crate) const INSTALLATION_ID: &str = "installation_id";

/// A map of names to secrets in `secrets.json`, readable by its owner alone.
#[derive(Debug)]
pub(crate) struct Secrets {
    file: PathBuf,
    values: BTreeMap<String, String>,
}

impl Secrets {
    /// Reads the secrets of the data directory; there are none yet at the first run.
    pub(crate) fn load(data: &DataDir) -> Result<Self> {
        let file = data.path("secrets.json");
        let values = match fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| {
                Failure::new(format!("{} is not readable: {error}", file.display())).mend(format!(
                    "restore it; or, to start afresh and lose the data, remove {}",
                    data.root().display()
                ))
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error).context(|| format!("{} cannot be read", file.display())),
        };
        Ok(Self { file, values })
    }

    /// The secret of this name: 64 hexadecimal digits, drawn and stored when it is asked for the first time.
    pub(crate) fn get(&mut self, name: &str) -> Result<String> {
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        let mut bytes = [0_u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let value = hex::encode(bytes);
        self.values.insert(name.to_owned(), value.clone());
        data_dir::write_json(&self.file, &self.values)?;
        Ok(value)
    }
}
