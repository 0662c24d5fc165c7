//! Who asks, as far as limits and introspection need to know.
//!
//! The subgraphs decide what a viewer may do; here a token that proves nothing only makes its bearer a stranger, who is
//! counted by the address. That is why nothing here refuses a request.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hive_router::ntex::http::HeaderMap;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use tokio::sync::RwLock;

/// Keys are read again at this age, so that a withdrawn key stops counting.
const KEYS_MAX_AGE: Duration = Duration::from_secs(300);
/// An unknown key id causes a new read at most this often: a forger must not make us hammer the account module.
const KEYS_MIN_AGE: Duration = Duration::from_secs(1);
/// How long the account module may take to give its keys.
const PATIENCE: Duration = Duration::from_secs(2);

/// The account whose token came with the operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Viewer {
    pub(super) account_id: String,
    pub(super) admin: bool,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    scope: String,
}

/// Verifies access tokens by the public keys of the account module.
pub(super) struct Verifier {
    jwks_url: String,
    http: reqwest::Client,
    keys: RwLock<Keys>,
}

#[derive(Default)]
struct Keys {
    by_kid: HashMap<String, DecodingKey>,
    read_at: Option<Instant>,
}

impl Verifier {
    pub(super) fn new(jwks_url: String) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { jwks_url, http, keys: RwLock::default() })
    }

    /// The viewer that the `Authorization` header proves, if it proves one.
    pub(super) async fn viewer(&self, headers: &HeaderMap) -> Option<Viewer> {
        let token = headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?;
        let key = self.key(&jsonwebtoken::decode_header(token).ok()?.kid?).await?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&["shopnexus"]);
        validation.set_required_spec_claims(&["iss", "sub", "exp"]);
        validation.leeway = 0;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()?.claims;
        Some(Viewer { admin: claims.scope.split(' ').any(|scope| scope == "admin"), account_id: claims.sub })
    }

    async fn key(&self, kid: &str) -> Option<DecodingKey> {
        {
            let keys = self.keys.read().await;
            let age = keys.read_at.map(|at| at.elapsed());
            match keys.by_kid.get(kid) {
                Some(key) if age.is_some_and(|age| age < KEYS_MAX_AGE) => return Some(key.clone()),
                None if age.is_some_and(|age| age < KEYS_MIN_AGE) => return None,
                _ => {}
            }
        }
        let mut keys = self.keys.write().await;
        if keys.read_at.is_none_or(|at| at.elapsed() >= KEYS_MIN_AGE) {
            keys.read_at = Some(Instant::now());
            match self.read().await {
                Ok(by_kid) => keys.by_kid = by_kid,
                // Known keys go on working while the account module is away.
                Err(error) => tracing::warn!(%error, "the public keys of access tokens cannot be read"),
            }
        }
        keys.by_kid.get(kid).cloned()
    }

    async fn read(&self) -> reqwest::Result<HashMap<String, DecodingKey>> {
        let set: JwkSet = self.http.get(&self.jwks_url).send().await?.error_for_status()?.json().await?;
        let keys = set.keys.iter().filter_map(|jwk| {
            let kid = jwk.common.key_id.clone()?;
            Some((kid, DecodingKey::from_jwk(jwk).ok()?))
        });
        Ok(keys.collect())
    }
}
