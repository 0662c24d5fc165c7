//! Carts.

use kernel::{AccountId, ProductId, SkuId};

use super::samples::database;
use crate::cart::store::{CART_MAX, Put, cart_clear, cart_list, cart_put, cart_remove};

#[tokio::test]
async fn a_quantity_is_set_and_not_added() {
    let db = database().await;
    let (account, sku_id, product_id) = (AccountId::new(), SkuId::new(), ProductId::new());
    assert_eq!(cart_put(&db, account, sku_id, product_id, 2).await.unwrap(), Put::Added);
    assert_eq!(cart_put(&db, account, sku_id, product_id, 5).await.unwrap(), Put::Changed);
    let quantities: Vec<i32> = cart_list(&db, account).await.unwrap().into_iter().map(|item| item.quantity).collect();
    assert_eq!(quantities, [5]);
    assert!(cart_remove(&db, account, sku_id).await.unwrap().is_some());
    assert!(cart_remove(&db, account, sku_id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_full_cart_takes_no_other_sku_and_still_changes_its_own() {
    let db = database().await;
    let account = AccountId::new();
    let mut last = SkuId::new();
    for _ in 0..CART_MAX {
        last = SkuId::new();
        cart_put(&db, account, last, ProductId::new(), 1).await.unwrap();
    }
    assert_eq!(cart_put(&db, account, SkuId::new(), ProductId::new(), 1).await.unwrap(), Put::Full);
    assert_eq!(cart_put(&db, account, last, ProductId::new(), 9).await.unwrap(), Put::Changed);
    assert_eq!(cart_clear(&db, account).await.unwrap().len(), 100);
    assert!(cart_list(&db, account).await.unwrap().is_empty());
}
