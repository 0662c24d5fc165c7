//! Which comments were reported, and what was decided.

use kernel::{AccountId, CommentId, ReportId};
use sea_orm::entity::prelude::*;

/// What a comment is reported for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CommentReportReason {
    /// Unwanted advertising.
    Spam,
    /// It insults or threatens.
    Offensive,
    /// It is not about the product, or is not meant.
    Fake,
    /// It tells what concerns nobody else, as an address.
    PrivateData,
    /// Something else; the details say what.
    Other,
}

/// What an administrator decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CommentReportDecision {
    /// The comment stays.
    Dismissed,
    /// The comment was taken down.
    Removed,
}

/// One report.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "catalog", table_name = "comment_report")]
pub struct Model {
    /// Id; it carries the time of the report.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReportId,
    /// What is reported.
    pub comment_id: CommentId,
    /// Who reports; a row of another schema.
    pub reporter_id: AccountId,
    /// What for.
    pub reason: CommentReportReason,
    /// In the reporter's words; may be empty.
    pub details: String,
    /// When it was reported.
    pub created_at: DateTimeUtc,
    /// When an administrator closed it.
    pub resolved_at: Option<DateTimeUtc>,
    /// Which administrator; a row of another schema.
    pub resolved_by: Option<AccountId>,
    /// What was decided.
    pub decision: Option<CommentReportDecision>,
}

impl ActiveModelBehavior for ActiveModel {}
