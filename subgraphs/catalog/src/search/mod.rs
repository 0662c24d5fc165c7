//! Search: one question, answered by the best engine that is able to.
//!
//! [`search`] is the whole boundary: it takes a [`Question`] and answers with positions and with the mode that served
//! them. Rows are loaded afterwards, so that an index may be behind the database without showing what is gone.
//!
//! | mode | when |
//! |---|---|
//! | `HYBRID` | words (BM25) and meaning (vectors) by the index, fused by `fusion` |
//! | `TEXT` | the index without vectors: the embedder failed, or the order asked for is not that of relevance |
//! | `DATABASE` | the index is broken, gone or not built yet, or there is no text to search for |

pub mod database;
pub mod embedding;
pub(crate) mod fold;
mod fusion;
pub mod highlight;
pub(crate) mod index;
pub mod indexing;
mod spelling;

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
    time::Duration,
};

use async_graphql::Enum;
use entities::catalog::search_index;
use kernel::ProductId;
use lancedb::Table;
use prometheus::{HistogramVec, IntCounterVec, register_histogram_vec, register_int_counter_vec};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use service_kit::{Config, ConfigError, Error, Result};
use uuid::Uuid;

pub use index::Index;

use crate::{
    search::{
        embedding::Embedder,
        index::{Ask, Hit},
    },
    store::{
        category::category_ids_within,
        index_table::index_table_active,
        product_list::{Listing, Position, ProductFilter, Sort},
        recommendation::meaning_list,
    },
};

/// Which engine answered a search.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchMode {
    /// By meaning and by words, fused.
    Hybrid,
    /// By words alone.
    Text,
    /// By the database's own text matching, when the index cannot answer.
    Database,
}

/// What is searched for.
#[derive(Debug, Clone)]
pub struct Question {
    /// The text, the filters, the order and the page.
    pub listing: Listing,
    /// The mode that served the pages before this one, which serves this one too if it can.
    pub mode: Option<SearchMode>,
    /// The state of the index that the pages before this one are of.
    pub snapshot: Option<Snapshot>,
    /// How many entries were on the pages before this one: where this one begins if another mode has to serve it.
    pub passed: u64,
    /// Whether all matches are to be counted.
    pub count: bool,
}

/// The answer to a question.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Who answered.
    pub mode: SearchMode,
    /// The state of the index that this is of: the next page is of the same, while it is kept.
    pub snapshot: Option<Snapshot>,
    /// The matches, in order.
    pub hits: Vec<Position>,
    /// How many matches there are in all, if they were counted. An index looks at the best thousand.
    pub total: Option<u64>,
}

/// A state of the index. Pages of one state neither repeat nor skip, whatever is written meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The table.
    #[serde(rename = "t")]
    pub table: Uuid,
    /// Its version.
    #[serde(rename = "v")]
    pub version: u64,
}

/// The engines that search has besides the database.
#[derive(Clone)]
pub struct Search {
    /// The index.
    pub index: Arc<Index>,
    /// Where vectors come from; `None` searches by words alone.
    pub embedder: Option<Arc<dyn Embedder>>,
}

/// Searches, by the mode that answered.
static SEARCHES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("shopnexus_searches_total", "Searches answered", &["mode"])
        .expect("registered once, with a valid name")
});

/// How long searches take, by the mode that answered.
static SEARCH_SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    register_histogram_vec!("shopnexus_search_seconds", "Duration of searches", &["mode"])
        .expect("registered once, with a valid name")
});

/// How long a search waits for the vector of its text before it goes on without.
const VECTOR_PATIENCE: Duration = Duration::from_secs(2);

impl Search {
    /// The engines that the configuration names: the index in `SEARCH_DIR`, by default `search` in the data directory.
    ///
    /// # Errors
    /// A setting is missing or unusable.
    pub fn from_config(config: &Config, http: &reqwest::Client) -> Result<Self, ConfigError> {
        let directory = config.setting("SEARCH_DIR").map_or_else(|| config.data_dir.join("search"), Into::into);
        Ok(Self { index: Arc::new(Index::new(directory)), embedder: embedding::from_config(config, http)? })
    }

    /// The model whose vectors the index should hold; empty for none.
    pub(crate) fn model(&self) -> &str {
        self.embedder.as_ref().map_or("", |embedder| embedder.model())
    }

    /// How many numbers its vectors have.
    pub(crate) fn dimensions(&self) -> i32 {
        let dimensions = self.embedder.as_ref().map_or(1, |embedder| embedder.dimensions());
        i32::try_from(dimensions).unwrap_or(i32::MAX)
    }

