//! `Sku.offer`: the price of a SKU after promotions.

use async_graphql::{Context, Object};
use kernel::{AccountId, CategoryId, ProductId, SkuId};
use service_kit::{Error, Result, Viewer, graphql::Money};

use crate::{
    loaders::{Loaders, OfferKey, PricedOffer},
    pricing::{CODES_MAX, normal_code},
    types::{Offer, OfferCashback, OfferPromotion, OfferRejection, Promotion, Sku, SkuFacts},
};

/// The most units an offer is computed for.
const QUANTITY_MAX: i32 = 9_999;

/// A SKU, of the catalog.
#[Object]
impl Sku {
    /// Stable for ever.
    async fn id(&self) -> SkuId {
        self.id
    }

    /// List price of one unit, as the catalog says it.
    #[graphql(external)]
    async fn price(&self) -> Result<Money> {
        Ok(self.facts()?.price.into())
    }

    /// The product, as the catalog says it.
    #[graphql(external)]
    async fn product_id(&self) -> Result<ProductId> {
        Ok(self.facts()?.product_id)
    }

    /// The seller, as the catalog says it.
    #[graphql(external)]
    async fn seller_id(&self) -> Result<AccountId> {
        Ok(self.facts()?.seller_id)
    }

    /// The product's category and all its ancestors, as the catalog says it.
    #[graphql(external)]
    async fn category_path(&self) -> Result<Vec<CategoryId>> {
        Ok(self.facts()?.category_path.clone())
    }

    /// What it costs after the promotions that apply by themselves and those of the codes given: what the cart and the
    /// checkout will say as well. Null only when the price cannot be told.
    #[graphql(requires = "price { amountMinor currency } productId sellerId categoryPath")]
    async fn offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Codes the buyer entered, at most 20.")] codes: Option<Vec<String>>,
        #[graphql(desc = "How many units, 1 to 9999; 1 when left out.")] quantity: Option<i32>,
    ) -> Result<Option<Offer>> {
        let (codes, quantity) = (codes.unwrap_or_default(), quantity.unwrap_or(1));
        if !(1..=QUANTITY_MAX).contains(&quantity) {
            return Err(Error::bad_input("quantity", format!("it lies between 1 and {QUANTITY_MAX}")));
        }
        if codes.len() > CODES_MAX {
            return Err(Error::bad_input("codes", format!("at most {CODES_MAX}")));
        }
        let facts = self.facts()?;
        let key = OfferKey {
            buyer_id: Viewer::maybe(ctx).map(|viewer| viewer.account_id),
            codes: codes.iter().map(|code| normal_code(code)).collect(),
            sku_id: self.id,
            product_id: facts.product_id,
            seller_id: facts.seller_id,
            category_path: facts.category_path.clone(),
            unit_price: facts.price,
            quantity: i64::from(quantity),
        };
        let priced = Loaders::of(ctx)?.offers.load_one(key).await?;
        priced.map(|priced| Offer::of(&priced, &codes)).transpose()
    }
}

impl Sku {
    fn facts(&self) -> Result<&SkuFacts> {
        self.facts.as_ref().ok_or_else(|| Error::broken("the router has not brought what `offer` requires"))
    }
}

impl Offer {
    fn of(priced: &PricedOffer, codes: &[String]) -> Result<Self> {
        let line = priced.quote.lines.first().ok_or_else(|| Error::broken("a line without a price"))?;
        let promotion = |id| {
            let row = priced.promotions.get(id).ok_or_else(|| Error::broken("a promotion that was not read"))?;
            Ok::<_, Error>(Promotion(row.clone()))
        };
        let applied = line.applied.iter().map(|applied| {
            Ok(OfferPromotion { promotion: promotion(&applied.promotion_id)?, saving: applied.saving.into() })
        });
        let cashback = line.cashback.iter().map(|cashback| {
            Ok(OfferCashback { promotion: promotion(&cashback.promotion_id)?, amount: cashback.saving.into() })
        });
        let rejected = priced.quote.rejected.iter().map(|rejected| {
            Ok(OfferRejection {
                promotion: rejected.promotion_id.as_ref().map(promotion).transpose()?,
                code: rejected.code.as_ref().map(|code| as_entered(code, codes)),
                reason: rejected.reason.into(),
            })
        });
        Ok(Self {
            list_price: line.list_amount.into(),
            price: line.paid_amount.into(),
            saving: line.list_amount.minus(line.paid_amount)?.into(),
            applied: applied.collect::<Result<_>>()?,
            cashback: cashback.collect::<Result<_>>()?,
            shipping_promotions: line.shipping_promotion_ids.iter().map(promotion).collect::<Result<_>>()?,
            rejected: rejected.collect::<Result<_>>()?,
        })
    }
}

fn as_entered(code: &str, codes: &[String]) -> String {
    codes.iter().find(|entered| normal_code(entered) == code).cloned().unwrap_or_else(|| code.to_owned())
}
