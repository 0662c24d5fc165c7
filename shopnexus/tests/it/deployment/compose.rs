//! `compose.yml`.

use std::collections::BTreeSet;

use serde_yaml::Value;
use service_kit::ModuleName;

use super::{
    NEEDED_BY_A_MODULE, assert_command, assert_router_is_told, assert_told, assert_variable, read, root, words,
};

/// The file as an engine reads it.
pub(super) fn compose_file() -> Value {
    let mut file: Value = serde_yaml::from_str(&read("compose.yml")).unwrap();
    file.apply_merge().unwrap();
    for (_, service) in file["services"].as_mapping_mut().unwrap() {
        service.apply_merge().unwrap();
        if let Some(check) = service.get_mut("healthcheck") {
            check.apply_merge().unwrap();
        }
    }
    file
}

/// A value of the file where `.env` says nothing: a variable of its own has the default that stands there, or is empty.
pub(super) fn by_default(value: &str) -> &str {
    match value.strip_prefix("${") {
        Some(rest) => rest.trim_end_matches('}').split_once(":-").map_or("", |(_, default)| default),
        None => value,
    }
}

/// The names of what a service is told.
fn told(service: &Value) -> BTreeSet<String> {
    service["environment"].as_mapping().unwrap().keys().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_module_is_served_registered_and_routed_to_at_one_address() {
    let file = compose_file();
    let services = &file["services"];
    let registered = words(&services["register"]["command"]);
    for module in ModuleName::ALL {
        let name = module.as_str();
        assert_eq!(words(&services[name]["command"]), ["shopnexus", "serve", name]);
        let port = module.default_port();
        let listen = format!("LISTEN_{}", name.to_uppercase());
        assert_eq!(services[name]["environment"][listen.as_str()], format!("0.0.0.0:{port}"));
        assert!(registered.contains(&format!("--at={name}=http://{name}:{port}/restate")), "{name} is registered");
        let routed = format!("SUBGRAPH_URL_{}", name.to_uppercase());
        assert_eq!(services["router"]["environment"][routed.as_str()], format!("http://{name}:{port}/graphql"));
        let check = words(&services[name]["healthcheck"]["test"]);
        assert_eq!(check, ["CMD", "shopnexus", "probe", &format!("http://127.0.0.1:{port}/readyz")]);
    }
}

#[test]
fn commands_and_variables_are_those_of_the_programs() {
    let file = compose_file();
    let mut ours = 0;
    for (name, service) in file["services"].as_mapping().unwrap() {
        if service["image"] != "shopnexus" {
            continue;
        }
        ours += 1;
        assert_command(&words(&service["command"]));
        let test = words(&service["healthcheck"]["test"]);
        if let Some((_, check)) = test.split_first() {
            assert_command(check);
        }
        for (variable, _) in service["environment"].as_mapping().unwrap() {
            assert_variable(variable.as_str().unwrap());
        }
        for needed in service["depends_on"].as_mapping().into_iter().flat_map(|needed| needed.keys()) {
            assert!(file["services"].get(needed).is_some(), "{name:?} waits for {needed:?}, which is none of them");
        }
    }
    assert_eq!(ours, 11, "eight modules, migration, registration and router");
}

#[test]
fn every_process_is_told_what_it_needs_and_the_router_no_secret_of_the_modules() {
    let file = compose_file();
    let services = &file["services"];
    for module in ModuleName::ALL {
        assert_told(module.as_str(), &told(&services[module.as_str()]), &NEEDED_BY_A_MODULE);
    }
    let router = &services["router"];
    assert_router_is_told(&told(router));
    for shared in ["SHOPNEXUS_ENV", "REDIS_URL", "JWKS_URL"] {
        assert_eq!(router["environment"][shared], services["account"]["environment"][shared], "{shared}");
    }
}

#[test]
fn every_setting_of_a_provider_can_be_given() {
    let file = compose_file();
    let told = told(&file["services"]["order"]);
    let page = read("docs/operating/configuration.md");
    let (_, table) = page.split_once("| variable | read by | meaning | default |\n").unwrap();
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap());
    let settings: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(settings.contains(&"GHTK_TOKEN") && settings.contains(&"S3_BUCKET"), "the table was read: {settings:?}");
    assert_told("a module", &told, &settings);
}

#[test]
fn where_clients_are_sent_is_published() {
    let file = compose_file();
    let services = &file["services"];
    for (variable, service, path) in [
        ("PUBLIC_URL", "router", ""),
        ("FILES_URL", "common", ""),
        ("VNPAY_RETURN_URL", "order", "/webhooks/vnpay/return"),
    ] {
        let ports = words(&services[service]["ports"]);
        let (published, inside) = ports[0].rsplit_once(':').unwrap();
        let sent = services["common"]["environment"][variable].as_str().unwrap();
        assert_eq!(by_default(sent), format!("http://{published}{path}"), "{variable}");
        assert!(published.ends_with(&format!(":{inside}")), "{service} is known by one port");
    }
}

#[test]
fn profiles_hold_what_the_marketplace_does_without() {
    let file = compose_file();
    let services = file["services"].as_mapping().unwrap();
    let with = |profile: &str| -> Vec<&str> {
        let has = |service: &Value| words(&service["profiles"]).iter().any(|name| name == profile);
        services.iter().filter(|(_, service)| has(service)).map(|(name, _)| name.as_str().unwrap()).collect()
    };
    assert_eq!(with("telemetry"), ["collector", "jaeger", "prometheus", "grafana"]);
    assert_eq!(with("apollo"), ["apollo-router"]);
    assert_eq!(with("operator"), ["operator"]);
    for (name, service) in services {
        for volume in words(&service["volumes"]) {
            let source = volume.split(':').next().unwrap();
            let there = match source.strip_prefix("./") {
                Some("backups") => true,
                Some(path) => root().join(path).is_file(),
                None => file["volumes"].get(source).is_some(),
            };
            assert!(there, "{name:?} mounts {source}, which is not there");
        }
    }
}

#[test]
fn nothing_is_published_beyond_this_machine() {
    for (name, service) in compose_file()["services"].as_mapping().unwrap() {
        for port in service["ports"].as_sequence().into_iter().flatten() {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{name:?} publishes {port:?}");
        }
    }
}
