//! The environment that the modules' programs run in, and how other commands find that of a running marketplace.

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use service_kit::{Config, ModuleName};

use crate::data_dir::{self, DataDir};
use crate::failure::{Context, Failure, Result};
use crate::installation;

/// Variables by name.
pub(crate) type Variables = BTreeMap<String, String>;

const FILE: &str = "run/environment.json";

/// Where a program is told to look for the marketplace it talks to.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Where {
    /// The data directory of the marketplace that `shopnexus up` runs. Not needed when DATABASE_URL and the others
    /// are set.
    #[arg(long, default_value_os_t = installation::usual_data_dir(), global = true)]
    pub(crate) data_dir: PathBuf,
}

impl Where {
    /// The configuration: from the environment when that has it, else that of the marketplace which runs on the data
    /// directory.
    pub(crate) fn config(&self) -> Result<Config> {
        Config::from_variables(self.variables()?).map_err(|error| Failure::new(error.to_string()))
    }

    /// The same, as variables.
    pub(crate) fn variables(&self) -> Result<HashMap<String, String>> {
        let own: HashMap<String, String> = env::vars().collect();
        if own.get("DATABASE_URL").is_some_and(|url| !url.is_empty()) {
            return Ok(own);
        }
        let mut variables: HashMap<String, String> = running(&self.data_dir)?.into_iter().collect();
        variables.extend(own);
        Ok(variables)
    }

    /// The owner's connection URL and the secret of the roles' passwords, which is all that migrations need.
    pub(crate) fn database(&self) -> Result<(String, Option<SecretString>)> {
        let mut variables = self.variables()?;
        let url = variables.remove("DATABASE_URL").filter(|url| !url.is_empty());
        let url = url.ok_or_else(|| Failure::new("DATABASE_URL is not set"))?;
        Ok((url, variables.remove("MODULE_ROLE_SECRET").map(SecretString::from)))
    }
}

/// Writes down the environment of a marketplace that is coming up. It holds secrets.
pub(crate) fn write_down(data: &DataDir, variables: &Variables) -> Result<()> {
    data_dir::write_json(&data.path(FILE), variables)
}

/// Takes it back when the marketplace goes down.
pub(crate) fn forget(data: &DataDir) {
    _ = fs::remove_file(data.path(FILE));
}

fn running(data_dir: &Path) -> Result<Variables> {
    let file = data_dir.join(FILE);
    let text = fs::read(&file).map_err(|_| {
        Failure::new(format!("DATABASE_URL is not set, and no marketplace runs on {}", data_dir.display()))
            .mend("start one (`cargo xtask up`), name its directory by --data-dir, or set DATABASE_URL")
    })?;
    serde_json::from_slice(&text).context(|| format!("{} is not readable", file.display()))
}

/// The name of a module's variable, as in `LISTEN_ORDER`.
pub(crate) fn module_variable(prefix: &str, module: ModuleName) -> String {
    format!("{prefix}_{}", module.as_str().to_uppercase())
}
