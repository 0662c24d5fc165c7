//! What works while a module or an engine is away is what `docs/operating/degradation.md` says.

mod scene;
mod table;

use std::time::Duration;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use test_kit::{Layout, Stack};
use tests::MODULES;
use tokio::time::{Instant, sleep};

use crate::stage::key;
use scene::{Round, Scene};
use table::{Seen, Table};

/// Short, so that the test does not wait long for what does not come, nor for the router to ask again.
const IMPATIENT: &[(&str, &str)] = &[
    // A Redis of its own, which can be taken away.
    ("REDIS_URL", ""),
    ("MOST_CRASHES", "1000"),
    ("DURABLE_PATIENCE_SECONDS", "3"),
    ("ROUTER_BREAKER_RESET", "200ms"),
];

/// Takes each module and each engine away in turn, asks for every capability through the router, and compares what it
/// sees with the table; then it brings it back, and everything works again, what could not be ended meanwhile included.
#[tokio::test(flavor = "multi_thread")]
async fn what_works_while_something_is_away_is_what_the_table_says() {
    let table = Table::read();
    let stack = Stack::start_with(Layout::Apart, IMPATIENT).await.with_patient_clients();
    let mut scene = Scene::set(&stack).await;
    assert_eq!(table.capabilities, scene.capabilities(), "the table names what is probed");
    let rows: Vec<&str> = table.rows.iter().map(|(away, _)| away.as_str()).collect();
    assert_eq!(rows, [&MODULES[..], &["redis", "restate"]].concat(), "the table has a row for each");

    let mut rounds = vec![Round(key())];
    scene.look_at_the_whole(&rounds[0]).await;
    let mut wrong = Vec::new();
    for (away, cells) in &table.rows {
        let begun = Instant::now();
        let unknown: Vec<&String> = cells.keys().filter(|cell| !table.capabilities.contains(cell)).collect();
        assert!(unknown.is_empty(), "the row of {away} names {unknown:?}");
        let round = Round(key());
        take_away(&stack, away).await;
        let expected = |capability: &str| cells.get(capability).cloned().unwrap_or(Seen::Works);
        wrong.extend(scene.differences(&round, away, expected).await);
        let looked = begun.elapsed();
        bring_back(&stack, away).await;
        // The same ids again: what waited has come to its end, and nothing happens twice.
        wrong.extend(scene.differences(&round, &format!("no longer {away}"), |_| Seen::Works).await);
        println!("{away}: away for {looked:.1?}, and whole again after {:.1?}", begun.elapsed());
        rounds.push(round);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    scene.assert_nothing_twice(&rounds).await;
    stack.assert_sound().await;
}

/// Kills a process, and keeps the supervisor from starting it again.
pub(crate) async fn take_away(stack: &Stack, name: &str) {
    std::fs::write(hold(stack, name), "").expect("the data directory can be written");
    let pid = pid(stack, name).unwrap_or_else(|| panic!("{name} runs: {:#}", stack.status()["pids"]));
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("the process runs");
    until(|| pid_is(stack, name, false)).await;
}

/// Lets it be started again.
pub(crate) async fn bring_back(stack: &Stack, name: &str) {
    std::fs::remove_file(hold(stack, name)).expect("it was held back");
    until(|| pid_is(stack, name, true)).await;
}

fn hold(stack: &Stack, name: &str) -> std::path::PathBuf {
    stack.data_dir().join("run").join(format!("{name}.hold"))
}

fn pid(stack: &Stack, name: &str) -> Option<i32> {
    stack.status()["pids"][name].as_i64().and_then(|pid| i32::try_from(pid).ok())
}

fn pid_is(stack: &Stack, name: &str, there: bool) -> bool {
    pid(stack, name).is_some() == there
}

async fn until(done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "a process neither ends nor starts");
        sleep(Duration::from_millis(20)).await;
    }
}
