//! Proving addresses, and coming back without a password.

use std::time::Duration;

use async_graphql::{Context, Object};
use entities::account::one_time_token::TokenPurpose;
use kernel::{AccountId, OperationId};
use sea_orm::DatabaseConnection;
use service_kit::{Error, Platform, Result, SignedIn, Viewer, graphql::trimmed};
use tokio::time::Instant;
use uuid::Uuid;

use super::access::{attempt, subject};
use crate::{
    countries,
    error::{ErrorCode, UserError},
    identifiers::{self, Identifier},
    limits::Kind,
    one_time_tokens::{self, Verified},
    passwords, registration,
    schema::Settings,
    store,
    types::{
        Account, AddressKind, ConfirmVerificationInput, ConfirmVerificationPayload, RequestPasswordResetInput,
        RequestPasswordResetPayload, RequestVerificationInput, RequestVerificationPayload, ResetPasswordInput,
        ResetPasswordPayload,
    },
    workflows::issue_token::{ISSUE, Issue},
};

/// No answer to a reset comes sooner, so that how long it takes does not tell whether there is such an account.
const RESET_FLOOR: Duration = Duration::from_millis(400);

/// Mutations by one-time tokens.
pub struct RecoveryMutations;

#[Object]
impl RecoveryMutations {
    /// Sends a one-time token with which a new password can be set, to whoever is known by the identifier. The answer is
    /// the same, and takes as long, whether there is such an account or not. Errors: `RATE_LIMITED`.
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        input: RequestPasswordResetInput,
    ) -> Result<RequestPasswordResetPayload> {
        check_key(&input.idempotency_key)?;
        let identifier = match identifier(ctx, &input.identifier) {
            Ok(identifier) => identifier,
            Err(error) => return Ok(error.into()),
        };
        let subject = subject(Some(&identifier), "");
        attempt(ctx, Kind::Token, &subject).await?;
        // Nobody is logged in, so the identifier stands in for the account.
        let nobody = AccountId(Uuid::nil());
        let key = format!("{subject}/{}", input.idempotency_key);
        let operation = OperationId::derive(nobody, "request-password-reset", &key);
        let ingress = &ctx.data_unchecked::<Platform>().ingress;
        ISSUE.send_at_ingress(ingress, operation.to_string(), Issue::Reset(identifier)).await?;
        Ok(true.into())
    }

    /// Sets a new password by a one-time token, and ends every session of the account. The token works once and for a
    /// few attempts. A wrong token and an unknown identifier are answered alike, by `TOKEN_INVALID`. Errors:
    /// `RATE_LIMITED`.
    async fn reset_password(&self, ctx: &Context<'_>, input: ResetPasswordInput) -> Result<ResetPasswordPayload> {
        let answer_at = Instant::now() + RESET_FLOOR;
        let password = input.new_password.into();
        if let Err(rule) = passwords::check(&password) {
            return Ok(UserError::at("newPassword", ErrorCode::PasswordInvalid, rule).into());
        }
        let identifier = match identifier(ctx, &input.identifier) {
            Ok(identifier) => identifier,
            Err(error) => return Ok(error.into()),
        };
        let attempt = attempt(ctx, Kind::Reset, &subject(Some(&identifier), "")).await?;
        // The slow part comes first, and always.
        let hash = passwords::hash(password).await?;
        let (db, redis) = (ctx.data_unchecked::<DatabaseConnection>(), &ctx.data_unchecked::<Platform>().redis);
        let done = one_time_tokens::reset_password(db, redis, &identifier, &input.token, hash).await?;
        if done {
            attempt.succeeded().await;
        }
        tokio::time::sleep_until(answer_at).await;
        Ok(if done { true.into() } else { invalid().into() })
    }

    /// Sends a one-time token that proves the viewer's email address or phone number, or a new one of theirs. Errors:
    /// `RATE_LIMITED`.
    #[graphql(guard = "SignedIn")]
    async fn request_verification(
        &self,
        ctx: &Context<'_>,
        input: RequestVerificationInput,
    ) -> Result<RequestVerificationPayload> {
        check_key(&input.idempotency_key)?;
        let viewer = Viewer::of(ctx)?;
        let (issue, account) = match issue(ctx, viewer.account_id, &input).await? {
            Ok(issue) => issue,
            Err(error) => return Ok(error.into()),
        };
        let operation = OperationId::derive(viewer.account_id, "request-verification", &input.idempotency_key);
        attempt(ctx, Kind::Token, &format!("verification of {}", viewer.account_id)).await?;
        let ingress = &ctx.data_unchecked::<Platform>().ingress;
        ISSUE.send_at_ingress(ingress, operation.to_string(), issue).await?;
        Ok(account.into())
    }

    /// Proves an address by the one-time token that was sent there; a new one becomes the account's.
    #[graphql(guard = "SignedIn")]
    async fn confirm_verification(
        &self,
        ctx: &Context<'_>,
        input: ConfirmVerificationInput,
    ) -> Result<ConfirmVerificationPayload> {
        let viewer = Viewer::of(ctx)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let verified = one_time_tokens::verify(db, viewer.account_id, purpose(input.kind), &input.token).await?;
        Ok(match verified {
            Verified::Proved(account) => Account::from(*account).into(),
            Verified::Invalid => invalid().into(),
            Verified::Taken(field) => registration::taken(field).into(),
        })
    }
}

