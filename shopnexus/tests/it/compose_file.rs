//! `compose.yml`: it cannot be run here, but what it says must fit the program.

use serde_yaml::Value;
use service_kit::ModuleName;

fn compose_file() -> Value {
    let text = include_str!("../../../compose.yml");
    let mut file: Value = serde_yaml::from_str(text).unwrap();
    file.apply_merge().unwrap();
    for (_, service) in file["services"].as_mapping_mut().unwrap() {
        service.apply_merge().unwrap();
    }
    file
}

fn words(value: &Value) -> Vec<String> {
    value.as_sequence().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
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
