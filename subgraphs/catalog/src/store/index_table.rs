//! Which tables the index has: the one that answers, and the one that is being filled.

use entities::catalog::search_index::{self, IndexState};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, TransactionTrait,
};
use service_kit::Result;
use uuid::Uuid;

/// The tables of the index, at most one in each state.
///
/// # Errors
/// The database cannot be reached.
pub async fn index_tables(db: &impl ConnectionTrait) -> Result<Vec<search_index::Model>> {
    Ok(search_index::Entity::find().all(db).await?)
}

/// The table that answers searches, if the index is built.
///
/// # Errors
/// The database cannot be reached.
pub async fn index_table_active(db: &impl ConnectionTrait) -> Result<Option<search_index::Model>> {
    Ok(search_index::Entity::find().filter(search_index::Column::State.eq(IndexState::Active)).one(db).await?)
}

/// Takes in a new table, which is there already and empty, and has every product indexed again. While another is being
/// filled nothing changes, and the answer is false. `lost` are tables that are gone for good.
///
/// # Errors
/// The database cannot be reached.
pub async fn index_table_begin(
    db: &DatabaseConnection,
    id: Uuid,
    layout: i32,
    model: &str,
    dimensions: i32,
    lost: &[Uuid],
) -> Result<bool> {
    let txn = db.begin().await?;
    lock_in_txn(&txn).await?;
    search_index::Entity::delete_many().filter(search_index::Column::Id.eq_any(lost.to_vec())).exec(&txn).await?;
    let building = search_index::Entity::find().filter(search_index::Column::State.eq(IndexState::Building));
    let begun = building.one(&txn).await?.is_none();
    if begun {
        let row = search_index::ActiveModel {
            id: Set(id),
            state: Set(IndexState::Building),
            layout: Set(layout),
            model: Set(model.to_owned()),
            dimensions: Set(dimensions),
            created_at: NotSet,
        };
        search_index::Entity::insert(row).exec_without_returning(&txn).await?;
        // A claim of before is of a write that does not know the new table.
        let anew = "UPDATE catalog.product_index SET facts_indexed = 0, facts_claimed_until = NULL";
        txn.execute_unprepared(anew).await?;
    }
    txn.commit().await?;
    Ok(begun)
}

/// Has the table that is being filled answer from now on, if it has every product. Gives the table that it replaces.
///
/// # Errors
/// The database cannot be reached.
pub async fn index_table_promote(db: &DatabaseConnection) -> Result<Vec<Uuid>> {
    let txn = db.begin().await?;
    lock_in_txn(&txn).await?;
    let tables = search_index::Entity::find().all(&txn).await?;
    let building = tables.iter().any(|table| table.state == IndexState::Building);
    let rest = txn
        .query_one_raw(sea_orm::raw_sql!(
            Postgres,
            r#"SELECT FROM catalog.product_index WHERE facts_version > facts_indexed AND facts_indexed = 0 LIMIT 1"#
        ))
        .await?;
    if !building || rest.is_some() {
        return Ok(Vec::new());
    }
    let old: Vec<Uuid> =
        tables.iter().filter(|table| table.state == IndexState::Active).map(|table| table.id).collect();
    search_index::Entity::delete_many().filter(search_index::Column::Id.eq_any(old.clone())).exec(&txn).await?;
    txn.execute_unprepared("UPDATE catalog.search_index SET state = 'ACTIVE'").await?;
    txn.commit().await?;
    Ok(old)
}

async fn lock_in_txn(txn: &DatabaseTransaction) -> Result<()> {
    txn.execute_unprepared("SELECT pg_advisory_xact_lock(hashtext('catalog.search_index'))").await?;
    Ok(())
}
