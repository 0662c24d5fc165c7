//! Following.

use async_graphql::{Context, Object};
use sea_orm::DatabaseConnection;
use service_kit::{Result, SignedIn, Viewer};

use crate::{
    error::{ErrorCode, UserError},
    store,
    types::{Account, FollowAccountInput, FollowAccountPayload, UnfollowAccountInput, UnfollowAccountPayload},
};

/// Mutations of who follows whom.
pub struct FollowMutations;

#[Object]
impl FollowMutations {
    /// Follows an account. Following it again changes nothing.
    #[graphql(guard = "SignedIn")]
    async fn follow_account(&self, ctx: &Context<'_>, input: FollowAccountInput) -> Result<FollowAccountPayload> {
        let viewer = Viewer::of(ctx)?;
        if input.account_id == viewer.account_id {
            let message = "You cannot follow yourself.";
            return Ok(UserError::at("accountId", ErrorCode::OwnAccount, message).into());
        }
        let db = ctx.data_unchecked::<DatabaseConnection>();
        if store::block_between(db, viewer.account_id, input.account_id).await? {
            let message = "One of you blocks the other.";
            return Ok(UserError::at("accountId", ErrorCode::AccountBlocked, message).into());
        }
        let followed = store::follow_insert(db, viewer.account_id, input.account_id).await?;
        let account = if followed { store::account_fetch(db, input.account_id).await? } else { None };
        Ok(account.map_or_else(|| unknown().into(), |account| Account::from(account).into()))
    }

    /// Follows an account no longer. Without following it nothing changes.
    #[graphql(guard = "SignedIn")]
    async fn unfollow_account(&self, ctx: &Context<'_>, input: UnfollowAccountInput) -> Result<UnfollowAccountPayload> {
        let viewer = Viewer::of(ctx)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        store::follow_delete(db, viewer.account_id, input.account_id).await?;
        let account = store::account_fetch(db, input.account_id).await?;
        Ok(account.map_or_else(|| unknown().into(), |account| Account::from(account).into()))
    }
}

fn unknown() -> UserError {
    UserError::at("accountId", ErrorCode::AccountUnknown, "There is no such account.")
}
