//! Asking the index.

use std::collections::{HashMap, HashSet};

use arrow_array::{Array, FixedSizeListArray, Float32Array, Int64Array, RecordBatch, StringArray, cast::AsArray};
use futures::TryStreamExt;
use kernel::{CategoryId, ProductId};
use lancedb::{
    DistanceType, Table,
    index::scalar::{CombinedFieldsQuery, FtsQuery, FullTextSearchQuery, Operator},
    query::{ExecutableQuery, QueryBase, Select},
};
use sea_orm::ConnectionTrait;
use service_kit::{Error, Result};

use super::fault;
use crate::{
    search::{embedding::likeness, fold::words, spelling::nearest},
    store::{product_list::ProductFilter, suggestion::names_like},
};

/// What the index is asked.
pub(crate) struct Ask<'a> {
    /// What was typed.
    pub(crate) text: &'a str,
    /// Its vector; `None` searches by words alone.
    pub(crate) vector: Option<&'a [f32]>,
    /// What a match has to be besides.
    pub(crate) filter: &'a ProductFilter,
    /// The category of the filter and those below it.
    pub(crate) categories: Option<&'a [CategoryId]>,
    /// Whether a match has all the words: needed when something else than the match decides the order.
    pub(crate) all_words: bool,
}

/// A match, with what lists sort by.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) id: ProductId,
    pub(crate) currency: String,
    pub(crate) price_minor: i64,
    pub(crate) rating_score: i64,
    pub(crate) created_micros: i64,
    /// How popular the product is, in steps from 0 to 3.
    pub(crate) popularity: i64,
    /// How well the words match, by BM25; zero when they do not.
    pub(crate) words: f32,
    /// How near the meaning is, from -1 to 1; `None` without vectors.
    pub(crate) meaning: Option<f32>,
}

/// The most matches by words that are looked at, and so the most that a search finds.
pub(crate) const BY_WORDS: usize = 1_000;

/// The most matches by meaning alone.
const BY_MEANING: usize = 200;

/// How near a product must be in meaning to match without a word in common. Most texts that mean nothing are farther from
/// everything by this model, and nearly all that mean something are not: `docs/decisions/0012` has the figures.
const NEAR: f32 = 0.3;

/// What a misspelt word counts beside a right one.
const MISSPELT: f32 = 0.6;

/// The columns that make a hit.
const COLUMNS: [&str; 7] =
    ["id", "currency", "price_minor", "rating_score", "created_micros", "popularity", "spelling"];

/// The matches of a question, in no order.
///
/// # Errors
/// The index is broken or gone.
pub(crate) async fn ask(db: &impl ConnectionTrait, table: &Table, ask: &Ask<'_>) -> Result<Vec<Hit>> {
    let filter = condition(ask.filter, ask.categories);
    let typed = words(ask.text);
    let mut hits = HashMap::new();
    if !typed.is_empty() {
        let seen = by_words(table, ask, &typed, 1.0, filter.as_deref(), &mut hits).await?;
        // With all words, a match has each of them: where there is one, none was typed wrongly.
        if !ask.all_words || hits.is_empty() {
            let corrected = corrected(db, &typed, &seen).await?;
            let again: Vec<String> = match ask.all_words {
                true => {
                    corrected.iter().zip(&typed).map(|(right, typed)| right.as_ref().unwrap_or(typed).clone()).collect()
                }
                false => corrected.iter().flatten().cloned().collect(),
            };
            if corrected.iter().any(Option::is_some) {
                by_words(table, ask, &again, MISSPELT, filter.as_deref(), &mut hits).await?;
            }
        }
    }
    if let Some(vector) = ask.vector {
        by_meaning(table, ask, vector, filter.as_deref(), &mut hits).await?;
    }
    Ok(hits.into_values().collect())
}

/// The nearest neighbours of a product in meaning, the nearest first; `None` when it has no vector yet.
///
/// # Errors
/// The index is broken or gone.
pub(crate) async fn neighbours(table: &Table, id: ProductId, most: usize) -> Result<Option<Vec<ProductId>>> {
    let own = table.query().only_if(format!("id = '{id}'")).limit(1).select(Select::columns(&["vector"]));
    let own: Vec<RecordBatch> = collected(own).await?;
    let Some(vector) = own.iter().find_map(|batch| vector_at(batch, 0)) else { return Ok(None) };
    let near = near(table, &vector, most + 1).await?.into_iter().map(|(other, _)| other);
    Ok(Some(near.filter(|other| *other != id).take(most).collect()))
}

