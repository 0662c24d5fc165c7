//! What other modules may ask of `catalog`.

use kernel::{AccountId, CategoryId, Money, ProductId, SkuId};
use serde::{Deserialize, Serialize};

use crate::{Call, ObjectCall, Read};

/// SKUs as they stand now, read in one statement. Unknown and deleted ids are left out of the answer.
pub const SKUS: Read<Vec<SkuId>, Vec<SkuSnapshot>> = Read::new("catalog", "skus");

/// The same inside a durable handler.
pub const SKU_FETCH: Call<Vec<SkuId>, Vec<SkuSnapshot>> = Call::new("CatalogDirectory", "sku_fetch");

/// Who sells these products, in one statement. Unknown ids are left out; deleted products are not.
pub const PRODUCT_SELLERS: Call<Vec<ProductId>, Vec<ProductSeller>> = Call::new("CatalogDirectory", "product_sellers");

/// Makes the recommendations of an account anew; the key is the account's id. Fire and forget.
pub const FEED_REFRESH: ObjectCall<(), ()> = ObjectCall::new("FeedKeeper", "refresh");

/// A product and who sells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductSeller {
    /// The product.
    pub product_id: ProductId,
    /// Who sells it: always the same account.
    pub seller_id: AccountId,
}

/// What checkout, pricing and transport need to know of a SKU.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SkuSnapshot {
    /// The SKU.
    pub sku_id: SkuId,
    /// Its product.
    pub product_id: ProductId,
    /// The name of the product.
    pub product_name: String,
    /// What tells the SKU from its siblings, as in `Red / M`; empty for an only SKU.
    pub variant_label: String,
    /// Who sells it.
    pub seller_id: AccountId,
    /// The product's category and all its ancestors, nearest first.
    pub category_path: Vec<CategoryId>,
    /// List price of one unit, before promotions.
    pub unit_price: Money,
    /// Weight of one packed unit in grams.
    pub weight_grams: i32,
    /// Whether both the SKU and its product are on sale.
    pub enabled: bool,
}
