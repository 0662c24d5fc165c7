//! The object store.

use std::{path::Path as FilePath, sync::Arc};

use axum::body::BodyDataStream;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use kernel::ResourceId;
use object_store::{
    ObjectStore, ObjectStoreExt, WriteMultipart, aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
};
use service_kit::{Config, ConfigError, Error, Result, StartError};
use uuid::Uuid;

/// Files, each under a key that is written once and never again.
///
/// A key is made of ids alone; what people call a file never becomes part of a path.
#[derive(Clone)]
pub struct FileStore {
    objects: Arc<dyn ObjectStore>,
    option_id: &'static str,
    /// How large the parts are that a file is stored in.
    part_bytes: usize,
}

/// What became of bytes that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// They are stored under this key.
    Stored(String),
    /// There were more than allowed; nothing is stored.
    TooLarge,
    /// The client went away or sent nonsense; nothing is stored.
    Broken,
}

/// The service option of files in a local directory.
pub(crate) const LOCAL_OPTION: &str = "local-files";

/// The service option of files in a bucket.
pub(crate) const BUCKET_OPTION: &str = "s3";

/// The service option of files that stay on another site.
pub(crate) const REMOTE_OPTION: &str = "remote-url";

/// Small parts, so that many uploads at once stay small in memory.
const LOCAL_PART_BYTES: usize = 512 * 1024;

/// A bucket takes no smaller parts, but for the last of a file.
const BUCKET_PART_BYTES: usize = 5 * 1024 * 1024;

impl FileStore {
    /// A store in a local directory, which is made when it is missing.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn local(directory: &FilePath) -> std::io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let objects = LocalFileSystem::new_with_prefix(directory)?.with_automatic_cleanup(true);
        Ok(Self { objects: Arc::new(objects), option_id: LOCAL_OPTION, part_bytes: LOCAL_PART_BYTES })
    }

    /// A store in a bucket of S3 or of what speaks its protocol: `S3_BUCKET` with `S3_REGION`, `S3_ENDPOINT` (for other
    /// vendors; the bucket stands in the path), `S3_ACCESS_KEY_ID` and `S3_SECRET_ACCESS_KEY`. `None` without a bucket.
    ///
    /// # Errors
    /// A variable is missing or not usable; the error names it.
    pub fn s3(config: &Config) -> Result<Option<Self>, StartError> {
        let Some(bucket) = config.setting("S3_BUCKET") else { return Ok(None) };
        let required = |name: &str| config.setting(name).ok_or_else(|| ConfigError::Missing(name.to_owned()));
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(config.setting("S3_REGION").unwrap_or("us-east-1"))
            .with_access_key_id(required("S3_ACCESS_KEY_ID")?)
            .with_secret_access_key(required("S3_SECRET_ACCESS_KEY")?);
        if let Some(endpoint) = config.setting("S3_ENDPOINT") {
            // Vendors without a certificate stand on a private network, as in development.
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let objects = builder.build().map_err(|error| {
            StartError::Other(format!("the bucket {bucket} cannot be used for files"), Some(Box::new(error)))
        })?;
        Ok(Some(Self { objects: Arc::new(objects), option_id: BUCKET_OPTION, part_bytes: BUCKET_PART_BYTES }))
    }

    /// The service option by which administrators switch it off: nothing new comes in then.
    pub fn option_id(&self) -> &'static str {
        self.option_id
    }

    /// All bytes under a key; `None` when there are none.
    ///
    /// # Errors
    /// The store fails.
    pub async fn read_whole(&self, key: &str) -> Result<Option<Bytes>> {
        match self.objects.get(&Path::from(key)).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(fault("reading a whole file"))?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(fault("reading a whole file")(error)),
        }
    }

    /// Keeps bytes that can be made again at any time.
    ///
    /// # Errors
    /// The store fails.
    pub async fn keep(&self, key: &str, bytes: Bytes) -> Result<()> {
        self.objects.put(&Path::from(key), bytes.into()).await.map(drop).map_err(fault("keeping a derived file"))
    }

    /// Stores the bytes of one attempt to upload a resource, at most `limit_bytes` of them. Until all have arrived they
    /// stand under a temporary name.
    ///
    /// # Errors
    /// The store fails; nothing is left in it.
    pub async fn receive(&self, id: ResourceId, mut body: BodyDataStream, limit_bytes: u64) -> Result<Received> {
        let key = Path::from(format!("{id}/{}", Uuid::now_v7()));
        let upload = self.objects.put_multipart(&key).await.map_err(fault("beginning to store a file"))?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, self.part_bytes);
        let mut left = limit_bytes;
        let refused = loop {
            let chunk = match body.next().await {
                None => break None,
                Some(Ok(chunk)) => chunk,
                Some(Err(_)) => break Some(Received::Broken),
            };
            match left.checked_sub(chunk.len() as u64) {
                None => break Some(Received::TooLarge),
                Some(rest) => left = rest,
            }
            upload.wait_for_capacity(2).await.map_err(fault("storing a part of a file"))?;
            upload.put(chunk);
        };
        if let Some(refused) = refused {
            upload.abort().await.map_err(fault("discarding a part of a file"))?;
            return Ok(refused);
        }
        upload.finish().await.map_err(fault("storing a file"))?;
        Ok(Received::Stored(key.to_string()))
    }

    /// The bytes under a key; `None` when there are none.
    ///
    /// # Errors
    /// The store fails.
    pub async fn read(&self, key: &str) -> Result<Option<BoxStream<'static, std::io::Result<Bytes>>>> {
        match self.objects.get(&Path::from(key)).await {
            Ok(found) => Ok(Some(found.into_stream().map_err(std::io::Error::from).boxed())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(fault("reading a file")(error)),
        }
    }

    /// Removes the bytes of every attempt to upload a resource, and its variants.
    ///
    /// # Errors
    /// The store fails.
    pub async fn discard_all(&self, id: ResourceId) -> Result<()> {
        for folder in [id.to_string(), format!("variants/{id}")] {
            let mut found = self.objects.list(Some(&Path::from(folder)));
            while let Some(object) = found.next().await {
                let object = object.map_err(fault("listing the attempts of an upload"))?;
                self.discard(object.location.as_ref()).await?;
            }
        }
        Ok(())
    }

    /// Removes the bytes under a key, if there are any.
    ///
    /// # Errors
    /// The store fails.
    pub async fn discard(&self, key: &str) -> Result<()> {
        match self.objects.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(fault("discarding a file")(error)),
        }
    }
}

fn fault(doing: &'static str) -> impl Fn(object_store::Error) -> Error {
    move |error| Error::internal(doing, error)
}
