//! What `compose.yml` runs in containers, run as plain processes: the same commands, the same variables, the same checks.
//! Only hosts and ports differ, because here all of it is one machine.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use reqwest::StatusCode;
use serde_json::json;
use serde_yaml::Value;
use service_kit::ModuleName;
use sha2::{Digest, Sha256};
use test_kit::Client;

use super::{
    compose::{by_default, compose_file},
    root, words,
};
use crate::program::{Background, eventually, output};

/// A process that is ended when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// What takes the place of hosts and ports of the file.
#[derive(Clone)]
struct Here {
    replaced: Vec<(String, String)>,
    variables: BTreeMap<&'static str, String>,
    programs: PathBuf,
}

impl Here {
    fn text(&self, text: &str) -> String {
        self.replaced.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    /// A command of the file, with the variables of its service.
    fn command(&self, command: &[String], service: &Value) -> Command {
        let (program, arguments) = command.split_first().unwrap();
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments.iter().map(|argument| self.text(argument)));
        for (name, value) in service["environment"].as_mapping().unwrap() {
            let (name, value) = (name.as_str().unwrap(), value.as_str().unwrap());
            let here = self.variables.get(name).cloned();
            command.env(name, here.unwrap_or_else(|| self.text(by_default(value))));
        }
        command.env("EMBEDDING_PROVIDER", "none").env("NO_COLOR", "1").stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// A port that nobody has, and that does not begin as those of the file do, which are replaced wherever they stand.
fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if !["40", "41"].iter().any(|start| port.to_string().starts_with(start)) {
            return port;
        }
    }
}

#[test]
fn what_compose_runs_in_containers_works_as_processes_and_is_stricter_in_production() {
    let place = tempfile::tempdir().unwrap();
    let engines = Background::engines(place.path(), "postgres,redis,restate");
    let file = compose_file();
    let services = &file["services"];
    let mut replaced = Vec::new();
    for module in ModuleName::ALL {
        let (port, here) = (module.default_port(), free_port());
        for host in [module.as_str(), "0.0.0.0", "127.0.0.1"] {
            replaced.push((format!("{host}:{port}"), format!("127.0.0.1:{here}")));
        }
    }
    let router_port = free_port();
    replaced.push(("127.0.0.1:4000".to_owned(), format!("127.0.0.1:{router_port}")));
    let given = |name: &str| engines.variable(name);
    let beside = |path: &str| root().join(path).canonicalize().unwrap().display().to_string();
    let variables = BTreeMap::from([
        ("DATABASE_URL", given("DATABASE_URL")),
        ("MODULE_ROLE_SECRET", "a secret of this test".to_owned()),
        ("REDIS_URL", given("REDIS_URL")),
        ("RESTATE_INGRESS_URL", given("RESTATE_INGRESS_URL")),
        ("RESTATE_ADMIN_URL", given("RESTATE_ADMIN_URL")),
        ("DATA_DIR", place.path().join("files").display().to_string()),
        ("ROUTER_HOST", "127.0.0.1".to_owned()),
        ("ROUTER_PORT", router_port.to_string()),
        ("ROUTER_CONFIG_FILE_PATH", beside("router/router.yaml")),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", String::new()),
    ]);
    let programs = PathBuf::from(env!("CARGO_BIN_EXE_shopnexus")).parent().unwrap().to_owned();
    let here = Here { replaced, variables, programs };

    let once = |name: &str| {
        let answer = output(&mut here.command(&words(&services[name]["command"]), &services[name]));
        assert!(answer.status.success(), "{name}: {}", String::from_utf8_lossy(&answer.stderr));
    };
    let started =
        |name: &str| Running(here.command(&words(&services[name]["command"]), &services[name]).spawn().unwrap());
    let healthy = |name: &str| {
        let check = words(&services[name]["healthcheck"]["test"]);
        let mut probe = here.command(&check[1..], &services[name]);
        output(&mut probe).status.success()
    };
    once("migrate");
    let _modules = ModuleName::ALL.map(|module| started(module.as_str()));
    once("register");
    for module in ModuleName::ALL {
        eventually(&format!("{module} to be healthy"), || healthy(module.as_str()).then_some(()));
    }
    let _router = started("router");
    eventually("the router to be healthy", || healthy("router").then_some(()));
    assert!(!healthy_at(&here, services, "http://127.0.0.1:1/"), "a check of nothing fails");

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ask = |port: u16, query: &str| runtime.block_on(asked_by_a_page(port, query));
    let (answer, may_read) = ask(router_port, "{ products(first: 1) { nodes { id } } }");
    assert_eq!((&answer["data"]["products"]["nodes"], may_read), (&json!([]), true), "{answer}");
    let (url, status) = runtime.block_on(uploaded(router_port));
    let uploads = here.text(&format!("http://127.0.0.1:{}/uploads/", ModuleName::Common.default_port()));
    assert!(url.starts_with(&uploads), "a client is sent to {url}");
    assert_eq!(status, StatusCode::NO_CONTENT);

    let schema = "{ __schema { queryType { name } } }";
    let (answer, _) = ask(router_port, schema);
    assert_eq!(answer["data"]["__schema"]["queryType"]["name"], "Query", "{answer}");
    let production_port = free_port();
    let mut production = here.clone();
    let changed = [("SHOPNEXUS_ENV", "production".to_owned()), ("ROUTER_PORT", production_port.to_string())];
    production.variables.extend(changed);
    let router = &services["router"];
    let _production = Running(production.command(&words(&router["command"]), router).spawn().unwrap());
    let ready = format!("http://127.0.0.1:{production_port}/readiness");
    eventually("the router to be healthy in production", || healthy_at(&production, services, &ready).then_some(()));
    let (answer, may_read) = ask(production_port, schema);
    assert_eq!((&answer["errors"][0]["extensions"]["code"], may_read), (&json!("FORBIDDEN"), false), "{answer}");
}

