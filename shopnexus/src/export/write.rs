//! Rows in the formats that the importer reads.

use std::io::{self, Write};

use catalog::store::export::ExportRow;
use kernel::Currency;
use serde_json::{Value, json};

/// Where rows go.
pub(super) trait Sheet {
    /// Writes a product.
    fn row(&mut self, product: &ExportRow, stock: i64, images: Vec<String>) -> io::Result<()>;

    /// Writes what is left.
    fn end(&mut self) -> io::Result<()>;
}

/// One JSON object a line.
pub(super) struct Lines<W> {
    out: W,
}

/// A table with a head line.
pub(super) struct Table<W: Write> {
    out: csv::Writer<W>,
}

/// The names of the columns: those that the importer knows as ours.
const COLUMNS: [&str; 11] = [
    "external_id",
    "name",
    "description",
    "category",
    "price",
    "currency",
    "attributes",
    "tags",
    "images",
    "stock",
    "weight_grams",
];

impl<W: Write> Lines<W> {
    pub(super) const fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Sheet for Lines<W> {
    fn row(&mut self, product: &ExportRow, stock: i64, images: Vec<String>) -> io::Result<()> {
        let values = values(product, stock, images);
        let row: serde_json::Map<String, Value> = COLUMNS.iter().map(ToString::to_string).zip(values).collect();
        serde_json::to_writer(&mut self.out, &row)?;
        self.out.write_all(b"\n")
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Table<W> {
    pub(super) fn new(out: W) -> io::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(COLUMNS)?;
        Ok(Self { out })
    }
}

impl<W: Write> Sheet for Table<W> {
    fn row(&mut self, product: &ExportRow, stock: i64, images: Vec<String>) -> io::Result<()> {
        let cell = |value: Value| match value {
            Value::String(text) => text,
            Value::Array(list) if list.is_empty() => String::new(),
            // Lists as JSON, so that what is in them may hold any separator.
            other => other.to_string(),
        };
        Ok(self.out.write_record(values(product, stock, images).map(cell))?)
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The values of a row, in the order of the columns.
fn values(product: &ExportRow, stock: i64, images: Vec<String>) -> [Value; COLUMNS.len()] {
    let facts = product.specifications.0.iter();
    let facts: Vec<Value> =
        facts.map(|fact| json!({"name": escaped(&fact.name), "value": escaped(&fact.value)})).collect();
    let tags: Vec<String> = product.tags.iter().map(|tag| escaped(tag)).collect();
    let path: Vec<String> = product.category_path.iter().map(|name| escaped(name)).collect();
    [
        json!(product.external_id),
        json!(escaped(&product.name)),
        json!(escaped(&product.description)),
        json!(path.join(" > ")),
        json!(major(product.price_minor, &product.price_currency)),
        json!(product.price_currency),
        json!(facts),
        json!(tags),
        json!(images),
        json!(stock),
        json!(product.weight_grams),
    ]
}

/// The text so that reading it as HTML, as the importer does, gives it again.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// An amount in the major unit, as in `12.50`.
fn major(minor: i64, currency: &str) -> String {
    let exponent = currency.parse::<Currency>().map_or(0, Currency::exponent);
    if exponent == 0 {
        return minor.to_string();
    }
    let unit = 10_i64.pow(exponent.into());
    format!("{}.{:0width$}", minor / unit, minor % unit, width = exponent.into())
}

#[cfg(test)]
mod tests {
    use catalog::import::row::{Defaults, read};
    use entities::catalog::product::{NamedValue, NamedValues};
    use kernel::{Money, ProductId, SkuId};

    use super::*;

    fn product() -> ExportRow {
        let fact = |name: &str, value: &str| NamedValue { name: name.to_owned(), value: value.to_owned() };
        ExportRow {
            id: ProductId::new(),
            external_id: "own,1".to_owned(),
            name: "Cup \"A & B\" <large>, áo".to_owned(),
            description: "First line; 5 > 3\nSecond line &amp; more".to_owned(),
            category_path: vec!["Home & Garden".to_owned(), "Cups".to_owned()],
            tags: vec!["blue|white".to_owned(), "gift".to_owned()],
            specifications: NamedValues(vec![fact("Size", "M; L"), fact("Colour", "Red=ish")]),
            sku_id: SkuId::new(),
            price_minor: 1205,
            price_currency: "USD".to_owned(),
            weight_grams: 300,
            sku_count: 1,
        }
    }

    fn assert_reads(row: &serde_json::Map<String, Value>) {
        let (wanted, other) = (product(), "VND".parse().unwrap());
        let defaults = Defaults { currency: other, stock: 0, weight_grams: 1 };
        let read = read(row, &defaults).unwrap();
        assert_eq!((read.external_id, read.name), (wanted.external_id, wanted.name));
        assert_eq!((read.description, read.category_path), (wanted.description, wanted.category_path));
        assert_eq!((read.tags, read.specifications), (wanted.tags, wanted.specifications));
        assert_eq!((read.price, read.weight_grams, read.stock), (Money::new(1205, Currency::USD), 300, 7));
        assert_eq!(read.images, ["https://example.com/a,b.jpg"]);
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let images = || vec!["https://example.com/a,b.jpg".to_owned()];
        let mut lines = Lines::new(Vec::new());
        lines.row(&product(), 7, images()).unwrap();
        assert_reads(&serde_json::from_slice(&lines.out).unwrap());

        let mut table = Table::new(Vec::new()).unwrap();
        table.row(&product(), 7, images()).unwrap();
        let bytes = table.out.into_inner().unwrap();
        let mut reader = csv::Reader::from_reader(&*bytes);
        let head = reader.headers().unwrap().clone();
        let record = reader.records().next().unwrap().unwrap();
        assert_reads(&head.iter().map(str::to_owned).zip(record.iter().map(|cell| json!(cell))).collect());
    }

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        assert_eq!(major(1205, "USD"), "12.05");
        assert_eq!(major(5, "USD"), "0.05");
        assert_eq!(major(250_000, "VND"), "250000");
    }
}
