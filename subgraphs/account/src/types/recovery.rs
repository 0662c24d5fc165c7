//! Inputs and payloads of one-time tokens.

use async_graphql::{Enum, InputObject};

use super::{Account, payloads::payload};

/// What kind of address is to be proved.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    /// An email address.
    Email,
    /// A phone number.
    Phone,
}

/// Who has forgotten their password.
#[derive(InputObject)]
pub struct RequestPasswordResetInput {
    /// The username, the email address or the phone number. The token goes to the address that was given; for a username
    /// to the account's email address, or else to its phone.
    #[graphql(secret)]
    pub identifier: String,
    /// A key of 1–64 characters that the client draws: the same one again sends nothing more.
    pub idempotency_key: String,
}

/// A new password and what entitles to it.
#[derive(InputObject)]
pub struct ResetPasswordInput {
    /// What was given to `requestPasswordReset`, or another identifier of the account.
    #[graphql(secret)]
    pub identifier: String,
    /// The token that was sent.
    #[graphql(secret)]
    pub token: String,
    /// The password as it shall be, 8 to 128 characters.
    #[graphql(secret)]
    pub new_password: String,
}

/// Which address to prove.
#[derive(InputObject)]
pub struct RequestVerificationInput {
    /// What kind of address.
    pub kind: AddressKind,
    /// A new address in the place of the account's own, which it becomes once it is proved. The account's own when left
    /// out.
    #[graphql(secret)]
    pub address: Option<String>,
    /// The password of the account, which a new address needs.
    #[graphql(secret)]
    pub password: Option<String>,
    /// A key of 1–64 characters that the client draws: the same one again sends nothing more.
    pub idempotency_key: String,
}

/// The token that proves an address.
#[derive(InputObject)]
pub struct ConfirmVerificationInput {
    /// What kind of address.
    pub kind: AddressKind,
    /// The token that was sent there.
    #[graphql(secret)]
    pub token: String,
}

payload! {
    /// The answer to a forgotten password.
    RequestPasswordResetPayload {
        /// True when the request was taken, which says nothing about whether there is such an account. Null when the
        /// input was refused.
        accepted: bool
    }
}

payload! {
    /// The answer to a new password by a token.
    ResetPasswordPayload {
        /// True when the password is new and every session over: log in. Null when the input was refused.
        password_set: bool
    }
}

payload! {
    /// The answer to the request of a token that proves an address.
    RequestVerificationPayload {
        /// The account as it is. Null when the input was refused.
        account: Account
    }
}

payload! {
    /// The answer to a token that proves an address.
    ConfirmVerificationPayload {
        /// The account with its proved address. Null when the input was refused.
        account: Account
    }
}
