//! Keeping children alive, and ending them in order.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::log_file::LogFile;
use super::pid_file::PidFile;
use super::recipe::Recipe;
use crate::data_dir::DataDir;
use crate::failure::{Failure, Result};
use crate::say;

/// So many crashes within [`CRASH_WINDOW`] and the child is given up, unless somebody says otherwise.
pub(crate) const MOST_CRASHES: u32 = 5;
const CRASH_WINDOW: Duration = Duration::from_secs(60);
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// How often a child that is held back is looked at.
const LOOK_AT_HOLD: Duration = Duration::from_millis(100);
/// How much of a log a report shows.
const TAIL_LINES: usize = 15;

/// Starts children, starts them again when they crash, and stops them in the reverse order.
///
/// Runs on the main thread of a current-thread runtime, because children are tied to the thread that starts them.
#[derive(Debug)]
pub(crate) struct Supervisor {
    logs: PathBuf,
    run: PathBuf,
    verbose: bool,
    most_crashes: u32,
    children: Vec<Managed>,
    pids: watch::Sender<BTreeMap<String, u32>>,
    given_up: watch::Sender<Option<Failure>>,
    /// Set when everything shall end at once.
    hurry: watch::Sender<bool>,
}

#[derive(Debug)]
struct Managed {
    name: String,
    log: LogFile,
    log_start: u64,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    shown: Option<JoinHandle<()>>,
}

impl Supervisor {
    /// A supervisor without children, which writes logs and pid files into the data directory.
    pub(crate) fn new(data: &DataDir, verbose: bool) -> Self {
        Self {
            logs: data.path("logs"),
            run: data.path("run"),
            verbose,
            most_crashes: MOST_CRASHES,
            children: Vec::new(),
            pids: watch::Sender::new(BTreeMap::new()),
            given_up: watch::Sender::new(None),
            hurry: watch::Sender::new(false),
        }
    }

    /// Gives a child up only after so many crashes within a minute.
    pub(crate) fn give_up_after(mut self, most_crashes: u32) -> Self {
        self.most_crashes = most_crashes;
        self
    }

    /// Starts a child and keeps it alive from now on.
    ///
    /// While there is a file `<name>.hold` beside the pid files, a child that has ended is not started again, so that its
    /// being away can be rehearsed.
    pub(crate) fn start(&mut self, recipe: Recipe) {
        let name = recipe.name.clone();
        let hold = self.run.join(format!("{name}.hold"));
        // One of an earlier run.
        _ = std::fs::remove_file(&hold);
        let log = LogFile::new(&self.logs, &name);
        let log_start = log.len();
        let colour = u8::try_from(self.children.len() % 7).unwrap_or_default() + 31;
        let shown = self.verbose.then(|| tokio::spawn(log.clone().show(name.clone(), colour)));
        let (stop, stopped) = watch::channel(false);
        let keeper = Keeper {
            recipe,
            log: log.clone(),
            hold,
            run: self.run.clone(),
            most_crashes: self.most_crashes,
            pids: self.pids.clone(),
            given_up: self.given_up.clone(),
            hurry: self.hurry.subscribe(),
            stopped,
        };
        self.children.push(Managed { name, log, log_start, stop, task: tokio::spawn(keeper.keep()), shown });
    }

    /// The processes that run now, by the names of the children. Changes when one starts or ends.
    pub(crate) fn pids(&self) -> watch::Receiver<BTreeMap<String, u32>> {
        self.pids.subscribe()
    }

