//! Editing comments, reporting them, and deciding about reports.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{SubsecRound, Utc};
use entities::catalog::comment_report;
use kernel::{CommentId, ReportId};
use service_kit::{Admin, Result, SignedIn, Viewer};

use super::review::{BODY_MAX, comment_now};
use crate::{
    error::{ErrorCode, Problems, UserError},
    queries::database,
    store::{
        comment_edit::{CommentEdit, comment_edit},
        comment_report::{comment_report_decide, comment_report_insert},
    },
    types::{Comment, CommentReport, CommentReportDecision, CommentReportReason},
};

/// New words for a comment.
#[derive(InputObject, Debug, Clone)]
pub struct EditCommentInput {
    /// The review or reply, which the viewer wrote.
    pub comment_id: CommentId,
    /// New stars of a review, 1–5; null leaves them. A reply has none.
    pub rating: Option<i32>,
    /// Plain text of at most 5000 characters; a reply has at least one.
    pub body: String,
}

/// What is wrong with a comment.
#[derive(InputObject, Debug, Clone)]
pub struct ReportCommentInput {
    /// The review or reply, which somebody else wrote.
    pub comment_id: CommentId,
    /// What for.
    pub reason: CommentReportReason,
    /// What is wrong with it, at most 1000 characters.
    #[graphql(default)]
    pub details: String,
}

/// What becomes of a reported comment.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct DecideCommentReportInput {
    /// An open report.
    pub report_id: ReportId,
    /// Whether the comment stays.
    pub decision: CommentReportDecision,
}

/// The answer to `editComment`.
#[derive(SimpleObject, Debug, Clone)]
pub struct EditCommentPayload {
    /// The comment as it is now. Null when the mutation was refused.
    pub comment: Option<Comment>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// The answer to `reportComment`.
#[derive(SimpleObject, Debug, Clone)]
pub struct ReportCommentPayload {
    /// The viewer's open report of the comment. Null when the mutation was refused.
    pub report: Option<CommentReport>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// The answer to `decideCommentReport`.
#[derive(SimpleObject, Debug, Clone)]
pub struct DecideCommentReportPayload {
    /// The report as it is now. Null when the mutation was refused.
    pub report: Option<CommentReport>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// Mutations that change or take down what was written.
#[derive(Debug, Default)]
pub struct ModerationMutations;

#[Object]
impl ModerationMutations {
    /// Changes what the viewer wrote in a review or reply; what it said before stays readable in `revisions`. Codes:
    /// `COMMENT_NOT_FOUND`, `RATING_INVALID`, `TEXT_INVALID`. The comment of somebody else answers `FORBIDDEN`.
    #[graphql(guard = "SignedIn")]
    async fn edit_comment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new words.")] input: EditCommentInput,
    ) -> Result<EditCommentPayload> {
        let viewer = Viewer::of(ctx)?;
        let refused = |user_errors| Ok(EditCommentPayload { comment: None, user_errors });
        let edit = match input.checked() {
            Ok(edit) => edit,
            Err(problems) => return refused(problems),
        };
        match comment_edit(database(ctx)?, viewer.account_id, edit, Utc::now().trunc_subsecs(6)).await? {
            Ok(()) => {
                Ok(EditCommentPayload { comment: comment_now(ctx, input.comment_id).await?, user_errors: Vec::new() })
            }
            Err(refusal) => refused(vec![refusal]),
        }
    }

    /// Tells the administrators that something is wrong with a review or reply. While the viewer's report of it is open,
    /// another one changes nothing. Codes: `COMMENT_NOT_FOUND`, `OWN_COMMENT`, `TEXT_INVALID`.
    #[graphql(guard = "SignedIn")]
    async fn report_comment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, and why.")] input: ReportCommentInput,
    ) -> Result<ReportCommentPayload> {
        let viewer = Viewer::of(ctx)?;
        let refused = |user_errors| Ok(ReportCommentPayload { report: None, user_errors });
        let mut problems = Problems::default();
        let details = problems.text("details", &input.details, 0..=1000);
        if let Err(problems) = problems.none_or(()) {
            return refused(problems);
        }
        let report = comment_report::Model {
            id: ReportId::new(),
            comment_id: input.comment_id,
            reporter_id: viewer.account_id,
            reason: input.reason.into(),
            details,
            created_at: Utc::now().trunc_subsecs(6),
            resolved_at: None,
            resolved_by: None,
            decision: None,
        };
        match comment_report_insert(database(ctx)?, report).await? {
            Ok(report) => Ok(ReportCommentPayload { report: Some(report.into()), user_errors: Vec::new() }),
            Err(refusal) => refused(vec![refusal]),
        }
    }

    /// Decides about a reported comment, and closes every open report of it: it stays, or it is taken down, and its stars
    /// do not count any more. For administrators. Code: `REPORT_NOT_FOUND`.
    #[graphql(guard = "Admin")]
    async fn decide_comment_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: DecideCommentReportInput,
    ) -> Result<DecideCommentReportPayload> {
        let (admin, now) = (Viewer::of(ctx)?, Utc::now().trunc_subsecs(6));
        let decision = input.decision.into();
        Ok(match comment_report_decide(database(ctx)?, input.report_id, admin.account_id, decision, now).await? {
            Ok(report) => DecideCommentReportPayload { report: Some(report.into()), user_errors: Vec::new() },
            Err(refusal) => DecideCommentReportPayload { report: None, user_errors: vec![refusal] },
        })
    }
}

impl EditCommentInput {
    fn checked(&self) -> Result<CommentEdit, Vec<UserError>> {
        let mut problems = Problems::default();
        let rating = match self.rating {
            None => None,
            Some(stars) => {
                let rating = i16::try_from(stars).ok().filter(|rating| (1..=5).contains(rating));
                problems.check(rating.is_some(), "rating", ErrorCode::RatingInvalid, "A rating is 1 to 5 stars.");
                rating
            }
        };
        let body = problems.text("body", &self.body, 0..=BODY_MAX);
        problems.none_or(CommentEdit { id: self.comment_id, rating, body })
    }
}
