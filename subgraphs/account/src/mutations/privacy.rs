//! What an account may ask about itself as a whole: to be shown everything, and to be forgotten.

use async_graphql::{Context, Object};
use kernel::OperationId;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Platform, Result, SignedIn, Viewer};

use super::access::attempt;
use crate::{
    error::{ErrorCode, UserError},
    limits::Kind,
    passwords, store,
    types::{DeleteAccountInput, DeleteAccountPayload, ExportAccountDataPayload},
    workflows::delete_account::{DELETE, EXPORT},
};

/// Mutations about the account as a whole.
pub struct PrivacyMutations;

#[Object]
impl PrivacyMutations {
    /// Gathers everything that the marketplace keeps of the viewer, from all its modules. Of what others wrote or where
    /// they live nothing is in it. Errors: `RATE_LIMITED` after too many requests.
    #[graphql(guard = "SignedIn")]
    async fn export_account_data(&self, ctx: &Context<'_>) -> Result<ExportAccountDataPayload> {
        let viewer = Viewer::of(ctx)?;
        // Each of them counts, because each costs every module something.
        attempt(ctx, Kind::Token, &format!("export of {}", viewer.account_id)).await?;
        let platform = ctx.data_unchecked::<Platform>();
        let data = EXPORT.at_ingress(&platform.ingress, OperationId::new().to_string(), viewer.account_id).await?;
        Ok(data.to_string().into())
    }

    /// Deletes the viewer's account for good. Its orders stay without names and addresses, its products vanish, its
    /// messages are emptied. It is refused with `ACCOUNT_BUSY` while orders are under way or money is not paid out, once
    /// for each reason; nothing is changed then. Errors: `RATE_LIMITED` after too many wrong passwords.
    #[graphql(guard = "SignedIn")]
    async fn delete_account(&self, ctx: &Context<'_>, input: DeleteAccountInput) -> Result<DeleteAccountPayload> {
        let viewer = Viewer::of(ctx)?;
        let (db, platform) = (ctx.data_unchecked::<DatabaseConnection>(), ctx.data_unchecked::<Platform>());
        let attempt = attempt(ctx, Kind::LogIn, &format!("password of {}", viewer.account_id)).await?;
        let account = store::account_fetch(db, viewer.account_id).await?.ok_or(Error::Unauthenticated)?;
        if !passwords::verify(input.password.into(), Some(account.password_hash)).await? {
            let message = "This is not your password.";
            return Ok(UserError::at("password", ErrorCode::PasswordWrong, message).into());
        }
        attempt.succeeded().await;
        // A new key each time: what stood in the way yesterday may be gone today.
        let key = OperationId::new().to_string();
        let obstacles = DELETE.at_ingress(&platform.ingress, viewer.account_id, key, viewer.account_id).await?;
        if obstacles.is_empty() {
            return Ok(viewer.account_id.into());
        }
        let busy = |reason: String| UserError::new(ErrorCode::AccountBusy, reason);
        Ok(obstacles.into_iter().map(|obstacle| busy(obstacle.reason)).collect::<Vec<_>>().into())
    }
}
