//! Blocking and reporting accounts.

use async_graphql::{Context, Object};
use chrono::Utc;
use contracts::chat::BlockSet;
use entities::account::account_report;
use kernel::{AccountId, ReportId};
use sea_orm::DatabaseConnection;
use service_kit::{Admin, Platform, Result, SignedIn, Viewer};
use uuid::Uuid;

use crate::{
    error::{ErrorCode, Problems, UserError},
    store,
    types::{
        Account, AccountReport, BlockAccountInput, BlockAccountPayload, ReportAccountInput, ReportAccountPayload,
        ResolveAccountReportInput, ResolveAccountReportPayload, UnblockAccountInput, UnblockAccountPayload,
    },
    workflows::set_block::{SET, key},
};

/// Mutations against whom one does not want to deal with.
pub struct BlockMutations;

#[Object]
impl BlockMutations {
    /// Blocks an account: neither of the two can write to the other or follow the other any more. Blocking it again
    /// changes nothing. The other account is not told.
    #[graphql(guard = "SignedIn")]
    async fn block_account(&self, ctx: &Context<'_>, input: BlockAccountInput) -> Result<BlockAccountPayload> {
        Ok(match set(ctx, input.account_id, true).await? {
            Ok(account) => account.into(),
            Err(error) => error.into(),
        })
    }

    /// Takes a block back. Without a block nothing changes; what either had followed of the other stays ended.
    #[graphql(guard = "SignedIn")]
    async fn unblock_account(&self, ctx: &Context<'_>, input: UnblockAccountInput) -> Result<UnblockAccountPayload> {
        Ok(match set(ctx, input.account_id, false).await? {
            Ok(account) => account.into(),
            Err(error) => error.into(),
        })
    }

    /// Reports an account to the administrators. While a report of it is open, another one of the same viewer adds
    /// nothing and gives the first. The other account is not told.
    #[graphql(guard = "SignedIn")]
    async fn report_account(&self, ctx: &Context<'_>, input: ReportAccountInput) -> Result<ReportAccountPayload> {
        let viewer = Viewer::of(ctx)?;
        if input.account_id == viewer.account_id {
            return Ok(UserError::at("accountId", ErrorCode::OwnAccount, "You cannot report yourself.").into());
        }
        let mut problems = Problems::default();
        let details = problems.text("details", &input.details, 0..=2000);
        let details = match problems.none_or(details) {
            Ok(details) => details,
            Err(problems) => return Ok(problems.into()),
        };
        let report = account_report::Model {
            id: ReportId::new(),
            reporter_id: viewer.account_id,
            account_id: input.account_id,
            reason: input.reason.into(),
            details,
            created_at: Utc::now(),
            resolved_at: None,
            resolved_by: None,
            resolution: None,
        };
        let report = store::report_insert(ctx.data_unchecked::<DatabaseConnection>(), report).await?;
        Ok(report.map_or_else(|| unknown().into(), |report| AccountReport(report).into()))
    }

    /// Closes an open report with what was decided. To suspend the account is a mutation of its own. For administrators.
    #[graphql(guard = "Admin")]
    async fn resolve_account_report(
        &self,
        ctx: &Context<'_>,
        input: ResolveAccountReportInput,
    ) -> Result<ResolveAccountReportPayload> {
        let mut problems = Problems::default();
        let resolution = problems.text("resolution", &input.resolution, 1..=2000);
        let resolution = match problems.none_or(resolution) {
            Ok(resolution) => resolution,
            Err(problems) => return Ok(problems.into()),
        };
        let (db, admin_id) = (ctx.data_unchecked::<DatabaseConnection>(), Viewer::of(ctx)?.account_id);
        let report = store::report_resolve(db, input.report_id, admin_id, resolution, Utc::now()).await?;
        Ok(report.map_or_else(
            || UserError::at("reportId", ErrorCode::ReportNotFound, "There is no open report of this id.").into(),
            |report| AccountReport(report).into(),
        ))
    }
}

/// Sets or ends the viewer's block of an account.
async fn set(ctx: &Context<'_>, blocked_id: AccountId, blocked: bool) -> Result<Result<Account, UserError>> {
    let blocker_id = Viewer::of(ctx)?.account_id;
    if blocked_id == blocker_id {
        return Ok(Err(UserError::at("accountId", ErrorCode::OwnAccount, "You cannot block yourself.")));
    }
    let ingress = &ctx.data_unchecked::<Platform>().ingress;
    let block = BlockSet { blocker_id, blocked_id, blocked };
    // Setting what is set changes nothing, so every request is an operation of its own.
    if !SET.at_ingress(ingress, key(blocker_id, blocked_id), Uuid::now_v7().to_string(), block).await? {
        return Ok(Err(unknown()));
    }
    let account = store::account_fetch(ctx.data_unchecked::<DatabaseConnection>(), blocked_id).await?;
    Ok(account.map(Account::from).ok_or_else(unknown))
}

fn unknown() -> UserError {
    UserError::at("accountId", ErrorCode::AccountUnknown, "There is no such account.")
}
