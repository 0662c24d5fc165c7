//! What the module refuses.

use async_graphql::Enum;

/// Why a request was refused.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "UserErrorCode")]
pub enum ErrorCode {
    /// There is no such account.
    AccountUnknown,
    /// A conversation has two different accounts.
    ConversationWithOneself,
    /// The message has no text where it needs one, is too long, or holds control characters.
    MessageBodyInvalid,
    /// The client id is empty or too long.
    MessageClientIdInvalid,
    /// One of the two accounts blocks the other.
    AccountBlocked,
    /// Pictures are too many, or not finished uploads of the viewer.
    MessageImagesInvalid,
    /// The sequence number is greater than that of the newest message.
    SequenceInFuture,
}

service_kit::user_error!(ErrorCode);
