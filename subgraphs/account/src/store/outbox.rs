//! The outbox of development.

use chrono::{TimeDelta, Utc};
use entities::account::outbox_message;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use service_kit::Result;
use uuid::Uuid;

/// Keeps a letter, and forgets those of more than a day ago.
pub(crate) async fn outbox_insert(
    db: &impl ConnectionTrait,
    medium: &str,
    destination: &str,
    subject: &str,
    body: &str,
) -> Result<()> {
    let now = Utc::now();
    outbox_message::Entity::delete_many()
        .filter(outbox_message::Column::CreatedAt.lt(now - TimeDelta::days(1)))
        .exec(db)
        .await?;
    let letter = outbox_message::ActiveModel {
        id: Set(Uuid::now_v7()),
        medium: Set(medium.to_owned()),
        destination: Set(destination.to_owned()),
        subject: Set(subject.to_owned()),
        body: Set(body.to_owned()),
        created_at: Set(now),
    };
    outbox_message::Entity::insert(letter).exec_without_returning(db).await?;
    Ok(())
}

/// The newest letters, to one recipient or to everybody.
pub(crate) async fn outbox_list(
    db: &impl ConnectionTrait,
    destination: Option<&str>,
) -> Result<Vec<outbox_message::Model>> {
    let letters = outbox_message::Entity::find()
        .apply_if(destination, |letters, to| letters.filter(outbox_message::Column::Destination.eq(to)))
        .order_by_desc(outbox_message::Column::CreatedAt)
        .limit(100);
    Ok(letters.all(db).await?)
}
