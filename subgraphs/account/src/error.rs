//! The user errors of the module.

use async_graphql::Enum;
use service_kit::graphql::trimmed;

/// Why a mutation refused its input.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "UserErrorCode")]
pub enum ErrorCode {
    /// A text is too short, too long, or holds control characters.
    TextInvalid,
    /// A list has more entries than it may have.
    ListTooLong,
    /// There is no such account.
    AccountUnknown,
    /// An account needs a username, an email address or a phone number.
    IdentifierMissing,
    /// This cannot be a username.
    UsernameInvalid,
    /// This cannot be an email address.
    EmailInvalid,
    /// This cannot be a phone number.
    PhoneInvalid,
    /// The password is too short or too long.
    PasswordInvalid,
    /// This is not a country of ISO 3166-1.
    CountryUnknown,
    /// Nobody was born on this day and can have an account.
    DateOfBirthInvalid,
    /// Another account has this username.
    UsernameTaken,
    /// Another account has this email address.
    EmailTaken,
    /// Another account has this phone number.
    PhoneTaken,
    /// There is no account with this identifier and this password.
    CredentialsWrong,
    /// Something has to come to its end before the account can be deleted; the message says what.
    AccountBusy,
    /// An administrator has suspended the account.
    AccountSuspended,
    /// The refresh token is unknown, has been used, or its session is over: log in again.
    RefreshTokenInvalid,
    /// This is not the password of the account.
    PasswordWrong,
    /// The account has no such open session.
    SessionNotFound,
    /// The account has no such contact.
    ContactNotFound,
    /// The account has as many contacts as it may have.
    ContactLimitReached,
    /// The position is not one on Earth, or half of it is missing.
    PositionInvalid,
    /// Exactly one of two ways to choose has to be used.
    SelectionInvalid,
    /// One cannot do this with one's own account.
    OwnAccount,
    /// One of the two accounts blocks the other.
    AccountBlocked,
    /// There is no open report of this id.
    ReportNotFound,
    /// This is not a username, an email address or a phone number.
    IdentifierInvalid,
    /// The one-time token is wrong, used, expired, or has been tried too often.
    TokenInvalid,
    /// The account has no email address or phone number yet.
    AddressMissing,
    /// The email address or phone number is not proved yet.
    AddressNotVerified,
    /// The email address or phone number is proved already.
    AlreadyVerified,
    /// The marketplace sends nothing by this way.
    ChannelUnavailable,
    /// The time lies outside of what is allowed.
    TimeInvalid,
    /// There is no provider of this id.
    ProviderUnknown,
    /// What the payment page handed over is unknown to the provider, or was used before.
    NonceInvalid,
    /// The bank declines the payment method.
    PaymentMethodDeclined,
    /// The account has no such payment method.
    PaymentMethodNotFound,
    /// The account has as many payment methods as it may have.
    PaymentMethodLimitReached,
}

service_kit::user_error!(ErrorCode);

/// What is wrong with an input, collected so that a form can show all of it at once.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<UserError>);

impl Problems {
    /// Keeps the value of a good field, and notes what is wrong with a bad one.
    pub(crate) fn keep<T>(&mut self, field: &str, code: ErrorCode, outcome: Result<T, impl Into<String>>) -> Option<T> {
        outcome.map_err(|message| self.0.push(UserError::at(field, code, message))).ok()
    }

    /// Keeps a trimmed text of a decent length.
    pub(crate) fn text(
        &mut self,
        field: &str,
        text: &str,
        characters: std::ops::RangeInclusive<usize>,
    ) -> Option<String> {
        let outcome = trimmed(text, characters).map_err(|rule| format!("This text is not usable: {rule}."));
        self.keep(field, ErrorCode::TextInvalid, outcome)
    }

    /// The value, if nothing is wrong with the input.
    pub(crate) fn none_or<T>(self, value: Option<T>) -> Result<T, Vec<UserError>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }
}
