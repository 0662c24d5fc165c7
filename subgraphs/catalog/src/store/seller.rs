//! What a seller has to show, in numbers.

use std::collections::HashMap;

use kernel::AccountId;
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};
use service_kit::Result;
use uuid::Uuid;

/// The products of a seller that are on offer, and their ratings added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct SellerNumbers {
    /// Who sells.
    pub seller_id: AccountId,
    /// How many products.
    pub products: i64,
    /// How many reviews they have, those of disabled products included.
    pub reviews: i64,
    /// All stars of those reviews together.
    pub stars: i64,
}

/// The numbers of sellers. Accounts that never had a product are left out.
///
/// # Errors
/// The database cannot be reached.
pub async fn seller_numbers_list(
    db: &impl ConnectionTrait,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, SellerNumbers>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = SellerNumbers::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT p.seller_id, count(*) FILTER (WHERE p.enabled) AS products,
                  coalesce(sum(stars_1 + stars_2 + stars_3 + stars_4 + stars_5), 0)::bigint AS reviews,
                  coalesce(sum(stars_1 + 2 * stars_2::bigint + 3 * stars_3::bigint + 4 * stars_4::bigint
                               + 5 * stars_5::bigint), 0)::bigint AS stars
           FROM catalog.product p JOIN catalog.product_rating r ON r.product_id = p.id
           WHERE p.seller_id = ANY({ids}::uuid[]) AND p.deleted_at IS NULL
           GROUP BY p.seller_id"#
    ));
    Ok(rows.all(db).await?.into_iter().map(|row| (row.seller_id, row)).collect())
}
