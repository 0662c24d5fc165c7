//! A whole marketplace: `shopnexus up` on a database and a data directory of its own.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use kernel::AccountId;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use uuid::Uuid;

use crate::{Client, TestDatabase};

/// How the modules are spread over processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// All eight in one process.
    Together,
    /// Each in a process of its own.
    Apart,
}

/// A running marketplace. It ends when this is dropped, and when the test process dies.
pub struct Stack {
    status_file: PathBuf,
    /// The database behind it.
    pub database: TestDatabase,
    directory: TempDir,
    supervisor: Child,
    /// Whether its clients send again what a fault answers.
    patient: bool,
}

/// An account of a running marketplace, logged in.
pub struct Member {
    /// The account.
    pub id: AccountId,
    /// Talks to the router as this account.
    pub client: Client,
}

impl Stack {
    /// Starts the marketplace and waits until a query through its router answers.
    pub async fn start(layout: Layout) -> Self {
        Self::start_with(layout, &[]).await
    }

    /// Starts the marketplace with more environment variables.
    pub async fn start_with(layout: Layout, variables: &[(&str, &str)]) -> Self {
        Self::start_on(TestDatabase::create().await, layout, variables).await
    }

    /// Starts the marketplace on a database that is there already.
    pub async fn start_on(database: TestDatabase, layout: Layout, variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::Builder::new().prefix("shopnexus-test").tempdir().expect("a temporary directory");
        let status_file = directory.path().join("status.json");
        let mut command = Command::new(binary("shopnexus"));
        command.args(["up", "--no-seed", "--until-stdin-closes", "--data-dir"]).arg(directory.path());
        command.arg("--status-file").arg(&status_file);
        if layout == Layout::Apart {
            command.arg("--apart");
        }
        // Each stack has its own durable engine: service names are global in one.
        command.env_remove("RESTATE_INGRESS_URL").env_remove("RESTATE_ADMIN_URL");
        command.env("DATABASE_URL", database.url.as_str()).envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
        let supervisor = command.spawn().expect("shopnexus starts");
        let mut stack = Self { status_file, database, directory, supervisor, patient: false };
        stack.wait().await;
        stack
    }

    /// Starts a marketplace whose processes die at every durable step, the first time they get there; `crashes` is where
    /// they write down at which. Its clients are patient.
    pub async fn start_crashing(crashes: &Path, variables: &[(&str, &str)]) -> Self {
        let file = crashes.to_str().expect("the path is text");
        // The engine waits longer after each failure of an invocation; here one fails some twenty times.
        let pause = ("RESTATE_DEFAULT_RETRY_POLICY__MAX_INTERVAL", "300ms");
        // A log-in that dies with its process stays counted as a wrong one.
        let attempts = ("LOG_IN_ATTEMPTS_PER_IDENTIFIER", "100000");
        // The router would stop asking modules that die all the time.
        let breaker = ("ROUTER_BREAKER", "false");
        let mut all = vec![("CRASH_AT_EVERY_STEP", file), ("MOST_CRASHES", "100000"), pause, attempts, breaker];
        all.extend(variables);
        Self::start_with(Layout::Together, &all).await.with_patient_clients()
    }

    /// The same marketplace, whose clients send an operation again when a fault answers it.
    #[must_use]
    pub fn with_patient_clients(self) -> Self {
        Self { patient: true, ..self }
    }

