//! What the module refuses.

use async_graphql::Enum;

/// Why a request was refused.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "UserErrorCode")]
pub enum ErrorCode {
    /// Neither a SKU nor a promotion is named, or both are.
    StockReferenceInvalid,
    /// The number of units is missing, zero, too great, or not the number of serials given.
    StockQuantityInvalid,
    /// The correction would take out units that are reserved or not there.
    StockBelowTaken,
    /// The reason is missing or too long.
    StockReasonInvalid,
    /// The threshold is negative or too great.
    StockThresholdInvalid,
    /// Each unit of this SKU has a serial: name the serials.
    SerialsRequired,
    /// Units of this SKU have no serials.
    SerialsNotUsed,
    /// The serial is empty, longer than 64 characters, or holds control characters.
    SerialInvalid,
    /// The serial stands twice in the input.
    SerialRepeated,
    /// The SKU has a unit with this serial already.
    SerialExists,
    /// Not all of the serials named are units that are for sale.
    SerialNotAvailable,
}

service_kit::user_error!(ErrorCode);
