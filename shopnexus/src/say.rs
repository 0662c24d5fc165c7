//! What the supervisor and its relatives write on the terminal.

use std::io::{IsTerminal, Write, stderr};

/// The text in an ANSI colour, when standard error is a terminal and nobody asked for none.
pub(crate) fn paint(colour: &str, text: &str) -> String {
    if stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\x1b[{colour}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// One line. A terminal that has gone away is no reason to fail.
pub(crate) fn line(text: &str) {
    _ = writeln!(stderr(), "{text}");
}

/// Something that is done.
pub(crate) fn done(text: &str) {
    line(&format!("{} {text}", paint("32", "✓")));
}

/// Something that goes on.
pub(crate) fn step(text: &str) {
    line(&format!("{} {text}", paint("36", "·")));
}

/// Something the reader should know, though it goes on.
pub(crate) fn warn(text: &str) {
    line(&format!("{} {text}", paint("33", "!")));
}

/// Something that failed.
pub(crate) fn error(text: &str) {
    line(&format!("{} {text}", paint("1;31", "error:")));
}
