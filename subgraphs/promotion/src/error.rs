//! What a user can do wrong with promotions.

use async_graphql::Enum;

/// Why a mutation did nothing.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "UserErrorCode")]
pub enum ErrorCode {
    /// A text is too short, too long, or holds characters it may not hold.
    InvalidText,
    /// A promotion code has 3 to 32 letters, digits, hyphens and underscores.
    InvalidCode,
    /// Another promotion of the same owner has this code.
    CodeTaken,
    /// The fields do not make up a promotion of this kind.
    InvalidTerms,
    /// A limit is below one, below what has been used already, or not possible for this kind.
    InvalidLimit,
    /// The promotion would end before it begins, is over before it exists, or its hours cannot be read or never come.
    InvalidSchedule,
    /// A target names none or several of product, SKU and category.
    InvalidTarget,
    /// The amounts of one promotion are all in one currency.
    CurrencyMismatch,
}

service_kit::user_error!(ErrorCode);
