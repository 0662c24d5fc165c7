//! Starts the router's binary on a free port and stops it again.

use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::subgraphs::Subgraphs;

/// A running router with its two subgraphs. Dropping it kills the process.
pub(crate) struct Stack {
    pub(crate) subgraphs: Subgraphs,
    pub(crate) address: String,
    tls: bool,
    process: Child,
}

impl Stack {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts the router with further environment variables and waits until it is ready.
    pub(crate) async fn start_with(environment: &[(&str, &str)]) -> Self {
        // Somebody else may take the port after it has been found free.
        for _ in 0..3 {
            let mut stack = Self::spawn(Subgraphs::start().await, environment, Stdio::inherit());
            if stack.ready().await {
                return stack;
            }
        }
        panic!("the router ended at start");
    }

    /// Why the router does not start with these variables.
    pub(crate) async fn refusal(environment: &[(&str, &str)]) -> String {
        let mut stack = Self::spawn(Subgraphs::start().await, environment, Stdio::piped());
        let status = stack.process.wait().expect("a child process");
        assert!(!status.success(), "it started");
        let mut said = String::new();
        stack.process.stderr.take().expect("it is piped").read_to_string(&mut said).expect("text");
        said
    }

    fn spawn(subgraphs: Subgraphs, environment: &[(&str, &str)], said: Stdio) -> Self {
        let port = free_port();
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_shopnexus-router"));
        command
            .env("ROUTER_CONFIG_FILE_PATH", here.join("router.yaml"))
            .env("SUPERGRAPH_FILE", here.join("tests/fixtures/supergraph.graphql"))
            .env("ROUTER_PORT", port.to_string())
            .env("PORT", "1")
            .env("SUBGRAPH_URL_CATALOG", &subgraphs.catalog_url)
            .env("SUBGRAPH_URL_ORDER", &subgraphs.order_url)
            .env("LOG_LEVEL", "error")
            .stdout(Stdio::null())
            .stderr(said);
        for (name, value) in environment {
            command.env(name, value);
        }
        let process = command.spawn().expect("the router starts");
        let tls = environment.iter().any(|(name, _)| *name == "ROUTER_TLS_CERT_FILE");
        Self { subgraphs, address: format!("127.0.0.1:{port}"), tls, process }
    }

    /// The memory that the process holds now, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("a process");
        let held = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("what it holds");
        held.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") * 1024
    }

    /// The processor time that the process has used, in seconds.
    pub(crate) fn processor_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).expect("a process");
        let after_name = stat.rsplit_once(')').expect("a name").1;
        let ticks = |n: usize| after_name.split_whitespace().nth(n).and_then(|t| t.parse::<f64>().ok()).expect("ticks");
        (ticks(11) + ticks(12)) / 100.0
    }

    /// Whether the process is still there.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.process.try_wait().expect("a child process").is_none()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", if self.tls { "https" } else { "http" }, self.address)
    }

    /// Waits until it answers; false when it ended instead.
    async fn ready(&mut self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(60);
        let client = trusting_client();
        while Instant::now() < deadline {
            if !self.is_alive() {
                return false;
            }
            if let Ok(answer) = client.get(self.url("/readiness")).send().await
                && answer.status().is_success()
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the router was not ready in time");
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A client that trusts the certificate of the tests, and it alone.
pub(crate) fn trusting_client() -> reqwest::Client {
    let authority = reqwest::Certificate::from_pem(include_bytes!("../fixtures/tls/ca.pem")).expect("a certificate");
    reqwest::Client::builder().tls_certs_only([authority]).build().expect("a client")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
