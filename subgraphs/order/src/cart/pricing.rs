//! The price of a cart, as a checkout of it would be priced at this moment. Nothing is counted.

use std::collections::BTreeMap;

use contracts::{
    catalog::{SKUS, SkuSnapshot},
    promotion::{PRICES, PriceLine, PriceQuote, PriceRequest},
};
use kernel::{AccountId, OrderItemId, SkuId};
use service_kit::{Result, peers::Peers};

/// The prices of those lines that are in one currency. A line goes by the UUID of its SKU.
#[derive(Debug)]
pub(crate) struct CartPrices {
    pub(crate) quantities: Vec<(SkuId, i32)>,
    pub(crate) quote: PriceQuote,
}

/// Prices SKUs, each once and so many units of each: those that are for sale, one quote for each currency.
pub(crate) async fn cart_prices(
    peers: &Peers,
    buyer_id: AccountId,
    wanted: &[(SkuId, i32)],
    codes: &[String],
) -> Result<Vec<CartPrices>> {
    let skus = peers.read(&SKUS, &wanted.iter().map(|(sku_id, _)| *sku_id).collect()).await?;
    let mut prices = Vec::new();
    for (quantities, lines) in by_currency(wanted, &skus) {
        let request = PriceRequest { buyer_id: Some(buyer_id), codes: codes.to_vec(), lines };
        prices.push(CartPrices { quantities, quote: peers.read(&PRICES, &request).await? });
    }
    Ok(prices)
}

/// How promotions see a line: the cart and the checkout ask about it in the same words.
pub(crate) fn price_line(line_id: OrderItemId, sku: &SkuSnapshot, quantity: i32) -> PriceLine {
    PriceLine {
        line_id,
        sku_id: sku.sku_id,
        product_id: sku.product_id,
        seller_id: sku.seller_id,
        category_path: sku.category_path.clone(),
        unit_price: sku.unit_price,
        quantity: i64::from(quantity),
    }
}

/// How many of each SKU, and the lines to price.
type Group = (Vec<(SkuId, i32)>, Vec<PriceLine>);

/// The lines that are for sale, apart by currency, in the order of the cart.
fn by_currency(wanted: &[(SkuId, i32)], skus: &[SkuSnapshot]) -> Vec<Group> {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for (sku_id, quantity) in wanted {
        let Some(sku) = skus.iter().find(|sku| sku.sku_id == *sku_id && sku.enabled) else { continue };
        let (quantities, lines) = groups.entry(sku.unit_price.currency.code()).or_default();
        quantities.push((*sku_id, *quantity));
        lines.push(price_line(OrderItemId(sku_id.uuid()), sku, *quantity));
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Money, ProductId};

    use super::*;

    fn sku(currency: Currency, enabled: bool) -> SkuSnapshot {
        SkuSnapshot {
            sku_id: SkuId::new(),
            product_id: ProductId::new(),
            product_name: "Lamp".to_owned(),
            variant_label: String::new(),
            seller_id: AccountId::new(),
            category_path: vec![],
            unit_price: Money::new(100, currency),
            weight_grams: 1,
            enabled,
        }
    }

    #[test]
    fn currencies_are_asked_about_apart_and_what_is_not_for_sale_not_at_all() {
        let skus =
            [sku(Currency::VND, true), sku(Currency::USD, true), sku(Currency::VND, false), sku(Currency::VND, true)];
        let mut wanted: Vec<(SkuId, i32)> = skus.iter().map(|sku| (sku.sku_id, 2)).collect();
        wanted.push((SkuId::new(), 1));
        let groups = by_currency(&wanted, &skus);
        let asked: Vec<Vec<SkuId>> =
            groups.iter().map(|(_, lines)| lines.iter().map(|line| line.sku_id).collect()).collect();
        assert_eq!(asked, [vec![skus[1].sku_id], vec![skus[0].sku_id, skus[3].sku_id]]);
    }
}
