//! From a row of a file to a checked product.
//!
//! Files come from other shops, so a field is known by several names, lists may be lists or texts, and HTML is made
//! plain. What is empty counts as absent. Nothing is cut short: a text that is too long is a problem of its row.

use std::collections::HashSet;

use entities::catalog::product::{NamedValue, NamedValues};
use kernel::{Currency, Money};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    ImportedProduct, Problem,
    price::{clipped, minor},
    text::plain,
};

/// What counts where a row says nothing.
#[derive(Debug, Clone, Copy)]
pub struct Defaults {
    /// The currency of prices.
    pub currency: Currency,
    /// Units to begin with.
    pub stock: i64,
    /// Weight of one packed unit.
    pub weight_grams: i32,
}

/// The names that a field goes by; the first one is ours.
type Names = &'static [&'static str];

const EXTERNAL_ID: Names = &["external_id", "id", "sku", "uniq_id", "product_id", "asin"];
const NAME: Names = &["name", "title", "product_name"];
const DESCRIPTION: Names = &["description", "product_description", "body_html"];
const CATEGORY: Names = &["category", "category_path", "categories", "category path"];
const PRICE: Names = &["price", "amount", "retail_price"];
const CURRENCY: Names = &["currency", "price_currency"];
const BRAND: Names = &["brand", "manufacturer", "vendor"];
const ATTRIBUTES: Names = &["attributes", "specifications", "features"];
const IMAGES: Names = &["images", "image", "image_urls", "image_url"];
const STOCK: Names = &["stock", "quantity", "units"];
const TAGS: Names = &["tags"];
const WEIGHT: Names = &["weight_grams", "weight"];

/// Where products stand whose row names no category.
const NO_CATEGORY: &str = "Uncategorized";

const PRICE_MAX_MINOR: i64 = 1_000_000_000_000;
const STOCK_MAX: i64 = 1_000_000_000;

/// Checks a row.
///
/// # Errors
/// Everything that is wrong with it, at least one problem.
pub fn read(row: &Map<String, Value>, defaults: &Defaults) -> Result<ImportedProduct, Vec<Problem>> {
    let mut row = Row { fields: row, problems: Vec::new() };
    let name = row.text("name", NAME, 300);
    if name.is_empty() && row.problems.is_empty() {
        row.problem("name", "it is missing");
    }
    let product = ImportedProduct {
        external_id: row.external_id(),
        name,
        description: row.text("description", DESCRIPTION, 20_000),
        category_path: row.category_path(),
        tags: row.tags(),
        specifications: row.specifications(),
        price: row.price(defaults.currency),
        weight_grams: row.whole("weight_grams", WEIGHT, 1..=1_000_000, defaults.weight_grams.into()) as i32,
        images: row.images(),
        stock: row.whole("stock", STOCK, 0..=STOCK_MAX, defaults.stock),
    };
    if row.problems.is_empty() { Ok(product) } else { Err(row.problems) }
}

struct Row<'a> {
    fields: &'a Map<String, Value>,
    problems: Vec<Problem>,
}

impl<'a> Row<'a> {
    fn problem(&mut self, field: impl Into<String>, rule: impl Into<String>) {
        self.problems.push(Problem { field: field.into(), rule: rule.into() });
    }

