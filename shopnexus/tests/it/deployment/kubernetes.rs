//! `deploy/kubernetes`.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml::Value;
use service_kit::ModuleName;

use super::{
    NEEDED_BY_A_MODULE, assert_command, assert_router_is_told, assert_told, assert_variable, documents, is_secret,
    read, words,
};

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

/// The names in each secret that the base refers to, as the page has an operator make it.
fn secrets() -> BTreeMap<String, BTreeSet<String>> {
    let page = read("docs/operating/kubernetes.md").replace("\\\n", " ");
    let made = page.lines().filter_map(|line| Some(line.split_once("create secret generic ")?.1));
    let secret = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap().to_owned();
        let given = words.filter_map(|word| word.strip_prefix("--from-literal=")?.split('=').next());
        let names: BTreeSet<String> = given.map(ToOwned::to_owned).collect();
        (name, names)
    };
    made.map(secret).collect()
}

/// The names of what a container is told, wherever it has them from.
fn told(resources: &BTreeMap<(String, String), Value>, container: &Value) -> BTreeSet<String> {
    let own = container["env"].as_sequence().into_iter().flatten();
    let mut told: BTreeSet<String> = own.map(|variable| variable["name"].as_str().unwrap().to_owned()).collect();
    for source in container["envFrom"].as_sequence().into_iter().flatten() {
        if let Some(map) = source["configMapRef"]["name"].as_str() {
            let settings = of(resources, "ConfigMap", map)["data"].as_mapping().unwrap();
            told.extend(settings.keys().map(|name| name.as_str().unwrap().to_owned()));
        }
        if let Some(secret) = source["secretRef"]["name"].as_str() {
            told.extend(secrets().remove(secret).unwrap_or_default());
        }
    }
    told
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
fn every_process_is_told_what_it_needs_and_the_router_no_secret_of_the_modules() {
    let resources = resources();
    let container = |name: &str| &of(&resources, "Deployment", name)["spec"]["template"]["spec"]["containers"][0];
    for module in ModuleName::ALL {
        let name = module.as_str();
        assert_told(name, &told(&resources, container(name)), &NEEDED_BY_A_MODULE);
    }
    let router = container("router");
    assert_router_is_told(&told(&resources, router));
    assert_eq!(of(&resources, "ConfigMap", "shopnexus")["data"]["SHOPNEXUS_ENV"], "production");
    let secrets = secrets();
    for variable in router["env"].as_sequence().unwrap() {
        assert_ne!(variable["name"], "SHOPNEXUS_ENV", "the router is where the modules are");
        let entry = &variable["valueFrom"]["secretKeyRef"];
        if let (Some(secret), Some(key)) = (entry["name"].as_str(), entry["key"].as_str()) {
            assert!(secrets[secret].contains(key), "{key} is not in the secret {secret}");
        }
    }
    for source in router["envFrom"].as_sequence().unwrap() {
        assert!(source["secretRef"].is_null(), "a whole secret leads the router to the database");
    }
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
    let maps = resources.iter().filter(|((kind, _), _)| kind == "ConfigMap");
    for variable in maps.flat_map(|(_, map)| map["data"].as_mapping().unwrap().keys()) {
        let variable = variable.as_str().unwrap();
        assert_variable(variable);
        assert!(!is_secret(variable), "{variable} belongs into a secret");
    }
    // What the engine has in its own secret is none of ours.
    for (_, names) in secrets().into_iter().filter(|(secret, _)| secret != "restate") {
        names.iter().for_each(|name| assert_variable(name));
    }
}

#[test]
fn the_example_of_production_builds_on_the_base() {
    let list = documents("deploy/kubernetes/production/kustomization.yaml").remove(0);
    assert_eq!(words(&list["resources"]), ["../base", "ingress.yaml"]);
    assert_eq!(list["images"][0]["name"], "shopnexus");
    let resources = resources();
    let mut patched = BTreeMap::new();
    for patch in list["patches"].as_sequence().unwrap() {
        let target = |key: &str| patch["target"][key].as_str().unwrap();
        let settings = &of(&resources, target("kind"), target("name"))["data"];
        let operations: Vec<Value> = serde_yaml::from_str(patch["patch"].as_str().unwrap()).unwrap();
        for operation in operations {
            let setting = operation["path"].as_str().unwrap().strip_prefix("/data/").unwrap();
            assert!(settings[setting].is_string(), "{setting} is no setting of the base");
            patched.insert(setting.to_owned(), operation["value"].clone());
        }
    }
    let ingress = documents("deploy/kubernetes/production/ingress.yaml").remove(0);
    let shop = format!("https://{}", ingress["spec"]["rules"][0]["host"].as_str().unwrap());
    for variable in ["PUBLIC_URL", "FILES_URL", "ROUTER_CORS_ORIGINS"] {
        assert_eq!(patched[variable], shop, "{variable}");
    }
    assert_eq!(patched["ROUTER_TRUSTED_PROXIES"], "1", "the ingress stands before the router");
}

#[test]
fn the_example_lets_in_what_clients_and_providers_call_and_nothing_else() {
    let resources = resources();
    let example = documents("deploy/kubernetes/production/ingress.yaml");
    let [ingress, policy] = example.as_slice() else { panic!("it is an ingress and what lets it through") };
    let paths = ingress["spec"]["rules"][0]["http"]["paths"].as_sequence().unwrap();
    let mut routed = Vec::new();
    for path in paths {
        let service = &path["backend"]["service"];
        let name = service["name"].as_str().unwrap();
        assert_eq!(path["pathType"], "Prefix");
        assert_eq!(service["port"]["name"], of(&resources, "Service", name)["spec"]["ports"][0]["name"], "{name}");
        routed.push((path["path"].as_str().unwrap(), name));
    }
    let of_the_router = [("/graphql", "router"), ("/playground", "router")];
    let of_modules = [("/files", "common"), ("/uploads", "common"), ("/webhooks", "order")];
    assert_eq!(routed, [&of_the_router[..], &of_modules[..]].concat());
    let expression = &policy["spec"]["podSelector"]["matchExpressions"][0];
    assert_eq!(expression["key"], "app.kubernetes.io/name");
    let let_through: BTreeSet<String> = words(&expression["values"]).into_iter().collect();
    let called: BTreeSet<String> = of_modules.map(|(_, module)| module.to_owned()).into();
    assert_eq!(let_through, called);
}
