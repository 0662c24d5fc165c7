//! Inputs of products and SKUs, and the rules that they keep.

use async_graphql::InputObject;
use entities::catalog::product::{self, NamedValues};
use kernel::{CategoryId, ProductId, ResourceId, SkuId};
use service_kit::{Error, graphql::MoneyInput};

use crate::{
    drafts::{Package, ProductChange, ProductDraft, SKUS_MAX, SkuChange, SkuDraft, label},
    error::{ErrorCode, Problems, UserError},
};

/// A name with its value, as in `Colour: Red`.
#[derive(InputObject, Debug, Clone)]
pub struct NamedValueInput {
    /// 1–100 characters.
    pub name: String,
    /// 1–1000 characters.
    pub value: String,
}

/// A product to create.
#[derive(InputObject, Debug, Clone)]
pub struct CreateProductInput {
    /// 1–300 characters. The slug is made of it, once and for all.
    pub name: String,
    /// Plain text of at most 20,000 characters.
    #[graphql(default)]
    pub description: String,
    /// Where it stands in the tree of categories.
    pub category_id: CategoryId,
    /// At most 30 tags of 1–50 characters. Case does not matter, and a tag that nobody used before is made.
    #[graphql(default)]
    pub tags: Vec<String>,
    /// At most 100 facts about the product, shown in this order.
    #[graphql(default)]
    pub specifications: Vec<NamedValueInput>,
    /// The seller's own uploaded images, at most 20; the first is the one on the product's card.
    #[graphql(default)]
    pub image_ids: Vec<ResourceId>,
    /// 1–100 SKUs with prices in one currency. At most one says `featured`; without, the first is featured.
    pub skus: Vec<SkuInput>,
    /// 1–64 characters that the client makes up: the same key again gives the first answer and creates nothing.
    pub idempotency_key: String,
}

/// Changes of a product. A field that is left out or null stays as it is.
#[derive(InputObject, Debug, Clone)]
pub struct UpdateProductInput {
    /// The product, which belongs to the viewer.
    pub product_id: ProductId,
    /// 1–300 characters. The slug stays as it is.
    pub name: Option<String>,
    /// Plain text of at most 20,000 characters.
    pub description: Option<String>,
    /// Where it stands in the tree of categories.
    pub category_id: Option<CategoryId>,
    /// All its tags, at most 30.
    pub tags: Option<Vec<String>>,
    /// All its specifications, at most 100.
    pub specifications: Option<Vec<NamedValueInput>>,
}

/// A SKU to create.
#[derive(InputObject, Debug, Clone)]
pub struct SkuInput {
    /// Price of one unit before promotions; more than zero.
    pub price: MoneyInput,
    /// What tells it from its siblings, at most 10, as in `Colour: Red` and `Size: M`. Values have at most 100
    /// characters. Two SKUs of a product never have the same values.
    #[graphql(default)]
    pub attributes: Vec<NamedValueInput>,
    /// Weight of one packed unit in grams, 1–1,000,000.
    pub weight_grams: i32,
    /// Length of one packed unit in millimetres, 1–100,000.
    pub length_mm: Option<i32>,
    /// Width of one packed unit in millimetres, 1–100,000.
    pub width_mm: Option<i32>,
    /// Height of one packed unit in millimetres, 1–100,000.
    pub height_mm: Option<i32>,
    /// Whether each unit has a serial number of its own. It stays so.
    #[graphql(default)]
    pub requires_serials: bool,
    /// Whether its price shows on the product's card.
    #[graphql(default)]
    pub featured: bool,
}

/// A SKU to add to a product.
#[derive(InputObject, Debug, Clone)]
pub struct AddSkuInput {
    /// The product, which belongs to the viewer.
    pub product_id: ProductId,
    /// The SKU. Its price is in the currency of the product's other SKUs.
    pub sku: SkuInput,
    /// 1–64 characters that the client makes up: the same key again gives the first answer and adds nothing.
    pub idempotency_key: String,
}

/// Changes of a SKU. A field that is left out or null stays as it is.
#[derive(InputObject, Debug, Clone)]
pub struct UpdateSkuInput {
    /// The SKU, of a product that belongs to the viewer.
    pub sku_id: SkuId,
    /// Price of one unit before promotions, in the currency of the product.
    pub price: Option<MoneyInput>,
    /// All its attributes, at most 10.
    pub attributes: Option<Vec<NamedValueInput>>,
    /// Size and weight of one packed unit, as a whole.
    pub package: Option<PackageInput>,
    /// Whether it is offered. When the featured SKU is withdrawn, the next one on offer becomes featured.
    pub enabled: Option<bool>,
    /// `true` makes it the featured one in place of the one that was. To take the mark away, feature another SKU.
    pub featured: Option<bool>,
}

