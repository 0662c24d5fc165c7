//! `shopnexus serve`.

use service_kit::{Config, ModuleName, Platform, StartError, telemetry};
use tokio_util::sync::CancellationToken;

use crate::failure::{Failure, Result, causes};
use crate::interrupt::Interrupts;
use crate::modules;

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// Which modules: account, analytic, catalog, chat, common, inventory, order, promotion.
    #[arg(required = true)]
    modules: Vec<ModuleName>,
}

/// Serves the modules until told to stop; then lets what runs come to its end.
pub(crate) async fn run(mut arguments: ServeArgs) -> Result<()> {
    arguments.modules.sort();
    arguments.modules.dedup();
    let config = Config::from_env().map_err(|error| failure(&error))?;
    let _telemetry = telemetry::init("shopnexus");
    let mut interrupts = Interrupts::new()?;
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        let signal = interrupts.next().await;
        tracing::info!(%signal, "stopping");
        stopping.cancel();
    });

    let platform = Platform::connect(config).await.map_err(|error| start_failure(&error))?;
    let ready = arguments.modules.iter().map(async |name| modules::module(*name, &platform).await);
    let ready = futures::future::try_join_all(ready).await.map_err(|error| start_failure(&error))?;
    service_kit::serve::run(&platform.config, ready, stop).await.map_err(|error| start_failure(&error))
}

fn start_failure(error: &StartError) -> Failure {
    failure(error).mend("`shopnexus doctor` checks what the modules need")
}

fn failure(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(causes(error))
}