    /// The table that answers, opened; `None` when the index is not built, or gone.
    async fn table(&self, db: &impl ConnectionTrait) -> Result<Option<(search_index::Model, Table)>> {
        let Some(active) = index_table_active(db).await?.filter(|active| active.layout == index::LAYOUT) else {
            return Ok(None);
        };
        Ok(self.index.open(active.id).await?.map(|table| (active, table)))
    }

    /// The vector of a text, unless there is no model, or the table's vectors are of another, or it takes too long.
    async fn vector(&self, text: &str, active: &search_index::Model) -> Option<Vec<f32>> {
        let embedder = self.embedder.as_ref().filter(|embedder| embedder.model() == active.model)?;
        match tokio::time::timeout(VECTOR_PATIENCE, embedder.embed(vec![text.to_owned()])).await {
            Ok(Ok(vectors)) => vectors.into_iter().next(),
            Ok(Err(error)) => {
                tracing::warn!(%error, "a search goes on without vectors");
                None
            }
            Err(_) => {
                tracing::warn!("a search goes on without vectors: the embedder takes too long");
                None
            }
        }
    }
}

/// Answers a question.
///
/// # Errors
/// The database cannot be reached.
pub async fn search(db: &impl ConnectionTrait, engines: Option<&Search>, question: Question) -> Result<Answer> {
    let begun = std::time::Instant::now();
    let answer = match by_index(db, engines, &question).await {
        Ok(Some(answer)) => answer,
        Ok(None) => by_database(db, question).await?,
        Err(Error::Internal(fault)) => {
            tracing::warn!(error = fault.chain(), "search falls back to the database");
            by_database(db, question).await?
        }
        Err(other) => return Err(other),
    };
    let mode = match answer.mode {
        SearchMode::Hybrid => "hybrid",
        SearchMode::Text => "text",
        SearchMode::Database => "database",
    };
    SEARCHES.with_label_values(&[mode]).inc();
    SEARCH_SECONDS.with_label_values(&[mode]).observe(begun.elapsed().as_secs_f64());
    Ok(answer)
}

async fn by_database(db: &impl ConnectionTrait, mut question: Question) -> Result<Answer> {
    let elsewhere = question.mode.is_some_and(|mode| mode != SearchMode::Database);
    if !elsewhere {
        return database::search(db, question).await;
    }
    // The pages before had another order, so that only their number is of use.
    let limit = question.listing.limit;
    question.listing.after = None;
    question.listing.limit = limit + question.passed;
    let passed = usize::try_from(question.passed).unwrap_or(usize::MAX);
    let mut answer = database::search(db, question).await?;
    answer.hits.drain(..passed.min(answer.hits.len()));
    Ok(answer)
}

/// Answers by the index; `None` when it is not for it to answer.
async fn by_index(db: &impl ConnectionTrait, engines: Option<&Search>, question: &Question) -> Result<Option<Answer>> {
    let Listing { filter, sort, limit, after } = &question.listing;
    let (Some(engines), Some(text)) = (engines, &filter.text) else { return Ok(None) };
    if question.mode == Some(SearchMode::Database) {
        return Ok(None);
    }
    let Some((active, table)) = engines.table(db).await? else { return Ok(None) };
    let by_relevance = *sort == Sort::Relevance;
    let vector = match by_relevance && question.mode != Some(SearchMode::Text) {
        true => engines.vector(text, &active).await,
        false => None,
    };
    let mode = if vector.is_some() { SearchMode::Hybrid } else { SearchMode::Text };
    let categories = match filter.category_id {
        Some(category_id) => Some(category_ids_within(db, category_id).await?),
        None => None,
    };
    let ask =
        Ask { text, vector: vector.as_deref(), filter, categories: categories.as_deref(), all_words: !by_relevance };
    let kept = match question.snapshot.filter(|before| before.table == active.id) {
        Some(before) => engines.index.open_at(before.table, before.version).await?,
        None => None,
    };
    let continues = kept.is_some();
    let table = match kept {
        Some(kept) => kept,
        None => table.query_snapshot().await.map_err(|error| Error::internal("opening the index", error))?,
    };
    let version = table.version().await.map_err(|error| Error::internal("opening the index", error))?;
    let snapshot = Some(Snapshot { table: active.id, version });
    let hits = index::ask(db, &table, &ask).await?;
    let total = u64::try_from(hits.len()).unwrap_or(u64::MAX);
    let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
    let mut positions: Vec<Position> = hits.iter().map(|hit| position(hit, *sort)).collect();
    positions.sort_unstable();
    if *sort != Sort::PriceAscending {
        positions.reverse();
    }
    // Scores are of one state of the index: in another one only the number of entries before is of use.
    let by_score = *sort == Sort::Relevance;
    let same_order = question.mode.is_none_or(|before| before == mode) && (continues || !by_score);
    let start = match after {
        None => 0,
        Some(after) if same_order => positions.partition_point(|position| match sort {
            Sort::PriceAscending => position <= after,
            _ => position >= after,
        }),
        Some(_) => usize::try_from(question.passed).unwrap_or(usize::MAX).min(positions.len()),
    };
    let hits = positions.into_iter().skip(start).take(limit).collect();
    Ok(Some(Answer { mode, snapshot, hits, total: question.count.then_some(total) }))
}

