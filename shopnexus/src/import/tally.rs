//! What came of the rows: refusals as they happen, a bar on a terminal, a summary at the end.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::say;

/// Counts rows and tells of them.
pub(super) struct Tally {
    bar: Option<ProgressBar>,
    begun: Instant,
    dry_run: bool,
    imported: usize,
    there: usize,
    /// Rows that something is wrong with.
    pub(super) refused: usize,
}

impl Tally {
    /// Begins with a file of so many bytes.
    pub(super) fn begin(bytes: u64, dry_run: bool) -> Self {
        let style = ProgressStyle::with_template("  {bar:32.cyan} {percent:>3} %  {msg}  {eta} left")
            .expect("the template is sound");
        let bar = stderr().is_terminal().then(|| ProgressBar::new(bytes).with_style(style));
        Self { bar, begun: Instant::now(), dry_run, imported: 0, there: 0, refused: 0 }
    }

    /// The file is read up to here.
    pub(super) fn position(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
        }
    }

    /// So many rows are imported, and so many were there already.
    pub(super) fn count(&mut self, imported: usize, there: usize) {
        self.imported += imported;
        self.there += there;
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} products", self.imported + self.there));
        }
    }

    /// A row is not imported, and why. It goes to standard output, so that it can be kept in a file.
    pub(super) fn refuse(&mut self, line: u64, why: &str) {
        self.refused += 1;
        let tell = || _ = writeln!(stdout(), "line {line}: {why}");
        match &self.bar {
            Some(bar) => bar.suspend(tell),
            None => tell(),
        }
    }

    /// The summary.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let imported = if self.dry_run { "to import" } else { "imported" };
        let Self { there, refused, .. } = self;
        let seconds = self.begun.elapsed().as_secs_f32();
        let summary =
            format!("{} {imported}, {there} there already, {refused} refused, in {seconds:.1} s", self.imported);
        if *refused == 0 { say::done(&summary) } else { say::warn(&summary) }
    }
}
