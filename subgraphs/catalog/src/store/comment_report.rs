//! Reported comments, and taking them down.

use chrono::{DateTime, Utc};
use entities::catalog::{
    comment,
    comment_report::{self, Column, CommentReportDecision},
};
use kernel::{AccountId, CommentId, ReportId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, TransactionTrait,
    sea_query::{Expr, ExprTrait},
};
use service_kit::{
    Result,
    database::violated_constraint,
    graphql::{Page, Rows},
};

use super::comment::{comment_list_by_ids, comment_lock_in_txn, comment_not_found, rating_add_in_txn};
use crate::{
    error::{ErrorCode, UserError},
    store::index::{self, Change},
};

/// Writes a report. The account's open report of the same comment stays and is given instead.
///
/// # Errors
/// The inner error when there is no such comment, or when the account wrote it.
pub async fn comment_report_insert(
    db: &DatabaseConnection,
    report: comment_report::Model,
) -> Result<Result<comment_report::Model, UserError>> {
    let Some(comment) = comment_list_by_ids(db, &[report.comment_id]).await?.pop() else {
        return Ok(Err(comment_not_found()));
    };
    if comment.author_id == report.reporter_id {
        let message = "Nobody reports a comment of their own.";
        return Ok(Err(UserError::at("commentId", ErrorCode::OwnComment, message)));
    }
    let row = report.clone().into_active_model().reset_all();
    match comment_report::Entity::insert(row).exec_without_returning(db).await {
        Ok(_) => Ok(Ok(report)),
        Err(error) if violated_constraint(&error) == Some("comment_report_open_once") => {
            let open = comment_report::Entity::find()
                .filter(Column::CommentId.eq(report.comment_id))
                .filter(Column::ReporterId.eq(report.reporter_id))
                .filter(Column::ResolvedAt.is_null());
            // Closed in this very moment, it is as good as written.
            Ok(Ok(open.one(db).await?.unwrap_or(report)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reports, the newest first: those that are open, or all.
///
/// # Errors
/// The database cannot be reached.
pub async fn comment_report_list(
    db: &impl ConnectionTrait,
    open_only: bool,
    page: &Page<ReportId>,
    with_total: bool,
) -> Result<Rows<comment_report::Model>> {
    let all = comment_report::Entity::find()
        .apply_if(open_only.then_some(()), |all, ()| all.filter(Column::ResolvedAt.is_null()));
    let total = if with_total { Some(all.clone().count(db).await?) } else { None };
    let rows = all
        .apply_if(page.after, |all, after| all.filter(Column::Id.lt(after)))
        .order_by_desc(Column::Id)
        .limit(page.fetch());
    Ok(Rows { rows: rows.all(db).await?, total })
}

/// Decides an open report, and with it every other open report of the same comment: the comment stays, or is taken down.
///
/// # Errors
/// The inner error when there is no open report of this id.
pub async fn comment_report_decide(
    db: &DatabaseConnection,
    id: ReportId,
    admin_id: AccountId,
    decision: CommentReportDecision,
    now: DateTime<Utc>,
) -> Result<Result<comment_report::Model, UserError>> {
    let txn = db.begin().await?;
    let found = comment_report::Entity::find_by_id(id).filter(Column::ResolvedAt.is_null()).one(&txn).await?;
    let not_open = || UserError::at("reportId", ErrorCode::ReportNotFound, "There is no open report of this id.");
    let Some(report) = found else { return Ok(Err(not_open())) };
    // The comment's row makes decisions about it take turns.
    let comment = comment_lock_in_txn(&txn, report.comment_id).await?;
    let closed = comment_report::ActiveModel {
        resolved_at: Set(Some(now)),
        resolved_by: Set(Some(admin_id)),
        decision: Set(Some(decision)),
        ..Default::default()
    };
    let decided = comment_report::Entity::update_many()
        .set(closed)
        .filter(Column::CommentId.eq(report.comment_id))
        .filter(Column::ResolvedAt.is_null())
        .exec_with_returning(&txn)
        .await?;
    let Some(decided) = decided.into_iter().find(|decided| decided.id == id) else { return Ok(Err(not_open())) };
    if let (CommentReportDecision::Removed, Some(comment)) = (decision, comment) {
        comment_remove_in_txn(&txn, &comment, now).await?;
    }
    txn.commit().await?;
    Ok(Ok(decided))
}

/// Takes a comment down: it is not listed any more, its stars do not count, and what replies to it goes with it.
async fn comment_remove_in_txn(txn: &DatabaseTransaction, comment: &comment::Model, now: DateTime<Utc>) -> Result<()> {
    let gone = comment::ActiveModel { removed_at: Set(Some(now)), ..Default::default() };
    comment::Entity::update_many().set(gone).filter(comment::Column::Id.eq(comment.id)).exec(txn).await?;
    if let Some(rating) = comment.rating {
        rating_add_in_txn(txn, comment.product_id, rating, -1).await?;
        index::product_changed_in_txn(txn, comment.product_id, Change::Facts).await?;
    }
    if let Some(parent_id) = comment.parent_id {
        reply_uncount_in_txn(txn, parent_id).await?;
    }
    Ok(())
}

async fn reply_uncount_in_txn(txn: &DatabaseTransaction, parent_id: CommentId) -> Result<()> {
    comment::Entity::update_many()
        .col_expr(comment::Column::ReplyCount, Expr::col(comment::Column::ReplyCount).sub(1))
        .filter(comment::Column::Id.eq(parent_id))
        .filter(comment::Column::ReplyCount.gt(0))
        .exec(txn)
        .await?;
    Ok(())
}
