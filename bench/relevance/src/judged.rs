//! Reading a judged set: products, queries, and what people think of each product as an answer to a query.
//!
//! Three files in a directory, each as JSON lines (`.jsonl`) or as a table with tabs (`.tsv`) or commas (`.csv`):
//! `products` (or `documents`, `corpus`), `queries` (or `topics`) and `qrels` (or `judgments`). Sets come from many places,
//! so a column is known by several names, and TREC's judgements without a head line are read as well. Where `set.json` says
//! `{"complete": true}`, every product was looked at for every query, and one without a judgement is no answer.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use catalog::import::{ImportedProduct, row};
use clap::ValueEnum;
use kernel::Currency;
use serde_json::{Map, Value, json};

/// A judged set.
pub(crate) struct Judged {
    pub(crate) products: Vec<ImportedProduct>,
    pub(crate) queries: Vec<Query>,
}

/// A query with its judgements.
pub(crate) struct Query {
    pub(crate) text: String,
    /// Paraphrase, typo and so on; empty where the set does not say.
    pub(crate) kind: String,
    pub(crate) part: Part,
    /// Grades by the id of the product: 0 for one that was looked at and is no answer, more for better ones.
    pub(crate) grades: HashMap<String, u32>,
}

/// Which queries may be looked at while something is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Those that choices are made by.
    Tune,
    /// Those that tell whether a choice holds.
    Keep,
}

type Row = Map<String, Value>;

impl Judged {
    /// Reads the files of a directory.
    pub(crate) fn read(directory: &Path) -> Result<Self, String> {
        let mut grades: HashMap<String, HashMap<String, u32>> = HashMap::new();
        for row in rows(directory, &["qrels", "judgments", "judgements"])? {
            let query = text(&row, &["query_id", "query-id", "qid", "query", "0"]);
            let product = text(&row, &["product_id", "product-id", "corpus-id", "doc_id", "docid", "id", "2"]);
            let grade = text(&row, &["grade", "score", "relevance", "rel", "label", "3"]);
            let (Some(query), Some(product), Some(grade)) = (query, product, grade) else {
                return Err(format!("a judgement needs query_id, product_id and grade: {row:?}"));
            };
            let grade: f64 = grade.parse().map_err(|_| format!("`{grade}` is not a grade"))?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "grades are small numbers")]
            grades.entry(query).or_default().insert(product, grade.max(0.0) as u32);
        }
        let mut queries = Vec::new();
        for (number, row) in rows(directory, &["queries", "topics"])?.into_iter().enumerate() {
            let id = text(&row, &["query_id", "query-id", "qid", "id", "_id", "0"]);
            let words = text(&row, &["query", "text", "title", "1"]);
            let (Some(id), Some(words)) = (id, words) else {
                return Err(format!("a query needs query_id and text: {row:?}"));
            };
            let kind = text(&row, &["kind", "type", "category"]).unwrap_or_default();
            // Where the set does not part its queries, every second one is kept.
            let part = match text(&row, &["part", "split"]).as_deref() {
                Some("tune") => Part::Tune,
                Some("keep") => Part::Keep,
                _ if number % 2 == 0 => Part::Tune,
                _ => Part::Keep,
            };
            let grades = grades.remove(&id).unwrap_or_default();
            // A query without any answer tells nothing.
            if grades.values().any(|grade| *grade > 0) {
                queries.push(Query { text: words, kind, part, grades });
            }
        }
        let mut products = Vec::new();
        for row in rows(directory, &["products", "documents", "corpus"])? {
            products.push(product(row)?);
        }
        if is_complete(directory)? {
            for query in &mut queries {
                for product in &products {
                    query.grades.entry(product.external_id.clone()).or_insert(0);
                }
            }
        }
        Ok(Self { products, queries })
    }
}

fn is_complete(directory: &Path) -> Result<bool, String> {
    let path = directory.join("set.json");
    if !path.is_file() {
        return Ok(false);
    }
    let content = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let set: Value = serde_json::from_str(&content).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(set["complete"] == true)
}

/// A product as the importer reads it. Judged sets often have no price, which relevance does not depend on.
fn product(mut row: Row) -> Result<ImportedProduct, String> {
    // What the importer knows by itself, and what judged sets call it besides.
    for (ours, known, theirs) in [
        ("external_id", ["external_id", "id", "product_id"], ["_id", "doc_id", "docid"]),
        ("name", ["name", "title", "product_name"], ["product_title", "text", "contents"]),
    ] {
        let is_known = known.iter().any(|name| row.contains_key(*name));
        let other = theirs.iter().find_map(|name| row.get(*name).cloned());
        if let (false, Some(other)) = (is_known, other) {
            row.insert(ours.to_owned(), other);
        }
    }
    // The text of a corpus with titles is its description.
    if let (false, Some(text)) = (row.contains_key("description"), row.get("text").cloned()) {
        row.insert("description".to_owned(), text);
    }
    row.insert("price".to_owned(), json!("1.00"));
    row.insert("currency".to_owned(), json!("USD"));
    row.remove("images");
    let defaults = row::Defaults { currency: Currency::USD, stock: 0, weight_grams: 100 };
    row::read(&row, &defaults).map_err(|problems| {
        let why: Vec<String> = problems.iter().map(ToString::to_string).collect();
        format!("a product cannot be read: {}: {row:?}", why.join("; "))
    })
}

