//! Reading and replacing the files of entities.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::Utc;
use contracts::common::{Attach, AttachOutcome, AttachRemote, EntityKind, EntityRef};
use entities::common::{
    attachment::AttachedKind,
    resource::{self, ResourceState},
};
use kernel::{AccountId, AttachmentId, ResourceId};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, FromQueryResult,
    QueryFilter, QuerySelect, TransactionTrait, raw_sql,
};
use service_kit::Result;
use url::Url;
use uuid::Uuid;

use crate::{
    files::{HostNames, REMOTE_OPTION, host_name, remote_url},
    store::option_list_disabled,
};

/// How an entity's kind is stored.
fn stored(kind: EntityKind) -> AttachedKind {
    match kind {
        EntityKind::Product => AttachedKind::Product,
        EntityKind::Comment => AttachedKind::Comment,
        EntityKind::Account => AttachedKind::Account,
        EntityKind::Message => AttachedKind::Message,
        EntityKind::Refund => AttachedKind::Refund,
    }
}

/// The files of entities of one kind, by entity, in order.
///
/// # Errors
/// The database fails.
pub async fn attachment_list(
    db: &impl ConnectionTrait,
    kind: EntityKind,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Vec<resource::Model>>> {
    #[derive(FromQueryResult)]
    struct Row {
        entity_id: Uuid,
        #[sea_orm(nested)]
        resource: resource::Model,
    }
    let (kind, ids) = (stored(kind), ids.to_vec());
    let rows = Row::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT a.entity_id, r.* FROM common.attachment a JOIN common.resource r ON r.id = a.resource_id
           WHERE a.entity_kind = {kind} AND a.entity_id = ANY({ids}) ORDER BY a.entity_id, a.position"#
    ))
    .all(db)
    .await?;
    let mut files: BTreeMap<Uuid, Vec<resource::Model>> = BTreeMap::new();
    for row in rows {
        files.entry(row.entity_id).or_default().push(row.resource);
    }
    Ok(files)
}

/// Replaces the files of an entity as a whole, if all of them are complete and belong to the owner.
///
/// # Errors
/// The database fails.
pub async fn attach(db: &DatabaseConnection, command: &Attach) -> Result<AttachOutcome> {
    let wanted = without_repetitions(&command.resource_ids);
    let txn = db.begin().await?;
    let usable: HashSet<ResourceId> = resource::Entity::find()
        .select_only()
        .column(resource::Column::Id)
        .filter(resource::Column::Id.eq_any(wanted.iter().map(|id| id.uuid()).collect::<Vec<_>>()))
        .filter(resource::Column::OwnerId.eq(command.owner_id))
        .filter(resource::Column::State.eq(ResourceState::Complete))
        // The sweeper must not take for an orphan what is being attached.
        .lock_shared()
        .into_tuple()
        .all(&txn)
        .await?
        .into_iter()
        .collect();
    let refused: Vec<ResourceId> = wanted.iter().copied().filter(|id| !usable.contains(id)).collect();
    if !refused.is_empty() {
        return Ok(AttachOutcome::Refused(refused));
    }
    attachment_replace(&txn, &[(command.entity, wanted)]).await?;
    txn.commit().await?;
    Ok(AttachOutcome::Attached)
}

/// Replaces the files of entities by remote ones. The same URL of the same owner is one resource; what does not lead to
/// the public web is left out, be it by its address or by what its name resolves to now, and so is what is new while files of
/// other sites are switched off.
///
/// # Errors
/// The database fails.
pub async fn attach_remote(db: &DatabaseConnection, names: &HostNames, commands: &[AttachRemote]) -> Result<()> {
    let mut wanted: Vec<(EntityRef, AccountId, Vec<String>)> = commands
        .iter()
        .map(|command| {
            let urls = without_repetitions(&command.urls);
            (command.entity, command.owner_id, urls.into_iter().filter_map(|url| remote_url(&url)).collect())
        })
        .collect();
    let hosts = wanted.iter().flat_map(|(.., urls)| urls).filter_map(|url| host_name(url)).collect();
    let inside = names.inside(hosts).await;
    for (.., urls) in &mut wanted {
        urls.retain(|url| host_name(url).is_none_or(|host| !inside.contains(&host)));
    }
    let takes_new = option_list_disabled(db, &[REMOTE_OPTION.to_owned()]).await?.is_empty();
    let pairs: BTreeSet<(AccountId, String)> =
        wanted.iter().flat_map(|(_, owner, urls)| urls.iter().map(|url| (*owner, url.clone()))).collect();
    let txn = db.begin().await?;
    let ids = remote_resources_in_txn(&txn, pairs, takes_new).await?;
    let wanted: Vec<(EntityRef, Vec<ResourceId>)> = wanted
        .into_iter()
        .map(|(entity, owner, urls)| {
            let ids = urls.into_iter().filter_map(|url| ids.get(&(owner, url)).copied());
            (entity, without_repetitions(&ids.collect::<Vec<_>>()))
        })
        .collect();
    attachment_replace(&txn, &wanted).await?;
    txn.commit().await?;
    Ok(())
}

