//! `Attachments`: other modules give files to their entities.
//!
//! Each handler is one transaction that replaces whole lists, so a repetition changes nothing and there is nothing to
//! undo.

use contracts::common::{Attach, AttachOutcome, AttachRemote};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::{files::HostNames, store};

/// Answers `contracts::common`.
pub(crate) struct Attachments {
    pub(crate) db: DatabaseConnection,
    pub(crate) names: HostNames,
}

/// The files of entities.
#[restate_sdk::service(name = "Attachments", client_visibility = "pub(crate)")]
impl Attachments {
    /// Replaces the files of an entity as a whole, in the order given.
    #[handler]
    async fn attach(&self, ctx: Context<'_>, Json(command): Json<Attach>) -> Result<Json<AttachOutcome>, HandlerError> {
        let outcome = step!(ctx, "replace attachments", store::attach(&self.db, &command))?;
        Ok(Json(outcome))
    }

    /// Replaces the files of entities by files that stay where they are.
    #[handler]
    async fn attach_remote(
        &self,
        ctx: Context<'_>,
        Json(commands): Json<Vec<AttachRemote>>,
    ) -> Result<Json<()>, HandlerError> {
        step!(ctx, "replace attachments", store::attach_remote(&self.db, &self.names, &commands))?;
        Ok(Json(()))
    }
}
