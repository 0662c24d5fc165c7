//! Starts the router's binary on a free port and stops it again.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::subgraphs::Subgraphs;

/// A running router with its two subgraphs. Dropping it kills the process.
pub(crate) struct Stack {
    pub(crate) subgraphs: Subgraphs,
    pub(crate) address: String,
    process: Child,
}

impl Stack {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts the router with further environment variables and waits until it is ready.
    pub(crate) async fn start_with(environment: &[(&str, &Path)]) -> Self {
        let subgraphs = Subgraphs::start().await;
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
            .stdout(Stdio::null());
        for (name, value) in environment {
            command.env(name, value);
        }
        let process = command.spawn().expect("the router starts");
        let mut stack = Self { subgraphs, address: format!("127.0.0.1:{port}"), process };
        stack.ready().await;
        stack
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn ready(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait().expect("a child process") {
                panic!("the router ended at start: {status}");
            }
            if let Ok(answer) = reqwest::get(self.url("/readiness")).await
                && answer.status().is_success()
            {
                return;
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

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