/// Size and weight of one packed unit.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct PackageInput {
    /// In grams, 1–1,000,000.
    pub weight_grams: i32,
    /// In millimetres, 1–100,000; null when unknown.
    pub length_mm: Option<i32>,
    /// In millimetres, 1–100,000; null when unknown.
    pub width_mm: Option<i32>,
    /// In millimetres, 1–100,000; null when unknown.
    pub height_mm: Option<i32>,
}

impl CreateProductInput {
    /// The product and its SKUs, the featured one marked, or everything that is wrong with them.
    pub(crate) fn checked(&self) -> Result<(ProductDraft, Vec<SkuDraft>), Vec<UserError>> {
        let mut problems = Problems::default();
        let product = ProductDraft {
            name: problems.text("name", &self.name, NAME),
            description: problems.text("description", &self.description, DESCRIPTION),
            category_id: self.category_id,
            tags: tags(&mut problems, &self.tags),
            specifications: specifications(&mut problems, &self.specifications),
        };
        check_images(&mut problems, &self.image_ids);
        let skus = skus(&mut problems, &self.skus);
        problems.none_or((product, skus))
    }
}

impl UpdateProductInput {
    /// The changes, or everything that is wrong with them.
    pub(crate) fn checked(&self) -> Result<ProductChange, Vec<UserError>> {
        let mut problems = Problems::default();
        let change = ProductChange {
            name: self.name.as_ref().map(|name| problems.text("name", name, NAME)),
            description: self.description.as_ref().map(|text| problems.text("description", text, DESCRIPTION)),
            category_id: self.category_id,
            tags: self.tags.as_ref().map(|list| tags(&mut problems, list)),
            specifications: self.specifications.as_ref().map(|list| specifications(&mut problems, list)),
        };
        problems.none_or(change)
    }
}

impl AddSkuInput {
    /// The SKU, or everything that is wrong with it.
    pub(crate) fn checked(&self) -> Result<SkuDraft, Vec<UserError>> {
        let mut problems = Problems::default();
        let draft = sku(&mut problems, "sku", &self.sku);
        problems.none_or(draft)
    }
}

impl UpdateSkuInput {
    /// The changes, or everything that is wrong with them.
    pub(crate) fn checked(&self) -> Result<SkuChange, Vec<UserError>> {
        let mut problems = Problems::default();
        if self.featured == Some(false) {
            problems.add("featured", ErrorCode::FeaturedInvalid, "Feature another SKU instead: one always is.");
        }
        let change = SkuChange {
            price: self.price.map(|price| checked_price(&mut problems, "price", price)),
            attributes: self.attributes.as_ref().map(|list| attributes(&mut problems, "attributes", list)),
            package: self.package.map(|package| checked_package(&mut problems, "package.", package)),
            enabled: self.enabled,
            feature: self.featured == Some(true),
        };
        problems.none_or(change)
    }
}

/// Refuses keys that would not work as one.
pub(crate) fn check_idempotency_key(key: &str) -> service_kit::Result<()> {
    if (1..=64).contains(&key.chars().count()) {
        Ok(())
    } else {
        Err(Error::bad_input("idempotencyKey", "it has between 1 and 64 characters"))
    }
}

/// Refuses lists of images that are too long or hold one twice.
pub(crate) fn check_images(problems: &mut Problems, ids: &[ResourceId]) {
    problems.check(ids.len() <= 20, "imageIds", ErrorCode::ListTooLong, "At most 20 images.");
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    problems.check(distinct.len() == ids.len(), "imageIds", ErrorCode::Duplicate, "Each image once.");
}

const NAME: std::ops::RangeInclusive<usize> = 1..=300;
const DESCRIPTION: std::ops::RangeInclusive<usize> = 0..=20_000;

