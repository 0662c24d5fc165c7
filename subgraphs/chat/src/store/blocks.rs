//! Who may not write to whom: a copy of what `account` decides.

use contracts::chat::BlockSet;
use entities::chat::block;
use kernel::AccountId;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use service_kit::Result;

/// Copies a block, or its end; again changes nothing.
pub async fn block_set(db: &impl ConnectionTrait, set: &BlockSet) -> Result<()> {
    if set.blocked {
        let row = block::ActiveModel { blocker_id: Set(set.blocker_id), blocked_id: Set(set.blocked_id) };
        block::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(db).await?;
    } else {
        block::Entity::delete_by_id((set.blocker_id, set.blocked_id)).exec(db).await?;
    }
    Ok(())
}

/// Whether either of the two blocks the other.
pub async fn block_between(db: &impl ConnectionTrait, one: AccountId, two: AccountId) -> Result<bool> {
    Ok(!blocks_among(db, &[(one, two)]).await?.is_empty())
}

/// The blocks between the pairs, in either direction.
pub async fn blocks_among(db: &impl ConnectionTrait, pairs: &[(AccountId, AccountId)]) -> Result<Vec<block::Model>> {
    let directed = |blocker: AccountId, blocked: AccountId| {
        Condition::all().add(block::Column::BlockerId.eq(blocker)).add(block::Column::BlockedId.eq(blocked))
    };
    let wanted = pairs
        .iter()
        .fold(Condition::any(), |wanted, (one, two)| wanted.add(directed(*one, *two)).add(directed(*two, *one)));
    Ok(block::Entity::find().filter(wanted).all(db).await?)
}
