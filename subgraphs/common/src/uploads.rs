//! Announcing an upload and completing it.

use chrono::{DateTime, TimeDelta, Utc};
use entities::common::resource::{self, ResourceState, ResourceStorage};
use kernel::{AccountId, ResourceId};
use sea_orm::{DatabaseConnection, Set};
use service_kit::{Error, Result, graphql::trimmed};

use crate::{
    error::{ErrorCode, UserError},
    files::{
        Files, Inspection, UPLOAD_LIFETIME, inspect,
        pictures::{self, Flaw},
    },
    store,
};

/// What can be uploaded, each told by its first bytes. Nothing that a browser would run.
const MIME_TYPES: [&str; 6] = ["image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf", "video/mp4"];

/// How many uploads an account may have unfinished.
const PENDING_MAX: u64 = 100;

/// How long after its URL has expired an upload can still be completed; only later is it swept away.
pub(crate) const COMPLETION_GRACE: TimeDelta = TimeDelta::minutes(30);

/// A file that somebody wants to upload.
pub(crate) struct Announced {
    pub(crate) file_name: String,
    pub(crate) mime_type: String,
    pub(crate) size_bytes: i64,
    pub(crate) checksum_sha256: String,
}

/// Announces an upload; the answer says until when it can be made.
pub(crate) async fn announce(
    db: &DatabaseConnection,
    files: &Files,
    owner_id: AccountId,
    announced: Announced,
) -> Result<Result<(resource::Model, DateTime<Utc>), Vec<UserError>>> {
    let now = Utc::now();
    let expires_at = now + UPLOAD_LIFETIME;
    let mut broken = Vec::new();
    let file_name = checked_name(&announced.file_name).map_err(|error| broken.push(error));
    let mime_type = announced.mime_type.trim().to_ascii_lowercase();
    if !MIME_TYPES.contains(&mime_type.as_str()) {
        let rule = format!("one of {}", MIME_TYPES.join(", "));
        broken.push(UserError::at("mimeType", ErrorCode::UnsupportedMimeType, rule));
    }
    if !(1..=files.max_bytes).contains(&announced.size_bytes) {
        let rule = format!("between 1 and {} bytes", files.max_bytes);
        broken.push(UserError::at("sizeBytes", ErrorCode::InvalidFileSize, rule));
    }
    let checksum = announced.checksum_sha256.trim().to_ascii_lowercase();
    if !hex::decode(&checksum).is_ok_and(|digest| digest.len() == 32) {
        broken.push(UserError::at("checksumSha256", ErrorCode::InvalidChecksum, "64 hexadecimal digits"));
    }
    let (Ok(file_name), true) = (file_name, broken.is_empty()) else { return Ok(Err(broken)) };
    if !store::option_list_disabled(db, &[files.store.option_id().to_owned()]).await?.is_empty() {
        let rule = "no new files are taken for now: their store is switched off";
        return Ok(Err(vec![UserError::new(ErrorCode::ObjectStoreDisabled, rule)]));
    }
    if store::resource_count_pending(db, owner_id).await? >= PENDING_MAX {
        let rule = format!("{PENDING_MAX} uploads are not finished; finish them or wait until they expire");
        return Ok(Err(vec![UserError::new(ErrorCode::TooManyUploads, rule)]));
    }
    let row = resource::ActiveModel {
        id: Set(ResourceId::new()),
        owner_id: Set(owner_id),
        storage: Set(ResourceStorage::Stored),
        state: Set(ResourceState::Pending),
        file_name: Set(file_name),
        mime_type: Set(Some(mime_type)),
        size_bytes: Set(Some(announced.size_bytes)),
        checksum_sha256: Set(Some(checksum)),
        object_key: Set(None),
        remote_url: Set(None),
        created_at: Set(now),
        expires_at: Set(Some(expires_at)),
    };
    Ok(Ok((store::resource_insert(db, row).await?, expires_at)))
}

/// A name for people. It never becomes part of a path, and still nothing that looks like one is taken.
fn checked_name(name: &str) -> Result<String, UserError> {
    let name = trimmed(name, 1..=255).map_err(|rule| UserError::at("fileName", ErrorCode::InvalidFileName, rule))?;
    if name.contains(['/', '\\', '\n', '\t']) || name == "." || name == ".." {
        return Err(UserError::at("fileName", ErrorCode::InvalidFileName, "a name, not a path"));
    }
    Ok(name)
}

