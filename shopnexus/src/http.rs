//! Small requests to what runs on this machine.

use std::sync::LazyLock;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::failure::{Failure, Result, causes};

/// Never through a proxy, which could not reach the loopback interface of this machine.
static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .connect_timeout(Duration::from_secs(2))
        .build()
        .expect("a client without special settings can be built")
});

/// The URL of `path` below `base`, whether or not `base` ends with a slash.
pub(crate) fn join(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

/// The JSON that a GET answers with.
pub(crate) async fn get_json<T: DeserializeOwned>(url: &Url) -> Result<T> {
    answer(CLIENT.get(url.clone())).await
}

/// The JSON that a POST of JSON answers with.
pub(crate) async fn post_json<T: DeserializeOwned>(url: &Url, body: &(impl Serialize + Sync)) -> Result<T> {
    answer(CLIENT.post(url.clone()).header("accept", "application/json").json(body)).await
}

/// The JSON that a PATCH of JSON answers with.
pub(crate) async fn patch_json<T: DeserializeOwned>(url: &Url, body: &(impl Serialize + Sync)) -> Result<T> {
    answer(CLIENT.patch(url.clone()).json(body)).await
}

/// The status of a GET, when there is an answer.
pub(crate) async fn get_status(url: &Url) -> Result<u16> {
    let response = CLIENT.get(url.clone()).send().await.map_err(|error| Failure::new(causes(&error)))?;
    Ok(response.status().as_u16())
}

async fn answer<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T> {
    let response = request.send().await.map_err(|error| Failure::new(causes(&error)))?;
    let (status, url) = (response.status(), response.url().clone());
    let text = response.text().await.map_err(|error| Failure::new(causes(&error)))?;
    if !status.is_success() {
        let text: String = text.trim().chars().take(600).collect();
        let colon = if text.is_empty() { "" } else { ": " };
        return Err(Failure::new(format!("{url} answered {status}{colon}{text}")));
    }
    // Some endpoints answer with nothing but their status.
    let text = if text.is_empty() { "null" } else { &text };
    serde_json::from_str(text).map_err(|error| Failure::new(format!("{url} answered with something else: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_below_the_base() {
        let join = |base: &str| join(&Url::parse(base).unwrap(), "deployments").to_string();
        assert_eq!(join("http://127.0.0.1:9070"), "http://127.0.0.1:9070/deployments");
        assert_eq!(join("https://host/restate/"), "https://host/restate/deployments");
    }
}
