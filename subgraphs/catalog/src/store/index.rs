//! What the search index has to follow: every change raises a version, and workers catch up.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contracts::inventory::SkuAvailability;
use entities::catalog::product_vector;
use kernel::{AccountId, CategoryId, ProductId};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, FromQueryResult,
    TransactionTrait, raw_sql, sea_query::OnConflict,
};
use service_kit::Result;
use uuid::Uuid;

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

/// A product that a worker has to itself for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Claim {
    /// The product.
    pub product_id: ProductId,
    /// Until when; it tells this claim from a later one.
    pub until: DateTime<Utc>,
}

/// Claims products whose facts the index does not have, the latest changed first, passing over those that another
/// worker has. A claim that is not settled ends by itself after half a minute.
///
/// # Errors
/// The database cannot be reached.
pub async fn facts_claim(db: &impl ConnectionTrait, most: u64) -> Result<Vec<Claim>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let claims = Claim::find_by_statement(raw_sql!(
        Postgres,
        r#"WITH stale AS (
               SELECT product_id FROM catalog.product_index
               WHERE facts_version > facts_indexed AND (facts_claimed_until IS NULL OR facts_claimed_until < now())
               ORDER BY changed_at DESC LIMIT {most} FOR UPDATE SKIP LOCKED
           )
           UPDATE catalog.product_index i SET facts_claimed_until = clock_timestamp() + interval '30 seconds'
           FROM stale WHERE i.product_id = stale.product_id
           RETURNING i.product_id, i.facts_claimed_until AS until"#
    ));
    Ok(claims.all(db).await?)
}

/// Notes which versions the index has now. A product whose claim somebody else took over meanwhile is indexed once more,
/// because nobody can tell whose write came last.
///
/// # Errors
/// The database cannot be reached.
pub async fn facts_settle(db: &impl ConnectionTrait, claims: &[Claim], indexed: &[(ProductId, i64)]) -> Result<()> {
    let (ids, untils): (Vec<Uuid>, Vec<DateTime<Utc>>) =
        claims.iter().map(|claim| (claim.product_id.uuid(), claim.until)).unzip();
    let version =
        |id: &Uuid| indexed.iter().find(|(indexed, _)| indexed.uuid() == *id).map_or(0, |(_, version)| *version);
    let versions: Vec<i64> = ids.iter().map(version).collect();
    db.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE catalog.product_index i
           SET facts_indexed = CASE WHEN i.facts_claimed_until = d.until THEN d.version ELSE i.facts_indexed END,
               facts_version = i.facts_version + CASE WHEN i.facts_claimed_until = d.until THEN 0 ELSE 1 END,
               facts_claimed_until = CASE WHEN i.facts_claimed_until = d.until THEN NULL ELSE i.facts_claimed_until END
           FROM unnest({ids}::uuid[], {untils}::timestamptz[], {versions}::bigint[]) AS d (id, until, version)
           WHERE i.product_id = d.id"#
    ))
    .await?;
    Ok(())
}

/// Gives claims of facts back, undone.
///
/// # Errors
/// The database cannot be reached.
pub async fn facts_release(db: &impl ConnectionTrait, claims: &[Claim]) -> Result<()> {
    let (ids, untils): (Vec<Uuid>, Vec<DateTime<Utc>>) =
        claims.iter().map(|claim| (claim.product_id.uuid(), claim.until)).unzip();
    db.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE catalog.product_index i SET facts_claimed_until = NULL
           FROM unnest({ids}::uuid[], {untils}::timestamptz[]) AS d (id, until)
           WHERE i.product_id = d.id AND i.facts_claimed_until = d.until"#
    ))
    .await?;
    Ok(())
}

/// Claims products whose text is not embedded as it is now; see [`facts_claim`]. The claim lasts two minutes.
///
/// # Errors
/// The database cannot be reached.
pub async fn texts_claim(db: &impl ConnectionTrait, most: u64) -> Result<Vec<Claim>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let claims = Claim::find_by_statement(raw_sql!(
        Postgres,
        r#"WITH stale AS (
               SELECT product_id FROM catalog.product_index
               WHERE text_version > text_indexed AND (text_claimed_until IS NULL OR text_claimed_until < now())
               ORDER BY changed_at DESC LIMIT {most} FOR UPDATE SKIP LOCKED
           )
           UPDATE catalog.product_index i SET text_claimed_until = clock_timestamp() + interval '2 minutes'
           FROM stale WHERE i.product_id = stale.product_id
           RETURNING i.product_id, i.text_claimed_until AS until"#
    ));
    Ok(claims.all(db).await?)
}

