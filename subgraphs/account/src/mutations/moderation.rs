//! What administrators do.

use async_graphql::{Context, Object};
use sea_orm::DatabaseConnection;
use service_kit::{Admin, Platform, Result, Viewer};

use crate::{
    error::{ErrorCode, Problems, UserError},
    keys, sessions,
    types::{
        Account, ReinstateAccountInput, ReinstateAccountPayload, RotateSigningKeyPayload, SuspendAccountInput,
        SuspendAccountPayload,
    },
};

/// Mutations of administrators.
pub struct ModerationMutations;

#[Object]
impl ModerationMutations {
    /// Suspends an account: it cannot log in, and its tokens stop working within a second. For administrators.
    /// Suspending it again replaces the reason.
    #[graphql(guard = "Admin")]
    async fn suspend_account(&self, ctx: &Context<'_>, input: SuspendAccountInput) -> Result<SuspendAccountPayload> {
        if input.account_id == Viewer::of(ctx)?.account_id {
            let message = "You cannot suspend yourself.";
            return Ok(UserError::at("accountId", ErrorCode::OwnAccount, message).into());
        }
        let mut problems = Problems::default();
        let reason = problems.text("reason", &input.reason, 1..=500);
        let reason = match problems.none_or(reason) {
            Ok(reason) => reason,
            Err(problems) => return Ok(problems.into()),
        };
        let (db, redis) = (ctx.data_unchecked::<DatabaseConnection>(), &ctx.data_unchecked::<Platform>().redis);
        let account = sessions::suspend(db, redis, input.account_id, Some(reason)).await?;
        Ok(account.map_or_else(|| unknown().into(), |account| Account::from(account).into()))
    }

    /// Takes a suspension back: the account can log in again. For administrators.
    #[graphql(guard = "Admin")]
    async fn reinstate_account(
        &self,
        ctx: &Context<'_>,
        input: ReinstateAccountInput,
    ) -> Result<ReinstateAccountPayload> {
        let (db, redis) = (ctx.data_unchecked::<DatabaseConnection>(), &ctx.data_unchecked::<Platform>().redis);
        let account = sessions::suspend(db, redis, input.account_id, None).await?;
        Ok(account.map_or_else(|| unknown().into(), |account| Account::from(account).into()))
    }

    /// Makes a new key that signs access tokens from now on. Tokens of the old one stay good until they expire, so that
    /// nobody is logged out. For administrators.
    #[graphql(guard = "Admin")]
    async fn rotate_signing_key(&self, ctx: &Context<'_>) -> Result<RotateSigningKeyPayload> {
        Ok(keys::rotate(ctx.data_unchecked::<DatabaseConnection>()).await?.into())
    }
}

fn unknown() -> UserError {
    UserError::at("accountId", ErrorCode::AccountUnknown, "There is no such account.")
}
