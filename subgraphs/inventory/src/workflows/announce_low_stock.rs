//! Tells a seller that a stock runs low.
//!
//! 1. asks the catalog what the SKU is called (a promotion is one, whatever it is called);
//! 2. notifies the owner, once for each alert.
//!
//! It is a service of its own so that no checkout waits for either.

use contracts::{
    Call,
    account::{NOTIFY, NotificationKind, Notify},
    catalog::{SKU_FETCH, SkuSnapshot},
    inventory::StockRef,
};
use kernel::{NotificationId, OperationId};
use restate_sdk::prelude::{Context, HandlerError, Json};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::store::reservations::LowStock;

/// Sends one alert.
pub(crate) const ANNOUNCE: Call<LowStockAlert, ()> = Call::new("StockAlerts", "announce");

/// A stock that has come down to its threshold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LowStockAlert {
    /// Identity of the alert, derived from the command that took the units.
    pub(crate) alert_id: OperationId,
    /// The stock.
    pub(crate) stock: LowStock,
}

/// Alerts of low stock.
pub(crate) struct StockAlerts;

/// Tells sellers that their stock runs low.
#[restate_sdk::service(name = "StockAlerts", client_visibility = "pub(crate)")]
impl StockAlerts {
    /// Notifies the owner of the stock.
    #[handler]
    async fn announce(&self, ctx: Context<'_>, Json(alert): Json<LowStockAlert>) -> Result<Json<()>, HandlerError> {
        let skus = match alert.stock.of {
            StockRef::Sku(sku_id) => SKU_FETCH.call(&ctx, vec![sku_id]).await?,
            StockRef::Promotion(_) => Vec::new(),
        };
        NOTIFY.send(&ctx, notification(&alert, skus.first()));
        Ok(Json(()))
    }
}

fn notification(alert: &LowStockAlert, sku: Option<&SkuSnapshot>) -> Notify {
    let LowStock { of, owner_id, available, .. } = alert.stock;
    let name = match sku {
        _ if matches!(of, StockRef::Promotion(_)) => "A promotion".to_owned(),
        Some(sku) if sku.variant_label.is_empty() => sku.product_name.clone(),
        Some(sku) => format!("{} ({})", sku.product_name, sku.variant_label),
        None => "A product".to_owned(),
    };
    let content = match available {
        0 => format!("{name} is sold out."),
        1 => format!("{name} has one unit left."),
        _ => format!("{name} has {available} units left."),
    };
    Notify {
        notification_id: NotificationId(alert.alert_id.uuid()),
        account_id: owner_id,
        kind: NotificationKind::StockLow,
        title: if available == 0 { "Sold out" } else { "Stock is running low" }.to_owned(),
        content,
        metadata: match of {
            StockRef::Sku(sku_id) => json!({
                "skuId": sku_id, "productId": sku.map(|sku| sku.product_id), "available": available.to_string(),
            }),
            StockRef::Promotion(id) => json!({"promotionId": id, "available": available.to_string()}),
        },
    }
}

#[cfg(test)]
mod tests {
    use kernel::{AccountId, SkuId, StockId};

    use super::*;

    #[test]
    fn an_alert_names_what_is_left() {
        let stock = LowStock {
            stock_id: StockId::new(),
            of: StockRef::Sku(SkuId::new()),
            owner_id: AccountId::new(),
            available: 0,
        };
        let alert = LowStockAlert { alert_id: OperationId::new(), stock };
        let notify = notification(&alert, None);
        assert_eq!((notify.title.as_str(), notify.content.as_str()), ("Sold out", "A product is sold out."));
        assert_eq!(notify.account_id, alert.stock.owner_id);
        let few = LowStockAlert { stock: LowStock { available: 3, ..alert.stock.clone() }, ..alert };
        assert_eq!(notification(&few, None).content, "A product has 3 units left.");
        let voucher = LowStock { of: StockRef::Promotion(kernel::PromotionId::new()), ..few.stock.clone() };
        let notify = notification(&LowStockAlert { stock: voucher, ..few }, None);
        assert_eq!(notify.content, "A promotion has 3 units left.");
    }
}
