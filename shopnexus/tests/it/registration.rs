//! Registering durable handlers with a real Restate.

use std::net::TcpListener as StdListener;
use std::process::Command;
use std::time::Duration;

use restate_sdk::prelude::*;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::program::{Background, eventually, output, refusal, shopnexus};

struct Greeter;

#[restate_sdk::service]
impl Greeter {
    /// Long enough to be moved to another address in the middle.
    #[handler]
    async fn slowly(&self, ctx: Context<'_>, name: String) -> Result<String, HandlerError> {
        ctx.sleep(Duration::from_secs(4)).await?;
        Ok(format!("hello {name}"))
    }
}

struct Changed;

#[restate_sdk::service(name = "Greeter")]
impl Changed {
    #[handler]
    async fn slowly(&self, ctx: Context<'_>, name: String) -> Result<String, HandlerError> {
        Greeter.slowly(ctx, name).await
    }

    #[handler]
    async fn quickly(&self, _ctx: Context<'_>, name: String) -> Result<String, HandlerError> {
        Ok(format!("hi {name}"))
    }
}

/// Serves durable handlers as a module does, below `/restate`, until it is dropped.
struct Served {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Served {
    fn new(endpoint: Endpoint) -> Self {
        let listener = StdListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}/restate", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let handle =
                    async move |request: axum::extract::Request| endpoint.handle(request).map(axum::body::Body::new);
                let app = axum::Router::new().route("/restate/{*path}", axum::routing::any(handle));
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    served = axum::serve(listener, app) => served.unwrap(),
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        Self { url, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        _ = self.stop.take().map(|stop| stop.send(()));
        _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

struct Restate {
    engines: Background,
    _data: tempfile::TempDir,
}

impl Restate {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        Self { engines: Background::engines(data.path(), "restate"), _data: data }
    }

    fn register(&self, url: &str, more: &[&str]) -> Command {
        let mut command = shopnexus();
        command.args(["register", "order", "--at"]).arg(format!("order={url}")).args(more);
        for name in ["RESTATE_INGRESS_URL", "RESTATE_ADMIN_URL", "MODULE_ROLE_SECRET"] {
            command.env(name, self.engines.variable(name));
        }
        // Neither is asked; the configuration has no halves.
        command.env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none").env("REDIS_URL", "redis://127.0.0.1:1/");
        command
    }

    /// Registers, and gives what it said.
    fn registered(&self, url: &str, more: &[&str]) -> String {
        let result = output(&mut self.register(url, more));
        let said = String::from_utf8_lossy(&result.stderr).into_owned();
        assert!(result.status.success(), "{said}");
        said
    }

    fn ask(&self, method: reqwest::Method, base: &str, path: &str, body: Option<Value>) -> Option<Value> {
        let url = format!("{}{path}", self.engines.variable(base));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let mut request = client.request(method, url);
            if let Some(body) = body {
                // Without a key the outcome of an invocation is not kept for whoever asks later.
                request = request.header("idempotency-key", "1").json(&body);
            }
            let response = request.send().await.ok()?;
            if response.status().is_success() { response.json().await.ok() } else { None }
        })
    }

    fn deployments(&self) -> Vec<Value> {
        let all = self.ask(reqwest::Method::GET, "RESTATE_ADMIN_URL", "deployments", None).unwrap();
        all["deployments"].as_array().unwrap().clone()
    }
}

#[test]
fn what_is_in_flight_goes_on_when_a_module_comes_up_at_another_address() {
    let restate = Restate::start();
    let first = Served::new(Endpoint::builder().bind(Greeter).build());
    assert!(restate.registered(&first.url, &[]).contains("registered 1 service, 1 handlers"));
    assert!(restate.registered(&first.url, &[]).contains("unchanged"));
    assert_eq!(restate.deployments().len(), 1);

    let sent = restate.ask(reqwest::Method::POST, "RESTATE_INGRESS_URL", "Greeter/slowly/send", Some(json!("ann")));
    let invocation = sent.unwrap()["invocationId"].as_str().unwrap().to_owned();
    std::thread::sleep(Duration::from_millis(500));
    drop(first);

    let second = Served::new(Endpoint::builder().bind(Greeter).build());
    assert!(restate.registered(&second.url, &[]).contains("moved"));
    let deployments = restate.deployments();
    assert_eq!(deployments.len(), 1, "it is the same deployment: {deployments:?}");

    let path = format!("restate/invocation/{invocation}/output");
    let outcome = eventually("the invocation to end at the new address", || {
        restate.ask(reqwest::Method::GET, "RESTATE_INGRESS_URL", &path, None).filter(Value::is_string)
    });
    assert_eq!(outcome, "hello ann");
}

#[test]
fn changed_handlers_are_taken_only_when_that_is_asked_for() {
    let restate = Restate::start();
    let first = Served::new(Endpoint::builder().bind(Greeter).build());
    restate.registered(&first.url, &[]);
    drop(first);
    let changed = Served::new(Endpoint::builder().bind(Changed).build());
    let text = refusal(&mut restate.register(&changed.url, &[]));
    assert!(text.contains("+Greeter.quickly") && text.contains("to mend it"), "{text}");
    assert!(restate.registered(&changed.url, &["--force"]).contains("+Greeter.quickly"));
    assert!(restate.registered(&changed.url, &[]).contains("unchanged"));
}