    async fn wait(&mut self) {
        for _ in 0..1800 {
            if self.status_file.exists() {
                return;
            }
            if let Some(status) = self.supervisor.try_wait().expect("the supervisor can be asked") {
                panic!("shopnexus up ended with {status}; logs were in {}", self.directory.path().display());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the marketplace is not up after three minutes: {}", self.logs());
    }

    /// What `shopnexus up` says of its children: URLs and process ids.
    pub fn status(&self) -> Value {
        let text = std::fs::read_to_string(&self.status_file).expect("the status file was written");
        serde_json::from_str(&text).expect("the status file is JSON")
    }

    /// A stranger at the router.
    pub fn client(&self) -> Client {
        let status = self.status();
        let url = status["router_url"].as_str().unwrap_or_else(|| panic!("router_url is in {status:#}"));
        let client = Client::new(url, status["ws_url"].as_str().unwrap_or_default());
        if self.patient { client.patient() } else { client }
    }

    /// The base URL of a module, as in `http://127.0.0.1:4107`.
    pub fn module_url(&self, module: &str) -> String {
        let status = self.status();
        let url = status["modules"][module]["url"].as_str().expect("every module has a URL");
        url.trim_end_matches("/graphql").trim_end_matches('/').to_owned()
    }

    /// A stranger at a module itself, without the router.
    pub fn module_client(&self, module: &str) -> Client {
        let url = self.module_url(module);
        Client::new(format!("{url}/graphql"), format!("{}/graphql/ws", url.replacen("http", "ws", 1)))
    }

    /// Registers a new account through the router.
    pub async fn member(&self, name: &str) -> Member {
        // The second attempt is for a crash that took the first one's answer, and left its name taken.
        for _ in 0..10 {
            let unique = Uuid::now_v7().simple().to_string();
            let username = format!("{name}_{}", &unique[20..]);
            let data = self
                .client()
                .data(
                    "mutation($input: RegisterInput!) { register(input: $input) {
                        session { accessToken account { id } } userErrors { code message field } } }",
                    json!({"input": {"username": username, "name": name, "password": "correct horse battery"}}),
                )
                .await;
            let session = &data["register"]["session"];
            if let Some(token) = session["accessToken"].as_str() {
                let id = session["account"]["id"].as_str().and_then(|id| id.parse().ok()).expect("accounts have ids");
                return Member { id, client: self.client().with_token(token) };
            }
            assert!(self.patient, "registration answered {data:#}");
        }
        panic!("registration was refused ten times");
    }

    /// A command of `shopnexus` that acts on this marketplace.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(binary("shopnexus"));
        command.arg(name).arg("--data-dir").arg(self.directory.path());
        // It takes the addresses from the data directory, unless the environment has some.
        for engine in ["DATABASE_URL", "REDIS_URL", "RESTATE_INGRESS_URL", "RESTATE_ADMIN_URL", "MODULE_ROLE_SECRET"] {
            command.env_remove(engine);
        }
        command.env("NO_COLOR", "1").stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// The directory of this marketplace's files.
    pub fn data_dir(&self) -> &Path {
        self.directory.path()
    }

    /// Fails unless everything that must always hold does hold in the database, as `shopnexus check` sees it. Every test
    /// ends with this. Work that is still under way, of this test or of others on the same marketplace, is given a
    /// minute to end: only a row that breaks a rule at every look until then counts.
    pub async fn assert_sound(&self) {
        let check = Command::new(binary("shopnexus"))
            .args(["check", "--json", "--patience", "60"])
            .env("DATABASE_URL", self.database.url.as_str())
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output();
        let answer = check.await.expect("shopnexus starts");
        let report = String::from_utf8_lossy(&answer.stdout);
        assert!(answer.status.success(), "what must always hold does not:\n{report}\n{}", self.logs());
    }

    /// The last lines of the log of each child, for a failing test.
    pub fn logs(&self) -> String {
        let Ok(files) = std::fs::read_dir(self.directory.path().join("logs")) else { return String::new() };
        files.flatten().map(|file| tail(&file.path())).collect()
    }
}

fn tail(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(30)..];
    format!("--- {}\n{}\n", path.display(), last.join("\n"))
}

/// A program that the test run has built.
fn binary(name: &str) -> PathBuf {
    let directory = std::env::var_os("SHOPNEXUS_BIN_DIR")
        .expect("SHOPNEXUS_BIN_DIR is not set: run the tests with `cargo xtask test`, which builds the programs");
    PathBuf::from(directory).join(name)
}
