//! `cargo xtask test`.

use std::process::Command;

use crate::checkout::Checkout;
use crate::command::{self, announce, cargo};
use crate::{compile, setup, turn};

/// Sets up, builds, and runs the tests against engines that live as long as the run.
pub(crate) fn run(checkout: &Checkout, arguments: &[String]) -> Result<(), String> {
    setup::run(checkout, setup::For::Testing)?;
    // Held until the last test has run: Cargo asks again for each program whether it is fresh.
    let _turn = turn::take(checkout)?;
    compile::binaries(checkout, false)?;
    announce("building the tests");
    command::run(&mut cargo(checkout, &["test", "--workspace", "--no-run"]))?;
    announce("running the tests");
    let tests = cargo(checkout, &["test", "--workspace", "--no-fail-fast"]);
    let mut command = Command::new(compile::shopnexus(checkout));
    command.args(["engines", "--"]).arg(tests.get_program()).args(tests.get_args()).args(tests_arguments(arguments));
    command.current_dir(&checkout.root);
    for (name, value) in tests.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command::run(&mut command)
}

/// What stands after `cargo test --workspace`: Cargo takes one filter itself, the test programs take any number.
fn tests_arguments(arguments: &[String]) -> Vec<String> {
    if arguments.is_empty() {
        return Vec::new();
    }
    let mut all = vec!["--".to_owned()];
    all.extend(arguments.iter().filter(|argument| *argument != "--").cloned());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_and_options_reach_the_test_programs() {
        let given = ["checkout", "refund", "--", "--nocapture"].map(str::to_owned);
        assert_eq!(tests_arguments(&given), ["--", "checkout", "refund", "--nocapture"]);
        assert!(tests_arguments(&[]).is_empty());
    }
}
