//! The keys of access tokens: made at the first start, published as a JWKS, rotated without logging anyone out.
//!
//! The newest key that is not retired signs. A retired key stays published for as long as a token that it signed can
//! live, so both are good meanwhile.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use entities::account::signing_key::{self, PrivateKey};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{
        AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, OctetKeyPairParameters,
        OctetKeyPairType, PublicKeyUse,
    },
};
use rand::RngCore;
use sea_orm::{DatabaseConnection, TransactionTrait};
use service_kit::{
    Error, Result,
    auth::{ACCESS_TOKEN_LIFETIME, Claims},
};
use sha2::{Digest, Sha256};

use crate::store;

/// How long a retired key is published: the life of an access token, and a minute for clocks that differ.
const PUBLISHED_AFTER_RETIREMENT: TimeDelta = TimeDelta::minutes(16);

/// Signs access tokens with the key that signs now.
///
/// # Errors
/// The database fails, or holds no key.
pub(crate) async fn sign(db: &DatabaseConnection, claims: &Claims) -> Result<String> {
    let key =
        store::signing_key_current(db).await?.ok_or_else(|| Error::broken("there is a signing key after the start"))?;
    let header = Header { kid: Some(key.kid), ..Header::new(Algorithm::EdDSA) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(&key.private_key.0))
        .map_err(|error| Error::internal("signing an access token", error))
}

/// When a token that is issued now ends.
pub(crate) fn expiry(issued_at: DateTime<Utc>) -> DateTime<Utc> {
    issued_at + ACCESS_TOKEN_LIFETIME
}

/// Makes the first key when there is none. Processes that start together make one between them.
///
/// # Errors
/// The database fails.
pub(crate) async fn ensure(db: &DatabaseConnection) -> Result<()> {
    if store::signing_key_current(db).await?.is_some() {
        return Ok(());
    }
    let txn = db.begin().await?;
    store::signing_key_lock_in_txn(&txn).await?;
    if store::signing_key_current(&txn).await?.is_none() {
        let key = generate(Utc::now())?;
        tracing::info!(kid = key.kid, "made the first signing key");
        store::signing_key_insert(&txn, key).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// Makes a new key, which signs from now on, and retires the others. Answers with the new key's id.
///
/// # Errors
/// The database fails.
pub(crate) async fn rotate(db: &DatabaseConnection) -> Result<String> {
    let now = Utc::now();
    let key = generate(now)?;
    let kid = key.kid.clone();
    let txn = db.begin().await?;
    store::signing_key_lock_in_txn(&txn).await?;
    store::signing_keys_retire_in_txn(&txn, now).await?;
    store::signing_key_insert(&txn, key).await?;
    txn.commit().await?;
    tracing::info!(kid, "rotated the signing key");
    Ok(kid)
}

/// The public keys that verify access tokens now.
///
/// # Errors
/// The database fails.
pub(crate) async fn published(db: &DatabaseConnection) -> Result<JwkSet> {
    let keys = store::signing_keys_published(db, Utc::now() - PUBLISHED_AFTER_RETIREMENT).await?;
    Ok(JwkSet { keys: keys.into_iter().map(jwk).collect() })
}

fn jwk(key: signing_key::Model) -> Jwk {
    Jwk {
        common: CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(KeyAlgorithm::EdDSA),
            key_id: Some(key.kid),
            ..CommonParameters::default()
        },
        algorithm: AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
            key_type: OctetKeyPairType::OctetKeyPair,
            curve: EllipticCurve::Ed25519,
            x: URL_SAFE_NO_PAD.encode(key.public_key),
        }),
    }
}

/// A new key pair; its id is the start of the hash of its public key.
fn generate(created_at: DateTime<Utc>) -> Result<signing_key::Model> {
    let mut seed = [0_u8; 32];
    rand::rng().fill_bytes(&mut seed);
    let pair = SigningKey::from_bytes(&seed);
    let private_key =
        pair.to_pkcs8_der().map_err(|error| Error::internal("writing a signing key", error.to_string()))?;
    let public_key = pair.verifying_key().to_bytes();
    let kid = URL_SAFE_NO_PAD.encode(&Sha256::digest(public_key)[..12]);
    Ok(signing_key::Model {
        kid,
        private_key: PrivateKey(private_key.as_bytes().to_vec()),
        public_key: public_key.to_vec(),
        created_at,
        retired_at: None,
    })
}
