//! What an operator watches of accounts.

use service_kit::gauges::Gauge;

/// Read now and then by every instance, over indexes of what is open.
pub const GAUGES: &[Gauge] = &[Gauge {
    name: "shopnexus_account_reports_open",
    help: "Reports of accounts that wait for an administrator",
    label: None,
    sql: "SELECT count(*)::float8 AS value FROM account.account_report WHERE resolved_at IS NULL",
}];