/// The products nearest to a vector in meaning, the nearest first, each with how like it is: 1 for the same meaning.
///
/// # Errors
/// The index is broken or gone.
pub(crate) async fn near(table: &Table, vector: &[f32], most: usize) -> Result<Vec<(ProductId, f32)>> {
    let near = table.query().only_if("vector IS NOT NULL");
    let near = near.nearest_to(vector).map_err(|error| fault("asking for neighbours", error))?;
    let near = near.distance_type(DistanceType::Cosine).limit(most).select(Select::columns(&["id", "_distance"]));
    let mut found = Vec::new();
    for batch in collected(near).await? {
        let ids = strings(&batch, "id")?;
        let distances =
            batch.column_by_name("_distance").and_then(|column| column.as_any().downcast_ref::<Float32Array>());
        for row in 0..batch.num_rows() {
            let likeness = distances.map_or(0.0, |distances| 1.0 - distances.value(row));
            found.extend(ids.value(row).parse::<ProductId>().map(|id| (id, likeness)));
        }
    }
    Ok(found)
}

/// The stems of words that were seen in matches.
#[derive(Default)]
struct Seen(HashSet<String>);

impl Seen {
    fn add(&mut self, text: &str) {
        self.0.extend(text.split(|c: char| !c.is_alphanumeric()).map(stem));
    }

    fn knows(&self, word: &str) -> bool {
        self.0.contains(&stem(word))
    }
}

/// A word without its English ending, roughly: enough to tell another form of a word from another word.
fn stem(word: &str) -> String {
    let cut = ["ing", "ed", "es", "s"].iter().find_map(|end| word.strip_suffix(end).filter(|rest| rest.len() >= 3));
    let mut stem = cut.unwrap_or(word).to_owned();
    let last: Vec<char> = stem.chars().rev().take(2).collect();
    if cut.is_some() && matches!(*last, [one, other] if one == other) {
        stem.pop();
    }
    stem
}

async fn by_words(
    table: &Table,
    ask: &Ask<'_>,
    typed: &[String],
    weight: f32,
    filter: Option<&str>,
    hits: &mut HashMap<ProductId, Hit>,
) -> Result<Seen> {
    let columns = vec!["name".to_owned(), "body".to_owned()];
    let query = CombinedFieldsQuery::try_new(typed.join(" "), columns)
        .and_then(|query| query.try_with_boosts(vec![3.0, 1.0]))
        .map_err(|error| Error::internal("asking the index for words", error))?;
    let operator = if ask.all_words { Operator::And } else { Operator::Or };
    let mut seen = Seen::default();
    let query = FtsQuery::from(query.with_operator(operator));
    for batch in by_text(table, query, filter, ask.vector.is_some()).await? {
        let spelling = strings(&batch, "spelling")?;
        (0..batch.num_rows()).for_each(|row| seen.add(spelling.value(row)));
        collect(&batch, weight, ask.vector, hits)?;
    }
    Ok(seen)
}

/// For each word that no match has the word that was meant, if the name of a product has one like it.
async fn corrected(db: &impl ConnectionTrait, typed: &[String], seen: &Seen) -> Result<Vec<Option<String>>> {
    let mut corrected = Vec::with_capacity(typed.len());
    for word in typed {
        corrected.push(match seen.knows(word) || word.chars().count() < 4 {
            true => None,
            false => nearest(word, &names_like(db, word).await?),
        });
    }
    Ok(corrected)
}

async fn by_text(table: &Table, query: FtsQuery, filter: Option<&str>, vector: bool) -> Result<Vec<RecordBatch>> {
    let mut asked = table.query().full_text_search(FullTextSearchQuery::new_query(query)).limit(BY_WORDS);
    if let Some(filter) = filter {
        asked = asked.only_if(filter);
    }
    collected(asked.select(columns(vector, "_score"))).await
}

