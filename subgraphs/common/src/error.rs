//! What a user can do wrong with files and options.

use async_graphql::Enum;

/// Why a mutation did nothing.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "UserErrorCode")]
pub enum ErrorCode {
    /// A file name is empty, too long, or holds path separators or control characters.
    InvalidFileName,
    /// Files of this type are not taken.
    UnsupportedMimeType,
    /// The file is empty or larger than files may be.
    InvalidFileSize,
    /// A SHA-256 checksum has 64 hexadecimal digits.
    InvalidChecksum,
    /// No new files are taken for now: an administrator has switched their store off.
    ObjectStoreDisabled,
    /// Too many uploads of this account are unfinished.
    TooManyUploads,
    /// No bytes have arrived, or the upload has expired: begin again with `createUpload`.
    NotUploaded,
    /// The bytes that arrived are more or fewer than announced. They are discarded: begin again with `createUpload`.
    SizeMismatch,
    /// The bytes that arrived are not of the announced type. They are discarded: begin again with `createUpload`.
    MimeTypeMismatch,
    /// The bytes that arrived have another checksum. They are discarded: begin again with `createUpload`.
    ChecksumMismatch,
    /// The bytes claim to be a picture and cannot be read as one. They are discarded.
    ImageBroken,
    /// The picture has more than 40 megapixels. It is discarded.
    ImageTooLarge,
    /// Something else stands behind the picture: an archive, a page. It is discarded.
    ImageNotOnly,
    /// The viewer has no finished upload of this id.
    ResourceNotUsable,
    /// No service option has this id.
    UnknownOption,
}

service_kit::user_error!(ErrorCode);
