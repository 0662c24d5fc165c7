//! Configuration, read once from the environment.

use std::{collections::HashMap, fmt, net::SocketAddr, path::PathBuf, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

/// One of the eight modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each module's README says what it owns")]
pub enum ModuleName {
    Account,
    Analytic,
    Catalog,
    Chat,
    Common,
    Inventory,
    Order,
    Promotion,
}

impl ModuleName {
    /// All eight, in alphabetical order, which is also the order of their default ports.
    pub const ALL: [Self; 8] = [
        Self::Account,
        Self::Analytic,
        Self::Catalog,
        Self::Chat,
        Self::Common,
        Self::Inventory,
        Self::Order,
        Self::Promotion,
    ];

    /// The name as it stands in URLs, schemas and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Analytic => "analytic",
            Self::Catalog => "catalog",
            Self::Chat => "chat",
            Self::Common => "common",
            Self::Inventory => "inventory",
            Self::Order => "order",
            Self::Promotion => "promotion",
        }
    }

    /// The database role that owns the module's rows.
    pub fn role(self) -> String {
        format!("shopnexus_{self}")
    }

    /// The port the module listens on when nothing else is configured.
    pub fn default_port(self) -> u16 {
        4101 + self as u16
    }

    pub(crate) fn variable(self, prefix: &str) -> String {
        format!("{prefix}_{}", self.as_str().to_uppercase())
    }
}

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ModuleName {
    type Err = UnknownModule;

    fn from_str(name: &str) -> std::result::Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|module| module.as_str() == name).ok_or_else(|| UnknownModule(name.to_owned()))
    }
}

/// The text is not the name of a module.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a module; the modules are account, analytic, catalog, chat, common, inventory, order, promotion")]
pub struct UnknownModule(String);

/// A variable is missing or unusable.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The variable has no default and is not set.
    #[error("{0} is not set; `cargo xtask up` sets it, and docs/operating/configuration.md explains it")]
    Missing(String),
    /// The variable is set to something that does not parse.
    #[error("{name} is not usable: {reason}")]
    Invalid {
        /// The variable.
        name: String,
        /// What is wrong with its value, without repeating it: it may be a secret.
        reason: String,
    },
}

/// Where the process runs, which decides what it may offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Introspection and the sandbox are on.
    Development,
    /// Introspection is for administrators and the sandbox is refused.
    Production,
}

/// Everything a process of modules needs to know.
#[derive(Clone)]
pub struct Config {
    /// Development or production.
    pub environment: Environment,
    /// Owner's connection URL; each module replaces user and password by its own role.
    pub database_url: Url,
    /// From which the password of each module's role is derived.
    pub role_secret: SecretString,
    /// Most connections one module opens.
    pub database_connections: u32,
    /// Redis.
    pub redis_url: String,
    /// Restate's ingress.
    pub restate_ingress_url: Url,
    /// Restate's admin API.
    pub restate_admin_url: Url,
    /// Where the public keys of access tokens are.
    pub jwks_url: Url,
    /// The address of the router as clients see it.
    pub public_url: Url,
    /// Files of this installation: the search index in `search/`, stored objects in `objects/`.
    pub data_dir: PathBuf,
    variables: HashMap<String, String>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("environment", &self.environment).finish_non_exhaustive()
    }
}

