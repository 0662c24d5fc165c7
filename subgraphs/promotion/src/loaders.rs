//! DataLoaders, made anew for each request.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use chrono::Utc;
use contracts::promotion::{PriceLine, PriceQuote, PriceRequest};
use entities::promotion::promotion;
use kernel::{AccountId, CategoryId, Money, OrderItemId, ProductId, PromotionId, SkuId};
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, error::LoadError, graphql::batching};

use crate::{
    pricing::{self, Candidate, Target},
    store,
};

/// The loaders of one request.
pub struct Loaders {
    pub(crate) promotions: DataLoader<Promotions>,
    pub(crate) targets: DataLoader<Targets>,
    pub(crate) offers: DataLoader<Offers>,
}

impl Loaders {
    /// Loaders that read from `db`.
    pub fn new(db: &DatabaseConnection) -> Self {
        Self {
            promotions: batching(Promotions { db: db.clone() }),
            targets: batching(Targets { db: db.clone() }),
            offers: batching(Offers { db: db.clone() }),
        }
    }

    pub(crate) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>().ok_or_else(|| Error::broken("a request without loaders"))
    }
}

/// Promotions by id.
pub(crate) struct Promotions {
    db: DatabaseConnection,
}

impl Loader<PromotionId> for Promotions {
    type Value = Arc<promotion::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[PromotionId]) -> Result<HashMap<PromotionId, Self::Value>, LoadError> {
        let rows = store::promotion_fetch_many(&self.db, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
    }
}

/// What promotions are about.
pub(crate) struct Targets {
    db: DatabaseConnection,
}

impl Loader<PromotionId> for Targets {
    type Value = Vec<Target>;
    type Error = LoadError;

    async fn load(&self, ids: &[PromotionId]) -> Result<HashMap<PromotionId, Self::Value>, LoadError> {
        Ok(store::target_list(&self.db, ids).await?)
    }
}

/// Prices of single lines. All lines of a request share one read of promotions.
pub(crate) struct Offers {
    db: DatabaseConnection,
}

/// One price question. The buyer is the same for all questions of a request.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct OfferKey {
    pub(crate) buyer_id: Option<AccountId>,
    pub(crate) codes: BTreeSet<String>,
    pub(crate) sku_id: SkuId,
    pub(crate) product_id: ProductId,
    pub(crate) seller_id: AccountId,
    pub(crate) category_path: Vec<CategoryId>,
    pub(crate) unit_price: Money,
    pub(crate) quantity: i64,
}

impl OfferKey {
    fn line(&self) -> PriceLine {
        PriceLine {
            // The line stands for nothing but itself.
            line_id: OrderItemId(self.sku_id.uuid()),
            sku_id: self.sku_id,
            product_id: self.product_id,
            seller_id: self.seller_id,
            category_path: self.category_path.clone(),
            unit_price: self.unit_price,
            quantity: self.quantity,
        }
    }
}

/// A priced line with the rows of the promotions that it mentions.
#[derive(Clone)]
pub(crate) struct PricedOffer {
    pub(crate) quote: PriceQuote,
    pub(crate) promotions: Arc<HashMap<PromotionId, Arc<promotion::Model>>>,
}

impl Loader<OfferKey> for Offers {
    type Value = PricedOffer;
    type Error = LoadError;

    async fn load(&self, keys: &[OfferKey]) -> Result<HashMap<OfferKey, Self::Value>, LoadError> {
        let now = Utc::now();
        let every = PriceRequest {
            buyer_id: keys.iter().find_map(|key| key.buyer_id),
            codes: keys.iter().flat_map(|key| key.codes.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
            lines: keys.iter().map(OfferKey::line).collect(),
        };
        let rows = store::candidate_list(&self.db, &every, now).await?;
        let candidates: Vec<Candidate> = rows.iter().map(|(_, candidate)| candidate.clone()).collect();
        let promotions = Arc::new(rows.into_iter().map(|(row, _)| (row.id, Arc::new(row))).collect::<HashMap<_, _>>());
        let mut priced = HashMap::with_capacity(keys.len());
        for key in keys {
            let request = PriceRequest {
                buyer_id: key.buyer_id,
                codes: key.codes.iter().cloned().collect(),
                lines: vec![key.line()],
            };
            let quote = pricing::price(&request, &candidates, now).map_err(store::unpriceable)?;
            priced.insert(key.clone(), PricedOffer { quote, promotions: promotions.clone() });
        }
        Ok(priced)
    }
}
