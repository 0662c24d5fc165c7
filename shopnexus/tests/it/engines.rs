//! Private engines: started, watched, ended, and found again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::program::{Background, eventually, output, pid_in, refusal, runs, shopnexus};

#[test]
fn the_command_finds_its_engines_and_its_exit_code_is_ours() {
    let script = "test -n \"$DATABASE_URL$REDIS_URL\" && test -n \"$MODULE_ROLE_SECRET\" && \
                  test -x \"$SHOPNEXUS_BIN_DIR/shopnexus\" && exit 7; exit 1";
    let result = output(shopnexus().args(["engines", "--only=redis", "--", "sh", "-c", script]));
    assert_eq!(result.status.code(), Some(7), "{}", String::from_utf8_lossy(&result.stderr));
}

#[test]
fn data_are_found_again_and_a_stale_pid_file_is_no_obstacle() {
    let data = tempfile::tempdir().unwrap();
    let shopnexus_itself = env!("CARGO_BIN_EXE_shopnexus");
    let run = |task: &[&str]| {
        let mut command = shopnexus();
        command.args(["engines", "--only=postgres", "--data-dir"]).arg(data.path()).arg("--").arg(shopnexus_itself);
        let result = output(command.args(task));
        let said = String::from_utf8_lossy(&result.stderr).into_owned();
        assert!(result.status.success(), "{said}");
        String::from_utf8_lossy(&result.stdout).into_owned()
    };
    run(&["migrate", "up"]);

    // A pid file whose number belongs, by now, to someone else: PostgreSQL alone would refuse to start.
    let postgres = data.path().join("postgres");
    let home = fs::read_to_string(postgres.join("IS-ELSEWHERE"))
        .map_or(postgres, |note| note.trim().rsplit(' ').next().unwrap().into());
    let cluster = home.join("cluster");
    let stale = format!("{}\n{}\n", std::process::id(), cluster.display());
    fs::write(cluster.join("postmaster.pid"), stale).unwrap();

    let status = run(&["migrate", "status"]);
    assert!(status.contains("applied") && !status.contains("pending"), "{status}");
    // The password must still be the one of the first run.
    let secrets = fs::metadata(data.path().join("secrets.json")).unwrap();
    assert_eq!(secrets.permissions().mode() & 0o777, 0o600);
    run(&["migrate", "down"]);
    let status = run(&["migrate", "status"]);
    assert!(status.contains("pending"), "{status}");
}

#[test]
fn a_cluster_of_another_password_is_explained() {
    let data = tempfile::tempdir().unwrap();
    let engines = || {
        let mut command = shopnexus();
        command.args(["engines", "--only=postgres", "--data-dir"]).arg(data.path()).args(["--", "true"]);
        command
    };
    assert!(output(&mut engines()).status.success());
    fs::remove_file(data.path().join("secrets.json")).unwrap();
    if data.path().join("postgres/IS-ELSEWHERE").exists() {
        // The cluster's place follows from the secrets as well: without them a new one is made.
        return;
    }
    let text = refusal(&mut engines());
    assert!(text.contains("secrets.json") && text.contains("to mend it"), "{text}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_supervisor_leaves_nothing_running_and_the_next_one_starts() {
    let data = tempfile::tempdir().unwrap();
    let mut first = Background::engines(data.path(), "postgres,redis,restate");
    let pids = ["postgres", "redis", "restate"].map(|engine| first.pid(engine));
    assert!(pids.iter().all(|pid| runs(*pid)));
    first.signal(Signal::SIGKILL);
    first.child.wait().unwrap();
    eventually("the engines to end with their supervisor", || (!pids.iter().any(|pid| runs(*pid))).then_some(()));
    assert!(pid_in(data.path(), "postgres").is_some(), "nobody was left to remove the pid files");

    fs::remove_file(data.path().join("environment")).unwrap();
    let second = Background::engines(data.path(), "postgres,redis,restate");
    assert!(runs(second.pid("postgres")));
}

#[test]
fn a_killed_engine_is_started_again_on_the_same_port() {
    let data = tempfile::tempdir().unwrap();
    let engines = Background::engines(data.path(), "postgres,redis");
    for engine in ["redis", "postgres"] {
        let first = engines.pid(engine);
        kill(Pid::from_raw(first), Signal::SIGKILL).unwrap();
        eventually("a new process", || pid_in(data.path(), engine).filter(|pid| *pid != first && runs(*pid)));
    }
    let mut migrate = shopnexus();
    migrate.args(["migrate", "up"]);
    for name in ["DATABASE_URL", "MODULE_ROLE_SECRET"] {
        migrate.env(name, engines.variable(name));
    }
    eventually("the database to recover", || output(&mut migrate).status.success().then_some(()));
}

#[test]
fn a_signal_ends_the_command_and_then_the_engines() {
    let data = tempfile::tempdir().unwrap();
    let mut engines = Background::engines(data.path(), "postgres,redis,restate");
    let pids = ["postgres", "redis", "restate"].map(|engine| engines.pid(engine));
    let before = Instant::now();
    engines.signal(Signal::SIGTERM);
    let status = engines.child.wait().unwrap();
    assert_eq!(status.code(), Some(128 + Signal::SIGTERM as i32));
    assert!(!pids.iter().any(|pid| runs(*pid)), "nothing is left running");
    assert!(before.elapsed() < Duration::from_secs(30));
    let left: Vec<_> =
        fs::read_dir(data.path().join("run")).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["lock"], "no pid file is left");
}
