//! `cargo xtask …`: what a developer types.
//!
//! It sets a fresh machine up, builds, and hands over to the `shopnexus` binary. It has no dependency, so that it
//! compiles in a second or two and never changes which features the workspace's dependencies are built with. It owns
//! no rule of the marketplace and starts no engine itself: `shopnexus` does.

mod arguments;
mod bench;
mod checkout;
mod command;
mod compile;
mod lint;
mod schema;
mod setup;
mod test;
mod turn;
mod up;

use std::process::ExitCode;

use arguments::Task;
use checkout::Checkout;

fn main() -> ExitCode {
    match arguments::parse(std::env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\n{} {message}", command::paint("1;31", "error:"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<(), String> {
    let checkout = Checkout::find()?;
    match task {
        Task::Help(text) => {
            println!("{text}");
            Ok(())
        }
        Task::Setup => setup::run(&checkout, setup::For::Testing),
        Task::Up(options) => up::run(&checkout, &options),
        Task::Test(options) => test::run(&checkout, &options),
        Task::Bench(arguments) => bench::run(&checkout, &arguments),
        Task::Lint => lint::run(&checkout),
        Task::Schema(options) => schema::run(&checkout, &options),
    }
}
