//! DataLoaders, made anew for each request.

use std::collections::HashMap;

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use contracts::inventory::StockRef;
use entities::inventory::{
    serial::{self, SerialStatus},
    stock, stock_history,
};
use kernel::StockId;
use sea_orm::DatabaseConnection;
use service_kit::{
    Error, Result,
    error::LoadError,
    graphql::{Page, Rows, batching},
};
use uuid::Uuid;

use crate::store::{
    history::{HistoryFilter, history_list_by_stocks},
    serials::serial_list_by_stocks,
    stocks::{of, stock_list},
};

/// The loaders of one request.
pub struct Loaders {
    /// Stocks by what they are of.
    pub(crate) stocks: DataLoader<Stocks>,
    /// Pages of histories.
    pub(crate) histories: DataLoader<Histories>,
    /// Pages of serials.
    pub(crate) serials: DataLoader<Serials>,
}

impl Loaders {
    /// Loaders for one request, which must carry them as data.
    pub fn new(db: &DatabaseConnection) -> Self {
        Self {
            stocks: batching(Stocks(db.clone())),
            histories: batching(Histories(db.clone())),
            serials: batching(Serials(db.clone())),
        }
    }

    pub(crate) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>().ok_or_else(|| Error::broken("a request without loaders"))
    }
}

/// Loads the stocks of SKUs and promotions.
pub(crate) struct Stocks(DatabaseConnection);

impl Loader<StockRef> for Stocks {
    type Value = stock::Model;
    type Error = LoadError;

    async fn load(&self, wanted: &[StockRef]) -> Result<HashMap<StockRef, stock::Model>, LoadError> {
        let stocks = stock_list(&self.0, wanted).await?;
        Ok(stocks.into_iter().map(|stock| (of(&stock), stock)).collect())
    }
}

/// Which part of which list of a stock is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Wanted<Filter> {
    pub(crate) stock_id: StockId,
    pub(crate) part: Part<Filter>,
}

/// Which part of a list is wanted; lists of several stocks are read together when they want the same part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Part<Filter> {
    pub(crate) filter: Filter,
    pub(crate) limit: u64,
    pub(crate) after: Option<Uuid>,
    pub(crate) with_total: bool,
}

impl<Filter> Part<Filter> {
    fn page(&self) -> Page<Uuid> {
        Page { limit: self.limit, after: self.after }
    }
}

/// The stocks that want the same part, for each part.
fn by_part<Filter: Copy + Eq + std::hash::Hash>(keys: &[Wanted<Filter>]) -> HashMap<Part<Filter>, Vec<StockId>> {
    let mut parts: HashMap<Part<Filter>, Vec<StockId>> = HashMap::new();
    for key in keys {
        parts.entry(key.part).or_default().push(key.stock_id);
    }
    parts
}

/// Loads pages of histories.
pub(crate) struct Histories(DatabaseConnection);

impl Loader<Wanted<HistoryFilter>> for Histories {
    type Value = Rows<stock_history::Model>;
    type Error = LoadError;

    async fn load(
        &self,
        keys: &[Wanted<HistoryFilter>],
    ) -> Result<HashMap<Wanted<HistoryFilter>, Self::Value>, LoadError> {
        let mut loaded = HashMap::new();
        for (part, stock_ids) in by_part(keys) {
            let pages = history_list_by_stocks(&self.0, &stock_ids, part.filter, &part.page(), part.with_total).await?;
            loaded.extend(pages.into_iter().map(|(stock_id, rows)| (Wanted { stock_id, part }, rows)));
        }
        Ok(loaded)
    }
}

/// Loads pages of serials.
pub(crate) struct Serials(DatabaseConnection);

impl Loader<Wanted<Option<SerialStatus>>> for Serials {
    type Value = Rows<serial::Model>;
    type Error = LoadError;

    async fn load(
        &self,
        keys: &[Wanted<Option<SerialStatus>>],
    ) -> Result<HashMap<Wanted<Option<SerialStatus>>, Self::Value>, LoadError> {
        let mut loaded = HashMap::new();
        for (part, stock_ids) in by_part(keys) {
            let pages = serial_list_by_stocks(&self.0, &stock_ids, part.filter, &part.page(), part.with_total).await?;
            loaded.extend(pages.into_iter().map(|(stock_id, rows)| (Wanted { stock_id, part }, rows)));
        }
        Ok(loaded)
    }
}
