//! Writes down the documents that clients send, as the manifest that the safelist of production reads.
//!
//! For development and staging: run the clients against a router that records, look through the file, and give it to
//! the routers of production. A manifest is a JSON object from the SHA-256 of a document, in hexadecimal, to its text;
//! tools that build one from the sources of a client write the same.

use std::collections::{BTreeMap, btree_map::Entry};
use std::io;
use std::path::{Path, PathBuf};

use hive_router::async_trait;
use hive_router::executor::hooks::on_graphql_analysis::{OnGraphqlAnalysisHookPayload, OnGraphqlAnalysisHookResult};
use hive_router::executor::hooks::on_plugin_init::{OnPluginInitPayload, OnPluginInitResult};
use hive_router::executor::plugin_trait::RouterPlugin;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

/// The plug-in with its manifest.
pub(crate) struct DocumentRecorder {
    manifest: PathBuf,
    /// What the manifest says, by hash.
    documents: Mutex<BTreeMap<String, String>>,
}

/// The setting.
#[derive(Deserialize)]
pub(crate) struct Settings {
    /// The manifest to write; nothing is recorded without one.
    manifest: PathBuf,
}

#[async_trait]
impl RouterPlugin for DocumentRecorder {
    type Config = Settings;

    fn plugin_name() -> &'static str {
        "document_recorder"
    }

    fn on_plugin_init(payload: OnPluginInitPayload<'_, Self>) -> OnPluginInitResult<Self> {
        let manifest = payload.config()?.manifest;
        if manifest.as_os_str().is_empty() {
            return payload.disable_plugin();
        }
        let documents = read(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
        payload.initialize_plugin(Self { manifest, documents: Mutex::new(documents) })
    }

    /// Only what is valid against the schema comes this far.
    async fn on_graphql_analysis<'exec>(
        &'exec self,
        payload: &mut OnGraphqlAnalysisHookPayload<'exec>,
    ) -> OnGraphqlAnalysisHookResult {
        if let Some(document) = &payload.graphql_params.query {
            let hash = hex::encode(Sha256::digest(document));
            let mut documents = self.documents.lock().await;
            if let Entry::Vacant(new) = documents.entry(hash) {
                new.insert(document.clone());
                if let Err(error) = write(&self.manifest, &documents).await {
                    tracing::error!(%error, "the manifest of documents cannot be written");
                }
            }
        }
        OnGraphqlAnalysisHookResult::Proceed
    }
}

fn read(manifest: &Path) -> io::Result<BTreeMap<String, String>> {
    match std::fs::read(manifest) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

/// In one step, so that a router that reads the manifest at the same time finds all of it.
async fn write(manifest: &Path, documents: &BTreeMap<String, String>) -> io::Result<()> {
    let beside = manifest.with_extension("json.new");
    tokio::fs::write(&beside, serde_json::to_vec_pretty(documents).map_err(io::Error::from)?).await?;
    tokio::fs::rename(&beside, manifest).await
}
