//! A key that signs access tokens.

use sea_orm::entity::prelude::*;

/// A private key, which shows itself in no log.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct PrivateKey(pub Vec<u8>);

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

/// One key pair.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "signing_key")]
pub struct Model {
    /// The key id that stands in the header of a token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    /// PKCS#8 in DER.
    pub private_key: PrivateKey,
    /// The 32 bytes of the Ed25519 public key.
    pub public_key: Vec<u8>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it stopped signing; tokens signed before are still good until they expire.
    pub retired_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
