//! `shopnexus sandbox`: a local server that behaves as VNPay and GHTK do, for development and tests.
//!
//! It shows a payment page, reports results by IPN as the merchant's secret signs them, answers `querydr` and `refund`,
//! and on demand does what goes wrong in life: refusals, delays, duplicates, wrong amounts, foreign references, wrong
//! signatures, silence. It shares no code with the module that it stands opposite to, so that neither can hide the
//! other's mistakes. Never in production.

mod act;
mod ghtk;
mod page;
mod query;
mod refund;
mod routes;
mod signature;
mod wishes;

use std::{env, net::SocketAddr, sync::Arc};

use tokio::net::TcpListener;

use crate::failure::{Context, Failure, Result};
use crate::interrupt::Interrupts;

/// Options of `sandbox`.
#[derive(Debug, clap::Args)]
pub(crate) struct SandboxArgs {
    /// Where to listen; on the loopback interface only.
    #[arg(long, default_value = "127.0.0.1:4190")]
    listen: SocketAddr,
}

/// What the sandbox knows of its one merchant.
#[derive(Debug, Clone)]
pub(crate) struct Merchant {
    /// The merchant's terminal code.
    pub(crate) tmn_code: String,
    /// The secret that both sides sign with.
    pub(crate) secret: String,
    /// Where the merchant takes IPNs.
    pub(crate) ipn_url: url::Url,
}

/// Serves the sandbox until told to stop.
pub(crate) async fn run(arguments: SandboxArgs) -> Result<()> {
    if env::var("SHOPNEXUS_ENV").is_ok_and(|name| name == "production") {
        return Err(Failure::new("the sandbox takes no real money, so it does not run in production")
            .mend("set VNPAY_PAY_URL and the other VNPAY_ variables to VNPay's own"));
    }
    if !arguments.listen.ip().is_loopback() {
        return Err(Failure::new(format!("the sandbox does not listen on {}", arguments.listen))
            .mend("give it an address of the loopback interface, as in 127.0.0.1:4190"));
    }
    let merchant = Merchant {
        tmn_code: variable("VNPAY_TMN_CODE")?,
        secret: variable("VNPAY_HASH_SECRET")?,
        ipn_url: variable("SANDBOX_IPN_URL")?.parse().context(|| "SANDBOX_IPN_URL is not usable".to_owned())?,
    };
    let listener = TcpListener::bind(arguments.listen).await;
    let listener = listener.context(|| format!("the sandbox cannot listen on {}", arguments.listen))?;
    let mut interrupts = Interrupts::new()?;
    let stopped = async move { _ = interrupts.next().await };
    let mut app = routes::routes(Arc::new(act::Bank::new(merchant)));
    // Another carrier may be configured, or none.
    if let Ok(webhook_url) = variable("SANDBOX_GHTK_WEBHOOK_URL") {
        let partner = ghtk::Partner {
            token: variable("GHTK_TOKEN")?,
            code: variable("GHTK_PARTNER_CODE")?,
            webhook_secret: variable("GHTK_WEBHOOK_SECRET")?,
            webhook_url: webhook_url.parse().context(|| "SANDBOX_GHTK_WEBHOOK_URL is not usable".to_owned())?,
        };
        app = app.merge(ghtk::routes(Arc::new(ghtk::Depot::new(partner))));
    }
    let served = axum::serve(listener, app).with_graceful_shutdown(stopped).await;
    served.context(|| "the sandbox stopped".to_owned())
}

fn variable(name: &str) -> Result<String> {
    env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| {
        Failure::new(format!("{name} is not set")).mend("`shopnexus up` starts the sandbox with everything it needs")
    })
}
