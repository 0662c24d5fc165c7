//! What one account reports of another.

use kernel::{AccountId, ReportId};
use sea_orm::entity::prelude::*;

/// What an account is reported for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReportReason {
    /// Unwanted advertising.
    Spam,
    /// It takes money and does not deliver, or pays with what is not its own.
    Fraud,
    /// It sells imitations.
    Counterfeit,
    /// It insults or threatens.
    Harassment,
    /// Something else; the details say what.
    Other,
}

/// One report.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "account_report")]
pub struct Model {
    /// Id; it carries the time of the report.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReportId,
    /// Who reports.
    pub reporter_id: AccountId,
    /// Who is reported.
    pub account_id: AccountId,
    /// What for.
    pub reason: ReportReason,
    /// What happened, in the reporter's words; may be empty.
    pub details: String,
    /// When it was reported.
    pub created_at: DateTimeUtc,
    /// When an administrator closed it.
    pub resolved_at: Option<DateTimeUtc>,
    /// Which administrator.
    pub resolved_by: Option<AccountId>,
    /// What was decided.
    pub resolution: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
