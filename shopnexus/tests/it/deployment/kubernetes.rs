//! `deploy/kubernetes`.

use std::collections::BTreeMap;

use serde_yaml::Value;
use service_kit::ModuleName;

use super::{assert_command, assert_variable, documents, words};

const BASE: &str = "deploy/kubernetes/base";

/// Every resource of the base, by kind and name.
fn resources() -> BTreeMap<(String, String), Value> {
    let list = documents(&format!("{BASE}/kustomization.yaml")).remove(0);
    let mut resources = BTreeMap::new();
    for file in words(&list["resources"]) {
        for resource in documents(&format!("{BASE}/{file}")) {
            assert!(resource["apiVersion"].is_string(), "{file} says which API each resource is of");
            let key = |path: &Value| path.as_str().unwrap_or_else(|| panic!("{file} lacks a name or kind")).to_owned();
            let name = (key(&resource["kind"]), key(&resource["metadata"]["name"]));
            assert!(resources.insert(name.clone(), resource).is_none(), "{name:?} is there twice");
        }
    }
    resources
}

fn of<'a>(resources: &'a BTreeMap<(String, String), Value>, kind: &str, name: &str) -> &'a Value {
    let found = resources.get(&(kind.to_owned(), name.to_owned()));
    found.unwrap_or_else(|| panic!("there is no {kind} {name}"))
}

/// The pods that a resource makes, if it makes any.
fn pods(resource: &Value) -> Option<&Value> {
    let template = &resource["spec"]["template"];
    template.is_mapping().then_some(template)
}

#[test]
fn each_module_is_a_deployment_with_probes_a_budget_and_scaling() {
    let resources = resources();
    let mut deployments: Vec<(String, u64, [&str; 2])> = ModuleName::ALL
        .map(|module| (module.as_str().to_owned(), u64::from(module.default_port()), ["/healthz", "/readyz"]))
        .to_vec();
    deployments.push(("router".to_owned(), 4000, ["/health", "/readiness"]));
    for (name, port, [alive, ready]) in deployments {
        let deployment = of(&resources, "Deployment", &name);
        let pod = &deployment["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        if name != "router" {
            assert_eq!(words(&container["command"]), ["shopnexus", "serve", &name]);
            let listen = &container["env"][0];
            assert_eq!(listen["name"], format!("LISTEN_{}", name.to_uppercase()));
            assert_eq!(listen["value"], format!("0.0.0.0:{port}"));
            let handlers = of(&resources, "Service", &format!("{name}-handlers"));
            assert_eq!(handlers["spec"]["publishNotReadyAddresses"], true, "{name} is registered before it is ready");
        }
        assert_eq!(container["ports"][0]["containerPort"], port);
        assert_eq!(container["livenessProbe"]["httpGet"]["path"], alive);
        assert_eq!(container["startupProbe"]["httpGet"]["path"], alive);
        assert_eq!(container["readinessProbe"]["httpGet"]["path"], ready);
        assert!(container["resources"]["limits"]["memory"].is_string(), "{name} may not take all memory");
        assert!(deployment["spec"]["replicas"].as_u64().unwrap() >= 2, "{name} survives the loss of one");

        let labels = &deployment["spec"]["template"]["metadata"]["labels"];
        let selects = |selector: &Value| {
            let selector = selector.as_mapping().unwrap_or_else(|| panic!("{name} is selected by labels"));
            assert!(selector.iter().all(|(label, value)| labels.get(label) == Some(value)), "{name}: {selector:?}");
        };
        selects(&deployment["spec"]["selector"]["matchLabels"]);
        let service = of(&resources, "Service", &name);
        selects(&service["spec"]["selector"]);
        assert_eq!(service["spec"]["ports"][0]["port"], port);
        selects(&of(&resources, "PodDisruptionBudget", &name)["spec"]["selector"]["matchLabels"]);
        let scaling = &of(&resources, "HorizontalPodAutoscaler", &name)["spec"];
        assert_eq!(scaling["scaleTargetRef"]["kind"], "Deployment");
        assert_eq!(scaling["scaleTargetRef"]["name"], name.as_str());
        assert!(scaling["minReplicas"].as_u64().unwrap() >= 2);
    }
}

