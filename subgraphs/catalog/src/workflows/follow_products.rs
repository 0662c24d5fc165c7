//! `SearchIndexer`: the rounds in which the search index follows the catalog.
//!
//! | key | does | how often |
//! |---|---|---|
//! | `facts-0`, `facts-1`, … | writes products that changed to the index | every second |
//! | `texts-0`, `texts-1`, … | embeds texts that changed | every two seconds |
//! | `stock` | asks `inventory` which SKUs came into stock or went out of it | every two seconds |
//! | `trending` | asks `analytic` what people like these days and what sells most | every half minute |
//! | `upkeep` | takes what was written into the indexes, joins files, removes old versions | every half minute |
//!
//! | handler | does |
//! |---|---|
//! | `begin` | starts the rounds of its key, unless they go already |
//! | `round` | works until there is no more to do, then sends itself again after a while |
//!
//! An object for each worker, so that its rounds never run at the same time; what workers share they claim in the
//! database. Doing it twice changes nothing: rows carry versions.

use std::time::Duration;

use chrono::{DateTime, Utc};
use contracts::{
    ObjectCall,
    analytic::{BEST_SOLD_FETCH, TRENDING_FETCH},
    inventory::{AVAILABILITY_SINCE, AvailabilitySince},
};
use kernel::{ProductId, SkuId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use service_kit::{
    Config, ConfigError,
    rounds::{DueAt, Rounds},
    step,
};
use uuid::Uuid;

use crate::{
    search::{
        Search,
        indexing::{self, Work},
    },
    store::{
        index::{stock_note, vectors_outdate},
        recommendation::popular_replace,
    },
};

/// Starts the rounds of a worker; sent at every start of the module.
pub(crate) const BEGIN: ObjectCall<(), ()> = ObjectCall::new("SearchIndexer", "begin");

const ROUNDS: Rounds = Rounds::of(ObjectCall::new("SearchIndexer", "round"));

/// Up to which change of stock has been seen, in microseconds since the epoch.
const STOCK_SEEN_MICROS: &str = "stock_seen_micros";

/// How long after its moment a change may become visible.
const LATE_MICROS: i64 = 10_000_000;

/// Changes of stock that are asked for at once.
const STOCKS: u32 = 500;

/// Products of each ranking that are kept.
const RANKING: u32 = 300;

/// Batches in one round, so that a journal stays short.
const BATCHES: usize = 20;

/// The pause after the embedder failed.
const REST: Duration = Duration::from_secs(15);

/// A round that is overdue by this was killed by somebody, and begins anew.
const OVERDUE: Duration = Duration::from_secs(60);

/// How many workers there are, and how often they look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rhythm {
    workers: u32,
    facts: Duration,
    texts: Duration,
    upkeep: Duration,
    trending: Duration,
}

impl Rhythm {
    pub(crate) fn from_config(config: &Config) -> Result<Self, ConfigError> {
        let seconds = |name: &str, default: u64| {
            Ok(Duration::from_secs(config.setting_or(name, default)?.clamp(1, 24 * 60 * 60)))
        };
        Ok(Self {
            workers: config.setting_or("SEARCH_WORKERS", 1)?.clamp(1, 32),
            facts: seconds("SEARCH_FACTS_SECONDS", 1)?,
            texts: seconds("SEARCH_TEXTS_SECONDS", 2)?,
            upkeep: seconds("SEARCH_UPKEEP_SECONDS", 30)?,
            trending: seconds("TRENDING_SECONDS", 30)?,
        })
    }

    /// The workers' keys.
    pub(crate) fn keys(&self) -> Vec<String> {
        let each = (0..self.workers).flat_map(|number| [format!("facts-{number}"), format!("texts-{number}")]);
        each.chain(["stock", "trending", "upkeep"].map(str::to_owned)).collect()
    }

