//! What a user can do wrong with the catalog.

use async_graphql::Enum;

/// Why a mutation was refused. The codes are stable.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "UserErrorCode")]
pub enum ErrorCode {
    /// A text is too short, too long, or holds control characters.
    TextInvalid,
    /// A list has more entries than it may have.
    ListTooLong,
    /// Two entries that must differ are alike.
    Duplicate,
    /// A price is not positive, or larger than a price can be.
    PriceInvalid,
    /// The SKUs of one product would have prices in different currencies.
    CurrencyMixed,
    /// A weight or size lies outside what can be shipped.
    PackageInvalid,
    /// A product has at least one SKU.
    SkuMissing,
    /// Exactly one SKU of a product is featured.
    FeaturedInvalid,
    /// There is no such category.
    CategoryNotFound,
    /// There is no such product, or it is deleted.
    ProductNotFound,
    /// There is no such SKU, or its product is deleted.
    SkuNotFound,
    /// There is no such review or reply.
    CommentNotFound,
    /// An image does not exist, is not uploaded to its end, or belongs to somebody else.
    ImageNotUsable,
    /// A rating is a number from 1 to 5.
    RatingInvalid,
    /// Only a buyer who has received the product may review it.
    NotPurchased,
    /// Every item of the product that the buyer received has its review already.
    AlreadyReviewed,
    /// Nobody votes on a comment of their own.
    OwnComment,
    /// Another category has this slug.
    SlugTaken,
    /// A category cannot be moved under itself or under one of its own children.
    CategoryCycle,
    /// There is no such report, or it is decided already.
    ReportNotFound,
    /// A slug is made of lower-case letters, digits and single hyphens.
    SlugInvalid,
}

service_kit::user_error!(ErrorCode);

/// What is wrong with an input, collected so that a form can show all of it at once.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<UserError>);

impl Problems {
    pub(crate) fn add(&mut self, field: impl Into<String>, code: ErrorCode, message: impl Into<String>) {
        self.0.push(UserError::at(field, code, message));
    }

    /// Notes a problem when `fine` does not hold.
    pub(crate) fn check(&mut self, fine: bool, field: impl Into<String>, code: ErrorCode, message: &str) {
        if !fine {
            self.add(field, code, message);
        }
    }

    /// The text, trimmed and with plain line ends; a problem when its length lies outside `characters`.
    pub(crate) fn text(&mut self, field: &str, text: &str, characters: std::ops::RangeInclusive<usize>) -> String {
        let text = text.replace("\r\n", "\n");
        service_kit::graphql::trimmed(&text, characters).unwrap_or_else(|rule| {
            self.add(field, ErrorCode::TextInvalid, format!("`{field}`: {rule}."));
            String::new()
        })
    }

    /// The value, if nothing was wrong.
    pub(crate) fn none_or<T>(self, value: T) -> Result<T, Vec<UserError>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}
