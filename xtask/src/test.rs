//! `cargo xtask test`.

use std::process::Command;

use crate::arguments::{Router, TestOptions};
use crate::checkout::Checkout;
use crate::command::{self, announce, cargo};
use crate::{compile, setup, turn};

/// Sets up, builds, and runs the tests against engines that live as long as the run.
pub(crate) fn run(checkout: &Checkout, options: &TestOptions) -> Result<(), String> {
    setup::run(checkout, setup::For::Testing)?;
    setup::router(checkout, options.router)?;
    // Held until the last test has run: Cargo asks again for each program whether it is fresh.
    let _turn = turn::take(checkout)?;
    compile::binaries(checkout, false)?;
    announce("building the tests");
    command::run(&mut cargo(checkout, &["test", "--workspace", "--no-run"]))?;
    announce("running the tests");
    let tests = cargo(checkout, &["test", "--workspace", "--no-fail-fast"]);
    let mut command = Command::new(compile::shopnexus(checkout));
    command.args(["engines", "--"]).arg(tests.get_program()).args(tests.get_args()).args(tests_arguments(options));
    command.current_dir(&checkout.root).env("SHOPNEXUS_ROUTER", options.router.name());
    for (name, value) in tests.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command::run(&mut command)
}

/// The tests that have a meaning behind Apollo Router, which serves neither subscriptions nor our edge.
const STORY: &str = "story::";

/// What stands after `cargo test --workspace`: Cargo takes one filter itself, the test programs take any number.
fn tests_arguments(TestOptions { router, rest }: &TestOptions) -> Vec<String> {
    let mut arguments: Vec<String> = rest.iter().filter(|argument| *argument != "--").cloned().collect();
    let has_filter = rest.iter().take_while(|argument| *argument != "--").next().is_some();
    if *router == Router::Apollo && !has_filter {
        arguments.insert(0, STORY.to_owned());
    }
    if arguments.is_empty() {
        return arguments;
    }
    arguments.insert(0, "--".to_owned());
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_and_options_reach_the_test_programs() {
        let given = |router, rest: &[&str]| {
            tests_arguments(&TestOptions { router, rest: rest.iter().map(|&text| text.to_owned()).collect() })
        };
        let filters = ["checkout", "refund", "--", "--nocapture"];
        assert_eq!(given(Router::Hive, &filters), ["--", "checkout", "refund", "--nocapture"]);
        assert!(given(Router::Hive, &[]).is_empty());
        assert_eq!(given(Router::Apollo, &["--", "--nocapture"]), ["--", "story::", "--nocapture"]);
        assert_eq!(given(Router::Apollo, &["cards"]), ["--", "cards"]);
    }
}
