//! How the index follows the catalog.
//!
//! Facts and texts follow apart. [`follow_texts`] embeds texts that changed and keeps their vectors in the database;
//! [`follow_facts`] writes whatever changed, new vectors included, to the index. So there is one kind of writer, a price
//! is written without any embedding, and an index that is rebuilt needs no embedding at all. Both work on rows that they
//! have claimed, so any number of workers share the work, and one that dies leaves claims that end by themselves.

use entities::catalog::search_index;
use kernel::ProductId;
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use service_kit::Result;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Search, index};
use crate::store::{
    index::{
        Claim, NewVector, Source, facts_claim, facts_release, facts_settle, source_list, texts_claim, texts_release,
        vectors_store,
    },
    index_table::{index_table_begin, index_table_promote, index_tables},
};

/// Products that are written to the index at once.
const FACTS: u64 = 500;

/// Texts that are embedded at once.
const TEXTS: u64 = 32;

/// What came of looking for work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// There was none, or no more.
    Done,
    /// There may be more.
    More,
    /// The embedder fails; what it should have done is left for later.
    Unable,
}

/// Writes products that changed to the index, and makes the index where there is none.
///
/// # Errors
/// The database or the index cannot be reached.
pub async fn follow_facts(db: &DatabaseConnection, search: &Search) -> Result<Work> {
    let tables = tables(db, search).await?;
    let claims = facts_claim(db, FACTS).await?;
    let Err(error) = write(db, search, &tables, &claims).await else {
        if claims.is_empty() {
            for old in index_table_promote(db).await? {
                search.index.drop_table(old).await?;
            }
            return Ok(Work::Done);
        }
        return Ok(Work::More);
    };
    facts_release(db, &claims).await?;
    Err(error)
}

async fn write(
    db: &DatabaseConnection,
    search: &Search,
    tables: &[search_index::Model],
    claims: &[Claim],
) -> Result<()> {
    if claims.is_empty() {
        return Ok(());
    }
    let sources = source_list(db, &ids(claims)).await?;
    for table in tables {
        search.index.write(table, &sources).await?;
    }
    let versions: Vec<(ProductId, i64)> = sources.iter().map(|source| (source.id, source.facts_version)).collect();
    facts_settle(db, claims, &versions).await
}

/// Embeds texts that changed.
///
/// # Errors
/// The database cannot be reached.
pub async fn follow_texts(db: &DatabaseConnection, search: &Search) -> Result<Work> {
    let Some(embedder) = &search.embedder else { return Ok(Work::Done) };
    let claims = texts_claim(db, TEXTS).await?;
    if claims.is_empty() {
        return Ok(Work::Done);
    }
    let sources = source_list(db, &ids(&claims)).await?;
    let texts: Vec<(String, Vec<u8>)> = sources.iter().map(digested).collect();
    // A change that came back, or one of what is not embedded, leaves the digest as it was.
    let same = |source: &Source, digest: &Vec<u8>| {
        source.model.as_deref() == Some(embedder.model()) && source.text_digest.as_ref() == Some(digest)
    };
    let changed = sources.iter().zip(&texts).filter(|(source, (_, digest))| !same(source, digest));
    let changed: Vec<String> = changed.map(|(_, (text, _))| text.clone()).collect();
    let vectors = match changed.is_empty() {
        true => Ok(Vec::new()),
        false => embedder.embed(changed).await,
    };
    let mut vectors = match vectors {
        Ok(vectors) => vectors.into_iter(),
        Err(error) => {
            tracing::warn!(%error, "texts are not embedded for now");
            texts_release(db, &claims).await?;
            return Ok(Work::Unable);
        }
    };
    let rows = sources.iter().zip(texts).map(|(source, (_, digest))| NewVector {
        product_id: source.id,
        vector: if same(source, &digest) { None } else { vectors.next() },
        text_digest: digest,
        version: source.text_version,
    });
    vectors_store(db, embedder.model(), &rows.collect::<Vec<_>>()).await?;
    Ok(Work::More)
}

/// Takes what was written lately into the indexes of the tables, joins small files and removes old versions.
///
/// # Errors
/// The database or the index cannot be reached.
pub async fn tidy(db: &DatabaseConnection, search: &Search) -> Result<Work> {
    for table in index_tables(db).await? {
        if table.layout == index::LAYOUT {
            search.index.tidy(table.id).await?;
        }
    }
    Ok(Work::Done)
}

/// Begins the index anew from the database. The one there is answers until the new one has every product.
///
/// # Errors
/// The database or the index cannot be reached.
pub async fn rebuild(db: &DatabaseConnection, search: &Search) -> Result<()> {
    begin(db, search, &[]).await
}

async fn begin(db: &DatabaseConnection, search: &Search, lost: &[Uuid]) -> Result<()> {
    let id = Uuid::new_v4();
    // First the table, then the row that names it: a row without its table means that the table is lost.
    search.index.make(id, search.dimensions()).await?;
    if !index_table_begin(db, id, index::LAYOUT, search.model(), search.dimensions(), lost).await? {
        search.index.drop_table(id).await?;
    }
    Ok(())
}

/// The tables to write to. Where none fits this program and its model, one is begun.
async fn tables(db: &DatabaseConnection, search: &Search) -> Result<Vec<search_index::Model>> {
    let (mut lost, mut fits) = (Vec::new(), false);
    let known = index_tables(db).await?;
    for table in &known {
        let readable = table.layout == index::LAYOUT;
        if readable && search.index.open(table.id).await?.is_none() {
            lost.push(table.id);
        } else {
            let vectors = table.model == search.model() && table.dimensions == search.dimensions();
            fits |= readable && vectors;
        }
    }
    if fits && lost.is_empty() {
        return Ok(known);
    }
    if !lost.is_empty() {
        tracing::warn!(tables = lost.len(), "tables of the search index are gone; it is built anew");
    }
    begin(db, search, &lost).await?;
    index_tables(db).await
}

fn ids(claims: &[Claim]) -> Vec<ProductId> {
    claims.iter().map(|claim| claim.product_id).collect()
}

fn digested(source: &Source) -> (String, Vec<u8>) {
    let text = index::embedded_text(source);
    let digest = Sha256::digest(&text).to_vec();
    (text, digest)
}