/// Where a hit stands in an order.
fn position(hit: &Hit, sort: Sort) -> Position {
    let (currency, key) = match sort {
        Sort::PriceAscending | Sort::PriceDescending => (hit.currency.clone(), hit.price_minor),
        Sort::Rating => (String::new(), hit.rating_score),
        Sort::Newest => (String::new(), hit.created_micros),
        Sort::Relevance => (String::new(), fusion::score_micros(hit)),
    };
    Position { sort, currency, key, id: hit.id }
}

/// A match with what its score is made of.
#[derive(Debug, Clone, Copy)]
pub struct Weighed {
    /// The product.
    pub id: ProductId,
    /// How well the words match, by BM25; zero when they do not.
    pub words: f32,
    /// How near the meaning is, from -1 to 1; `None` without vectors.
    pub meaning: Option<f32>,
}

/// The matches of a text before they are fused, in no order: what another way of fusing is measured with.
///
/// # Errors
/// The database or the index cannot be reached.
pub async fn weighed(db: &impl ConnectionTrait, engines: &Search, text: &str) -> Result<Vec<Weighed>> {
    let Some((active, table)) = engines.table(db).await? else { return Ok(Vec::new()) };
    let (vector, filter) = (engines.vector(text, &active).await, ProductFilter::default());
    let ask = Ask { text, vector: vector.as_deref(), filter: &filter, categories: None, all_words: false };
    let hits = index::ask(db, &table, &ask).await?.into_iter();
    Ok(hits.map(|hit| Weighed { id: hit.id, words: hit.words, meaning: hit.meaning }).collect())
}

/// What is found by a question in all: the best thousand matches, for counting them by their kinds.
///
/// # Errors
/// The database cannot be reached.
pub async fn matches(
    db: &impl ConnectionTrait,
    engines: Option<&Search>,
    filter: ProductFilter,
) -> Result<Vec<ProductId>> {
    let sort = Sort::Relevance;
    let listing = Listing { filter, sort, limit: u64::try_from(index::BY_WORDS).expect("it is small"), after: None };
    let question = Question { listing, mode: None, snapshot: None, passed: 0, count: false };
    Ok(search(db, engines, question).await?.hits.into_iter().map(|hit| hit.id).collect())
}

/// The products nearest to one in meaning, the nearest first; `None` when the index cannot tell.
///
/// # Errors
/// The database cannot be reached.
pub async fn similar(
    db: &impl ConnectionTrait,
    engines: Option<&Search>,
    product_id: ProductId,
    most: usize,
) -> Result<Option<Vec<ProductId>>> {
    let Some(engines) = engines else { return Ok(None) };
    let near = async {
        let Some((_, table)) = engines.table(db).await? else { return Ok(None) };
        index::neighbours(&table, product_id, most).await
    };
    match near.await {
        Err(Error::Internal(fault)) => {
            tracing::warn!(error = fault.chain(), "similar products come from the database");
            Ok(None)
        }
        found => found,
    }
}

/// Products near in meaning to any of several, each of which has a weight. A product near to several of them scores by
/// each: unlike a mean of their vectors, this finds shoes and sofas for whoever likes both, and nothing in between. In no
/// order; `None` when the index cannot tell.
///
/// # Errors
/// The database cannot be reached.
pub(crate) async fn near_any(
    db: &impl ConnectionTrait,
    engines: &Search,
    liked: &HashMap<ProductId, f32>,
    most_each: usize,
) -> Result<Option<HashMap<ProductId, f32>>> {
    let near = async {
        let Some((active, table)) = engines.table(db).await? else { return Ok(None) };
        let ids: Vec<ProductId> = liked.keys().copied().collect();
        let meanings = meaning_list(db, &active.model, &ids).await?;
        if meanings.is_empty() {
            return Ok(None);
        }
        let mut scores = HashMap::new();
        for meaning in meanings {
            let weight = liked.get(&meaning.product_id).copied().unwrap_or_default();
            for (id, likeness) in index::near(&table, &meaning.vector, most_each).await? {
                *scores.entry(id).or_default() += weight * likeness;
            }
        }
        Ok(Some(scores))
    };
    match near.await {
        Err(Error::Internal(fault)) => {
            tracing::warn!(error = fault.chain(), "recommendations come from categories");
            Ok(None)
        }
        found => found,
    }
}
