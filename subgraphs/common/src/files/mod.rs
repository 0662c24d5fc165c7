//! The bytes of resources: where they are kept, how they come in and how they go out.

mod host_names;
mod inspection;
pub mod pictures;
mod placeholder;
mod remote_url;
mod routes;
mod signature;
mod store;
mod urls;

use service_kit::{Config, ModuleName, StartError};
use url::Url;

pub use host_names::HostNames;
pub use inspection::{Inspection, inspect};
pub use placeholder::placeholder_png;
pub(crate) use remote_url::{host_name, remote_url};
pub use routes::routes;
pub(crate) use signature::UPLOAD_LIFETIME;
pub use signature::UploadSigner;
pub(crate) use store::{BUCKET_OPTION, LOCAL_OPTION, REMOTE_OPTION};
pub use store::{FileStore, Received};
pub use urls::FileUrls;

/// Everything about files that the configuration decides.
#[derive(Clone)]
pub struct Files {
    /// Where the bytes are.
    pub store: FileStore,
    /// Who may put them.
    pub signer: UploadSigner,
    /// Where clients find them.
    pub urls: FileUrls,
    /// The size of the largest file that is taken.
    pub max_bytes: i64,
}

impl Files {
    /// Reads `FILES_URL` (by default where this module listens) and `UPLOAD_MAX_BYTES` (20 MiB), and opens the bucket
    /// that `S3_BUCKET` names, or `objects/` in the data directory.
    ///
    /// # Errors
    /// A setting is unusable or the directory cannot be made.
    pub fn open(config: &Config) -> Result<Self, StartError> {
        let listen = config.listen(ModuleName::Common)?;
        let own: Url = format!("http://{listen}").parse().expect("a socket address makes a URL");
        let store = match FileStore::s3(config)? {
            Some(bucket) => bucket,
            None => {
                let directory = config.data_dir.join("objects");
                FileStore::local(&directory).map_err(|error| {
                    let directory = directory.display();
                    let what = format!("{directory} cannot be used for files; is the data directory writable?");
                    StartError::Other(what, Some(Box::new(error)))
                })?
            }
        };
        Ok(Self {
            store,
            signer: UploadSigner::new(&config.role_secret),
            urls: FileUrls::new(&config.setting_or("FILES_URL", own)?),
            max_bytes: config.setting_or("UPLOAD_MAX_BYTES", 20 * 1024 * 1024)?,
        })
    }
}
