//! Tables of the `catalog` module.

use sea_orm_migration::MigrationTrait;

mod m20260101_000020_create_text_matching;
mod m20260101_000021_create_category;
mod m20260101_000022_create_product;
mod m20260101_000023_create_sku;
mod m20260101_000024_create_product_rating;
mod m20260101_000025_create_product_index;
mod m20260101_000026_create_comment;
mod m20260101_000027_create_comment_vote;
mod m20260101_000028_create_search_index;
mod m20260101_000029_index_name_prefixes;
mod m20260101_000120_create_recommendation;
mod m20260101_000121_edit_and_moderate_comments;
mod m20260101_000122_rank_by_popularity;

/// The module's migrations, in order.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20260101_000020_create_text_matching::Migration),
        Box::new(m20260101_000021_create_category::Migration),
        Box::new(m20260101_000022_create_product::Migration),
        Box::new(m20260101_000023_create_sku::Migration),
        Box::new(m20260101_000024_create_product_rating::Migration),
        Box::new(m20260101_000025_create_product_index::Migration),
        Box::new(m20260101_000026_create_comment::Migration),
        Box::new(m20260101_000027_create_comment_vote::Migration),
        Box::new(m20260101_000028_create_search_index::Migration),
        Box::new(m20260101_000029_index_name_prefixes::Migration),
        Box::new(m20260101_000120_create_recommendation::Migration),
        Box::new(m20260101_000121_edit_and_moderate_comments::Migration),
        Box::new(m20260101_000122_rank_by_popularity::Migration),
    ]
}
