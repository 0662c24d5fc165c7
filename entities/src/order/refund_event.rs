//! The history of refunds.

use kernel::{AccountId, RefundId};
use sea_orm::entity::prelude::*;

use super::refund::RefundStatus;

/// One change of one refund. Append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "refund_event")]
pub struct Model {
    /// The refund.
    #[sea_orm(primary_key, auto_increment = false)]
    pub refund_id: RefundId,
    /// 1 for the first event of the refund, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i32,
    /// The status before; `None` for the first.
    pub from_status: Option<RefundStatus>,
    /// The status since; the same as before when something else changed.
    pub to_status: RefundStatus,
    /// Who did it; `None` for a timer or a provider.
    pub actor_id: Option<AccountId>,
    /// What was said, if anything.
    pub note: Option<String>,
    /// When.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