/// The ids of remote resources; those that are new are made, unless no new ones are taken.
async fn remote_resources_in_txn(
    txn: &DatabaseTransaction,
    pairs: BTreeSet<(AccountId, String)>,
    takes_new: bool,
) -> Result<BTreeMap<(AccountId, String), ResourceId>> {
    let ids: Vec<Uuid> = pairs.iter().map(|_| ResourceId::new().uuid()).collect();
    let owners: Vec<Uuid> = pairs.iter().map(|(owner, _)| owner.uuid()).collect();
    let names: Vec<String> = pairs.iter().map(|(_, url)| file_name(url)).collect();
    let urls: Vec<String> = pairs.into_iter().map(|(_, url)| url).collect();
    let now = Utc::now();
    if takes_new {
        txn.execute_raw(raw_sql!(
            Postgres,
            r#"INSERT INTO common.resource (id, owner_id, storage, state, file_name, remote_url, created_at)
               SELECT id, owner_id, 'REMOTE', 'COMPLETE', file_name, url, {now}
               FROM unnest({ids}::uuid[], {owners}::uuid[], {names}::text[], {urls}::text[])
                   AS new (id, owner_id, file_name, url)
               ON CONFLICT (owner_id, remote_url) WHERE storage = 'REMOTE' DO NOTHING"#
        ))
        .await?;
    }
    #[derive(FromQueryResult)]
    struct Row {
        id: ResourceId,
        owner_id: AccountId,
        remote_url: String,
    }
    let rows = Row::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT r.id, r.owner_id, r.remote_url FROM common.resource r
           JOIN unnest({owners}::uuid[], {urls}::text[]) AS wanted (owner_id, url)
               ON r.owner_id = wanted.owner_id AND r.remote_url = wanted.url
           WHERE r.storage = 'REMOTE'"#
    ))
    .all(txn)
    .await?;
    Ok(rows.into_iter().map(|row| ((row.owner_id, row.remote_url), row.id)).collect())
}

/// Replaces the files of entities as a whole, however many, in three statements. Two replacements of one entity take
/// turns; entities are locked in the order of their ids, so that nobody waits in a circle.
///
/// # Errors
/// The database fails.
pub async fn attachment_replace(txn: &DatabaseTransaction, wanted: &[(EntityRef, Vec<ResourceId>)]) -> Result<()> {
    // Of an entity that is named twice the last list counts.
    let wanted: BTreeMap<Uuid, (String, &[ResourceId])> =
        wanted.iter().map(|(entity, ids)| (entity.id, (stored(entity.kind).to_value(), ids.as_slice()))).collect();
    let (ids, kinds): (Vec<Uuid>, Vec<String>) = wanted.iter().map(|(id, (kind, _))| (*id, kind.clone())).unzip();
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"SELECT pg_advisory_xact_lock(hashtextextended('common.attachment ' || ordered.id, 0))
           FROM (SELECT id FROM unnest({ids}::uuid[]) AS id ORDER BY id) AS ordered"#
    ))
    .await?;
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"DELETE FROM common.attachment a USING unnest({ids}::uuid[], {kinds}::text[]) AS replaced (id, kind)
           WHERE a.entity_id = replaced.id AND a.entity_kind = replaced.kind"#
    ))
    .await?;
    let (mut new, mut kinds, mut entities, mut positions, mut resources) = (vec![], vec![], vec![], vec![], vec![]);
    for (entity_id, (kind, ids)) in &wanted {
        for (position, resource_id) in (0_i32..).zip(*ids) {
            new.push(AttachmentId::new().uuid());
            kinds.push(kind.clone());
            entities.push(*entity_id);
            positions.push(position);
            resources.push(resource_id.uuid());
        }
    }
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"INSERT INTO common.attachment (id, entity_kind, entity_id, position, resource_id)
           SELECT * FROM unnest({new}::uuid[], {kinds}::text[], {entities}::uuid[], {positions}::int[],
               {resources}::uuid[])"#
    ))
    .await?;
    Ok(())
}

fn without_repetitions<T: Clone + Eq + std::hash::Hash>(items: &[T]) -> Vec<T> {
    let mut seen = HashSet::new();
    items.iter().filter(|item| seen.insert(*item)).cloned().collect()
}

/// The last part of a URL's path, as a name for people.
fn file_name(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let last = parsed.as_ref().and_then(|url| url.path_segments()).and_then(|mut parts| parts.next_back());
    last.filter(|name| !name.is_empty()).unwrap_or("remote").chars().take(255).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_file_is_called_like_the_end_of_its_url() {
        assert_eq!(file_name("https://example.com/images/shoe.jpg?w=100"), "shoe.jpg");
        assert_eq!(file_name("https://example.com/"), "remote");
    }
}
