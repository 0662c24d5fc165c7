//! Running other programs, and saying so.

use std::ffi::OsStr;
use std::io::{IsTerminal, stderr};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::checkout::Checkout;

/// Says what happens next.
pub(crate) fn announce(text: &str) {
    eprintln!("{} {text}", paint("1;36", "==>"));
}

/// The text in an ANSI colour when a terminal shows it.
pub(crate) fn paint(colour: &str, text: &str) -> String {
    if stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\x1b[{colour}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}

/// Runs the command with its output shown, and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", shown(command))) }
}

/// Runs the command and gives what it printed; its error output stands in the message when it fails.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{}` failed ({})\n{}", shown(command), output.status, complaint.trim()))
}

/// Whether the command runs and succeeds, with its output thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` cannot be started: {error}", command.get_program().to_string_lossy())
}

/// The program of this name on `PATH`, when there is one.
pub(crate) fn on_path(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name.as_ref())).find(|candidate| candidate.is_file())
}

/// Cargo, as it was typed: same toolchain, the checkout's target directory, and none of what `cargo run` sets for us
/// alone.
pub(crate) fn cargo(checkout: &Checkout, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(&checkout.root).env("CARGO_TARGET_DIR", &checkout.target);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name == "CARGO_MANIFEST_DIR" || name == "CARGO_MANIFEST_PATH" || name.starts_with("CARGO_PKG_") {
            command.env_remove(name.as_ref());
        }
    }
    // `cargo run` puts its own directories in front of the library path. Build scripts that watch this variable would
    // run again whenever Cargo is called without us in between.
    if let Some(libraries) = std::env::var_os("LD_LIBRARY_PATH") {
        let toolchain = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
        let ours = |path: &PathBuf| {
            path.ends_with("deps")
                || path.ends_with("debug")
                || path.components().any(|part| part.as_os_str() == ".rustup" || part.as_os_str() == "rustlib")
                || toolchain.as_ref().is_some_and(|toolchain| path.starts_with(toolchain))
        };
        let rest: Vec<PathBuf> = std::env::split_paths(&libraries).filter(|path| !ours(path)).collect();
        match std::env::join_paths(&rest) {
            Ok(rest) if !rest.is_empty() => command.env("LD_LIBRARY_PATH", rest),
            _ => command.env_remove("LD_LIBRARY_PATH"),
        };
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("apt-get");
        command.args(["install", "-y", "a b", ""]);
        assert_eq!(shown(&command), "apt-get install -y 'a b' ''");
    }

    #[test]
    fn a_failing_command_gives_its_complaint() {
        let message = output(Command::new("sh").args(["-c", "echo broken >&2; exit 3"])).unwrap_err();
        assert!(message.contains("broken") && message.contains('3'), "{message}");
        assert!(output(&mut Command::new("no-such-program")).unwrap_err().contains("no-such-program"));
    }
}
