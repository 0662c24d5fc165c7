//! Running the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program, with no engine named by the environment of the test run.
pub(crate) fn shopnexus() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shopnexus"));
    for name in ["DATABASE_URL", "REDIS_URL", "RESTATE_INGRESS_URL", "RESTATE_ADMIN_URL", "MODULE_ROLE_SECRET"] {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs the command to its end, which must come within two minutes.
pub(crate) fn output(command: &mut Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let pid = nix::unistd::Pid::from_raw(child.id().cast_signed());
    let (done, waits) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if waits.recv_timeout(Duration::from_secs(120)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        }
    });
    let output = child.wait_with_output().expect("the program can be waited for");
    drop(done);
    watchdog.join().expect("the watchdog does not panic");
    output
}

/// What a command that must fail says.
pub(crate) fn refusal(command: &mut Command) -> String {
    let output = output(command);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it should have failed, and said:\n{text}");
    text
}

/// `shopnexus engines` that runs in the background until it is dropped.
pub(crate) struct Background {
    pub(crate) child: Child,
    pub(crate) data: PathBuf,
}

impl Background {
    /// Starts engines on the directory; `only` names them. Their environment is written to `environment` in it.
    pub(crate) fn engines(data: &Path, only: &str) -> Self {
        let environment = data.join("environment");
        let mut command = shopnexus();
        command.arg("engines").arg("--data-dir").arg(data).arg(format!("--only={only}")).arg("--");
        command.args(["sh", "-c"]).arg("env > \"$0.new\" && mv \"$0.new\" \"$0\" && exec sleep 600");
        let said = fs::File::create(data.join("said")).expect("the directory can be written");
        command.arg(&environment).stdout(Stdio::null()).stderr(said);
        let background = Self { child: command.spawn().expect("the program starts"), data: data.to_owned() };
        let said = || fs::read_to_string(data.join("said")).unwrap_or_default();
        eventually("the engines to run", || {
            assert!(!said().contains("error:"), "{}", said());
            environment.exists().then_some(())
        });
        background
    }

    /// A variable that the command found in its environment.
    pub(crate) fn variable(&self, name: &str) -> String {
        let all = fs::read_to_string(self.data.join("environment")).expect("the environment was written");
        let value = all.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.unwrap_or_else(|| panic!("{name} is in {all}")).to_owned()
    }

    /// The process of an engine.
    pub(crate) fn pid(&self, engine: &str) -> i32 {
        pid_in(&self.data, engine).unwrap_or_else(|| panic!("{engine} has a pid file"))
    }

    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(self.child.id().cast_signed()), signal)
            .expect("the program runs");
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.signal(nix::sys::signal::Signal::SIGTERM);
        }
        _ = self.child.wait();
    }
}

/// The process that a pid file names.
pub(crate) fn pid_in(data: &Path, engine: &str) -> Option<i32> {
    let text = fs::read(data.join(format!("run/{engine}.pid"))).ok()?;
    let record: serde_json::Value = serde_json::from_slice(&text).ok()?;
    record["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok())
}

/// Whether a process of this number runs. The remains of one that nobody waited for do not count.
pub(crate) fn runs(pid: i32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Waits until `probe` gives something, a minute at most.
pub(crate) fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(value) = probe() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited a minute for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
