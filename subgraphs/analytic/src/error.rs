//! What the module refuses.

use async_graphql::Enum;

/// Why a request was refused.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "UserErrorCode")]
pub enum ErrorCode {
    /// A batch has between 1 and 100 interactions.
    InteractionBatchSizeInvalid,
    /// The id of the interaction is not a UUID.
    InteractionIdInvalid,
    /// The marketplace records interactions of this kind itself, when they really happen.
    InteractionKindReserved,
    /// Interactions of this kind count only for an account: log in first.
    InteractionNeedsAccount,
}

service_kit::user_error!(ErrorCode);
