//! A key that signs access tokens.

use sea_orm::entity::prelude::*;

/// One key pair.
#[sea_orm::model]
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "signing_key")]
pub struct Model {
    /// The key id that stands in the header of a token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    /// PKCS#8 in DER.
    pub private_key: Vec<u8>,
    /// The 32 bytes of the Ed25519 public key.
    pub public_key: Vec<u8>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it stopped signing; tokens signed before are still good until they expire.
    pub retired_at: Option<DateTimeUtc>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl ActiveModelBehavior for ActiveModel {}
