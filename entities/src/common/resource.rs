//! Files and their metadata.

use kernel::{AccountId, ResourceId};
use sea_orm::entity::prelude::*;

/// A file of an account.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "common", table_name = "resource")]
pub struct Model {
    /// Id, drawn by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ResourceId,
    /// Who uploaded it.
    pub owner_id: AccountId,
    /// Where its bytes are.
    pub storage: ResourceStorage,
    /// Whether its bytes have been checked.
    pub state: ResourceState,
    /// A name for people; never part of a path.
    pub file_name: String,
    /// What it is: announced while pending, proven by content when complete. Null for a remote file.
    pub mime_type: Option<String>,
    /// Its size in bytes. Null for a remote file.
    pub size_bytes: Option<i64>,
    /// SHA-256 of its bytes in lower-case hexadecimal. Null for a remote file.
    pub checksum_sha256: Option<String>,
    /// Its place in the object store, written once the bytes have arrived.
    pub object_key: Option<String>,
    /// Its place on the web, for a remote file.
    pub remote_url: Option<String>,
    /// When it was announced.
    pub created_at: DateTimeUtc,
    /// Until when a pending upload may be made.
    pub expires_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Where the bytes of a resource are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResourceStorage {
    /// In our object store.
    Stored,
    /// Where they always were, known by URL.
    Remote,
}

/// Whether the bytes of a resource have been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResourceState {
    /// Announced; nobody but its owner may see it.
    Pending,
    /// Checked and immutable.
    Complete,
}
