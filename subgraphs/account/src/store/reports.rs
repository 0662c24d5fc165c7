//! What accounts report of one another.

use chrono::{DateTime, Utc};
use entities::account::account_report::{self, Column};
use kernel::{AccountId, ReportId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use service_kit::{
    Result,
    database::violated_constraint,
    graphql::{Page, Rows},
};

/// Writes a report. The account's open report of the same account stays and is given instead. `None` when the reported
/// account does not exist.
pub(crate) async fn report_insert(
    db: &impl ConnectionTrait,
    report: account_report::Model,
) -> Result<Option<account_report::Model>> {
    let open = account_report::Entity::find()
        .filter(Column::ReporterId.eq(report.reporter_id))
        .filter(Column::AccountId.eq(report.account_id))
        .filter(Column::ResolvedAt.is_null());
    let inserted =
        account_report::Entity::insert(report.clone().into_active_model().reset_all()).exec_without_returning(db).await;
    match inserted {
        Ok(_) => Ok(Some(report)),
        Err(error) => match violated_constraint(&error) {
            Some("account_report_open_once") => Ok(open.one(db).await?),
            Some("account_report_account") => Ok(None),
            _ => Err(error.into()),
        },
    }
}

/// Reports, the newest first: those that are open, or all.
pub(crate) async fn report_list(
    db: &impl ConnectionTrait,
    open_only: bool,
    page: &Page<ReportId>,
    with_total: bool,
) -> Result<Rows<account_report::Model>> {
    let all = account_report::Entity::find()
        .apply_if(open_only.then_some(()), |all, ()| all.filter(Column::ResolvedAt.is_null()));
    let total = if with_total { Some(all.clone().count(db).await?) } else { None };
    let rows = all
        .apply_if(page.after, |all, after| all.filter(Column::Id.lt(after)))
        .order_by_desc(Column::Id)
        .limit(page.fetch());
    Ok(Rows { rows: rows.all(db).await?, total })
}

/// Closes an open report. `None` when there is no open one of this id.
pub(crate) async fn report_resolve(
    db: &impl ConnectionTrait,
    id: ReportId,
    admin_id: AccountId,
    resolution: String,
    now: DateTime<Utc>,
) -> Result<Option<account_report::Model>> {
    let closed = account_report::ActiveModel {
        resolved_at: Set(Some(now)),
        resolved_by: Set(Some(admin_id)),
        resolution: Set(Some(resolution)),
        ..Default::default()
    };
    let rows = account_report::Entity::update_many()
        .set(closed)
        .filter(Column::Id.eq(id))
        .filter(Column::ResolvedAt.is_null())
        .exec_with_returning(db)
        .await?;
    Ok(rows.into_iter().next())
}
