//! What `compose.yml` runs in containers, run as plain processes: the same commands, the same variables, the same checks.
//! Only hosts and ports differ, because here all of it is one machine.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_yaml::Value;
use service_kit::ModuleName;

use super::{compose::compose_file, root, words};
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
            // Variables of the file's own, from `.env`, are empty here unless the file has a default for them.
            let value = match (self.variables.get(name), value.strip_prefix("${")) {
                (Some(here), _) => here.clone(),
                (None, Some(rest)) => rest.trim_end_matches('}').split_once(":-").map_or("", |(_, or)| or).to_owned(),
                (None, None) => self.text(value),
            };
            command.env(name, value);
        }
        command.env("EMBEDDING_PROVIDER", "none").env("NO_COLOR", "1").stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn what_compose_runs_in_containers_runs_as_processes_and_becomes_healthy() {
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

    let query = r#"{"query": "{ products(first: 1) { nodes { id } } }"}"#;
    let url = format!("http://127.0.0.1:{router_port}/graphql");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answer = runtime.block_on(async {
        let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(query);
        request.send().await.unwrap().text().await.unwrap()
    });
    assert!(answer.contains(r#""nodes":[]"#), "{answer}");
}

fn healthy_at(here: &Here, services: &Value, url: &str) -> bool {
    let check = ["shopnexus", "probe", url].map(ToOwned::to_owned);
    output(&mut here.command(&check, &services["order"])).status.success()
}
