//! The module's graph and file routes on a database and a directory of their own.

use std::path::PathBuf;

use async_graphql::{Request, Variables};
use chrono::{TimeDelta, Utc};
use common::{
    files::{FileStore, FileUrls, Files, UploadSigner, routes},
    loaders::Loaders,
    places::Places,
    schema,
};
use kernel::{AccountId, ResourceId, SessionId};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use service_kit::{Config, ModuleName, Viewer};
use sha2::{Digest, Sha256};
use test_kit::TestDatabase;

/// The running module.
pub(crate) struct Desk {
    pub(crate) db: DatabaseConnection,
    pub(crate) files: Files,
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    directory: PathBuf,
    config: Config,
}

/// Somebody who is logged in.
pub(crate) fn viewer(admin: bool) -> Viewer {
    let expires_at = Utc::now() + TimeDelta::minutes(15);
    Viewer { account_id: AccountId::new(), session_id: SessionId::new(), admin, issued_at_ms: 0, expires_at }
}

/// A small picture; different numbers give different pictures.
pub(crate) fn png(number: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(4, 4, image::Rgb([number, 2, 3]));
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The input of `createUpload` that tells the truth about `bytes`.
pub(crate) fn truth(bytes: &[u8]) -> Value {
    json!({
        "fileName": "shoe.png",
        "mimeType": "image/png",
        "sizeBytes": bytes.len().to_string(),
        "checksumSha256": hex::encode(Sha256::digest(bytes)),
    })
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let database = TestDatabase::create().await;
        let (db, config) = (database.connect(ModuleName::Common).await, database.config());
        let directory = std::env::temp_dir().join(format!("shopnexus-common-{}", ResourceId::new()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let files = Files {
            store: FileStore::local(&directory).unwrap(),
            signer: UploadSigner::new(&"secret".into()),
            urls: FileUrls::new(&base.parse().unwrap()),
            max_bytes: 1_000_000,
        };
        let app = routes(db.clone(), files.store.clone(), files.signer.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        // Redirects are looked at, not followed.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { db, files, base, http, directory, config }
    }

    /// What the graph answers to `viewer`: `{"data": …, "errors": […]}`.
    pub(crate) async fn ask(&self, viewer: Option<&Viewer>, query: &str, variables: Value) -> Value {
        let places = Places::read(&self.config, &self.http, &self.db);
        let schema = schema::build().data(self.db.clone()).data(self.files.clone()).data(places).finish();
        let mut request = Request::new(query).variables(Variables::from_json(variables)).data(Loaders::new(&self.db));
        if let Some(viewer) = viewer {
            request = request.data(*viewer);
        }
        serde_json::to_value(schema.execute(request).await).unwrap()
    }

    /// Announces a file; answers with the payload of `createUpload`.
    pub(crate) async fn announce(&self, viewer: &Viewer, input: Value) -> Value {
        let mutation = "mutation($input: CreateUploadInput!) { createUpload(input: $input) {
            uploadUrl expiresAt resource { id url complete mimeType } userErrors { code field } } }";
        let answer = self.ask(Some(viewer), mutation, json!({"input": input})).await;
        answer["data"]["createUpload"].clone()
    }

    /// Puts bytes to an upload URL; answers with the status.
    pub(crate) async fn put(&self, url: &Value, bytes: Vec<u8>) -> u16 {
        self.http.put(url.as_str().unwrap()).body(bytes).send().await.unwrap().status().as_u16()
    }

    /// Completes an upload; answers with the whole response.
    pub(crate) async fn complete(&self, viewer: &Viewer, resource_id: &Value) -> Value {
        let mutation = "mutation($input: CompleteUploadInput!) { completeUpload(input: $input) {
            resource { id url complete mimeType sizeBytes } userErrors { code field } } }";
        self.ask(Some(viewer), mutation, json!({"input": {"resourceId": resource_id}})).await
    }

    /// Uploads a small picture and expects that to work.
    pub(crate) async fn upload(&self, viewer: &Viewer, number: u8) -> ResourceId {
        let bytes = png(number);
        let announced = self.announce(viewer, truth(&bytes)).await;
        assert_eq!(self.put(&announced["uploadUrl"], bytes).await, 204);
        let completed = self.complete(viewer, &announced["resource"]["id"]).await;
        assert_eq!(completed["data"]["completeUpload"]["userErrors"], json!([]), "{completed:#}");
        announced["resource"]["id"].as_str().unwrap().parse().unwrap()
    }

    /// Every file of the object store, temporary ones included.
    pub(crate) fn stored(&self) -> Vec<PathBuf> {
        fn files(directory: &std::path::Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(directory).unwrap().flatten() {
                if entry.path().is_dir() { files(&entry.path(), found) } else { found.push(entry.path()) }
            }
        }
        let mut found = Vec::new();
        files(&self.directory, &mut found);
        found
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // What is left behind is in the system's directory for temporary files.
        _ = std::fs::remove_dir_all(&self.directory);
    }
}
