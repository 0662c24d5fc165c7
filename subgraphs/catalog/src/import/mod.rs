//! Bulk import: the rows of a seller's file become products.
//!
//! [`row::read`] makes a checked [`ImportedProduct`] of what a file says, or tells everything that is wrong with it. It
//! needs no database, so whoever reads the file runs it row by row. [`IMPORT`] then writes checked rows in batches, each
//! exactly once: a product is known by its seller and its external id, and one that is there already stays as it is.

mod price;
pub mod row;
mod text;

use contracts::Call;
use entities::catalog::product::NamedValues;
use kernel::{AccountId, Money, OperationId};
use serde::{Deserialize, Serialize};

/// Writes a batch of checked rows: products, categories that nobody made before, images by URL, stock.
pub const IMPORT: Call<ImportBatch, Vec<RowOutcome>> = Call::new("ProductImporter", "import");

/// Rows to import for one seller.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportBatch {
    /// Identity of the batch, from which the identities of its commands are derived.
    pub operation_id: OperationId,
    /// Whose products they will be.
    pub seller_id: AccountId,
    /// The rows; their external ids differ.
    pub products: Vec<ImportedProduct>,
}

/// A row of a file, checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportedProduct {
    /// The seller's own number of the product, or a digest of the row where it has none.
    pub external_id: String,
    /// Name for people.
    pub name: String,
    /// Plain text; may be empty.
    pub description: String,
    /// Names of categories from the top of the tree down; at least one.
    pub category_path: Vec<String>,
    /// Folded to lower case, each once.
    pub tags: Vec<String>,
    /// Brand and attributes, in the order of the row.
    pub specifications: NamedValues,
    /// Price of one unit, before promotions.
    pub price: Money,
    /// Weight of one packed unit.
    pub weight_grams: i32,
    /// Absolute `http` or `https` URLs, in order.
    pub images: Vec<String>,
    /// Units to begin with.
    pub stock: i64,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// There is a new product.
    Imported,
    /// The seller has a product with this external id; it stays as it is.
    AlreadyThere,
}

/// Something that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which field, as in `price` or `images.3`.
    pub field: String,
    /// Which rule, as a sentence.
    pub rule: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.rule)
    }
}