/// What a router answers to a page that is not ours, and whether a browser lets the page read it.
async fn asked_by_a_page(router_port: u16, query: &str) -> (serde_json::Value, bool) {
    let page = "https://elsewhere.example";
    let url = format!("http://127.0.0.1:{router_port}/graphql");
    let request = reqwest::Client::new().post(url).header("origin", page).json(&json!({ "query": query }));
    let answer = request.send().await.unwrap();
    let may_read = answer.headers().get("access-control-allow-origin").is_some_and(|origin| origin == page);
    (answer.json().await.unwrap(), may_read)
}

/// Uploads a file as a client does that knows the router alone: where it is sent to, and what is answered there.
async fn uploaded(router_port: u16) -> (String, StatusCode) {
    let stranger = Client::new(format!("http://127.0.0.1:{router_port}/graphql"), "");
    let register = "mutation($input: RegisterInput!) {
        register(input: $input) { session { accessToken } userErrors { code } } }";
    let input = json!({ "email": "ann@example.com", "name": "Ann", "password": "correct horse battery" });
    let registered = stranger.act(register, input).await;
    let member = stranger.with_token(registered["session"]["accessToken"].as_str().unwrap());
    let announce = "mutation($input: CreateUploadInput!) {
        createUpload(input: $input) { uploadUrl userErrors { code } } }";
    let bytes = b"a picture".to_vec();
    let checksum = hex::encode(Sha256::digest(&bytes));
    let size = bytes.len().to_string();
    let input = json!({ "fileName": "a file", "mimeType": "image/png", "sizeBytes": size, "checksumSha256": checksum });
    let announced = member.act(announce, input).await;
    let url = announced["uploadUrl"].as_str().unwrap().to_owned();
    let answer = reqwest::Client::new().put(&url).body(bytes).send().await.unwrap();
    (url, answer.status())
}

fn healthy_at(here: &Here, services: &Value, url: &str) -> bool {
    let check = ["shopnexus", "probe", url].map(ToOwned::to_owned);
    output(&mut here.command(&check, &services["order"])).status.success()
}
