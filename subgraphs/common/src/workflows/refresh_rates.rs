//! `ExchangeRates`: keeps the exchange rates fresh.
//!
//! | handler | does |
//! |---|---|
//! | `begin` | starts the round, unless it goes round already |
//! | `refresh` | asks every source and stores what it says, then sends itself again after a while |
//!
//! It is an object with one key, so that its rounds never run at the same time. A source that is away keeps its rates of
//! the round before, and the others go on.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use contracts::ObjectCall;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{
    rounds::{DueAt, Rounds},
    step,
};

use crate::{rates::RateSource, store};

/// Starts the round; sent at every start of the module.
pub(crate) const BEGIN: ObjectCall<(), ()> = ObjectCall::new("ExchangeRates", "begin");

const ROUNDS: Rounds = Rounds::of(ObjectCall::new("ExchangeRates", "refresh"));

/// The one key there is.
pub(crate) const KEY: &str = "rates";

const PERIOD: Duration = Duration::from_secs(60 * 60);

/// The job.
pub(crate) struct ExchangeRates {
    pub(crate) db: DatabaseConnection,
    pub(crate) sources: Arc<Vec<Box<dyn RateSource>>>,
}

/// Keeps the exchange rates fresh.
#[restate_sdk::object(name = "ExchangeRates", client_visibility = "pub(crate)")]
impl ExchangeRates {
    /// Starts the round, unless one is due.
    #[handler]
    async fn begin(&self, ctx: ObjectContext<'_>, Json(()): Json<()>) -> Result<Json<()>, HandlerError> {
        ROUNDS.begin(&ctx, PERIOD, PERIOD).await?;
        Ok(Json(()))
    }

    /// Asks every source.
    #[handler]
    async fn refresh(&self, ctx: ObjectContext<'_>, Json(round): Json<DueAt>) -> Result<Json<()>, HandlerError> {
        if !ROUNDS.is_awaited(&ctx, round).await? {
            return Ok(Json(()));
        }
        let now = step!(ctx, "ask every source", refresh(&self.db, &self.sources))?;
        ROUNDS.again(&ctx, now, PERIOD);
        Ok(Json(()))
    }
}

/// Asks every source and stores what it says; the answer is when. It is done at the start as well, so that there are
/// rates from the first query on.
///
/// # Errors
/// The database fails.
pub async fn refresh(db: &DatabaseConnection, sources: &[Box<dyn RateSource>]) -> service_kit::Result<DateTime<Utc>> {
    for source in sources {
        match source.rates().await {
            Ok(rates) => store::rates_write(db, source.name(), &rates).await?,
            Err(error) => tracing::warn!(source = source.name(), ?error, "a source of exchange rates is away"),
        }
    }
    Ok(Utc::now())
}
