//! Slugs: unique, stable, readable names in URLs.

use std::collections::BTreeSet;

use deunicode::deunicode;
use sea_orm::{DatabaseTransaction, FromQueryResult, raw_sql};
use service_kit::Result;

/// The most characters of a slug, before a suffix.
const SLUG_MAX: usize = 80;

/// The slug that a name asks for: `Áo thun đen!` asks for `ao-thun-den`. A name without letters and digits asks for
/// `otherwise`.
pub(crate) fn slug_of(name: &str, otherwise: &str) -> String {
    let mut slug = String::new();
    for character in deunicode(name).chars().map(|character| character.to_ascii_lowercase()) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(SLUG_MAX);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { otherwise.to_owned() } else { slug.to_owned() }
}

/// Whether the text is a slug already.
pub(crate) fn is_slug(text: &str) -> bool {
    (1..=SLUG_MAX).contains(&text.len()) && slug_of(text, "") == text
}

#[derive(FromQueryResult)]
struct Taken {
    slug: String,
}

/// The first free slug for products: the one wanted, or the one wanted with a number. Another transaction may take it
/// before this one inserts it, and then one asks again.
pub(crate) async fn product_slug_free_in_txn(txn: &DatabaseTransaction, wanted: &str) -> Result<String> {
    // Slugs hold no wildcard, and `-` is followed by `.` in their collation: a range of the unique index.
    let (wanted, from, to) = (wanted.to_owned(), format!("{wanted}-"), format!("{wanted}."));
    let taken = Taken::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT slug FROM catalog.product WHERE slug = {wanted} OR (slug >= {from} AND slug < {to})"#
    ));
    Ok(next_free(&wanted, taken.all(txn).await?))
}

/// A free slug for each of many products of one transaction; see [`product_slug_free_in_txn`].
pub(crate) async fn product_slugs_free_in_txn(txn: &DatabaseTransaction, wanted: Vec<String>) -> Result<Vec<String>> {
    let rows = Taken::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT DISTINCT p.slug FROM unnest({wanted}::text[]) AS w (slug)
           JOIN catalog.product p
               ON p.slug = w.slug OR (p.slug >= (w.slug || '-') COLLATE "C" AND p.slug < (w.slug || '.') COLLATE "C")"#
    ));
    let mut taken: BTreeSet<String> = rows.all(txn).await?.into_iter().map(|row| row.slug).collect();
    let mut free = Vec::with_capacity(wanted.len());
    for wanted in wanted {
        let beside = taken.range(format!("{wanted}-")..format!("{wanted}.")).chain(taken.get(&wanted));
        let slug = next_free(&wanted, beside.map(|slug| Taken { slug: slug.clone() }).collect());
        taken.insert(slug.clone());
        free.push(slug);
    }
    Ok(free)
}

/// The first free slug for categories; see [`product_slug_free_in_txn`].
pub(crate) async fn category_slug_free_in_txn(txn: &DatabaseTransaction, wanted: &str) -> Result<String> {
    let (wanted, from, to) = (wanted.to_owned(), format!("{wanted}-"), format!("{wanted}."));
    let taken = Taken::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT slug FROM catalog.category WHERE slug = {wanted} OR (slug >= {from} AND slug < {to})"#
    ));
    Ok(next_free(&wanted, taken.all(txn).await?))
}

fn next_free(wanted: &str, taken: Vec<Taken>) -> String {
    if taken.iter().all(|taken| taken.slug != wanted) {
        return wanted.to_owned();
    }
    let numbers = taken.iter().filter_map(|taken| taken.slug[wanted.len()..].strip_prefix('-')?.parse::<u64>().ok());
    // The slug without a number counts as the first. `saturating`: somebody may have named a product by 20 digits.
    let last = numbers.max().unwrap_or(1).max(1);
    format!("{wanted}-{}", last.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_plain_letters_digits_and_single_hyphens() {
        assert_eq!(slug_of("  Áo thun đen -- cỡ M! ", "product"), "ao-thun-den-co-m");
        assert_eq!(slug_of("!!!", "product"), "product");
        assert_eq!(slug_of(&"long ".repeat(40), "product").len(), 79);
        assert!(is_slug("ao-thun") && !is_slug("Ao thun") && !is_slug("-ao") && !is_slug(""));
    }

    #[test]
    fn a_taken_slug_gets_the_number_after_the_last() {
        let taken = |slugs: &[&str]| slugs.iter().map(|slug| Taken { slug: (*slug).to_owned() }).collect();
        assert_eq!(next_free("shirt", taken(&[])), "shirt");
        assert_eq!(next_free("shirt", taken(&["shirt-7"])), "shirt");
        assert_eq!(next_free("shirt", taken(&["shirt"])), "shirt-2");
        assert_eq!(next_free("shirt", taken(&["shirt", "shirt-9", "shirt-red"])), "shirt-10");
    }
}
