//! Registering, logging in and out.

use async_graphql::{Context, Object};
use entities::account::session::EndReason;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Platform, Result, SignedIn, Viewer, serve::ClientAddress};

use crate::{
    error::{ErrorCode, Problems, UserError},
    identifiers::Identifier,
    limits::{Attempt, Kind},
    passwords, registration,
    schema::Settings,
    sessions::{self, Closed},
    store,
    types::{
        Account, ChangePasswordInput, ChangePasswordPayload, LogInInput, LogInPayload, LogOutEverywherePayload,
        LogOutPayload, OpenedSession, RefreshSessionInput, RefreshSessionPayload, RegisterInput, RegisterPayload,
        RevokeSessionInput, RevokeSessionPayload,
    },
};

/// Mutations that begin and end sessions.
pub struct AccessMutations;

#[Object]
impl AccessMutations {
    /// Registers an account and logs it in. All that is wrong with the input is told at once.
    async fn register(&self, ctx: &Context<'_>, input: RegisterInput) -> Result<RegisterPayload> {
        let device = match device(&input.device) {
            Ok(device) => device,
            Err(problems) => return Ok(problems.into()),
        };
        let account = match registration::draft(input, ctx.data_unchecked::<Settings>().default_country).await? {
            Ok(account) => account,
            Err(problems) => return Ok(problems.into()),
        };
        Ok(match sessions::open_new(ctx.data_unchecked::<DatabaseConnection>(), account, device).await? {
            Ok(opened) => OpenedSession::from(opened).into(),
            Err(field) => registration::taken(field).into(),
        })
    }

    /// Logs in with any of the account's identifiers. An unknown identifier and a wrong password are answered alike, by
    /// `CREDENTIALS_WRONG`. Errors: `RATE_LIMITED` after too many wrong attempts.
    async fn log_in(&self, ctx: &Context<'_>, input: LogInInput) -> Result<LogInPayload> {
        let device = match device(&input.device) {
            Ok(device) => device,
            Err(problems) => return Ok(problems.into()),
        };
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let wrong = || UserError::new(ErrorCode::CredentialsWrong, "The identifier or the password is wrong.");
        let identifier = Identifier::read(&input.identifier, ctx.data_unchecked::<Settings>().default_country);
        let attempt = attempt(ctx, Kind::LogIn, &subject(identifier.as_ref(), &input.identifier)).await?;
        let account = match &identifier {
            Some(identifier) => store::account_by_identifier(db, identifier).await?,
            None => None,
        };
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let right = passwords::verify(input.password.into(), hash).await?;
        let Some(account) = account.filter(|_| right) else { return Ok(wrong().into()) };
        attempt.succeeded().await;
        Ok(match sessions::open(db, account.id, &account.password_hash, device).await? {
            Ok(opened) => OpenedSession::from(opened).into(),
            Err(Closed::Suspended) => {
                UserError::new(ErrorCode::AccountSuspended, "This account is suspended. Ask the operators why.").into()
            }
            Err(Closed::Changed) => wrong().into(),
        })
    }

    /// Exchanges a refresh token for a new access token and the next refresh token. Each works once: a used one that
    /// comes back was copied, so it ends the session.
    async fn refresh_session(&self, ctx: &Context<'_>, input: RefreshSessionInput) -> Result<RefreshSessionPayload> {
        let (db, redis) = engines(ctx);
        Ok(match sessions::renew(db, redis, &input.refresh_token).await? {
            Some(opened) => OpenedSession::from(opened).into(),
            None => {
                let message = "This refresh token is unknown, used, or of a session that is over. Log in again.";
                UserError::at("refreshToken", ErrorCode::RefreshTokenInvalid, message).into()
            }
        })
    }

