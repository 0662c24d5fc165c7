//! What goes wrong at the command line: what, why, and how to mend it.

use std::error::Error;
use std::fmt;

/// The outcome of a command.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// A failure as the person at the terminal reads it.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    what: String,
    detail: Option<String>,
    mend: Option<String>,
}

impl Failure {
    /// A failure in one sentence that names the thing and what is wrong with it.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), detail: None, mend: None }
    }

    /// Adds what the reader can do about it.
    pub(crate) fn mend(mut self, how: impl Into<String>) -> Self {
        self.mend = Some(how.into());
        self
    }

    /// Adds further lines, such as the end of a log.
    pub(crate) fn detail(mut self, text: impl Into<String>) -> Self {
        self.detail = Some(text.into());
        self
    }

    /// What the reader can do about it, when that is known.
    pub(crate) fn how_to_mend(&self) -> Option<&str> {
        self.mend.as_deref()
    }

    /// What is wrong, without the advice.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(detail) = &self.detail {
            write!(f, "\n{}", detail.trim_end())?;
        }
        if let Some(mend) = &self.mend {
            write!(f, "\n  to mend it: {mend}")?;
        }
        Ok(())
    }
}

impl Error for Failure {}

/// An error and everything that caused it, in one line.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Many libraries repeat their cause in their own message.
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

/// Turns a library's error into a failure that says what was being done.
pub(crate) trait Context<T> {
    /// The failure reads `<what>: <error and causes>`.
    fn context(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Error + 'static> Context<T> for std::result::Result<T, E> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Failure::new(format!("{}: {}", what(), causes(&error))))
    }
}