/// Gives claims of texts back, undone.
///
/// # Errors
/// The database cannot be reached.
pub async fn texts_release(db: &impl ConnectionTrait, claims: &[Claim]) -> Result<()> {
    let ids: Vec<Uuid> = claims.iter().map(|claim| claim.product_id.uuid()).collect();
    db.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE catalog.product_index SET text_claimed_until = NULL WHERE product_id = ANY({ids}::uuid[])"#
    ))
    .await?;
    Ok(())
}

/// A vector to keep.
#[derive(Debug, Clone)]
pub struct NewVector {
    /// The product.
    pub product_id: ProductId,
    /// SHA-256 of the text.
    pub text_digest: Vec<u8>,
    /// The vector; `None` when the one that is kept is of the same text and model.
    pub vector: Option<Vec<f32>>,
    /// The version of the text.
    pub version: i64,
}

/// Keeps vectors, notes which texts they are of, and has the index take those that are new.
///
/// # Errors
/// The database cannot be reached.
pub async fn vectors_store(db: &DatabaseConnection, model: &str, vectors: &[NewVector]) -> Result<()> {
    let txn = db.begin().await?;
    let rows = vectors.iter().filter_map(|new| {
        Some(product_vector::ActiveModel {
            product_id: Set(new.product_id),
            model: Set(model.to_owned()),
            text_digest: Set(new.text_digest.clone()),
            vector: Set(new.vector.clone()?),
            embedded_at: Set(Utc::now()),
        })
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        let replace = OnConflict::column(product_vector::Column::ProductId)
            .update_columns([
                product_vector::Column::Model,
                product_vector::Column::TextDigest,
                product_vector::Column::Vector,
                product_vector::Column::EmbeddedAt,
            ])
            .to_owned();
        product_vector::Entity::insert_many(rows).on_conflict(replace).exec_without_returning(&txn).await?;
    }
    let (ids, versions): (Vec<Uuid>, Vec<i64>) = vectors.iter().map(|new| (new.product_id.uuid(), new.version)).unzip();
    let fresh: Vec<bool> = vectors.iter().map(|new| new.vector.is_some()).collect();
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE catalog.product_index i
           SET text_indexed = greatest(i.text_indexed, d.version), text_claimed_until = NULL,
               facts_version = i.facts_version + d.fresh::int
           FROM unnest({ids}::uuid[], {versions}::bigint[], {fresh}::boolean[]) AS d (id, version, fresh)
           WHERE i.product_id = d.id"#
    ))
    .await?;
    txn.commit().await?;
    Ok(())
}

/// Has every product embedded again whose vector is of another model than `model`.
///
/// # Errors
/// The database cannot be reached.
pub async fn vectors_outdate(db: &impl ConnectionTrait, model: &str) -> Result<()> {
    let model = model.to_owned();
    db.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE catalog.product_index i SET text_indexed = 0
           FROM catalog.product_vector v WHERE v.product_id = i.product_id AND v.model <> {model} AND i.text_indexed > 0"#
    ))
    .await?;
    Ok(())
}

/// A product as the index takes it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Source {
    /// The product.
    pub id: ProductId,
    /// The version of its facts.
    pub facts_version: i64,
    /// The version of its text.
    pub text_version: i64,
    /// Whether it can be found at all.
    pub on_offer: bool,
    /// Who sells it.
    pub seller_id: AccountId,
    /// Its category.
    pub category_id: CategoryId,
    /// The names of its category and those above, from the top down.
    pub categories: String,
    /// Name for people.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its specifications in one text.
    pub facts: String,
    /// What its SKUs differ in, in one text.
    pub variants: String,
    /// Featured price in minor units.
    pub price_minor: i64,
    /// Currency of the price.
    pub price_currency: String,
    /// What lists sort by.
    pub rating_score: i64,
    /// Average in millionths of a star; `None` without a review.
    pub rating_micros: Option<i64>,
    /// Whether a SKU on offer has units to sell.
    pub in_stock: bool,
    /// How popular it is, in steps from 0 to 3.
    pub popularity: i16,
    /// When it was made, in microseconds since the epoch.
    pub created_micros: i64,
    /// Whose vector it has.
    pub model: Option<String>,
    /// Of which text the vector is.
    pub text_digest: Option<Vec<u8>>,
    /// Its vector.
    pub vector: Option<Vec<f32>>,
}

