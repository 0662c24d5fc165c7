//! Products with their SKUs.

use chrono::{DateTime, Utc};
use entities::catalog::{
    product::{self, NamedValue, NamedValues},
    sku,
};

use super::accounts::{People, Person};
use super::catalog::{Department, Shelf};
use super::categories::Categories;
use super::dice::{Dice, day};
use super::words::{BRANDS, CLOSINGS, OPENINGS, ORIGINS, QUALITIES, slug};

/// The currency of every price.
pub(super) const CURRENCY: &str = "VND";

/// A product as its seller offers it.
pub(super) struct Offer {
    /// Who sells it.
    pub(super) seller: Person,
    /// The product.
    pub(super) product: product::Model,
    /// Its SKUs, the featured one first.
    pub(super) skus: Vec<sku::Model>,
    /// The hue of its picture.
    pub(super) colour: [u8; 3],
}

/// Draws so many products. The demo seller has its share, and every shelf is used.
pub(super) fn draw(dice: &mut Dice, people: &People, categories: &Categories, count: u32) -> Vec<Offer> {
    (0..count)
        .map(|number| {
            let (category_id, department, shelf) = categories.shelves[number as usize % categories.shelves.len()];
            let seller = &people.sellers[(number as usize * 7) % people.sellers.len()];
            let created_at = dice.later(day(8), 0..=60_000);
            let (name, mut product) = describe(dice, department, shelf);
            product.id = dice.id(created_at);
            product.seller_id = seller.account.id;
            product.category_id = category_id;
            product.slug = format!("{}-{}", slug(&name), number + 1);
            (product.created_at, product.updated_at) = (created_at, created_at);
            let skus = variants(dice, shelf, &product, created_at);
            product.price_minor = skus[0].price_minor;
            Offer { seller: seller.clone(), product, skus, colour: department.colour }
        })
        .collect()
}

/// A product in words; whose it is and what it costs is left to fill in.
fn describe(dice: &mut Dice, department: &Department, shelf: &Shelf) -> (String, product::Model) {
    let (brand, quality) = (*dice.pick(BRANDS), *dice.pick(QUALITIES));
    let (thing, material) = (*dice.pick(shelf.things), *dice.pick(department.materials));
    let name = format!("{brand} {quality} {thing}");
    let description = [
        dice.pick(OPENINGS).replace("{}", &format!("{quality} {thing}")),
        (*dice.pick(department.praise)).to_owned(),
        (*dice.pick(CLOSINGS)).to_owned(),
    ]
    .join(" ");
    let mut tags = vec![thing.to_lowercase(), quality.to_lowercase(), brand.to_lowercase()];
    if dice.chance(40) {
        tags.push((*dice.pick(&["gift", "new arrival", "bestseller", "handmade"])).to_owned());
    }
    let warranty = *dice.pick(&["7 days", "6 months", "12 months", "24 months"]);
    let specifications =
        [("Brand", brand), ("Material", material), ("Origin", *dice.pick(ORIGINS)), ("Warranty", warranty)];
    let product = product::Model {
        id: dice.id(day(0)),
        seller_id: dice.id(day(0)),
        category_id: dice.id(day(0)),
        external_id: None,
        operation_id: None,
        slug: String::new(),
        name: name.clone(),
        description,
        tags,
        specifications: named(&specifications),
        price_minor: 0,
        price_currency: CURRENCY.to_owned(),
        enabled: true,
        created_at: day(0),
        updated_at: day(0),
        deleted_at: None,
    };
    (name, product)
}

/// One to four SKUs; a single one has nothing to tell it from others.
fn variants(dice: &mut Dice, shelf: &Shelf, product: &product::Model, at: DateTime<Utc>) -> Vec<sku::Model> {
    let (dimension, values) = shelf.variants;
    let count = usize::try_from(dice.number(1..=4)).unwrap_or(1).min(values.len());
    let (cheapest, dearest) = shelf.price_thousands;
    let span = (dearest - cheapest).max(1);
    // Most things cost little: the smaller of two numbers.
    let base = cheapest + dice.number(0..=span).min(dice.number(0..=span));
    let grams = dice.number(shelf.grams.0..=shelf.grams.1);
    // A bigger storage, pack or cover costs more; a colour or a size does not.
    let dearer_percent = match dimension {
        "Storage" => 18,
        "Pack" => 130,
        "Cover" => 45,
        _ => 0,
    };
    let percents = (0_i64..).map(|step| 100 + step * dearer_percent);
    (0..)
        .zip(values.iter().zip(percents))
        .take(count)
        .map(|(position, (value, percent))| {
            let label = if count == 1 { String::new() } else { (*value).to_owned() };
            let attributes = if count == 1 { NamedValues::default() } else { named(&[(dimension, value)]) };
            let weight = if dimension == "Pack" { grams * percent / 100 } else { grams };
            sku::Model {
                id: dice.id(at),
                product_id: product.id,
                position,
                label,
                attributes,
                price_minor: base * percent / 100 * 1_000,
                price_currency: CURRENCY.to_owned(),
                weight_grams: i32::try_from(weight).unwrap_or(i32::MAX),
                length_mm: None,
                width_mm: None,
                height_mm: None,
                requires_serials: false,
                featured: position == 0,
                enabled: true,
                created_at: at,
                updated_at: at,
            }
        })
        .collect()
}

fn named(pairs: &[(&str, &str)]) -> NamedValues {
    let pairs = pairs.iter().map(|(name, value)| NamedValue { name: (*name).to_owned(), value: (*value).to_owned() });
    NamedValues(pairs.collect())
}
