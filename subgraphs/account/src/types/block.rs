//! Blocks and reports.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entities::account::account_report;
use kernel::{AccountId, ReportId};
use service_kit::Result;

use super::{Account, payloads::payload};
use crate::loaders::Loaders;

/// One account that somebody blocks.
#[derive(SimpleObject)]
pub struct BlockedAccount {
    /// The account that is blocked.
    pub account: Account,
    /// Since when.
    pub blocked_at: DateTime<Utc>,
}

/// What an account is reported for.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "AccountReportReason", remote = "account_report::ReportReason")]
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

/// What one account reports of another.
pub struct AccountReport(pub account_report::Model);

/// What one account reports of another. Its reporter and administrators see it.
#[Object]
impl AccountReport {
    /// Its id.
    async fn id(&self) -> ReportId {
        self.0.id
    }

    /// Who reports.
    async fn reporter(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        Ok(Loaders::of(ctx)?.accounts.load_one(self.0.reporter_id).await?.map(Account))
    }

    /// Who is reported.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        Ok(Loaders::of(ctx)?.accounts.load_one(self.0.account_id).await?.map(Account))
    }

    /// What for.
    async fn reason(&self) -> ReportReason {
        self.0.reason.into()
    }

    /// What happened, in the reporter's words; may be empty.
    async fn details(&self) -> &str {
        &self.0.details
    }

    /// When it was reported.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When an administrator closed it. Null while it is open.
    async fn resolved_at(&self) -> Option<DateTime<Utc>> {
        self.0.resolved_at
    }

    /// What was decided. Null while it is open.
    async fn resolution(&self) -> Option<&str> {
        self.0.resolution.as_deref()
    }
}

/// Whom to block.
#[derive(InputObject)]
pub struct BlockAccountInput {
    /// Another account.
    pub account_id: AccountId,
}

/// Whom to block no longer.
#[derive(InputObject)]
pub struct UnblockAccountInput {
    /// Another account.
    pub account_id: AccountId,
}

/// Whom to report, and what for.
#[derive(InputObject)]
pub struct ReportAccountInput {
    /// Another account.
    pub account_id: AccountId,
    /// What for.
    pub reason: ReportReason,
    /// What happened, at most 2000 characters.
    #[graphql(default)]
    pub details: String,
}

/// Which report to close, and how.
#[derive(InputObject)]
pub struct ResolveAccountReportInput {
    /// An open report.
    pub report_id: ReportId,
    /// What was decided, 1 to 2000 characters.
    pub resolution: String,
}

payload! {
    /// The answer to a block.
    BlockAccountPayload {
        /// The account that is blocked. Null when the input was refused.
        account: Account
    }
}

payload! {
    /// The answer to the end of a block.
    UnblockAccountPayload {
        /// The account that is no longer blocked. Null when the input was refused.
        account: Account
    }
}

payload! {
    /// The answer to a report.
    ReportAccountPayload {
        /// The report; the open one when there was one. Null when the input was refused.
        report: AccountReport
    }
}

payload! {
    /// The answer to the closing of a report.
    ResolveAccountReportPayload {
        /// The report, closed. Null when there is no open one of this id.
        report: AccountReport
    }
}
