//! A catalog with the products of a judged set, indexed as in the marketplace.

use std::collections::HashMap;
use std::sync::Arc;

use catalog::{
    import::{ImportBatch, ImportedProduct},
    search::{
        Index, Question, Search, SearchMode,
        embedding::{Embedder, from_config},
        indexing::{Work, follow_facts, follow_texts, tidy},
        search, weighed,
    },
    store::{
        import::products_import,
        product_list::{Listing, ProductFilter, Sort},
        recommendation::meaning_list,
    },
};
use chrono::{SubsecRound, Utc};
use kernel::{AccountId, OperationId, ProductId, SkuId};
use sea_orm::DatabaseConnection;
use service_kit::ModuleName;
use tempfile::TempDir;
use test_kit::TestDatabase;

use crate::judged::Judged;

/// Ids of products, the best first.
pub(crate) type Ranking = Vec<String>;

/// The rankings of every query by one way of searching.
pub(crate) type Run = (String, Vec<Ranking>);

/// How a product fits a query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weight {
    /// How well the words match, by BM25; zero when they do not.
    pub(crate) words: f64,
    /// How near the meaning is, from -1 to 1.
    pub(crate) meaning: f64,
}

/// Products with how they fit a query.
pub(crate) type Weights = Vec<(String, Weight)>;

/// How deep rankings are looked at.
const DEPTH: u64 = 200;

/// Products imported at once, as the importer does.
const BATCH: usize = 200;

/// The catalog.
pub(crate) struct Market {
    db: DatabaseConnection,
    engines: Search,
    embedder: Arc<dyn Embedder>,
    /// The ids of the set by our own.
    names: HashMap<ProductId, String>,
    vectors: Vec<(ProductId, Vec<f32>)>,
    _directory: TempDir,
}

impl Market {
    /// Fills the catalog and lets the index follow to the end.
    pub(crate) async fn open(products: &[ImportedProduct]) -> Result<Self, String> {
        let database = TestDatabase::create().await;
        let db = database.connect(ModuleName::Catalog).await;
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        let embedder = from_config(&database.config(), &Default::default()).map_err(|error| error.to_string())?;
        let embedder = embedder.ok_or("set EMBEDDING_PROVIDER: without vectors there is nothing to compare")?;
        let index = Arc::new(Index::new(directory.path().join("search")));
        let engines = Search { index, embedder: Some(embedder.clone()) };
        let mut names = HashMap::new();
        let seller_id = AccountId::new();
        for products in products.chunks(BATCH) {
            let ids: Vec<(ProductId, SkuId)> = products.iter().map(|_| (ProductId::new(), SkuId::new())).collect();
            names.extend(ids.iter().zip(products).map(|((id, _), product)| (*id, product.external_id.clone())));
            let batch = ImportBatch { operation_id: OperationId::new(), seller_id, products: products.to_vec() };
            products_import(&db, &batch, &ids, Utc::now().trunc_subsecs(6)).await.map_err(broken)?;
        }
        loop {
            match follow_texts(&db, &engines).await.map_err(broken)? {
                Work::More => eprint!("."),
                Work::Done => break,
                Work::Unable => {
                    return Err("the embedding model cannot be loaded; `cargo xtask setup` fetches it".to_owned());
                }
            }
        }
        eprintln!();
        while follow_facts(&db, &engines).await.map_err(broken)? == Work::More {}
        tidy(&db, &engines).await.map_err(broken)?;
        let ids: Vec<ProductId> = names.keys().copied().collect();
        let vectors = meaning_list(&db, embedder.model(), &ids).await.map_err(broken)?;
        let vectors = vectors.into_iter().map(|meaning| (meaning.product_id, meaning.vector)).collect();
        Ok(Self { db, engines, embedder, names, vectors, _directory: directory })
    }

    /// Every query by vectors alone, by text alone, and by both.
    pub(crate) async fn ask_all(&self, judged: &Judged) -> Result<Vec<Run>, String> {
        let (mut meaning, mut text, mut hybrid) = (Vec::new(), Vec::new(), Vec::new());
        for query in &judged.queries {
            meaning.push(self.by_meaning(&query.text).await?);
            text.push(self.by_search(&query.text, Some(SearchMode::Text)).await?);
            hybrid.push(self.by_search(&query.text, None).await?);
        }
        Ok(vec![("vectors alone".to_owned(), meaning), ("text alone".to_owned(), text), ("hybrid".to_owned(), hybrid)])
    }

    /// All products as each query sees them, by the ids of the set: how well the words match, and how near the meaning is.
    pub(crate) async fn weigh_all(&self, judged: &Judged) -> Result<Vec<Weights>, String> {
        let mut all = Vec::new();
        for query in &judged.queries {
            let hits = weighed(&self.db, &self.engines, &query.text).await.map_err(broken)?;
            let words: HashMap<&String, f32> = hits.iter().map(|hit| (&self.names[&hit.id], hit.words)).collect();
            let weights = self.likenesses(&query.text).await?.into_iter().map(|(id, meaning)| {
                let words = words.get(&id).copied().unwrap_or_default();
                (id, Weight { words: words.into(), meaning: meaning.into() })
            });
            all.push(weights.collect());
        }
        Ok(all)
    }

    async fn by_search(&self, text: &str, mode: Option<SearchMode>) -> Result<Ranking, String> {
        let filter = ProductFilter { text: Some(text.to_owned()), ..ProductFilter::default() };
        let listing = Listing { filter, sort: Sort::Relevance, limit: DEPTH, after: None };
        let question = Question { listing, mode, snapshot: None, passed: 0, count: false };
        let answer = search(&self.db, Some(&self.engines), question).await.map_err(broken)?;
        let expected = mode.unwrap_or(SearchMode::Hybrid);
        if answer.mode != expected {
            return Err(format!("`{text}` was answered in the mode {:?}, not {expected:?}", answer.mode));
        }
        Ok(answer.hits.iter().map(|hit| self.names[&hit.id].clone()).collect())
    }

    async fn by_meaning(&self, text: &str) -> Result<Ranking, String> {
        let depth = usize::try_from(DEPTH).unwrap_or(usize::MAX);
        Ok(self.likenesses(text).await?.into_iter().take(depth).map(|(id, _)| id).collect())
    }

    /// All products by the likeness of their vectors to a text, as exact as can be, the likest first.
    pub(crate) async fn likenesses(&self, text: &str) -> Result<Vec<(String, f32)>, String> {
        let asked = self.embedder.embed(vec![text.to_owned()]).await.map_err(|error| error.to_string())?;
        let asked = asked.first().ok_or("the embedder gave no vector")?;
        let like = |vector: &[f32]| -> f32 { asked.iter().zip(vector).map(|(one, other)| one * other).sum() };
        let mut ranked: Vec<(f32, ProductId)> = self.vectors.iter().map(|(id, vector)| (like(vector), *id)).collect();
        ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        Ok(ranked.into_iter().map(|(likeness, id)| (self.names[&id].clone(), likeness)).collect())
    }
}

fn broken(error: service_kit::Error) -> String {
    format!("{error:?}")
}
