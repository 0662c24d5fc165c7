//! What the search index has to follow: every change raises a version, and workers catch up.

use kernel::ProductId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, raw_sql};
use service_kit::Result;

/// What changed of a product, as search sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Price, tags, state, rating: what search shows and filters by.
    Facts,
    /// Name, description, category, specifications or attributes: what is embedded too.
    Text,
}

/// Notes that a product changed, in the transaction that changes it.
///
/// # Errors
/// The database refuses.
pub async fn product_changed_in_txn(txn: &DatabaseTransaction, product_id: ProductId, change: Change) -> Result<()> {
    let text = i64::from(change == Change::Text);
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE catalog.product_index
           SET facts_version = facts_version + 1, text_version = text_version + {text}, changed_at = now()
           WHERE product_id = {product_id}"#
    ))
    .await?;
    Ok(())
}
