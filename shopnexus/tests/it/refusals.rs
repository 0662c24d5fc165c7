//! What cannot work is refused in a sentence that names the thing and how to mend it.

use std::fs;
use std::net::TcpListener;

use crate::program::{Background, refusal, shopnexus};

#[test]
fn a_data_directory_that_cannot_be_written_is_named() {
    let text = refusal(shopnexus().args(["up", "--data-dir", "/proc/shopnexus"]));
    assert!(text.contains("/proc/shopnexus") && text.contains("--data-dir"), "{text}");
}

#[test]
fn a_data_directory_below_a_file_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = refusal(shopnexus().args(["up", "--data-dir"]).arg(file.path().join("data")));
    assert!(text.contains("cannot be used") && text.contains("to mend it"), "{text}");
}

#[test]
fn a_missing_engine_is_named_with_the_command_that_installs_it() {
    let empty = tempfile::tempdir().unwrap();
    let text = refusal(shopnexus().args(["engines", "--only=redis", "--", "/bin/true"]).env("PATH", empty.path()));
    assert!(text.contains("redis-server is not installed") && text.contains("apt-get install redis-server"), "{text}");
}

#[test]
fn a_restate_that_does_not_run_is_named() {
    let text = refusal(
        shopnexus().args(["engines", "--only=restate", "--", "/bin/true"]).env("RESTATE_SERVER", "/nowhere/restate"),
    );
    assert!(text.contains("/nowhere/restate") && text.contains("cargo xtask setup"), "{text}");
}

#[test]
fn a_taken_port_is_named_with_its_holder() {
    let data = tempfile::tempdir().unwrap();
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port().to_string();
    let text = refusal(shopnexus().args(["up", "--port", &port, "--data-dir"]).arg(data.path()));
    assert!(text.contains(&port) && text.contains("is taken"), "{text}");
    if cfg!(target_os = "linux") {
        assert!(text.contains(&format!("process {}", std::process::id())), "{text}");
    }
}

#[test]
fn a_wrong_database_url_is_named_without_its_password() {
    let data = tempfile::tempdir().unwrap();
    let url = "postgres://owner:s3cret@127.0.0.1:1/shop";
    let text = refusal(shopnexus().args(["up", "--data-dir"]).arg(data.path()).env("DATABASE_URL", url));
    assert!(text.contains("DATABASE_URL") && text.contains("127.0.0.1:1"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");

    let text = refusal(shopnexus().args(["up", "--data-dir"]).arg(data.path()).env("DATABASE_URL", "here"));
    assert!(text.contains("DATABASE_URL is not a URL"), "{text}");
}

#[test]
fn half_a_restate_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let text = refusal(
        shopnexus().args(["up", "--data-dir"]).arg(data.path()).env("RESTATE_ADMIN_URL", "http://127.0.0.1:1/"),
    );
    assert!(text.contains("RESTATE_INGRESS_URL"), "{text}");
}

#[test]
fn a_data_directory_in_use_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let first = Background::engines(data.path(), "redis");
    let text = refusal(shopnexus().args(["engines", "--data-dir"]).arg(data.path()).args(["--", "true"]));
    assert!(text.contains("in use") && text.contains(&first.child.id().to_string()), "{text}");
}

#[test]
fn unreadable_secrets_are_named() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("secrets.json"), "{").unwrap();
    let text =
        refusal(shopnexus().args(["engines", "--only=redis", "--data-dir"]).arg(data.path()).args(["--", "true"]));
    assert!(text.contains("secrets.json") && text.contains("to mend it"), "{text}");
}

#[test]
fn a_command_that_needs_a_marketplace_says_how_to_get_one() {
    let data = tempfile::tempdir().unwrap();
    let text = refusal(shopnexus().args(["migrate", "--data-dir"]).arg(data.path()).arg("status"));
    assert!(text.contains("cargo xtask up") && text.contains("DATABASE_URL"), "{text}");
}
