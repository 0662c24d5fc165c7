//! The last number of each feed.

use kernel::AccountId;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The counter of one feed. Whoever draws a number holds its row until the commit, so that no reader ever sees a
/// number before a smaller one.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "feed")]
pub struct Model {
    /// Whose feed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// In which role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: FeedRole,
    /// The number of its last entry.
    pub last_seq: i64,
}

/// The role in which an account follows what happens.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FeedRole {
    /// Its orders as a buyer.
    Buyer,
    /// Its orders as a seller.
    Seller,
    /// Pending items that wait for it as a seller.
    Incoming,
}

impl ActiveModelBehavior for ActiveModel {}