/// Products as the index takes them, each with the versions of just this reading.
///
/// # Errors
/// The database cannot be reached.
pub async fn source_list(db: &impl ConnectionTrait, ids: &[ProductId]) -> Result<Vec<Source>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let sources = Source::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT p.id, i.facts_version, i.text_version, p.enabled AND p.deleted_at IS NULL AS on_offer,
                  p.seller_id, p.category_id,
                  (SELECT string_agg(above.name, ' > ' ORDER BY cardinality(above.path))
                   FROM catalog.category own JOIN catalog.category above ON above.id = ANY (own.path)
                   WHERE own.id = p.category_id) AS categories,
                  p.name, p.description, p.tags,
                  (SELECT coalesce(string_agg(concat(fact->>'name', ' ', fact->>'value'), '. '), '')
                   FROM jsonb_array_elements(p.specifications) fact) AS facts,
                  (SELECT coalesce(string_agg(s.label, '. ' ORDER BY s.position), '')
                   FROM catalog.sku s WHERE s.product_id = p.id AND s.enabled) AS variants,
                  p.price_minor, p.price_currency, coalesce(r.score, 3500000) AS rating_score,
                  (1000000 * (stars_1 + 2 * stars_2::bigint + 3 * stars_3::bigint + 4 * stars_4::bigint + 5 * stars_5::bigint))
                      / nullif(stars_1 + stars_2 + stars_3 + stars_4 + stars_5, 0) AS rating_micros,
                  EXISTS (SELECT FROM catalog.sku s JOIN catalog.sku_stock k ON k.sku_id = s.id
                          WHERE s.product_id = p.id AND s.enabled AND k.in_stock) AS in_stock,
                  i.popularity,
                  (extract(epoch FROM p.created_at) * 1000000)::bigint AS created_micros,
                  v.model, v.text_digest, v.vector
           FROM catalog.product p
           JOIN catalog.product_index i ON i.product_id = p.id
           LEFT JOIN catalog.product_rating r ON r.product_id = p.id
           LEFT JOIN catalog.product_vector v ON v.product_id = p.id
           WHERE p.id = ANY({ids}::uuid[])"#
    ));
    Ok(sources.all(db).await?)
}

/// Notes which SKUs have units to sell, and has the index take those products for which that changed.
///
/// # Errors
/// The database cannot be reached.
pub async fn stock_note(db: &impl ConnectionTrait, told: &[SkuAvailability]) -> Result<()> {
    let latest: BTreeMap<Uuid, bool> = told.iter().map(|sku| (sku.sku_id.uuid(), sku.in_stock)).collect();
    let (ids, stocks): (Vec<Uuid>, Vec<bool>) = latest.into_iter().unzip();
    db.execute_raw(raw_sql!(
        Postgres,
        r#"WITH changed AS (
               INSERT INTO catalog.sku_stock AS k (sku_id, in_stock)
               SELECT d.sku_id, d.in_stock FROM unnest({ids}::uuid[], {stocks}::boolean[]) AS d (sku_id, in_stock)
               WHERE EXISTS (SELECT FROM catalog.sku s WHERE s.id = d.sku_id)
               ON CONFLICT (sku_id) DO UPDATE SET in_stock = excluded.in_stock WHERE k.in_stock <> excluded.in_stock
               RETURNING k.sku_id
           )
           UPDATE catalog.product_index i SET facts_version = i.facts_version + 1, changed_at = now()
           WHERE i.product_id IN (SELECT s.product_id FROM catalog.sku s JOIN changed ON changed.sku_id = s.id)"#
    ))
    .await?;
    Ok(())
}

/// How much of the catalog the index does not have yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Backlog {
    /// Products whose facts changed.
    pub facts: i64,
    /// Products whose text is not embedded.
    pub texts: i64,
}

/// How much of the catalog the index does not have yet.
///
/// # Errors
/// The database cannot be reached.
pub async fn backlog(db: &impl ConnectionTrait) -> Result<Backlog> {
    let found = Backlog::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT count(*) FILTER (WHERE facts_version > facts_indexed) AS facts,
                  count(*) FILTER (WHERE text_version > text_indexed) AS texts
           FROM catalog.product_index WHERE facts_version > facts_indexed OR text_version > text_indexed"#
    ));
    Ok(found.one(db).await?.unwrap_or(Backlog { facts: 0, texts: 0 }))
}
