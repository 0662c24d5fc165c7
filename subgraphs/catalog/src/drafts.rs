//! What people typed, checked: the values that the store writes and that durable handlers carry.
//!
//! A draft can only be made through its input's `checked`, so whoever holds one need not check its texts again.

use entities::catalog::product::NamedValues;
use kernel::{CategoryId, Money};
use serde::{Deserialize, Serialize};

/// The most SKUs that one product has.
pub const SKUS_MAX: usize = 100;

/// A product as its seller describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductDraft {
    /// Name for people.
    pub name: String,
    /// Plain text; may be empty.
    pub description: String,
    /// Where it stands in the tree.
    pub category_id: CategoryId,
    /// Folded to lower case, each once, in the seller's order.
    pub tags: Vec<String>,
    /// Facts, in the seller's order.
    pub specifications: NamedValues,
}

/// Changes of a product; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductChange {
    /// Name for people. The slug stays.
    pub name: Option<String>,
    /// Plain text.
    pub description: Option<String>,
    /// Where it stands in the tree.
    pub category_id: Option<CategoryId>,
    /// All tags.
    pub tags: Option<Vec<String>>,
    /// All facts.
    pub specifications: Option<NamedValues>,
}

/// A SKU as its seller describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkuDraft {
    /// Price of one unit, before promotions.
    pub price: Money,
    /// What tells it from its siblings.
    pub attributes: NamedValues,
    /// Size and weight of one packed unit.
    pub package: Package,
    /// Whether each unit has a serial of its own.
    pub requires_serials: bool,
    /// Whether its price shows on product cards.
    pub featured: bool,
}

/// Changes of a SKU; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SkuChange {
    /// Price of one unit, before promotions.
    pub price: Option<Money>,
    /// All attributes.
    pub attributes: Option<NamedValues>,
    /// Size and weight of one packed unit, as a whole.
    pub package: Option<Package>,
    /// Whether it is offered.
    pub enabled: Option<bool>,
    /// Makes it the featured one.
    pub feature: bool,
}

/// Size and weight of one packed unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Weight in grams.
    pub weight_grams: i32,
    /// Length in millimetres, when known.
    pub length_mm: Option<i32>,
    /// Width in millimetres, when known.
    pub width_mm: Option<i32>,
    /// Height in millimetres, when known.
    pub height_mm: Option<i32>,
}

/// What tells a SKU from its siblings, made of the values of its attributes: `Red / M`.
pub fn label(attributes: &NamedValues) -> String {
    let values: Vec<&str> = attributes.0.iter().map(|attribute| attribute.value.as_str()).collect();
    values.join(" / ")
}
