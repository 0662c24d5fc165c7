//! What buyers say, and how it counts.

use std::collections::HashMap;

use entities::catalog::{comment, product_rating};
use kernel::ProductId;
use sea_orm::ActiveValue::{NotSet, Set};

use super::dice::Dice;
use super::products::Offer;
use super::purchases::Purchase;
use super::words::OPINIONS;

/// Reviews with the ratings they add up to.
pub(super) struct Reviews {
    /// The reviews.
    pub(super) rows: Vec<comment::ActiveModel>,
    /// The rating of every product, reviewed or not.
    pub(super) ratings: Vec<product_rating::ActiveModel>,
}

/// Draws a review for most purchases; the others wait for theirs.
pub(super) fn draw(dice: &mut Dice, offers: &[Offer], purchases: &[Purchase]) -> Reviews {
    let mut stars: HashMap<ProductId, [i32; 5]> = HashMap::new();
    let mut rows = Vec::new();
    for Purchase { item, order, .. } in purchases {
        if !dice.chance(90) {
            continue;
        }
        let opinion = *dice.pick(&[0_usize, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4]);
        stars.entry(item.product_id).or_default()[opinion] += 1;
        let created_at = dice.later(order.updated_at, 60..=7_000);
        rows.push(comment::ActiveModel {
            id: Set(dice.id(created_at)),
            product_id: Set(item.product_id),
            parent_id: Set(None),
            author_id: Set(item.buyer_id),
            order_item_id: Set(Some(item.id)),
            rating: Set(i16::try_from(opinion + 1).ok()),
            body: Set((*dice.pick(OPINIONS[opinion])).to_owned()),
            upvotes: Set(0),
            downvotes: Set(0),
            score: NotSet,
            reply_count: Set(0),
            created_at: Set(created_at),
            edited_at: Set(None),
            removed_at: Set(None),
            by_seller: Set(false),
        });
    }
    let ratings = offers.iter().map(|offer| {
        let [one, two, three, four, five] = stars.get(&offer.product.id).copied().unwrap_or_default();
        product_rating::ActiveModel {
            product_id: Set(offer.product.id),
            stars_1: Set(one),
            stars_2: Set(two),
            stars_3: Set(three),
            stars_4: Set(four),
            stars_5: Set(five),
            score: NotSet,
        }
    });
    Reviews { ratings: ratings.collect(), rows }
}