    /// Ends the session of this request. Its tokens stop working within a second.
    #[graphql(guard = "SignedIn")]
    async fn log_out(&self, ctx: &Context<'_>) -> Result<LogOutPayload> {
        let viewer = Viewer::of(ctx)?;
        let (db, redis) = engines(ctx);
        sessions::close(db, redis, viewer, viewer.session_id, EndReason::LoggedOut).await?;
        Ok(viewer.session_id.into())
    }

    /// Ends every session of the account, this one too. All tokens stop working within a second.
    #[graphql(guard = "SignedIn")]
    async fn log_out_everywhere(&self, ctx: &Context<'_>) -> Result<LogOutEverywherePayload> {
        let viewer = Viewer::of(ctx)?;
        let (db, redis) = engines(ctx);
        let ended = sessions::close_all(db, redis, viewer.account_id).await?;
        Ok(i32::try_from(ended).unwrap_or(i32::MAX).into())
    }

    /// Ends one session of the account, a lost telephone's for instance. Its tokens stop working within a second.
    #[graphql(guard = "SignedIn")]
    async fn revoke_session(&self, ctx: &Context<'_>, input: RevokeSessionInput) -> Result<RevokeSessionPayload> {
        let (db, redis) = engines(ctx);
        let id = input.session_id;
        Ok(match sessions::close(db, redis, Viewer::of(ctx)?, id, EndReason::Revoked).await? {
            true => id.into(),
            false => UserError::at("sessionId", ErrorCode::SessionNotFound, "You have no such open session.").into(),
        })
    }

    /// Replaces the password and ends every other session. Errors: `RATE_LIMITED` after too many wrong attempts.
    #[graphql(guard = "SignedIn")]
    async fn change_password(&self, ctx: &Context<'_>, input: ChangePasswordInput) -> Result<ChangePasswordPayload> {
        let viewer = Viewer::of(ctx)?;
        let (db, redis) = engines(ctx);
        let new = input.new_password.into();
        if let Err(rule) = passwords::check(&new) {
            return Ok(UserError::at("newPassword", ErrorCode::PasswordInvalid, rule).into());
        }
        let wrong = || UserError::at("currentPassword", ErrorCode::PasswordWrong, "This is not your password.");
        let attempt = attempt(ctx, Kind::LogIn, &format!("password of {}", viewer.account_id)).await?;
        let account = store::account_fetch(db, viewer.account_id).await?.ok_or(Error::Unauthenticated)?;
        let old_hash = account.password_hash.clone();
        if !passwords::verify(input.current_password.into(), Some(old_hash.clone())).await? {
            return Ok(wrong().into());
        }
        attempt.succeeded().await;
        let new_hash = passwords::hash(new).await?;
        let changed = sessions::change_password(db, redis, viewer, &old_hash, new_hash).await?;
        Ok(if changed { Account::from(account).into() } else { wrong().into() })
    }
}

fn engines<'a>(ctx: &Context<'a>) -> (&'a DatabaseConnection, &'a redis::aio::ConnectionManager) {
    (ctx.data_unchecked::<DatabaseConnection>(), &ctx.data_unchecked::<Platform>().redis)
}

/// Counts an attempt at a secret.
pub(super) async fn attempt(ctx: &Context<'_>, kind: Kind, subject: &str) -> Result<Attempt> {
    let address = ctx.data_opt::<ClientAddress>().map(|address| address.0);
    let (_, redis) = engines(ctx);
    Attempt::begin(redis, &ctx.data_unchecked::<Settings>().limits, kind, subject, address).await
}

/// What attempts at one identifier are counted by, however it is written.
pub(super) fn subject(identifier: Option<&Identifier>, typed: &str) -> String {
    match identifier {
        Some(Identifier::Email(known) | Identifier::Phone(known) | Identifier::Username(known)) => known.clone(),
        None => typed.trim().to_lowercase(),
    }
}

fn device(text: &str) -> Result<String, Vec<UserError>> {
    let mut problems = Problems::default();
    let device = problems.text("device", text, 0..=100);
    problems.none_or(device)
}