/// The token to send, and the account as it is; or why none is sent.
async fn issue(
    ctx: &Context<'_>,
    account_id: AccountId,
    input: &RequestVerificationInput,
) -> Result<Result<(Issue, Account), UserError>> {
    let db = ctx.data_unchecked::<DatabaseConnection>();
    let account = store::account_fetch(db, account_id).await?.ok_or(Error::Unauthenticated)?;
    let country = countries::find(&account.country).ok_or_else(|| Error::broken("accounts have known countries"))?;
    let destination = match (&input.address, input.kind) {
        (Some(address), AddressKind::Email) => {
            identifiers::email(address).map_err(|rule| UserError::at("address", ErrorCode::EmailInvalid, rule))
        }
        (Some(address), AddressKind::Phone) => {
            identifiers::phone(address, country).map_err(|rule| UserError::at("address", ErrorCode::PhoneInvalid, rule))
        }
        (None, AddressKind::Email) => account.email.clone().ok_or_else(missing),
        (None, AddressKind::Phone) => account.phone.clone().ok_or_else(missing),
    };
    let destination = match destination {
        Ok(destination) => destination,
        Err(error) => return Ok(Err(error)),
    };
    let (current, proved) = match input.kind {
        AddressKind::Email => (&account.email, account.email_verified_at.is_some()),
        AddressKind::Phone => (&account.phone, account.phone_verified_at.is_some()),
    };
    let is_current = current.as_ref() == Some(&destination);
    if is_current && proved {
        let message = "This address is proved already.";
        return Ok(Err(UserError::at("kind", ErrorCode::AlreadyVerified, message)));
    }
    // Who only holds a stolen token must not be able to move the account to an address of theirs.
    if !is_current && !password_is_right(ctx, &account, input.password.as_deref()).await? {
        let message = "A new address needs the password of the account.";
        return Ok(Err(UserError::at("password", ErrorCode::PasswordWrong, message)));
    }
    let issue = Issue::Verify { account_id, purpose: purpose(input.kind), destination };
    Ok(Ok((issue, Account::from(account))))
}

async fn password_is_right(
    ctx: &Context<'_>,
    account: &entities::account::account::Model,
    password: Option<&str>,
) -> Result<bool> {
    let Some(password) = password else { return Ok(false) };
    let attempt = attempt(ctx, Kind::LogIn, &format!("password of {}", account.id)).await?;
    let right = passwords::verify(password.into(), Some(account.password_hash.clone())).await?;
    if right {
        attempt.succeeded().await;
    }
    Ok(right)
}

fn identifier(ctx: &Context<'_>, typed: &str) -> Result<Identifier, UserError> {
    Identifier::read(typed, ctx.data_unchecked::<Settings>().default_country).ok_or_else(|| {
        let message = "This is not a username, an email address or a phone number.";
        UserError::at("identifier", ErrorCode::IdentifierInvalid, message)
    })
}

fn purpose(kind: AddressKind) -> TokenPurpose {
    match kind {
        AddressKind::Email => TokenPurpose::VerifyEmail,
        AddressKind::Phone => TokenPurpose::VerifyPhone,
    }
}

fn missing() -> UserError {
    UserError::at("address", ErrorCode::AddressMissing, "The account has no such address yet: give one.")
}

fn invalid() -> UserError {
    let message = "This token is wrong, used, expired, or has been tried too often. Ask for another one.";
    UserError::at("token", ErrorCode::TokenInvalid, message)
}

/// A client's key that makes a repetition recognisable.
pub(super) fn check_key(key: &str) -> Result<()> {
    trimmed(key, 1..=64).map(drop).map_err(|rule| Error::bad_input("idempotencyKey", rule))
}
