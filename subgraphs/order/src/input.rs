//! Rules that several inputs share.

use std::{collections::BTreeSet, ops::RangeInclusive};

use kernel::{AccountId, OperationId};
use service_kit::graphql::trimmed;

use crate::error::{ErrorCode, Refusal};

/// The most lines of a checkout, and the most items of one command of a buyer or a seller.
pub(crate) const LINES_MAX: usize = 100;

/// The operation a viewer means by an idempotency key.
///
/// # Errors
/// The key is empty or longer than 64 characters.
pub(crate) fn operation_id(account_id: AccountId, operation: &str, key: &str) -> Result<OperationId, Refusal> {
    if (1..=64).contains(&key.chars().count()) {
        Ok(OperationId::derive(account_id, operation, key))
    } else {
        Err(Refusal::at("idempotencyKey", ErrorCode::IdempotencyKeyInvalid, "A key has between 1 and 64 characters."))
    }
}

/// An optional text that a person typed: trimmed, and `None` when nothing is left.
///
/// # Errors
/// It is longer than `characters_max` or holds control characters.
pub(crate) fn optional_text(field: &str, text: Option<&str>, characters_max: usize) -> Result<Option<String>, Refusal> {
    let text = bounded(field, text.unwrap_or_default(), 0..=characters_max)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A text that a person must type: trimmed.
///
/// # Errors
/// Nothing is left of it, or it is longer than `characters_max` or holds control characters.
pub(crate) fn text(field: &str, text: &str, characters_max: usize) -> Result<String, Refusal> {
    bounded(field, text, 1..=characters_max)
}

fn bounded(field: &str, text: &str, characters: RangeInclusive<usize>) -> Result<String, Refusal> {
    trimmed(text, characters).map_err(|rule| Refusal::at(field, ErrorCode::TextInvalid, format!("`{field}`: {rule}.")))
}

/// The ids of a command, each once and in their order, so that a refusal can name the place of one.
///
/// # Errors
/// There are none, or more than [`LINES_MAX`].
pub(crate) fn distinct_ids<T: Ord + Copy>(field: &str, ids: &[T]) -> Result<Vec<T>, Refusal> {
    let mut seen = BTreeSet::new();
    let distinct: Vec<T> = ids.iter().copied().filter(|id| seen.insert(*id)).collect();
    if (1..=LINES_MAX).contains(&distinct.len()) {
        Ok(distinct)
    } else {
        let message = format!("Name between 1 and {LINES_MAX} items.");
        Err(Refusal::at(field, ErrorCode::LineCountOutOfRange, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_key_and_a_long_one_are_refused_by_name() {
        let account = AccountId::new();
        for key in ["", &"k".repeat(65)] {
            let refusal = operation_id(account, "checkout", key).unwrap_err();
            assert_eq!(refusal.field.as_deref(), Some("idempotencyKey"));
        }
        assert!(operation_id(account, "checkout", &"ß".repeat(64)).is_ok());
    }

    #[test]
    fn a_text_of_spaces_is_no_text() {
        assert_eq!(text("reason", " ", 9).unwrap_err().field.as_deref(), Some("reason"));
        assert_eq!(text("reason", " broken ", 9), Ok("broken".to_owned()));
        assert_eq!(optional_text("note", Some("  \n "), 500), Ok(None));
        assert!(optional_text("note", Some("\u{7}"), 500).is_err());
    }

    #[test]
    fn an_id_named_twice_counts_once() {
        assert_eq!(distinct_ids("itemIds", &[2, 1, 2]), Ok(vec![2, 1]));
        assert!(distinct_ids::<i32>("itemIds", &[]).is_err());
    }
}
