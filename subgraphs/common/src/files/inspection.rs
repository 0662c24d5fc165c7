//! Comparing the bytes that arrived with what was announced.

use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use service_kit::{Error, Result};
use sha2::{Digest, Sha256};

/// What bytes are, by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// How many there are.
    pub size_bytes: u64,
    /// Their SHA-256 in lower-case hexadecimal.
    pub checksum_sha256: String,
    /// Their type, by their first bytes; `None` when they are of no known type.
    pub mime_type: Option<&'static str>,
}

/// How many of the first bytes tell the type.
const HEAD_BYTES: usize = 8 * 1024;

/// Reads bytes to their end.
///
/// # Errors
/// They cannot be read.
pub async fn inspect(mut bytes: BoxStream<'static, std::io::Result<Bytes>>) -> Result<Inspection> {
    let (mut digest, mut head, mut size_bytes) = (Sha256::new(), Vec::with_capacity(HEAD_BYTES), 0);
    while let Some(chunk) = bytes.next().await {
        let chunk = chunk.map_err(|error| Error::internal("reading an uploaded file", error))?;
        size_bytes += chunk.len() as u64;
        head.extend_from_slice(&chunk[..chunk.len().min(HEAD_BYTES - head.len())]);
        digest.update(&chunk);
    }
    Ok(Inspection {
        size_bytes,
        checksum_sha256: hex::encode(digest.finalize()),
        mime_type: infer::get(&head).map(|kind| kind.mime_type()),
    })
}
