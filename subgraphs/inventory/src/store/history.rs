//! Reading what has changed the counters.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::inventory::stock_history::{self, StockChangeKind};
use kernel::StockId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, raw_sql};
use service_kit::{
    Result,
    graphql::{Page, Rows},
};
use uuid::Uuid;

/// Which changes are wanted; all of them when nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct HistoryFilter {
    /// Only changes of this kind.
    pub kind: Option<StockChangeKind>,
    /// Only changes at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Only changes earlier than this.
    pub before: Option<DateTime<Utc>>,
}

/// Pages of the histories of several stocks, the newest change first, in one statement (two with totals).
pub async fn history_list_by_stocks(
    db: &impl ConnectionTrait,
    stock_ids: &[StockId],
    filter: HistoryFilter,
    page: &Page<Uuid>,
    with_total: bool,
) -> Result<HashMap<StockId, Rows<stock_history::Model>>> {
    let ids = stock_ids.to_vec();
    let after = page.after;
    let HistoryFilter { kind, from, before } = filter;
    let limit = i64::try_from(page.fetch()).unwrap_or(i64::MAX);
    let rows = stock_history::Entity::find()
        .from_raw_sql(raw_sql!(
            Postgres,
            r#"
            SELECT change.* FROM unnest({ids}) AS wanted (stock_id) CROSS JOIN LATERAL (
                SELECT * FROM inventory.stock_history
                WHERE stock_history.stock_id = wanted.stock_id AND ({after}::uuid IS NULL OR id < {after})
                    AND ({kind}::text IS NULL OR kind = {kind})
                    AND ({from}::timestamptz IS NULL OR created_at >= {from})
                    AND ({before}::timestamptz IS NULL OR created_at < {before})
                ORDER BY id DESC LIMIT {limit}
            ) change
            ORDER BY change.stock_id, change.id DESC
            "#
        ))
        .all(db)
        .await?;
    let totals: HashMap<StockId, i64> = if with_total {
        let mut counts = stock_history::Entity::find().filter(stock_history::Column::StockId.is_in(ids));
        if let Some(kind) = kind {
            counts = counts.filter(stock_history::Column::Kind.eq(kind));
        }
        if let Some(from) = from {
            counts = counts.filter(stock_history::Column::CreatedAt.gte(from));
        }
        if let Some(before) = before {
            counts = counts.filter(stock_history::Column::CreatedAt.lt(before));
        }
        let counts = counts
            .select_only()
            .column(stock_history::Column::StockId)
            .column_as(stock_history::Column::Id.count(), "changes")
            .group_by(stock_history::Column::StockId);
        counts.into_tuple().all(db).await?.into_iter().collect()
    } else {
        HashMap::new()
    };
    Ok(by_stock(stock_ids, rows, |row| row.stock_id, with_total.then_some(&totals)))
}

/// Deals out the rows of several stocks, keeping their order.
pub(crate) fn by_stock<Row>(
    stock_ids: &[StockId],
    rows: Vec<Row>,
    stock_of: impl Fn(&Row) -> StockId,
    totals: Option<&HashMap<StockId, i64>>,
) -> HashMap<StockId, Rows<Row>> {
    let total = |id| totals.map(|totals| totals.get(id).copied().unwrap_or(0).unsigned_abs());
    let mut pages: HashMap<StockId, Rows<Row>> =
        stock_ids.iter().map(|id| (*id, Rows { rows: Vec::new(), total: total(id) })).collect();
    for row in rows {
        if let Some(page) = pages.get_mut(&stock_of(&row)) {
            page.rows.push(row);
        }
    }
    pages
}
