//! What comments said before, and reports of comments, as clients see them.

use async_graphql::{ComplexObject, Context, Enum, SimpleObject};
use chrono::{DateTime, Utc};
use entities::catalog::{comment_report, comment_revision};
use kernel::{CommentId, ReportId};
use service_kit::Result;

use super::{Account, Comment};
use crate::loaders::loaders_of;

/// What a comment said until it was edited.
#[derive(SimpleObject, Debug, Clone)]
pub struct CommentRevision {
    /// Stars, 1–5. Null for a reply.
    pub rating: Option<i32>,
    /// Plain text. Escape it when you show it.
    pub body: String,
    /// Until when the comment said this.
    pub replaced_at: DateTime<Utc>,
}

impl From<comment_revision::Model> for CommentRevision {
    fn from(row: comment_revision::Model) -> Self {
        Self { rating: row.rating.map(i32::from), body: row.body, replaced_at: row.replaced_at }
    }
}

/// What a comment is reported for.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::catalog::comment_report::CommentReportReason")]
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

/// What an administrator decides about a reported comment.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::catalog::comment_report::CommentReportDecision")]
pub enum CommentReportDecision {
    /// The comment stays.
    Dismissed,
    /// The comment was taken down.
    Removed,
}

/// A report of a comment. Whoever wrote it sees it once; afterwards it is for administrators.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex)]
pub struct CommentReport {
    /// Id.
    pub id: ReportId,
    #[graphql(skip)]
    pub(crate) comment_id: CommentId,
    /// Who reported it.
    pub reporter: Account,
    /// What for.
    pub reason: CommentReportReason,
    /// In the reporter's words; may be empty. Escape it when you show it.
    pub details: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When an administrator decided. Null while it is open.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Which administrator. Null while it is open.
    pub resolved_by: Option<Account>,
    /// What was decided. Null while it is open.
    pub decision: Option<CommentReportDecision>,
}

#[ComplexObject]
impl CommentReport {
    /// What is reported. Null when it was taken down.
    async fn comment(&self, ctx: &Context<'_>) -> Result<Option<Comment>> {
        Ok(loaders_of(ctx)?.load_one(self.comment_id).await?.map(Comment))
    }
}

impl From<comment_report::Model> for CommentReport {
    fn from(row: comment_report::Model) -> Self {
        Self {
            id: row.id,
            comment_id: row.comment_id,
            reporter: Account { id: row.reporter_id },
            reason: row.reason.into(),
            details: row.details,
            created_at: row.created_at,
            resolved_at: row.resolved_at,
            resolved_by: row.resolved_by.map(|id| Account { id }),
            decision: row.decision.map(Into::into),
        }
    }
}