#[test]
fn the_router_and_the_engine_find_every_module() {
    let resources = resources();
    let router = &of(&resources, "Deployment", "router")["spec"]["template"]["spec"]["containers"][0]["env"];
    let routed = |name: String| router.as_sequence().unwrap().iter().find(|variable| variable["name"] == name).cloned();
    let register = &of(&resources, "Job", "register")["spec"]["template"]["spec"]["containers"][0]["command"];
    for module in ModuleName::ALL {
        let (name, port) = (module.as_str(), module.default_port());
        let url = routed(format!("SUBGRAPH_URL_{}", name.to_uppercase())).unwrap();
        assert_eq!(url["value"], format!("http://{name}:{port}/graphql"));
        let at = format!("--at={name}=http://{name}-handlers:{port}/restate");
        assert!(words(register).contains(&at), "{name} is registered where it is reached before it is ready");
    }
    let settings = &of(&resources, "ConfigMap", "shopnexus")["data"];
    let engine = &of(&resources, "Service", "restate")["spec"]["ports"];
    for (variable, position) in [("RESTATE_INGRESS_URL", 0), ("RESTATE_ADMIN_URL", 1)] {
        let port = engine[position]["port"].as_u64().unwrap();
        assert_eq!(settings[variable], format!("http://restate:{port}/"));
    }
    let nodes = of(&resources, "StatefulSet", "restate");
    assert_eq!(nodes["spec"]["replicas"], 3, "two of three are a majority");
    assert_eq!(nodes["spec"]["serviceName"], of(&resources, "Service", "restate-nodes")["metadata"]["name"]);
}

#[test]
fn commands_variables_and_rights_are_those_of_the_programs() {
    let resources = resources();
    for ((kind, name), resource) in &resources {
        assert_ne!(kind, "Secret", "secrets are by reference");
        let Some(pod) = pods(resource) else { continue };
        let pod = &pod["spec"];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{kind} {name}");
        assert_eq!(pod["automountServiceAccountToken"], false, "{kind} {name}");
        for container in pod["containers"].as_sequence().unwrap() {
            assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false, "{kind} {name}");
            if container["image"] != "shopnexus" {
                continue;
            }
            assert_command(&words(&container["command"]));
            for variable in container["env"].as_sequence().into_iter().flatten() {
                assert_variable(variable["name"].as_str().unwrap());
            }
            for source in container["envFrom"].as_sequence().into_iter().flatten() {
                if let Some(map) = source["configMapRef"]["name"].as_str() {
                    of(&resources, "ConfigMap", map);
                }
            }
            let ports: Vec<&Value> = container["ports"].as_sequence().into_iter().flatten().collect();
            for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
                let named = &container[probe]["httpGet"]["port"];
                assert!(named.is_null() || ports.iter().any(|port| port["name"] == *named), "{name}: {probe}");
            }
        }
    }
    for (variable, _) in of(&resources, "ConfigMap", "shopnexus")["data"].as_mapping().unwrap() {
        let variable = variable.as_str().unwrap();
        assert_variable(variable);
        for secret in ["SECRET", "TOKEN", "PASSWORD", "KEY", "DATABASE_URL"] {
            assert!(!variable.contains(secret), "{variable} belongs into a secret");
        }
    }
}

#[test]
fn the_example_of_production_builds_on_the_base() {
    let list = documents("deploy/kubernetes/production/kustomization.yaml").remove(0);
    assert_eq!(words(&list["resources"]), ["../base"]);
    assert_eq!(list["images"][0]["name"], "shopnexus");
    let patch: Value = serde_yaml::from_str(list["patches"][0]["patch"].as_str().unwrap()).unwrap();
    let resources = resources();
    let settings = &of(&resources, "ConfigMap", "shopnexus")["data"];
    let path = patch[0]["path"].as_str().unwrap().strip_prefix("/data/").unwrap().to_owned();
    assert!(settings[path.as_str()].is_string(), "{path} is a setting of the base");
}