    /// Resolves when a child crashed so often that there is no point in going on.
    pub(crate) fn given_up(&self) -> impl Future<Output = Failure> + 'static {
        let mut given_up = self.given_up.subscribe();
        async move {
            match given_up.wait_for(Option::is_some).await.map(|failure| failure.clone()) {
                Ok(Some(failure)) => failure,
                // The supervisor is gone, and with it every child.
                _ => std::future::pending().await,
            }
        }
    }

    /// Asks `probe` until it succeeds. Fails with the end of the child's log when it is given up or time runs out.
    pub(crate) async fn wait_until<T, F>(&self, name: &str, limit: Duration, mut probe: F) -> Result<T>
    where
        F: AsyncFnMut() -> Result<T>,
    {
        let deadline = Instant::now() + limit;
        let answered = async {
            loop {
                match probe().await {
                    Ok(value) => return Ok(value),
                    Err(failure) if failure.how_to_mend().is_some() => return Err(failure),
                    Err(failure) if Instant::now() > deadline => {
                        let failure = Failure::new(format!(
                            "{name} does not answer after {} s: {}",
                            limit.as_secs(),
                            failure.what()
                        ));
                        return Err(self.with_log(name, failure));
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        tokio::select! {
            outcome = answered => outcome,
            failure = self.given_up() => Err(failure),
        }
    }

    fn with_log(&self, name: &str, failure: Failure) -> Failure {
        let Some(child) = self.children.iter().find(|child| child.name == name) else { return failure };
        let tail = child.log.tail(child.log_start, TAIL_LINES);
        failure
            .detail(indented(&tail))
            .mend(format!("read {}; `shopnexus doctor` checks the usual causes", child.log.path().display()))
    }

    /// Stops the children, the last one started first, and waits for each. `hurry` makes it kill instead.
    pub(crate) async fn stop_all(&mut self, hurry: impl Future<Output = ()>) {
        let order: Vec<Managed> = self.children.drain(..).rev().collect();
        let in_order = async {
            for child in order {
                child.stop.send_replace(true);
                // A task that panicked has nothing left to stop: its child was killed when it was dropped.
                _ = child.task.await;
                if let Some(shown) = child.shown {
                    shown.abort();
                }
            }
        };
        let hurried = async {
            hurry.await;
            self.hurry.send_replace(true);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = in_order => {}
            () = hurried => {}
        }
    }
}

/// What one child's task needs.
struct Keeper {
    recipe: Recipe,
    log: LogFile,
    hold: PathBuf,
    run: PathBuf,
    most_crashes: u32,
    pids: watch::Sender<BTreeMap<String, u32>>,
    given_up: watch::Sender<Option<Failure>>,
    hurry: watch::Receiver<bool>,
    stopped: watch::Receiver<bool>,
}

impl Keeper {
    async fn keep(mut self) {
        let mut crashes: VecDeque<Instant> = VecDeque::new();
        let mut reported = String::new();
        loop {
            if *self.stopped.borrow() {
                return;
            }
            let log_start = self.log.len();
            let ended = match self.log.open().and_then(|log| self.recipe.spawn(log)) {
                Err(error) => {
                    let program = self.recipe.program.display();
                    let what = format!("{} cannot be started: {program}: {error}", self.recipe.name);
                    self.given_up.send_replace(Some(
                        Failure::new(what)
                            .mend("`cargo xtask setup` installs and `cargo xtask up` builds what is missing"),
                    ));
                    return;
                }
                Ok(child) => match self.watch(child).await {
                    Some(ended) => ended,
                    None => return,
                },
            };
            let now = Instant::now();
            crashes.push_back(now);
            while crashes.front().is_some_and(|crash| now.duration_since(*crash) > CRASH_WINDOW) {
                crashes.pop_front();
            }
            let tail = indented(&self.log.tail(log_start, TAIL_LINES));
            let name = &self.recipe.name;
            let count = u32::try_from(crashes.len()).unwrap_or(u32::MAX);
            if count >= self.most_crashes {
                let what = format!("{name} ended {count} times within a minute, at last with {ended}");
                let advice = format!("read {}; `shopnexus doctor` checks the usual causes", self.log.path().display());
                self.given_up.send_replace(Some(Failure::new(what).detail(tail).mend(advice)));
                return;
            }
            let pause = pause_after(count, self.most_crashes);
            say::warn(&format!("{name} ended with {ended}; it is started again in {:.2} s", pause.as_secs_f32()));
            // A child that fails the same way every time says so once.
            if !tail.is_empty() && tail != reported {
                say::line(&tail);
                reported = tail;
            }
            let hold = &self.hold;
            let due = async {
                tokio::time::sleep(pause).await;
                while hold.exists() {
                    tokio::time::sleep(LOOK_AT_HOLD).await;
                }
            };
            tokio::select! {
                () = due => {}
                _ = self.stopped.wait_for(|stopped| *stopped) => return,
            }
        }
    }

    /// Waits for the child's end. `None` when it was asked to end.
    async fn watch(&mut self, mut child: Child) -> Option<String> {
        let pid = child.id().and_then(|id| i32::try_from(id).ok())?;
        let recipe = &self.recipe;
        let pid_file = PidFile::write(&self.run, &recipe.name, pid, recipe.stop_signal, recipe.grace);
        if let Err(failure) = &pid_file {
            say::warn(&failure.to_string());
        }
        self.pids.send_modify(|pids| _ = pids.insert(recipe.name.clone(), pid.unsigned_abs()));
        let ended = tokio::select! {
            status = child.wait() => Some(describe(status)),
            _ = self.stopped.wait_for(|stopped| *stopped) => None,
        };
        if ended.is_none() {
            self.end(child, pid).await;
        }
        // Whatever the child had started in its group goes with it.
        _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
        self.pids.send_modify(|pids| _ = pids.remove(&self.recipe.name));
        ended
    }

    async fn end(&mut self, mut child: Child, pid: i32) {
        let asked = kill(Pid::from_raw(pid), self.recipe.stop_signal);
        if asked.is_ok() {
            tokio::select! {
                _ = child.wait() => return,
                () = tokio::time::sleep(self.recipe.grace) => {
                    let seconds = self.recipe.grace.as_secs();
                    say::warn(&format!("{} does not end within {seconds} s and is killed", self.recipe.name));
                }
                _ = self.hurry.wait_for(|hurry| *hurry) => {}
            }
        }
        _ = child.kill().await;
    }
}

/// Doubles up to five times on the way to the last crash that is allowed.
fn pause_after(crashes: u32, most: u32) -> Duration {
    let doublings = (crashes.saturating_sub(1).saturating_mul(5) / most.max(1)).min(5);
    (SHORTEST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE)
}

fn describe(status: std::io::Result<ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status {
        Err(error) => format!("an unknown status ({error})"),
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => {
                Signal::try_from(signal).map_or_else(|_| format!("signal {signal}"), |known| known.as_str().to_owned())
            }
            (None, None) => status.to_string(),
        },
    }
}

fn indented(lines: &[String]) -> String {
    lines.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_a_limit() {
        assert_eq!(pause_after(1, MOST_CRASHES), Duration::from_millis(250));
        assert_eq!(pause_after(3, MOST_CRASHES), Duration::from_secs(1));
        assert_eq!(pause_after(60, MOST_CRASHES), LONGEST_PAUSE);
        assert_eq!(pause_after(60, 1000), SHORTEST_PAUSE, "who allows many crashes does not wait for them");
    }

    fn supervisor() -> (tempfile::TempDir, DataDir, Supervisor) {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::open(directory.path()).unwrap();
        let supervisor = Supervisor::new(&data, false);
        (directory, data, supervisor)
    }

    #[tokio::test]
    async fn a_child_that_keeps_crashing_is_given_up_with_the_end_of_its_log() {
        let (_directory, _data, mut supervisor) = supervisor();
        supervisor.start(Recipe::new("broken", "/bin/sh").arguments(["-c", "echo no such bean; exit 3"]));
        let failure = supervisor.given_up().await.to_string();
        assert!(failure.contains("broken ended 5 times"), "{failure}");
        assert!(failure.contains("exit code 3") && failure.contains("no such bean"), "{failure}");
        supervisor.stop_all(std::future::pending()).await;
    }

    #[tokio::test]
    async fn a_killed_child_is_started_again_and_stopped_at_the_end() {
        let (_directory, data, mut supervisor) = supervisor();
        supervisor.start(Recipe::new("sleeper", "/bin/sleep").arguments(["600"]));
        let mut pids = supervisor.pids();
        let first = pids.wait_for(|pids| pids.contains_key("sleeper")).await.unwrap()["sleeper"];
        kill(Pid::from_raw(first.cast_signed()), Signal::SIGKILL).unwrap();
        let second =
            pids.wait_for(|pids| pids.get("sleeper").is_some_and(|pid| *pid != first)).await.unwrap()["sleeper"];
        assert!(data.path("run/sleeper.pid").is_file());
        supervisor.stop_all(std::future::pending()).await;
        assert!(super::super::identity::started_at(second.cast_signed()).is_none(), "nothing is left running");
        assert!(!data.path("run/sleeper.pid").exists());
    }

    #[tokio::test]
    async fn a_child_that_is_held_back_is_started_when_the_hold_ends() {
        let (_directory, data, mut supervisor) = supervisor();
        let hold = data.path("run/sleeper.hold");
        std::fs::write(&hold, "").unwrap();
        supervisor.start(Recipe::new("sleeper", "/bin/sleep").arguments(["600"]));
        let mut pids = supervisor.pids();
        let first = pids.wait_for(|pids| pids.contains_key("sleeper")).await.unwrap()["sleeper"];
        assert!(!hold.exists(), "that of an earlier run does not count");
        std::fs::write(&hold, "").unwrap();
        kill(Pid::from_raw(first.cast_signed()), Signal::SIGKILL).unwrap();
        pids.wait_for(|pids| !pids.contains_key("sleeper")).await.unwrap();
        let held = LONGEST_PAUSE / 4;
        let again = tokio::time::timeout(held, pids.wait_for(|pids| pids.contains_key("sleeper"))).await.is_ok();
        assert!(!again, "it was started again");
        std::fs::remove_file(&hold).unwrap();
        pids.wait_for(|pids| pids.contains_key("sleeper")).await.unwrap();
        supervisor.stop_all(std::future::pending()).await;
    }

    #[tokio::test]
    async fn a_child_that_ignores_the_signal_is_killed_in_a_hurry() {
        let (_directory, _data, mut supervisor) = supervisor();
        supervisor
            .start(Recipe::new("stubborn", "/bin/sh").arguments(["-c", "trap '' TERM; while :; do sleep 1; done"]));
        supervisor.pids().wait_for(|pids| pids.contains_key("stubborn")).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let before = Instant::now();
        supervisor.stop_all(tokio::time::sleep(Duration::from_millis(100))).await;
        assert!(before.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_given_up_at_once() {
        let (_directory, _data, mut supervisor) = supervisor();
        supervisor.start(Recipe::new("router", "/nowhere/shopnexus-router"));
        let failure = supervisor.given_up().await.to_string();
        assert!(failure.contains("/nowhere/shopnexus-router") && failure.contains("to mend it"), "{failure}");
    }
}
