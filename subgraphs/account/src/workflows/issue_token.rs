//! `OneTimeTokens.issue`: sends a one-time token.
//!
//! 1. *find and send*: look up who is meant, make a token, store its hash and hand the token to the channel. It is one
//!    step, because the token must not stand in the journal; tried again, it sends another one, which ends the one
//!    before.
//!
//! Resolvers only send this call. So the answer to "I forgot my password" is given before anybody has looked whether
//! there is such an account, and can tell nothing about it.

use contracts::Call;
use entities::account::one_time_token::TokenPurpose;
use kernel::AccountId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use service_kit::{Result as KitResult, step};

use crate::{delivery::Delivery, identifiers::Identifier, one_time_tokens};

/// Sends a one-time token.
pub(crate) const ISSUE: Call<Issue, ()> = Call::new("OneTimeTokens", "issue");

/// Which token to send.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Issue {
    /// One that sets a new password, to whoever is known by this.
    Reset(Identifier),
    /// One that proves an address of an account.
    Verify { account_id: AccountId, purpose: TokenPurpose, destination: String },
}

/// The durable service that sends one-time tokens.
pub(crate) struct OneTimeTokens {
    pub(crate) db: DatabaseConnection,
    pub(crate) delivery: Delivery,
}

/// One-time tokens.
#[restate_sdk::service(name = "OneTimeTokens", client_visibility = "pub(crate)")]
impl OneTimeTokens {
    /// Makes a token and sends it.
    #[handler]
    async fn issue(&self, ctx: Context<'_>, Json(issue): Json<Issue>) -> Result<Json<()>, HandlerError> {
        step!(ctx, "find and send", self.find_and_send(&issue))?;
        Ok(Json(()))
    }
}

impl OneTimeTokens {
    async fn find_and_send(&self, issue: &Issue) -> KitResult<()> {
        let (account_id, purpose, destination) = match issue {
            Issue::Verify { account_id, purpose, destination } => (*account_id, *purpose, destination.clone()),
            Issue::Reset(identifier) => match one_time_tokens::reset_destination(&self.db, identifier).await? {
                Some((account_id, destination)) => (account_id, TokenPurpose::ResetPassword, destination),
                None => return Ok(()),
            },
        };
        one_time_tokens::issue(&self.db, &self.delivery, account_id, purpose, &destination).await
    }
}
