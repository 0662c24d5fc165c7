//! What is said between this installation and providers, kept for audit in `provider_exchange`.
//!
//! Every request that is sent is kept with its answer, whatever that says, and so is one that is not answered at all;
//! every report whose sender has proven itself is kept with what it was answered. One that has not is kept nowhere: it is
//! not from the provider, and anybody could fill the table with such. What proves who speaks is never kept, and neither is
//! who a person is or where they live: that stands in the order, where it is forgotten with them.

use reqwest::{RequestBuilder, StatusCode};
use sea_orm::{ConnectionTrait, DatabaseConnection, raw_sql};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use service_kit::Result;
use uuid::Uuid;

/// The longest answer that is kept as it is; of a longer one, and of one that is no JSON, only the length is.
const ANSWER_MAX_BYTES: usize = 64 * 1024;

/// What stands in the place of what is not kept.
const REMOVED: &str = "removed";

/// Fields that prove who speaks.
const PROOFS: [&str; 3] = ["vnp_SecureHash", "hash", "token"];

/// Fields that say who a person is, or where they live.
const PERSONAL: [&str; 6] = ["pick_name", "pick_address", "pick_tel", "name", "address", "tel"];

/// HTTP to providers, with the table in which its exchanges are kept.
#[derive(Clone)]
pub(crate) struct Exchanges {
    http: reqwest::Client,
    db: DatabaseConnection,
}

/// What an exchange is about.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    /// With whom: `vnpay` or `ghtk`.
    pub(crate) provider: &'static str,
    /// What for, as the provider calls it.
    pub(crate) operation: &'static str,
    /// The payment, the order or the refund, when it is about one.
    pub(crate) subject_id: Option<Uuid>,
    /// The credentials that the two share: they are kept nowhere, not even when the other side repeats them.
    pub(crate) secrets: &'a [&'a SecretString],
}

/// What a provider answered with a good status, or why there is no such answer.
pub(crate) type Answered = std::result::Result<Vec<u8>, reqwest::Error>;

impl Exchanges {
    /// Over this client, kept in the module's own database.
    pub(crate) fn new(http: &reqwest::Client, db: &DatabaseConnection) -> Self {
        Self { http: http.clone(), db: db.clone() }
    }

    /// The client to make requests with, for [`Exchanges::ask`] to send.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Sends a request that says `said`, and keeps it with its answer.
    ///
    /// # Errors
    /// The exchange could not be kept. It took place nevertheless, so requests are such as can be repeated.
    pub(crate) async fn ask(&self, about: About<'_>, request: RequestBuilder, said: Value) -> Result<Answered> {
        let answer = match request.send().await {
            Err(error) => Err(error),
            Ok(response) => {
                let (status, refused) = (response.status(), response.error_for_status_ref().err());
                response.bytes().await.map(|body| (status, refused, body.to_vec()))
            }
        };
        match answer {
            Ok((status, refused, body)) => {
                self.keep(about, said, Some(status), shown(&body)).await?;
                Ok(refused.map_or(Ok(body), Err))
            }
            Err(error) => {
                let error = error.without_url();
                self.keep(about, said, None, json!({ "fault": error.to_string() })).await?;
                Ok(Err(error))
            }
        }
    }

    /// Keeps what was said, and what was answered under which status; without one there was no answer.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) async fn keep(
        &self,
        about: About<'_>,
        request: Value,
        status: Option<StatusCode>,
        answer: Value,
    ) -> Result<()> {
        let About { provider, operation, subject_id, secrets } = about;
        let (request, answer) = (without_secrets(request, secrets), without_secrets(answer, secrets));
        let (id, status) = (Uuid::now_v7(), status.and_then(|status| i16::try_from(status.as_u16()).ok()));
        self.db
            .execute_raw(raw_sql!(
                Postgres,
                r#"
                INSERT INTO "order".provider_exchange (id, provider, operation, subject_id, request, http_status, answer)
                VALUES ({id}, {provider}, {operation}, {subject_id}, {request}, {status}, {answer})"#
            ))
            .await?;
        Ok(())
    }
}

/// The body of an answer.
fn shown(body: &[u8]) -> Value {
    let read = (body.len() <= ANSWER_MAX_BYTES).then(|| serde_json::from_slice(body).ok()).flatten();
    read.unwrap_or_else(|| json!({ "bytes": body.len() }))
}

/// A message without its proofs, without persons, and without the credentials wherever they stand.
fn without_secrets(message: Value, secrets: &[&SecretString]) -> Value {
    match message {
        Value::Object(fields) => {
            let kept = fields.into_iter().map(|(name, value)| {
                let named = |names: &[&str]| names.iter().any(|one| one.eq_ignore_ascii_case(&name));
                let value = match value {
                    value if value.is_null() => value,
                    _ if named(&PROOFS) || named(&PERSONAL) => Value::from(REMOVED),
                    value => without_secrets(value, secrets),
                };
                (name, value)
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(entries) => entries.into_iter().map(|entry| without_secrets(entry, secrets)).collect(),
        Value::String(text) => {
            let exposed = secrets.iter().map(|secret| secret.expose_secret()).filter(|secret| !secret.is_empty());
            // Postgres takes no NUL in a text.
            Value::from(exposed.fold(text.replace('\0', ""), |text, secret| text.replace(secret, REMOVED)))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_proofs_nor_persons_nor_credentials_are_kept() {
        let secret: SecretString = "s3cret".to_owned().into();
        let message = json!({
            "vnp_Amount": "100", "vnp_SecureHash": "ab", "Token": "cd", "note": "it is s3cret", "hash": null,
            "order": { "tel": "+84901234567", "province": "Hà Nội", "products": [{ "name": "An", "weight": 1 }] },
        });
        let kept = json!({
            "vnp_Amount": "100", "vnp_SecureHash": "removed", "Token": "removed", "note": "it is removed", "hash": null,
            "order": { "tel": "removed", "province": "Hà Nội", "products": [{ "name": "removed", "weight": 1 }] },
        });
        assert_eq!(without_secrets(message, &[&secret]), kept);
    }

    #[test]
    fn an_answer_that_is_no_message_is_told_by_its_length() {
        assert_eq!(shown(b"%PDF-1.4"), json!({ "bytes": 8 }));
        assert_eq!(shown(br#"{"success": true}"#), json!({ "success": true }));
        let long = format!("\"{}\"", "x".repeat(ANSWER_MAX_BYTES));
        assert_eq!(shown(long.as_bytes()), json!({ "bytes": ANSWER_MAX_BYTES + 2 }));
    }
}