/// Folds tags to one form, so that a tag is one tag however it is typed, and drops repetitions.
fn tags(problems: &mut Problems, typed: &[String]) -> Vec<String> {
    problems.check(typed.len() <= 30, "tags", ErrorCode::ListTooLong, "At most 30 tags.");
    let mut tags: Vec<String> = Vec::new();
    for (index, tag) in typed.iter().enumerate() {
        let spaced = tag.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let tag = problems.text(&format!("tags.{index}"), &spaced, 1..=50);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn specifications(problems: &mut Problems, list: &[NamedValueInput]) -> NamedValues {
    problems.check(list.len() <= 100, "specifications", ErrorCode::ListTooLong, "At most 100 specifications.");
    named_values(problems, "specifications", list, 1000)
}

fn attributes(problems: &mut Problems, field: &str, list: &[NamedValueInput]) -> NamedValues {
    problems.check(list.len() <= 10, field, ErrorCode::ListTooLong, "At most 10 attributes.");
    let attributes = named_values(problems, field, list, 100);
    let names: std::collections::HashSet<_> = attributes.0.iter().map(|pair| pair.name.to_lowercase()).collect();
    problems.check(names.len() == attributes.0.len(), field, ErrorCode::Duplicate, "Each attribute once.");
    attributes
}

fn named_values(problems: &mut Problems, field: &str, list: &[NamedValueInput], value_max: usize) -> NamedValues {
    let pairs = list.iter().enumerate().map(|(index, pair)| product::NamedValue {
        name: problems.text(&format!("{field}.{index}.name"), &pair.name, 1..=100),
        value: problems.text(&format!("{field}.{index}.value"), &pair.value, 1..=value_max),
    });
    NamedValues(pairs.collect())
}

fn skus(problems: &mut Problems, inputs: &[SkuInput]) -> Vec<SkuDraft> {
    problems.check(!inputs.is_empty(), "skus", ErrorCode::SkuMissing, "A product has at least one SKU.");
    problems.check(inputs.len() <= SKUS_MAX, "skus", ErrorCode::ListTooLong, "At most 100 SKUs.");
    let mut skus: Vec<SkuDraft> = Vec::with_capacity(inputs.len());
    let mut labels = std::collections::HashSet::new();
    for (index, input) in inputs.iter().enumerate() {
        let draft = sku(problems, &format!("skus.{index}"), input);
        if skus.first().is_some_and(|first| first.price.currency != draft.price.currency) {
            let field = format!("skus.{index}.price.currency");
            problems.add(field, ErrorCode::CurrencyMixed, "All SKUs of a product are priced in one currency.");
        }
        if !labels.insert(label(&draft.attributes)) {
            let field = format!("skus.{index}.attributes");
            problems.add(field, ErrorCode::Duplicate, "Another SKU of the product has the same attribute values.");
        }
        skus.push(draft);
    }
    match skus.iter().filter(|sku| sku.featured).count() {
        0 => skus.iter_mut().take(1).for_each(|first| first.featured = true),
        1 => {}
        _ => problems.add("skus", ErrorCode::FeaturedInvalid, "Only one SKU of a product is featured."),
    }
    skus
}

fn sku(problems: &mut Problems, field: &str, input: &SkuInput) -> SkuDraft {
    let package = PackageInput {
        weight_grams: input.weight_grams,
        length_mm: input.length_mm,
        width_mm: input.width_mm,
        height_mm: input.height_mm,
    };
    SkuDraft {
        price: checked_price(problems, &format!("{field}.price"), input.price),
        attributes: attributes(problems, &format!("{field}.attributes"), &input.attributes),
        package: checked_package(problems, &format!("{field}."), package),
        requires_serials: input.requires_serials,
        featured: input.featured,
    }
}

/// The most that one unit costs, in minor units: far above any price, far below what quantities could overflow.
const PRICE_MAX_MINOR: i64 = 1_000_000_000_000;

pub(crate) fn checked_price(problems: &mut Problems, field: &str, price: MoneyInput) -> kernel::Money {
    let fine = (1..=PRICE_MAX_MINOR).contains(&price.amount_minor.0);
    problems.check(
        fine,
        format!("{field}.amountMinor"),
        ErrorCode::PriceInvalid,
        "A price lies above zero and below 10^12.",
    );
    price.into()
}

fn checked_package(problems: &mut Problems, prefix: &str, input: PackageInput) -> Package {
    let mut within = |name: &str, value: Option<i32>, most: i32, rule: &str| {
        let fine = value.is_none_or(|value| (1..=most).contains(&value));
        problems.check(fine, format!("{prefix}{name}"), ErrorCode::PackageInvalid, rule);
    };
    within("weightGrams", Some(input.weight_grams), 1_000_000, "A weight is between 1 and 1,000,000 grams.");
    for (name, value) in [("lengthMm", input.length_mm), ("widthMm", input.width_mm), ("heightMm", input.height_mm)] {
        within(name, value, 100_000, "A size is between 1 and 100,000 millimetres.");
    }
    Package {
        weight_grams: input.weight_grams,
        length_mm: input.length_mm,
        width_mm: input.width_mm,
        height_mm: input.height_mm,
    }
}
