//! `shopnexus doctor`: what is wrong, and how to mend it.

mod installed;
mod running;

use std::process::ExitCode;

use crate::environment::Where;
use crate::failure::Result;
use crate::say::paint;

/// Examines the machine, then the marketplace that runs. Fails when a check does.
pub(crate) async fn run(place: &Where) -> Result<ExitCode> {
    let mut report = Report::default();
    report.section("This machine");
    installed::examine(&mut report, place);
    report.section("The marketplace");
    match place.config() {
        Ok(config) => running::examine(&mut report, &config).await,
        // Nothing runs, so nothing more can be said. That is no fault.
        Err(failure) => report.skip(failure.what(), failure.how_to_mend()),
    }
    Ok(report.verdict())
}

/// Collects and prints findings.
#[derive(Debug, Default)]
pub(crate) struct Report {
    failures: usize,
}

impl Report {
    fn section(&mut self, title: &str) {
        println!("{}", paint("1", title));
    }

    /// One check: what it found, or what is wrong.
    pub(crate) fn check(&mut self, name: &str, outcome: Result<String>) {
        match outcome {
            Ok(found) => println!("  {} {name}: {found}", paint("32", "✓")),
            Err(failure) => {
                self.failures += 1;
                let what = failure.what().replace('\n', "\n      ");
                println!("  {} {name}: {what}", paint("31", "✗"));
                if let Some(mend) = failure.how_to_mend() {
                    println!("      to mend it: {mend}");
                }
            }
        }
    }

    /// Something that could not be checked, and needs no mending.
    fn skip(&mut self, why: &str, mend: Option<&str>) {
        println!("  {} {why}", paint("33", "–"));
        if let Some(mend) = mend {
            println!("      {mend}");
        }
    }

    fn verdict(&self) -> ExitCode {
        match self.failures {
            0 => {
                println!("{}", paint("1;32", "Nothing is wrong."));
                ExitCode::SUCCESS
            }
            failures => {
                let plural = if failures == 1 { "check fails" } else { "checks fail" };
                println!("{}", paint("1;31", &format!("{failures} {plural}.")));
                ExitCode::FAILURE
            }
        }
    }
}
