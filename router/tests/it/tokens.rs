//! Access tokens as the account module signs them, and the keys by which they are verified.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::routing::get;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use tokio::net::TcpListener;

/// A key pair of these tests alone.
const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIHKu7LLYEZ959tVMX0Buf25FJNvEUFN6VhO76jMuAq8K
-----END PRIVATE KEY-----
";
const PUBLIC: &str = "wcg9YV7ojhoOXCUnSOR_qj2WejZ5EZg4wmC5Q8gg6pU";

/// Serves the public key, and gives its address.
pub(crate) async fn jwks_url() -> String {
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "test", "x": PUBLIC });
    let keys = json!({ "keys": [key] });
    let app = Router::new().route("/jwks.json", get(move || async move { axum::Json(keys) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/jwks.json", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
    url
}

/// The value of `Authorization` for an account.
pub(crate) fn bearer(account: &str, scope: &str) -> String {
    signed(account, scope, Duration::from_secs(900), PRIVATE)
}

/// The same, signed by nobody we know.
pub(crate) fn forged(account: &str, scope: &str) -> String {
    let other = PRIVATE.replace("HKu7LLY", "HKu7LLZ");
    signed(account, scope, Duration::from_secs(900), &other)
}

fn signed(account: &str, scope: &str, lifetime: Duration, key: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let claims = json!({ "iss": "shopnexus", "sub": account, "scope": scope, "exp": (now + lifetime).as_secs() });
    let header = Header { kid: Some("test".to_owned()), ..Header::new(Algorithm::EdDSA) };
    let key = EncodingKey::from_ed_pem(key.as_bytes()).expect("a key");
    format!("Bearer {}", jsonwebtoken::encode(&header, &claims, &key).expect("a token"))
}
