//! A whole marketplace under its supervisor.

use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::program::{eventually, runs, shopnexus};

/// `shopnexus up` that lives as long as its standard input is held open.
struct Marketplace {
    child: Child,
    lifeline: Option<ChildStdin>,
    status_file: std::path::PathBuf,
}

impl Marketplace {
    fn start(data: &Path, more: &[&str]) -> Self {
        let status_file = data.join("status.json");
        // One that was killed leaves its file behind.
        _ = std::fs::remove_file(&status_file);
        let said = std::fs::File::create(data.join("said")).unwrap();
        let mut command = shopnexus();
        command.args(["up", "--no-seed", "--until-stdin-closes", "--data-dir"]).arg(data).args(more);
        command.arg("--status-file").arg(&status_file).stdin(Stdio::piped()).stderr(said);
        let mut child = command.spawn().unwrap();
        let lifeline = child.stdin.take();
        let mut marketplace = Self { child, lifeline, status_file };
        eventually("the marketplace to be up", || {
            let ended = marketplace.child.try_wait().unwrap();
            assert!(ended.is_none(), "{}", std::fs::read_to_string(data.join("said")).unwrap());
            marketplace.status_file.exists().then_some(())
        });
        marketplace
    }

    fn status(&self) -> Value {
        serde_json::from_slice(&std::fs::read(&self.status_file).unwrap()).unwrap()
    }

    fn pids(&self) -> Vec<(String, i32)> {
        let status = self.status();
        let pids = status["pids"].as_object().unwrap();
        pids.iter().map(|(name, pid)| (name.clone(), i32::try_from(pid.as_i64().unwrap()).unwrap())).collect()
    }

    fn pid(&self, name: &str) -> Option<i32> {
        self.pids().into_iter().find(|(child, _)| child == name).map(|(_, pid)| pid)
    }

    /// What the router answers, when it does.
    fn query(&self, query: &str) -> Option<Value> {
        let url = self.status()["router_url"].as_str()?.to_owned();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
            let answer = client.post(url).json(&serde_json::json!({ "query": query })).send().await.ok()?;
            answer.json().await.ok()
        })
    }

    fn kill_and_wait_for_another(&self, name: &str) {
        let first = self.pid(name).unwrap();
        kill(Pid::from_raw(first), Signal::SIGKILL).unwrap();
        eventually(name, || self.pid(name).filter(|pid| *pid != first));
    }
}

impl Drop for Marketplace {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        _ = self.child.wait();
    }
}

const QUERY: &str = "{ products(first: 1) { nodes { id } } }";

fn answers(marketplace: &Marketplace) -> Option<()> {
    let answer = marketplace.query(QUERY)?;
    (answer.get("errors").is_none() && answer["data"]["products"].is_object()).then_some(())
}

#[test]
fn whatever_is_killed_comes_back_and_the_end_of_standard_input_ends_everything() {
    let data = tempfile::tempdir().unwrap();
    let mut marketplace = Marketplace::start(data.path(), &[]);
    answers(&marketplace).expect("a query is answered as soon as the status file is there");
    for name in ["router", "modules", "redis", "postgres", "restate"] {
        marketplace.kill_and_wait_for_another(name);
    }
    eventually("an answer after all of it was killed", || answers(&marketplace));

    let pids = marketplace.pids();
    let url = marketplace.status()["router_url"].clone();
    drop(marketplace.lifeline.take());
    assert!(marketplace.child.wait().unwrap().success());
    let left: Vec<_> = pids.iter().filter(|(_, pid)| runs(*pid)).collect();
    assert!(left.is_empty(), "left running: {left:?}");
    assert!(!marketplace.status_file.exists());

    let again = Marketplace::start(data.path(), &[]);
    assert_eq!(again.status()["router_url"], url, "the ports are remembered");
    answers(&again).expect("the second run answers on the data of the first");
}

#[test]
fn each_module_has_a_process_of_its_own_when_they_are_apart() {
    let data = tempfile::tempdir().unwrap();
    let marketplace = Marketplace::start(data.path(), &["--apart"]);
    let status = marketplace.status();
    let mut pids: Vec<i64> =
        status["modules"].as_object().unwrap().values().map(|module| module["pid"].as_i64().unwrap()).collect();
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 8);
    answers(&marketplace).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_supervisor_takes_the_marketplace_with_it() {
    let data = tempfile::tempdir().unwrap();
    let mut marketplace = Marketplace::start(data.path(), &[]);
    let pids = marketplace.pids();
    marketplace.child.kill().unwrap();
    marketplace.child.wait().unwrap();
    eventually("everything to end", || (!pids.iter().any(|(_, pid)| runs(*pid))).then_some(()));
    let again = Marketplace::start(data.path(), &[]);
    answers(&again).unwrap();
}

#[test]
fn ctrl_c_ends_everything_soon() {
    let data = tempfile::tempdir().unwrap();
    let mut marketplace = Marketplace::start(data.path(), &[]);
    let before = Instant::now();
    kill(Pid::from_raw(marketplace.child.id().cast_signed()), Signal::SIGINT).unwrap();
    assert!(marketplace.child.wait().unwrap().success());
    assert!(before.elapsed() < Duration::from_secs(20), "it took {:?}", before.elapsed());
}