async fn by_meaning(
    table: &Table,
    ask: &Ask<'_>,
    vector: &[f32],
    filter: Option<&str>,
    hits: &mut HashMap<ProductId, Hit>,
) -> Result<()> {
    let mut asked = table.query();
    if let Some(filter) = filter {
        asked = asked.only_if(filter);
    }
    let asked = asked.nearest_to(vector).map_err(|error| fault("asking the index for meaning", error))?;
    let asked = asked.distance_type(DistanceType::Cosine).distance_range(None, Some(1.0 - NEAR)).limit(BY_MEANING);
    for batch in collected(asked.select(columns(true, "_distance"))).await? {
        collect(&batch, 0.0, ask.vector, hits)?;
    }
    Ok(())
}

fn columns(vector: bool, score: &'static str) -> Select {
    let mut columns = COLUMNS.to_vec();
    columns.push(score);
    if vector {
        columns.push("vector");
    }
    Select::columns(&columns)
}

async fn collected(asked: impl ExecutableQuery) -> Result<Vec<RecordBatch>> {
    let stream = asked.execute().await.map_err(|error| fault("asking the index", error))?;
    stream.try_collect().await.map_err(|error| fault("reading the index's answer", error))
}

/// Adds the rows of a batch to the hits. What a product scores by words in several ways adds up.
fn collect(batch: &RecordBatch, weight: f32, vector: Option<&[f32]>, hits: &mut HashMap<ProductId, Hit>) -> Result<()> {
    let (ids, currencies) = (strings(batch, "id")?, strings(batch, "currency")?);
    let (prices, ratings) = (numbers(batch, "price_minor")?, numbers(batch, "rating_score")?);
    let (created, popularity) = (numbers(batch, "created_micros")?, numbers(batch, "popularity")?);
    let scores = batch.column_by_name("_score").and_then(|column| column.as_any().downcast_ref::<Float32Array>());
    for row in 0..batch.num_rows() {
        let id: ProductId =
            ids.value(row).parse().map_err(|error| Error::internal("reading an id of the index", error))?;
        let words = scores.map_or(0.0, |scores| scores.value(row) * weight);
        let hit = hits.entry(id).or_insert_with(|| Hit {
            id,
            currency: currencies.value(row).to_owned(),
            price_minor: prices.value(row),
            rating_score: ratings.value(row),
            created_micros: created.value(row),
            popularity: popularity.value(row),
            words: 0.0,
            meaning: vector.and_then(|asked| Some(likeness(asked, &vector_at(batch, row)?))),
        });
        hit.words += words;
    }
    Ok(())
}

fn strings<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    column.ok_or_else(|| Error::broken(format!("a text column `{name}` in the index")))
}

fn numbers<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Int64Array> {
    let column = batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref::<Int64Array>());
    column.ok_or_else(|| Error::broken(format!("a number column `{name}` in the index")))
}

fn vector_at(batch: &RecordBatch, row: usize) -> Option<Vec<f32>> {
    let vectors = batch.column_by_name("vector")?.as_any().downcast_ref::<FixedSizeListArray>()?;
    if vectors.is_null(row) {
        return None;
    }
    Some(vectors.value(row).as_any().downcast_ref::<Float32Array>()?.values().to_vec())
}

/// The filter as the index reads it.
fn condition(filter: &ProductFilter, categories: Option<&[CategoryId]>) -> Option<String> {
    let mut all = Vec::new();
    if let Some(categories) = categories {
        let ids: Vec<String> = categories.iter().map(|id| format!("'{id}'")).collect();
        // A category that does not exist has no products.
        all.push(if ids.is_empty() { "false".to_owned() } else { format!("category_id IN ({})", ids.join(", ")) });
    }
    if let Some(seller_id) = filter.seller_id {
        all.push(format!("seller_id = '{seller_id}'"));
    }
    if !filter.tags.is_empty() {
        let tags: Vec<String> = filter.tags.iter().map(|tag| format!("'{}'", tag.replace('\'', "''"))).collect();
        all.push(format!("array_has_all(tags, make_array({}))", tags.join(", ")));
    }
    if let Some(price) = filter.price {
        all.push(format!("currency = '{}'", price.currency.code()));
        all.extend(price.min_minor.map(|min| format!("price_minor >= {min}")));
        all.extend(price.max_minor.map(|max| format!("price_minor <= {max}")));
    }
    all.extend(filter.rating_min.map(|stars| format!("rating_micros >= {}", i64::from(stars) * 1_000_000)));
    all.extend(filter.in_stock.then(|| "in_stock".to_owned()));
    (!all.is_empty()).then(|| all.join(" AND "))
}
