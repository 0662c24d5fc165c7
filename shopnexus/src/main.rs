//! `shopnexus`: the one program of the marketplace besides its router.
//!
//! It serves any set of modules, migrates, seeds and examines an installation, and on a developer's machine runs all
//! of it under one supervisor. It owns how processes are started, watched and ended; it holds no rule of the
//! marketplace and no table.

mod backup;
mod check;
mod cli;
mod compose;
mod data_dir;
mod doctor;
mod engines;
mod environment;
mod export;
mod failure;
mod http;
mod import;
mod installation;
mod interrupt;
mod migrate;
mod modules;
mod ports;
mod probe;
mod process;
mod register;
mod reindex;
mod sandbox;
mod say;
mod schema;
mod secrets;
mod seed;
mod serve;
mod up;

use std::process::ExitCode;

/// Requests allocate a lot, for a short time and from several threads, at which this one is faster than that of the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(failure) => {
            say::error(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}
