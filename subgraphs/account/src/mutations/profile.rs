//! Changing one's own account, and reading its notifications.

use async_graphql::{Context, Object};
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, SignedIn, Viewer};

use crate::{
    error::{ErrorCode, UserError},
    registration, store,
    types::{
        Account, MarkNotificationsReadInput, MarkNotificationsReadPayload, UpdateProfileInput, UpdateProfilePayload,
    },
};

/// Mutations of one's own account.
pub struct ProfileMutations;

#[Object]
impl ProfileMutations {
    /// Changes one's own account. What is left out stays.
    #[graphql(guard = "SignedIn")]
    async fn update_profile(&self, ctx: &Context<'_>, input: UpdateProfileInput) -> Result<UpdateProfilePayload> {
        let changes = match registration::changes(Viewer::of(ctx)?.account_id, input) {
            Ok(changes) => changes,
            Err(problems) => return Ok(problems.into()),
        };
        Ok(match store::account_update(ctx.data_unchecked::<DatabaseConnection>(), changes).await? {
            Ok(account) => Account::from(account).into(),
            Err(field) => registration::taken(field).into(),
        })
    }

    /// Marks notifications of the viewer as read, some or all.
    #[graphql(guard = "SignedIn")]
    async fn mark_notifications_read(
        &self,
        ctx: &Context<'_>,
        input: MarkNotificationsReadInput,
    ) -> Result<MarkNotificationsReadPayload> {
        let viewer = Viewer::of(ctx)?;
        if input.ids.is_some() == input.all {
            let message = "Give either `ids` or `all`.";
            return Ok(UserError::at("ids", ErrorCode::SelectionInvalid, message).into());
        }
        if input.ids.as_ref().is_some_and(|ids| ids.len() > 100) {
            return Ok(UserError::at("ids", ErrorCode::ListTooLong, "At most 100 at a time.").into());
        }
        let db = ctx.data_unchecked::<DatabaseConnection>();
        store::notifications_read(db, viewer.account_id, input.ids).await?;
        let account = store::account_fetch(db, viewer.account_id).await?.ok_or(Error::Unauthenticated)?;
        Ok(Account::from(account).into())
    }
}