/// Checks the bytes that have arrived. What is not as announced is discarded, row and bytes. Completing again changes
/// nothing.
///
/// # Errors
/// [`Error::NotFound`] when the owner has no such resource.
pub(crate) async fn complete(
    db: &DatabaseConnection,
    files: &Files,
    owner_id: AccountId,
    id: ResourceId,
) -> Result<Result<resource::Model, UserError>> {
    let row = store::resource_fetch(db, id)
        .await?
        .filter(|row| row.owner_id == owner_id)
        .ok_or(Error::NotFound("resource"))?;
    if row.state == ResourceState::Complete {
        return Ok(Ok(row));
    }
    let nothing = || UserError::at("resourceId", ErrorCode::NotUploaded, "no bytes have arrived in time");
    let expired = row.expires_at.is_some_and(|end| end + COMPLETION_GRACE < Utc::now());
    let Some(key) = row.object_key.clone().filter(|_| !expired) else { return Ok(Err(nothing())) };
    let Some(bytes) = files.store.read(&key).await? else { return Ok(Err(nothing())) };
    let flaw = match mismatch(&row, &inspect(bytes).await?) {
        Some(mismatch) => Some(mismatch),
        None => flaw(files, &row, &key).await?,
    };
    if let Some(mismatch) = flaw {
        discard(db, files, id).await?;
        return Ok(Err(mismatch));
    }
    // Between reading the row and here, other bytes may have arrived, or another request may have completed it.
    match store::resource_complete(db, id, &key).await? {
        Some(row) => Ok(Ok(row)),
        None => {
            let row = store::resource_fetch(db, id).await?.filter(|row| row.state == ResourceState::Complete);
            Ok(row.ok_or_else(nothing))
        }
    }
}

/// Removes a pending resource and all bytes that have arrived for it.
pub(crate) async fn discard(db: &DatabaseConnection, files: &Files, id: ResourceId) -> Result<()> {
    files.store.discard_all(id).await?;
    // Bytes that arrive after this find no row, and are discarded where they arrive.
    match store::resource_discard(db, id).await? {
        Some(key) => files.store.discard(&key).await,
        None => Ok(()),
    }
}

/// What is wrong with a picture, which is of the announced size by now and fits into memory.
async fn flaw(files: &Files, row: &resource::Model, key: &str) -> Result<Option<UserError>> {
    let Some(mime_type) = row.mime_type.as_deref().filter(|mime_type| pictures::is_picture(mime_type)) else {
        return Ok(None);
    };
    let Some(bytes) = files.store.read_whole(key).await? else { return Ok(None) };
    let (code, rule) = match pictures::check(mime_type, &bytes) {
        Ok(()) => return Ok(None),
        Err(Flaw::Broken) => (ErrorCode::ImageBroken, "the bytes cannot be read as a picture"),
        Err(Flaw::TooLarge) => (ErrorCode::ImageTooLarge, "a picture has at most 40 megapixels"),
        Err(Flaw::NotOnlyPicture) => (ErrorCode::ImageNotOnly, "something else stands behind the picture"),
    };
    Ok(Some(UserError::at("resourceId", code, rule)))
}

fn mismatch(row: &resource::Model, found: &Inspection) -> Option<UserError> {
    let refuse = |code, rule: &str| Some(UserError::at("resourceId", code, rule));
    if row.size_bytes.and_then(|size| u64::try_from(size).ok()) != Some(found.size_bytes) {
        refuse(ErrorCode::SizeMismatch, "the bytes that arrived are more or fewer than announced")
    } else if row.mime_type.as_deref() != found.mime_type {
        refuse(ErrorCode::MimeTypeMismatch, "the bytes that arrived are not of the announced type")
    } else if row.checksum_sha256.as_ref() != Some(&found.checksum_sha256) {
        refuse(ErrorCode::ChecksumMismatch, "the bytes that arrived have another checksum")
    } else {
        None
    }
}
