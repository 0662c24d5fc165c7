//! `ServiceOptions`: every module registers its providers when it starts, and asks which of them are switched off.
//!
//! `disabled` only reads and journals nothing: its answer is its only effect.

use contracts::common::ServiceOption;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::store;

/// Answers `contracts::common::OPTION_REGISTER` and `OPTION_DISABLED`.
pub(crate) struct ServiceOptions {
    pub(crate) db: DatabaseConnection,
}

/// The providers that can be selected.
#[restate_sdk::service(name = "ServiceOptions", client_visibility = "pub(crate)")]
impl ServiceOptions {
    /// Registers providers by upsert; what an administrator has set is kept.
    #[handler]
    async fn register(
        &self,
        ctx: Context<'_>,
        Json(options): Json<Vec<ServiceOption>>,
    ) -> Result<Json<()>, HandlerError> {
        step!(ctx, "register options", store::option_register(&self.db, &options))?;
        Ok(Json(()))
    }

    /// Which of these options administrators have switched off.
    #[handler]
    async fn disabled(
        &self,
        _ctx: Context<'_>,
        Json(ids): Json<Vec<String>>,
    ) -> Result<Json<Vec<String>>, HandlerError> {
        Ok(Json(store::option_list_disabled(&self.db, &ids).await?))
    }
}