fn text(row: &Row, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match row.get(*name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// The rows of the first file there is of these names.
fn rows(directory: &Path, names: &[&str]) -> Result<Vec<Row>, String> {
    let (path, kind) = file(directory, names)?;
    let content = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    if kind == "jsonl" {
        let lines = content.lines().filter(|line| !line.trim().is_empty());
        let read = |line: &str| serde_json::from_str(line).map_err(|error| format!("{}: {error}", path.display()));
        return lines.map(read).collect();
    }
    let head = content.lines().next().unwrap_or_default().to_lowercase();
    let trec = kind == "qrels" || !["id", "query"].iter().any(|word| head.contains(word));
    if trec {
        let numbered = |line: &str| {
            let cells =
                if kind == "tsv" { line.split('\t').collect() } else { line.split_whitespace().collect::<Vec<_>>() };
            (0..).zip(cells).map(|(place, cell): (i32, &str)| (place.to_string(), json!(cell))).collect()
        };
        return Ok(content.lines().filter(|line| !line.trim().is_empty()).map(numbered).collect());
    }
    let delimiter = if kind == "csv" { b',' } else { b'\t' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .quoting(kind == "csv")
        .from_reader(content.as_bytes());
    let names: Vec<String> = reader
        .headers()
        .map_err(|error| format!("{}: {error}", path.display()))?
        .iter()
        .map(|name| name.trim().to_lowercase())
        .collect();
    let read = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(names.iter().cloned().zip(record.iter().map(|cell| json!(cell))).collect())
    };
    reader.records().map(read).collect()
}

fn file(directory: &Path, names: &[&str]) -> Result<(PathBuf, &'static str), String> {
    let endings = [("jsonl", "jsonl"), ("ndjson", "jsonl"), ("tsv", "tsv"), ("csv", "csv"), ("txt", "qrels")];
    for name in names {
        for (ending, kind) in endings {
            let path = directory.join(format!("{name}.{ending}"));
            if path.is_file() {
                return Ok((path, kind));
            }
        }
    }
    Err(format!("{} has no file {} (.jsonl, .tsv, .csv)", directory.display(), names.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(files: &[(&str, &str)]) -> Judged {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(directory.path().join(name), content).unwrap();
        }
        Judged::read(directory.path()).unwrap()
    }

    #[test]
    fn sets_of_several_shapes_are_read_alike() {
        let lines = "{\"_id\": \"p1\", \"title\": \"Lamp\", \"text\": \"A warm light\"}\n";
        let table = "query-id\tcorpus-id\tscore\nq1\tp1\t2\n";
        let trec = "q1 0 p1 2\n";
        for (qrels, content) in [("qrels.tsv", table), ("qrels.txt", trec)] {
            let queries = "{\"_id\": \"q1\", \"text\": \"light\"}\n{\"_id\": \"q2\", \"text\": \"nobody judged it\"}\n";
            let judged = set(&[("corpus.jsonl", lines), ("queries.jsonl", queries), (qrels, content)]);
            assert_eq!(judged.queries.len(), 1, "{qrels}");
            assert_eq!(judged.queries[0].grades["p1"], 2, "{qrels}");
            assert_eq!(judged.products[0].external_id, "p1");
            assert_eq!((&*judged.products[0].name, &*judged.products[0].description), ("Lamp", "A warm light"));
        }
    }

    #[test]
    fn our_own_set_is_sound() {
        let judged = Judged::read(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("judged")).unwrap();
        let known: std::collections::HashSet<&str> =
            judged.products.iter().map(|product| product.external_id.as_str()).collect();
        assert_eq!(known.len(), judged.products.len(), "ids differ");
        for query in &judged.queries {
            let strangers: Vec<&String> = query.grades.keys().filter(|id| !known.contains(id.as_str())).collect();
            assert!(strangers.is_empty(), "{}: {strangers:?}", query.text);
        }
        for kind in ["paraphrase", "typo", "attribute", "vietnamese"] {
            for part in [Part::Tune, Part::Keep] {
                let count = judged.queries.iter().filter(|query| query.kind == kind && query.part == part).count();
                assert!(count >= 5, "{kind} {part:?}: {count}");
            }
        }
    }
}
