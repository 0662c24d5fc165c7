//! DataLoaders, made anew for each request.

use std::collections::{BTreeMap, HashMap};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use contracts::common::{EntityKind, EntityRef};
use entities::common::resource;
use kernel::{Currency, ResourceId};
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, error::LoadError, graphql::batching};
use uuid::Uuid;

use crate::{rates::Rate, store};

/// The loaders of one request.
pub struct Loaders {
    pub(crate) resources: DataLoader<Resources>,
    pub(crate) attachments: DataLoader<Attachments>,
    pub(crate) rates: DataLoader<Rates>,
}

impl Loaders {
    /// Loaders that read from `db`.
    pub fn new(db: &DatabaseConnection) -> Self {
        Self {
            resources: batching(Resources { db: db.clone() }),
            attachments: batching(Attachments { db: db.clone() }),
            rates: batching(Rates { db: db.clone() }),
        }
    }

    pub(crate) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>().ok_or_else(|| Error::broken("a request without loaders"))
    }
}

/// Resources by id.
pub(crate) struct Resources {
    db: DatabaseConnection,
}

impl Loader<ResourceId> for Resources {
    type Value = resource::Model;
    type Error = LoadError;

    async fn load(&self, ids: &[ResourceId]) -> Result<HashMap<ResourceId, Self::Value>, LoadError> {
        let rows = store::resource_fetch_many(&self.db, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

/// The files of entities, in order; one statement for each kind of entity.
pub(crate) struct Attachments {
    db: DatabaseConnection,
}

impl Loader<EntityRef> for Attachments {
    type Value = Vec<resource::Model>;
    type Error = LoadError;

    async fn load(&self, entities: &[EntityRef]) -> Result<HashMap<EntityRef, Self::Value>, LoadError> {
        let mut by_kind: HashMap<EntityKind, Vec<Uuid>> = HashMap::new();
        for entity in entities {
            by_kind.entry(entity.kind).or_default().push(entity.id);
        }
        let mut files = HashMap::with_capacity(entities.len());
        for (kind, ids) in by_kind {
            let found: BTreeMap<Uuid, Self::Value> = store::attachment_list(&self.db, kind, &ids).await?;
            files.extend(found.into_iter().map(|(id, rows)| (EntityRef { kind, id }, rows)));
        }
        Ok(files)
    }
}

/// What currencies are worth.
pub(crate) struct Rates {
    db: DatabaseConnection,
}

impl Loader<Currency> for Rates {
    type Value = Rate;
    type Error = LoadError;

    async fn load(&self, currencies: &[Currency]) -> Result<HashMap<Currency, Rate>, LoadError> {
        let rows = store::rate_list(&self.db, currencies).await?;
        let rates = rows.iter().map(|row| Rate::stored(row).map(|rate| (rate.currency, rate)));
        Ok(rates.collect::<Result<_>>()?)
    }
}
