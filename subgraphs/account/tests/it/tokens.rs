//! Access tokens that prove nothing, and keys that rotate.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::SessionId;
use serde_json::{Value, json};
use service_kit::auth::{Claims, ISSUER};

use crate::site::{Member, Site, codes};

fn claims(member: &Member) -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        sub: member.id.parse().unwrap(),
        sid: SessionId::new(),
        scope: "admin".to_owned(),
        iat_ms: Utc::now().timestamp_millis(),
        exp: Utc::now().timestamp() + 600,
    }
}

async fn keys(site: &Site) -> Vec<Value> {
    let url = format!("{}/.well-known/jwks.json", site.base);
    let text = reqwest::get(url).await.unwrap().error_for_status().unwrap().text().await.unwrap();
    let set: Value = serde_json::from_str(&text).unwrap();
    set["keys"].as_array().unwrap().clone()
}

/// A key of a forger, in DER.
fn forgers_key() -> Vec<u8> {
    SigningKey::from_bytes(&[7; 32]).to_pkcs8_der().unwrap().as_bytes().to_vec()
}

#[tokio::test]
async fn a_token_that_proves_nothing_is_refused() {
    let site = Site::start().await;
    let member = site.member().await;
    let token = member.client.token().unwrap();
    let kid = keys(&site).await[0]["kid"].as_str().unwrap().to_owned();
    let claims = claims(&member);
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).unwrap());
    let unsigned = |alg: &str| {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "typ": "JWT", "kid": kid}).to_string());
        format!("{header}.{payload}.")
    };
    let header = |kid: Option<&str>| Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::EdDSA) };
    let forge =
        |header: &Header| jsonwebtoken::encode(header, &claims, &EncodingKey::from_ed_der(&forgers_key())).unwrap();
    let (head, rest) = token.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    // The public key as the secret of a symmetric signature, a classic confusion.
    let public_key = URL_SAFE_NO_PAD.decode(keys(&site).await[0]["x"].as_str().unwrap()).unwrap();
    let hmac_header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
    let confused = jsonwebtoken::encode(&hmac_header, &claims, &EncodingKey::from_secret(&public_key)).unwrap();
    let tokens = [
        ("alg none", unsigned("none")),
        ("alg EdDSA without a signature", unsigned("EdDSA")),
        ("another key under our id", forge(&header(Some(&kid)))),
        ("another key under its own id", forge(&header(Some("forged")))),
        ("another key without an id", forge(&header(None))),
        ("a symmetric signature", confused),
        ("other claims under a true signature", format!("{head}.{payload}.{signature}")),
        ("half a token", token[..token.len() / 2].to_owned()),
        ("no token", "nothing".to_owned()),
        ("emptiness", String::new()),
    ];
    for (what, token) in tokens {
        let reply = site.client().with_token(token).send("{ me { id } }", json!({})).await;
        assert_eq!(codes(&reply), ["UNAUTHENTICATED"], "{what}");
        assert!(reply.data["me"].is_null(), "{what}");
    }
    assert!(member.is_let_in().await);
}

#[tokio::test]
async fn a_true_key_does_not_make_every_claim_true() {
    let site = Site::start().await;
    let member = site.member().await;
    let kid = keys(&site).await[0]["kid"].as_str().unwrap().to_owned();
    let sql = "SELECT encode(private_key, 'hex') FROM account.signing_key";
    let row = sea_orm::ConnectionTrait::query_one_raw(
        &site.owner,
        sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql),
    );
    let der: String = row.await.unwrap().unwrap().try_get_by_index(0).unwrap();
    let key = EncodingKey::from_ed_der(&hex::decode(der).unwrap());
    let header = Header { kid: Some(kid), ..Header::new(Algorithm::EdDSA) };
    let good = claims(&member);
    let cases = [
        ("good", good.clone(), true),
        ("another issuer", Claims { iss: "elsewhere".to_owned(), ..good.clone() }, false),
        ("expired", Claims { exp: Utc::now().timestamp() - 1, ..good.clone() }, false),
    ];
    for (what, claims, accepted) in cases {
        let token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
        let reply = site.client().with_token(token).send("{ me { id } }", json!({})).await;
        assert_eq!(reply.errors.is_empty(), accepted, "{what}: {reply:?}");
    }
}

#[tokio::test]
async fn keys_rotate_without_logging_anyone_out() {
    let site = Site::start().await;
    let before = keys(&site).await;
    assert_eq!(before.len(), 1);
    assert_eq!(
        (&before[0]["kty"], &before[0]["crv"], &before[0]["use"]),
        (&json!("OKP"), &json!("Ed25519"), &json!("sig"))
    );
    assert!(before[0].get("d").is_none(), "only public halves are published");
    let (member, admin) = (site.member().await, site.admin().await);

    let mutation = "mutation { rotateSigningKey { kid userErrors { code } } }";
    let refused = member.client.send(mutation, json!({})).await;
    assert_eq!(codes(&refused), ["FORBIDDEN"]);
    let kid = admin.client.data(mutation, json!({})).await["rotateSigningKey"]["kid"].clone();

    let after = keys(&site).await;
    assert_eq!(after.len(), 2);
    assert_eq!(after[0]["kid"], kid);
    assert!(member.is_let_in().await, "a token of the old key stays good");
    let renewed = site.logged_in(&member.username, &site.refresh(&member.refresh_token).await["session"]);
    let header = jsonwebtoken::decode_header(renewed.client.token().unwrap()).unwrap();
    assert_eq!((header.alg, header.kid.as_deref()), (Algorithm::EdDSA, kid.as_str()));
    // An unknown key id causes at most one look at the keys a second.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert!(renewed.is_let_in().await, "a token of the new key is good at once");
}

#[tokio::test]
async fn processes_that_start_together_make_one_key() {
    let site = Site::start().await;
    site.sql("DELETE FROM account.signing_key").await;
    let starts = (0..4).map(|_| account::module(&site.platform));
    for module in futures::future::join_all(starts).await {
        module.unwrap();
    }
    assert_eq!(site.number("SELECT count(*) FROM account.signing_key").await, 1);
}
