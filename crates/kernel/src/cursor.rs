//! Keyset cursors: the sort key and the id of a row, opaque to clients.
//!
//! A cursor is the URL-safe base64 of a JSON array. Clients must not read it, and nothing secret is in it. The
//! ordering key comes first and the id last, so that rows with equal keys are neither repeated nor skipped.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

/// The cursor did not come from this list.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`after` is not a cursor of this list")]
pub struct CursorError;

/// Writes the position of a row as a cursor.
pub fn encode(position: &impl Serialize) -> String {
    let json = serde_json::to_vec(position).expect("positions are tuples of strings, numbers and ids");
    URL_SAFE_NO_PAD.encode(json)
}

/// Reads a cursor back into a position.
///
/// # Errors
/// [`CursorError`] when the text is not a cursor of a list with this kind of position.
pub fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K, CursorError> {
    let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| CursorError)?;
    serde_json::from_slice(&json).map_err(|_| CursorError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let cursor = encode(&("2026-01-01", 7));
        assert_eq!(decode::<(String, i64)>(&cursor), Ok(("2026-01-01".to_owned(), 7)));
        assert_eq!(decode::<(i64, i64)>(&cursor), Err(CursorError));
        assert_eq!(decode::<(String, i64)>("not a cursor"), Err(CursorError));
    }
}