    fn period(&self, round: Round) -> Duration {
        match round {
            Round::Facts => self.facts,
            Round::Texts | Round::Stock => self.texts,
            Round::Upkeep => self.upkeep,
            Round::Trending => self.trending,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Round {
    Facts,
    Texts,
    Stock,
    Trending,
    Upkeep,
}

impl Round {
    fn of(key: &str) -> Result<Self, TerminalError> {
        match key.split_once('-').map_or(key, |(kind, _)| kind) {
            "facts" => Ok(Self::Facts),
            "texts" => Ok(Self::Texts),
            "stock" => Ok(Self::Stock),
            "trending" => Ok(Self::Trending),
            "upkeep" => Ok(Self::Upkeep),
            _ => Err(TerminalError::new_with_code(400, "there is no such worker")),
        }
    }
}

/// The workers of the index.
pub(crate) struct SearchIndexer {
    pub(crate) db: DatabaseConnection,
    pub(crate) search: Search,
    pub(crate) rhythm: Rhythm,
}

/// What a step came to, and when.
#[derive(Debug, Serialize, Deserialize)]
struct Done {
    work: Work,
    at: DateTime<Utc>,
}

#[restate_sdk::object(name = "SearchIndexer", client_visibility = "pub(crate)", journal_retention = "1 minute")]
impl SearchIndexer {
    /// Starts the rounds of a worker, unless one is due.
    #[handler]
    async fn begin(&self, ctx: ObjectContext<'_>, Json(()): Json<()>) -> Result<Json<()>, HandlerError> {
        let round = Round::of(ctx.key())?;
        step!(ctx, "prepare", self.prepare(round))?;
        ROUNDS.begin(&ctx, Duration::ZERO, OVERDUE).await?;
        Ok(Json(()))
    }

    /// Works until there is no more to do.
    #[handler]
    async fn round(&self, ctx: ObjectContext<'_>, Json(due): Json<DueAt>) -> Result<Json<()>, HandlerError> {
        if !ROUNDS.is_awaited(&ctx, due).await? {
            return Ok(Json(()));
        }
        let round = Round::of(ctx.key())?;
        let mut pause = self.rhythm.period(round);
        if let Round::Stock = round {
            let now = self.follow_stock(&ctx).await?;
            ROUNDS.again(&ctx, now, pause);
            return Ok(Json(()));
        }
        if let Round::Trending = round {
            let trending = TRENDING_FETCH.call(&ctx, RANKING).await?;
            let best_sold = BEST_SOLD_FETCH.call(&ctx, RANKING).await?;
            let now = step!(ctx, "note what is popular", self.note_popular(&trending, &best_sold))?;
            ROUNDS.again(&ctx, now, pause);
            return Ok(Json(()));
        }
        let mut batch = 1;
        let now = loop {
            let done = step!(ctx, "work", self.work(round))?;
            match done.work {
                Work::Done => break done.at,
                Work::Unable => {
                    pause = REST;
                    break done.at;
                }
                Work::More if batch == BATCHES => {
                    pause = Duration::ZERO;
                    break done.at;
                }
                Work::More => batch += 1,
            }
        };
        ROUNDS.again(&ctx, now, pause);
        Ok(Json(()))
    }

    /// Notes what changed in stock since the last round, or since ever in the first.
    async fn follow_stock(&self, ctx: &ObjectContext<'_>) -> Result<DateTime<Utc>, HandlerError> {
        let mut seen = ctx.get::<i64>(STOCK_SEEN_MICROS).await?.unwrap_or_default();
        let (mut after_micros, mut after_sku) = ((seen - LATE_MICROS).max(0), SkuId(Uuid::nil()));
        for _ in 0..BATCHES {
            let since = AvailabilitySince { after_micros, after_sku, most: STOCKS };
            let told = AVAILABILITY_SINCE.call(ctx, since).await?;
            let Some(last) = told.last().copied() else { break };
            step!(ctx, "note stock", stock_note(&self.db, &told))?;
            (after_micros, after_sku) = (last.changed_micros, last.sku_id);
            seen = seen.max(last.changed_micros);
            if told.len() < STOCKS as usize {
                break;
            }
        }
        ctx.set(STOCK_SEEN_MICROS, seen);
        Ok(step!(ctx, "read the clock", async { Ok(Utc::now()) })?)
    }

    async fn note_popular(
        &self,
        trending: &[ProductId],
        best_sold: &[ProductId],
    ) -> service_kit::Result<DateTime<Utc>> {
        popular_replace(&self.db, trending, best_sold).await?;
        Ok(Utc::now())
    }

    /// What has to be seen to at a start: the model may have changed.
    async fn prepare(&self, round: Round) -> service_kit::Result<()> {
        if let (Round::Texts, Some(embedder)) = (round, &self.search.embedder) {
            vectors_outdate(&self.db, embedder.model()).await?;
        }
        Ok(())
    }

    async fn work(&self, round: Round) -> service_kit::Result<Done> {
        let work = match round {
            Round::Facts => indexing::follow_facts(&self.db, &self.search).await?,
            Round::Texts => indexing::follow_texts(&self.db, &self.search).await?,
            Round::Stock | Round::Trending => {
                return Err(service_kit::Error::broken("other modules are followed by asking them"));
            }
            Round::Upkeep => indexing::tidy(&self.db, &self.search).await?,
        };
        Ok(Done { work, at: Utc::now() })
    }
}