    /// The first of the names under which there is something.
    fn value(&self, names: Names) -> Option<&'a Value> {
        let something = |value: &&Value| match value {
            Value::Null => false,
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(list) => !list.is_empty(),
            Value::Object(map) => !map.is_empty(),
            Value::Bool(_) | Value::Number(_) => true,
        };
        names.iter().find_map(|name| self.fields.get(*name).filter(something))
    }

    fn text(&mut self, field: &str, names: Names, most: usize) -> String {
        let Some(value) = self.value(names) else { return String::new() };
        let Some(text) = scalar(value) else {
            self.problem(field, "it is a text");
            return String::new();
        };
        let text = plain(&text);
        self.limited(field, text, most)
    }

    fn limited(&mut self, field: &str, text: String, most: usize) -> String {
        let count = text.chars().count();
        if count > most {
            self.problem(field, format!("it has at most {most} characters, not {count}"));
        }
        text
    }

    fn external_id(&mut self) -> String {
        match self.value(EXTERNAL_ID).map(|value| scalar(value).unwrap_or_default()) {
            Some(id) if (1..=200).contains(&id.trim().chars().count()) => id.trim().to_owned(),
            Some(_) => {
                self.problem("external_id", "it has between 1 and 200 characters");
                String::new()
            }
            // The same row is the same product, wherever it stands in the file.
            None => {
                let row = serde_json::to_vec(self.fields).unwrap_or_default();
                format!("sha256:{}", hex::encode(Sha256::digest(row)))
            }
        }
    }

    fn category_path(&mut self) -> Vec<String> {
        let parts: Vec<String> = match self.value(CATEGORY) {
            None => vec![NO_CATEGORY.to_owned()],
            Some(Value::Array(list)) => list.iter().map(name_of).collect(),
            Some(value) => name_of(value).split('>').map(str::to_owned).collect(),
        };
        let parts: Vec<String> = parts.iter().map(|part| plain(part)).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() || parts.len() > 10 {
            self.problem("category", "a path has between 1 and 10 names, separated by `>`");
        }
        for (place, part) in parts.iter().enumerate() {
            self.limited(&format!("category.{place}"), part.clone(), 100);
        }
        parts
    }

    fn tags(&mut self) -> Vec<String> {
        let mut tags: Vec<String> = Vec::new();
        for tag in self.value(TAGS).map(|value| list_of(value, &[',', ';', '|'])).unwrap_or_default() {
            let tag = plain(&tag).replace('\n', " ").to_lowercase();
            let tag = self.limited(&format!("tags.{}", tags.len()), tag, 50);
            if !tag.is_empty() && !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        if tags.len() > 30 {
            self.problem("tags", "at most 30 tags");
        }
        tags
    }

    fn specifications(&mut self) -> NamedValues {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let brand = self.text("brand", BRAND, 200);
        if !brand.is_empty() {
            pairs.push(("Brand".to_owned(), brand));
        }
        match self.value(ATTRIBUTES).map(parsed) {
            None => {}
            Some(Value::Object(map)) => pairs.extend(map.iter().map(|(name, value)| (name.clone(), words(value)))),
            Some(Value::Array(list)) => {
                for (place, pair) in list.iter().enumerate() {
                    let named = |keys: [&str; 2]| keys.iter().find_map(|key| pair.get(*key)).and_then(scalar);
                    match (named(["name", "key"]), pair.get("value")) {
                        (Some(name), Some(value)) => pairs.push((name, words(value))),
                        _ => self.problem(format!("attributes.{place}"), "it has a `name` and a `value`"),
                    }
                }
            }
            Some(Value::String(text)) => {
                for part in text.split(';').filter(|part| !part.trim().is_empty()) {
                    match part.split_once(['=', ':']) {
                        Some((name, value)) => pairs.push((name.to_owned(), value.to_owned())),
                        None => self.problem("attributes", "it reads `Colour=Red; Size=M`"),
                    }
                }
            }
            Some(_) => self.problem("attributes", "they are names with values"),
        }
        let pairs = pairs.into_iter().map(|(name, value)| (plain(&name), plain(&value)));
        let pairs: Vec<_> = pairs.filter(|(name, value)| !name.is_empty() && !value.is_empty()).collect();
        if pairs.len() > 100 {
            self.problem("attributes", "at most 100 attributes");
        }
        for (name, value) in &pairs {
            self.limited("attributes", name.clone(), 100);
            self.limited(&format!("attributes.{}", clipped(name)), value.clone(), 1000);
        }
        NamedValues(pairs.into_iter().map(|(name, value)| NamedValue { name, value }).collect())
    }

    fn price(&mut self, currency: Currency) -> Money {
        let value = self.value(PRICE);
        let inside = |key: &str| value.and_then(|value| value.get(key)).and_then(scalar);
        let code = inside("currency").or_else(|| self.value(CURRENCY).and_then(scalar));
        let currency = match code.map(|code| code.trim().to_uppercase()) {
            None => currency,
            Some(code) => code.parse().unwrap_or_else(|_| {
                self.problem("currency", format!("`{}` is not an ISO 4217 currency code", clipped(&code)));
                currency
            }),
        };
        let exact = inside("amountMinor").or_else(|| inside("amount_minor"));
        let amount = match (exact, inside("amount").or_else(|| value.and_then(scalar))) {
            (Some(exact), _) => exact.parse().map_err(|_| "`amountMinor` is a whole number".to_owned()),
            (None, Some(text)) => minor(&text, currency),
            (None, None) => Err("it is missing".to_owned()),
        };
        let amount = match amount {
            Ok(amount) if !(1..=PRICE_MAX_MINOR).contains(&amount) => {
                Err("it lies above zero and below 10^12".to_owned())
            }
            amount => amount,
        };
        Money::new(
            amount.unwrap_or_else(|rule| {
                self.problem("price", rule);
                0
            }),
            currency,
        )
    }

    fn images(&mut self) -> Vec<String> {
        let urls = self.value(IMAGES).map(|value| list_of(value, &[',', '|', '\n'])).unwrap_or_default();
        if urls.len() > 20 {
            self.problem("images", "at most 20 images");
        }
        let mut seen = HashSet::new();
        for (place, url) in urls.iter().enumerate() {
            let web = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
            if !web || url.len() > 2_000 || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
                self.problem(format!("images.{place}"), "it is an absolute http or https URL");
            }
        }
        urls.into_iter().filter(|url| seen.insert(url.clone())).collect()
    }

    fn whole(&mut self, field: &str, names: Names, range: std::ops::RangeInclusive<i64>, default: i64) -> i64 {
        let Some(value) = self.value(names) else { return default };
        let number: Option<i64> = scalar(value).and_then(|text| text.trim().parse().ok());
        match number.filter(|number| range.contains(number)) {
            Some(number) => number,
            None => {
                self.problem(field, format!("it is a whole number from {} to {}", range.start(), range.end()));
                default
            }
        }
    }
}

