//! What can be asked.

use async_graphql::{Context, Object};
use kernel::ResourceId;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, Viewer};

use crate::{
    loaders::Loaders,
    store,
    types::{Resource, ServiceOption, ServiceOptionCategory},
};

/// The queries of files and options.
pub struct CommonQueries;

#[Object]
impl CommonQueries {
    /// A file. Null when there is none, and while it is pending for anybody but its owner.
    async fn resource(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The resource.")] id: ResourceId,
    ) -> Result<Option<Resource>> {
        let row = Loaders::of(ctx)?.resources.load_one(id).await?;
        Ok(row.and_then(|row| Resource::visible(row, Viewer::maybe(ctx))))
    }

    /// What can be selected in a category, in the order in which to offer it.
    async fn service_options(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the options are for.")] category: ServiceOptionCategory,
        #[graphql(desc = "Whether to list those that are switched off as well; for administrators.")]
        disabled_too: Option<bool>,
    ) -> Result<Vec<ServiceOption>> {
        let disabled_too = disabled_too.unwrap_or_default();
        if disabled_too && !Viewer::of(ctx)?.admin {
            return Err(Error::Forbidden);
        }
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = store::option_list(db, category.into(), disabled_too).await?;
        Ok(rows.into_iter().map(ServiceOption).collect())
    }
}
