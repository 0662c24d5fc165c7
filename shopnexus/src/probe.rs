//! `shopnexus probe`: whether something on this machine is well, for containers that have no other client.

use std::process::ExitCode;

use url::Url;

use crate::failure::Result;
use crate::http;

/// Options of `probe`.
#[derive(Debug, clap::Args)]
pub(crate) struct ProbeArgs {
    /// What to ask, as in `http://127.0.0.1:4107/readyz`.
    #[arg(env = "PROBE_URL")]
    url: Url,
}

/// Ends with 0 when the answer is 200, else with 1.
pub(crate) async fn run(arguments: ProbeArgs) -> Result<ExitCode> {
    let status = http::get_status(&arguments.url).await?;
    if status == 200 {
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} answers {status}", arguments.url);
    Ok(ExitCode::FAILURE)
}
