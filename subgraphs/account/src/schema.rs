//! The roots of the module's graph, its entities, and its settings.

use async_graphql::{Context, Object, Schema, SchemaBuilder};
use kernel::{AccountId, ProductId};
use service_kit::{Config, ConfigError, Result};

use crate::{
    countries::{self, Country},
    limits::Limits,
    loaders::Loaders,
    mutations::Mutation,
    queries::AccountQueries,
    subscriptions::Subscription,
    types::{Account, Product},
};

/// What an operator decides.
pub(crate) struct Settings {
    /// The country of an account that does not tell its own, and of national phone numbers at log-in.
    pub(crate) default_country: &'static Country,
    /// How many wrong attempts to log in there may be.
    pub(crate) limits: Limits,
}

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    /// A setting is unusable; the error names it.
    pub(crate) fn read(config: &Config) -> Result<Self, ConfigError> {
        let code = config.setting("DEFAULT_COUNTRY").unwrap_or("VN");
        let default_country = countries::find(code).ok_or_else(|| ConfigError::Invalid {
            name: "DEFAULT_COUNTRY".to_owned(),
            reason: "it is a two-letter code of ISO 3166-1".to_owned(),
        })?;
        Ok(Self { default_country, limits: Limits::read(config)? })
    }
}

/// The schema, without data.
pub fn build() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query(AccountQueries, Entities), Mutation::ROOT, Subscription)
        .enable_federation()
        .enable_subscription_in_federation()
}

/// The query root.
#[derive(async_graphql::MergedObject)]
pub struct Query(AccountQueries, Entities);

/// What other modules refer to.
pub struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn account_entity(&self, ctx: &Context<'_>, id: AccountId) -> Result<Option<Account>> {
        Ok(Loaders::of(ctx)?.accounts.load_one(id).await?.map(Account))
    }

    #[graphql(entity)]
    async fn product_entity(&self, id: ProductId) -> Option<Product> {
        Some(Product { id })
    }
}
