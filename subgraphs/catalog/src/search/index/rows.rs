//! Rows of the index: their shape, and how they are written.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, FixedSizeListArray, Int64Array, ListArray, RecordBatch, RecordBatchIterator, StringArray,
    builder::{FixedSizeListBuilder, Float32Builder, ListBuilder, StringBuilder},
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use entities::catalog::search_index;
use lancedb::Table;
use service_kit::{Error, Result};

use super::{Index, LAYOUT, fault};
use crate::{search::fold::folded, store::index::Source};

/// The shape of the rows of a table whose vectors have so many dimensions.
pub(super) fn schema(dimensions: i32) -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let number = |name: &str, nullable| Field::new(name, DataType::Int64, nullable);
    let item = |kind| Arc::new(Field::new("item", kind, true));
    Arc::new(Schema::new(vec![
        text("id"),
        number("version", false),
        // Folded texts: the name weighs more than the rest; `spelling` tells which words a match has.
        text("name"),
        text("body"),
        text("spelling"),
        text("seller_id"),
        text("category_id"),
        Field::new("tags", DataType::List(item(DataType::Utf8)), false),
        text("currency"),
        number("price_minor", false),
        number("rating_score", false),
        number("rating_micros", true),
        number("created_micros", false),
        Field::new("in_stock", DataType::Boolean, false),
        number("popularity", false),
        Field::new("vector", DataType::FixedSizeList(item(DataType::Float32), dimensions), true),
    ]))
}

/// The text of a product that is embedded.
pub(crate) fn embedded_text(source: &Source) -> String {
    let description: String = source.description.chars().take(1_000).collect();
    let parts = [&source.name, &source.categories, &source.facts, &source.variants, &description];
    parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(". ")
}

impl Index {
    /// Brings rows to how their products are: those on offer are written, the others removed. A row that is newer
    /// already stays.
    pub(crate) async fn write(&self, table: &search_index::Model, sources: &[Source]) -> Result<()> {
        if table.layout != LAYOUT {
            // Another version of the program keeps it, until the table of this one takes its place.
            return Ok(());
        }
        let lance = self.open(table.id).await?;
        let lance = lance.ok_or_else(|| Error::broken("a table of the index went away while it was written"))?;
        let (offered, gone): (Vec<&Source>, Vec<&Source>) = sources.iter().partition(|source| source.on_offer);
        if !gone.is_empty() {
            let each =
                gone.iter().map(|source| format!("(id = '{}' AND version < {})", source.id, source.facts_version));
            let predicate = each.collect::<Vec<_>>().join(" OR ");
            lance.delete(predicate.as_str()).await.map_err(|error| fault("removing rows of the index", error))?;
        }
        if !offered.is_empty() {
            upsert(&lance, table, &offered).await?;
        }
        Ok(())
    }
}

async fn upsert(lance: &Table, table: &search_index::Model, sources: &[&Source]) -> Result<()> {
    let batch = batch(table, sources).map_err(|error| Error::internal("making rows of the index", error))?;
    let schema = batch.schema();
    let mut merge = lance.merge_insert(&["id"]);
    merge.when_matched_update_all(Some("target.version < source.version".to_owned()));
    merge.when_not_matched_insert_all();
    let rows = RecordBatchIterator::new([Ok(batch)], schema);
    merge.execute(Box::new(rows)).await.map_err(|error| fault("writing rows of the index", error))?;
    Ok(())
}

fn batch(table: &search_index::Model, sources: &[&Source]) -> Result<RecordBatch, ArrowError> {
    let text = |of: &dyn Fn(&Source) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(sources.iter().map(|source| of(source))))
    };
    let number = |of: &dyn Fn(&Source) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(sources.iter().map(|source| of(source))))
    };
    let rating = Int64Array::from_iter(sources.iter().map(|source| source.rating_micros));
    let body = |source: &Source| {
        let tags = source.tags.join(" ");
        folded(&[&*tags, &source.categories, &source.facts, &source.variants, &source.description].join(" \n"))
    };
    let spelling =
        |source: &Source| folded(&format!("{} {} {}", source.name, source.tags.join(" "), source.categories));
    let columns: Vec<ArrayRef> = vec![
        text(&|source| source.id.to_string()),
        number(&|source| source.facts_version),
        text(&|source| folded(&source.name)),
        text(&body),
        text(&spelling),
        text(&|source| source.seller_id.to_string()),
        text(&|source| source.category_id.to_string()),
        Arc::new(tags(sources)),
        text(&|source| source.price_currency.clone()),
        number(&|source| source.price_minor),
        number(&|source| source.rating_score),
        Arc::new(rating),
        number(&|source| source.created_micros),
        Arc::new(BooleanArray::from_iter(sources.iter().map(|source| Some(source.in_stock)))),
        number(&|source| i64::from(source.popularity)),
        Arc::new(vectors(table, sources)),
    ];
    RecordBatch::try_new(schema(table.dimensions), columns)
}

fn tags(sources: &[&Source]) -> ListArray {
    let mut list = ListBuilder::new(StringBuilder::new());
    for source in sources {
        source.tags.iter().for_each(|tag| list.values().append_value(tag));
        list.append(true);
    }
    list.finish()
}

/// Only vectors of the table's own model: those of two models have nothing to do with each other.
fn vectors(table: &search_index::Model, sources: &[&Source]) -> FixedSizeListArray {
    let mut list = FixedSizeListBuilder::new(Float32Builder::new(), table.dimensions);
    let dimensions = usize::try_from(table.dimensions).unwrap_or_default();
    for source in sources {
        let fits = source.model.as_ref() == Some(&table.model);
        match source.vector.as_ref().filter(|vector| fits && vector.len() == dimensions) {
            Some(vector) => {
                list.values().append_slice(vector);
                list.append(true);
            }
            None => {
                list.values().append_nulls(dimensions);
                list.append(false);
            }
        }
    }
    list.finish()
}
