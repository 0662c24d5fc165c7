//! Changing one's own account.

use async_graphql::{Context, Object};
use sea_orm::DatabaseConnection;
use service_kit::{Result, SignedIn, Viewer};

use crate::{
    registration, store,
    types::{Account, UpdateProfileInput, UpdateProfilePayload},
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
}