/// A text or number as a text.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// JSON within a text, as a cell of a table holds it; another value as it is.
fn parsed(value: &Value) -> Value {
    let text = value.as_str().map(str::trim_start).filter(|text| text.starts_with(['{', '[']));
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| value.clone())
}

/// The name of a category, which may be an object.
fn name_of(value: &Value) -> String {
    scalar(value).or_else(|| value.get("name").and_then(scalar)).unwrap_or_default()
}

/// A list, or a text with separators. Objects are known by their `url` or `name`.
fn list_of(value: &Value, separators: &[char]) -> Vec<String> {
    let parts: Vec<String> = match parsed(value) {
        Value::Array(list) => {
            let one = |value: &Value| {
                scalar(value).or_else(|| ["url", "src", "name"].iter().find_map(|key| value.get(*key)).and_then(scalar))
            };
            list.iter().map(|value| one(value).unwrap_or_default()).collect()
        }
        value => scalar(&value).unwrap_or_default().split(separators).map(str::to_owned).collect(),
    };
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// A value for people.
fn words(value: &Value) -> String {
    match value {
        Value::Array(list) => list.iter().map(words).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", "),
        Value::Object(_) => value.to_string(),
        value => scalar(value).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DEFAULTS: Defaults = Defaults { currency: Currency::USD, stock: 0, weight_grams: 500 };

    fn read_json(row: Value) -> Result<ImportedProduct, Vec<String>> {
        let read = read(row.as_object().unwrap(), &DEFAULTS);
        read.map_err(|problems| problems.iter().map(|problem| problem.field.clone()).collect())
    }

    #[test]
    fn a_full_row_becomes_a_product() {
        let row = json!({
            "id": 42, "title": "Wool &amp; silk scarf", "description": "<p>Soft</p><p>Warm</p>",
            "category": "Clothing > Scarves", "price": 19.9, "brand": "Acme", "tags": ["Wool", "wool", "Gift"],
            "attributes": {"Colour": "Red", "Empty": "", "Sizes": ["S", "M"]},
            "images": "https://example.com/1.jpg, https://example.com/2.jpg", "stock": "7",
        });
        let product = read_json(row).unwrap();
        assert_eq!((product.external_id.as_str(), product.name.as_str()), ("42", "Wool & silk scarf"));
        assert_eq!(product.description, "Soft\nWarm");
        assert_eq!(product.category_path, ["Clothing", "Scarves"]);
        assert_eq!((product.price.to_string().as_str(), product.stock), ("19.90 USD", 7));
        assert_eq!(product.tags, ["wool", "gift"]);
        let facts: Vec<_> =
            product.specifications.0.iter().map(|fact| format!("{}={}", fact.name, fact.value)).collect();
        assert_eq!(facts, ["Brand=Acme", "Colour=Red", "Sizes=S, M"]);
        assert_eq!(product.images.len(), 2);
    }

    #[test]
    fn what_is_empty_counts_as_absent() {
        let row = json!({"name": "Cup", "description": "", "category": null, "price": "5", "brand": " ", "images": [],
                         "stock": "", "attributes": {}});
        let product = read_json(row.clone()).unwrap();
        assert_eq!(product.category_path, [NO_CATEGORY]);
        assert!(product.images.is_empty() && product.specifications.0.is_empty() && product.stock == 0);
        assert_eq!(product.external_id, read_json(row).unwrap().external_id, "the same row is the same product");
    }

    #[test]
    fn cells_of_a_table_are_read_like_json() {
        let row = json!({"name": "Cup", "price": "1,250.5", "currency": "usd", "attributes": "Colour=Red; Size: M",
                         "images": "[\"https://example.com/1.jpg\"]", "tags": "a|b"});
        let product = read_json(row).unwrap();
        assert_eq!(product.price.amount_minor, 125_050);
        assert_eq!((product.specifications.0.len(), product.images.len(), product.tags.len()), (2, 1, 2));
    }

    #[test]
    fn every_problem_of_a_row_is_told_by_its_field() {
        let long = "x".repeat(301);
        for (row, fields) in [
            (json!({"price": 5}), vec!["name"]),
            (json!({"name": "<p></p>", "price": 5}), vec!["name"]),
            (json!({"name": long, "price": 5}), vec!["name"]),
            (json!({"name": "Cup"}), vec!["price"]),
            (json!({"name": "Cup", "price": -5}), vec!["price"]),
            (json!({"name": "Cup", "price": 0}), vec!["price"]),
            (json!({"name": "Cup", "price": "cheap"}), vec!["price"]),
            (json!({"name": "Cup", "price": 5, "currency": "XYZ"}), vec!["currency"]),
            (json!({"name": "Cup", "price": 5, "description": "x".repeat(20_001)}), vec!["description"]),
            (json!({"name": "Cup", "price": 5, "stock": -1, "images": ["ftp://x"]}), vec!["images.0", "stock"]),
            (json!({"name": "Cup", "price": 5, "category": "a>".repeat(11)}), vec!["category"]),
            (json!({"name": ["Cup"], "price": 5, "attributes": 3}), vec!["name", "attributes"]),
            (json!({"name": "Cup", "price": 5, "id": "x".repeat(201)}), vec!["external_id"]),
        ] {
            assert_eq!(read_json(row.clone()).unwrap_err(), fields, "{row}");
        }
    }
}
