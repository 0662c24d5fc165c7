//! `deploy/telemetry`. That its metrics are exposed is shown on the running marketplace (`tests/marketplace/telemetry.rs`).

use std::collections::BTreeSet;

use service_kit::ModuleName;

use super::{documents, read, words};

#[test]
fn every_alert_has_a_page_of_what_to_do() {
    let page = read("docs/operating/alerts.md");
    let mut known = BTreeSet::new();
    for group in documents("deploy/telemetry/alerts.yml")[0]["groups"].as_sequence().unwrap() {
        for rule in group["rules"].as_sequence().unwrap() {
            let name = rule["alert"].as_str().unwrap();
            assert!(known.insert(name.to_owned()), "{name} is there twice");
            assert!(page.contains(&format!("\n## {name}\n")), "docs/operating/alerts.md has no section {name}");
            assert!(rule["annotations"]["summary"].is_string() && rule["for"].is_string(), "{name}");
            assert!(["page", "ticket"].contains(&rule["labels"]["severity"].as_str().unwrap()), "{name}");
        }
    }
    for heading in page.lines().filter_map(|line| line.strip_prefix("## ")) {
        assert!(known.contains(heading), "{heading} is no alert any more");
    }
}

#[test]
fn prometheus_reads_every_process() {
    let file = documents("deploy/telemetry/prometheus.yml").remove(0);
    let targets = words(&file["scrape_configs"][0]["static_configs"][0]["targets"]);
    let mut all: Vec<String> =
        ModuleName::ALL.iter().map(|module| format!("{module}:{}", module.default_port())).collect();
    all.push("router:4000".to_owned());
    assert_eq!(targets, all);
    let collector = documents("deploy/telemetry/collector.yml").remove(0);
    for (name, pipeline) in collector["service"]["pipelines"].as_mapping().unwrap() {
        for (part, of) in [("receivers", "receivers"), ("processors", "processors"), ("exporters", "exporters")] {
            for used in words(&pipeline[part]) {
                assert!(collector[of].get(used.as_str()).is_some(), "{name:?} uses {used}, which is not there");
            }
        }
    }
}
