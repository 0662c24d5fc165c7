//! The URLs of files as clients see them.

use chrono::{DateTime, Utc};
use entities::common::resource;
use kernel::ResourceId;
use url::Url;

use super::{UploadSigner, pictures::Variant};

/// Makes URLs on the public address of this module's file routes.
#[derive(Clone)]
pub struct FileUrls {
    base: String,
}

impl FileUrls {
    /// URLs below `base`, which may have a path of its own.
    pub fn new(base: &Url) -> Self {
        Self { base: base.as_str().trim_end_matches('/').to_owned() }
    }

    /// Where a browser finds the file. Before its upload is complete, this shows a placeholder.
    pub fn of(&self, row: &resource::Model) -> String {
        row.remote_url.clone().unwrap_or_else(|| format!("{}/files/{}", self.base, row.id))
    }

    /// Where a browser finds a small version of the file. A file that stays on another site, or is no picture, has none
    /// and is found as it is.
    pub fn of_variant(&self, row: &resource::Model, variant: Variant) -> String {
        match row.remote_url {
            Some(_) => self.of(row),
            None => format!("{}?variant={}", self.of(row), variant.as_str()),
        }
    }

    /// Where to put the bytes of a resource until the URL expires.
    pub fn upload(&self, signer: &UploadSigner, id: ResourceId, expires_at: DateTime<Utc>) -> String {
        let signature = signer.sign(id, expires_at);
        format!("{}/uploads/{id}?expires={}&signature={signature}", self.base, expires_at.timestamp())
    }
}
