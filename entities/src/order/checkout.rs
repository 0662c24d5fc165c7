//! Checkouts and their answers.

use kernel::{AccountId, CheckoutId};
use sea_orm::entity::prelude::*;

/// One checkout, accepted or refused. Its id is the operation that the buyer meant by the idempotency key.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "checkout")]
pub struct Model {
    /// The operation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CheckoutId,
    /// Who checked out.
    pub buyer_id: AccountId,
    /// What the buyer was told, and will be told again for the same key.
    #[sea_orm(column_type = "JsonBinary")]
    pub answer: Json,
    /// When.
    pub created_at: DateTimeUtc,
    /// The round in which its sellers were told of the items, 0 when there is nothing to tell; `None` until then.
    pub announced_in: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
