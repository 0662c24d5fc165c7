//! What happened, numbered for those who follow it.

use kernel::{AccountId, OrderId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::feed::FeedRole;

/// One entry of one feed. Append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "feed_entry")]
pub struct Model {
    /// Whose feed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// In which role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: FeedRole,
    /// 1 for the first entry of the feed, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// What it is about.
    pub kind: FeedKind,
    /// The order, for an entry about an order.
    pub order_id: Option<OrderId>,
    /// The event of the order, for an entry about an order.
    pub order_seq: Option<i64>,
    /// The items (`OrderItemId`s), for an entry about items.
    pub item_ids: Vec<Uuid>,
    /// When.
    pub at: DateTimeUtc,
}

/// What an entry of a feed is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FeedKind {
    /// An order or its shipment changed.
    Order,
    /// A buyer checked items out.
    ItemsArrived,
    /// The seller confirmed items.
    ItemsConfirmed,
    /// The seller rejected items.
    ItemsRejected,
    /// The buyer cancelled items.
    ItemsCancelled,
    /// Items were not answered in time.
    ItemsExpired,
}

impl ActiveModelBehavior for ActiveModel {}