impl Config {
    /// Reads the configuration from the environment of the process.
    ///
    /// # Errors
    /// A variable is missing or does not parse; the error names it.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Self::from_variables(std::env::vars().collect())
    }

    /// Reads the configuration from the variables given.
    ///
    /// # Errors
    /// A variable is missing or does not parse; the error names it.
    pub fn from_variables(variables: HashMap<String, String>) -> std::result::Result<Self, ConfigError> {
        let read = Reader(&variables);
        let account = read.listen(ModuleName::Account)?;
        Ok(Self {
            environment: match read.or("SHOPNEXUS_ENV", "development") {
                "development" => Environment::Development,
                "production" => Environment::Production,
                _ => return Err(invalid("SHOPNEXUS_ENV", "it is `development` or `production`")),
            },
            database_url: read.parsed("DATABASE_URL")?,
            role_secret: read.required("MODULE_ROLE_SECRET")?.into(),
            database_connections: read.parsed_or("DATABASE_CONNECTIONS", 8)?,
            redis_url: read.required("REDIS_URL")?.to_owned(),
            restate_ingress_url: read.parsed("RESTATE_INGRESS_URL")?,
            restate_admin_url: read.parsed("RESTATE_ADMIN_URL")?,
            jwks_url: read.parsed_or(
                "JWKS_URL",
                format!("http://{account}/.well-known/jwks.json").parse().expect("a socket address makes a URL"),
            )?,
            public_url: read
                .parsed_or("PUBLIC_URL", Url::parse("http://127.0.0.1:4000").expect("the literal is a URL"))?,
            data_dir: PathBuf::from(read.or("DATA_DIR", ".shopnexus")),
            variables,
        })
    }

    /// Where `module` listens: `LISTEN_<MODULE>`, or its default port on the loopback interface.
    ///
    /// # Errors
    /// The variable is not a socket address.
    pub fn listen(&self, module: ModuleName) -> std::result::Result<SocketAddr, ConfigError> {
        Reader(&self.variables).listen(module)
    }

    /// The connection URL of `module`'s own role.
    pub fn module_database_url(&self, module: ModuleName) -> Url {
        let mut url = self.database_url.clone();
        let role = module.role();
        let password = role_password(&self.role_secret, &role);
        url.set_username(&role).expect("database URLs have a host");
        url.set_password(Some(&password)).expect("database URLs have a host");
        url
    }

    /// A setting that only one module knows, as in `VNPAY_TMN_CODE`.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A setting that only one module knows, parsed, or its default.
    ///
    /// # Errors
    /// The variable is set to something that does not parse.
    pub fn setting_or<T>(&self, name: &str, default: T) -> std::result::Result<T, ConfigError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        Reader(&self.variables).parsed_or(name, default)
    }
}

/// The password of a database role: SHA-256 of the secret, a colon and the role, in hexadecimal.
pub fn role_password(secret: &SecretString, role: &str) -> String {
    let digest = Sha256::digest(format!("{}:{role}", secret.expose_secret()));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Reader<'a>(&'a HashMap<String, String>);

impl<'a> Reader<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn or(&self, name: &str, default: &'a str) -> &'a str {
        self.get(name).unwrap_or(default)
    }

    fn required(&self, name: &str) -> std::result::Result<&'a str, ConfigError> {
        self.get(name).ok_or_else(|| ConfigError::Missing(name.to_owned()))
    }

    fn parsed<T>(&self, name: &str) -> std::result::Result<T, ConfigError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        self.required(name)?.parse().map_err(|error: T::Err| invalid(name, &error.to_string()))
    }

    fn parsed_or<T>(&self, name: &str, default: T) -> std::result::Result<T, ConfigError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        if self.get(name).is_some() { self.parsed(name) } else { Ok(default) }
    }

    fn listen(&self, module: ModuleName) -> std::result::Result<SocketAddr, ConfigError> {
        self.parsed_or(&module.variable("LISTEN"), SocketAddr::from(([127, 0, 0, 1], module.default_port())))
    }
}

fn invalid(name: &str, reason: &str) -> ConfigError {
    ConfigError::Invalid { name: name.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(extra: &[(&str, &str)]) -> HashMap<String, String> {
        [
            ("DATABASE_URL", "postgres://owner:pw@localhost:5432/shop"),
            ("MODULE_ROLE_SECRET", "secret"),
            ("REDIS_URL", "redis://localhost"),
            ("RESTATE_INGRESS_URL", "http://localhost:8080"),
            ("RESTATE_ADMIN_URL", "http://localhost:9070"),
        ]
        .iter()
        .chain(extra)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
    }

    #[test]
    fn a_module_connects_as_its_own_role() {
        let config = Config::from_variables(variables(&[])).unwrap();
        let url = config.module_database_url(ModuleName::Order);
        assert_eq!(url.username(), "shopnexus_order");
        assert_ne!(url.password(), config.module_database_url(ModuleName::Chat).password());
    }

    #[test]
    fn an_unusable_variable_is_named_and_its_value_is_not() {
        let error = Config::from_variables(variables(&[("JWKS_URL", "s3cret not a url")])).unwrap_err().to_string();
        assert!(error.starts_with("JWKS_URL"), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
}
