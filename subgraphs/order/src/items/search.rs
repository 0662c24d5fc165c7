//! Looking for items, and orders, by what they are called.

use entities::order::order_item;
use kernel::OrderId;
use sea_orm::{
    Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, SelectStatement, extension::postgres::PgExpr},
};
use service_kit::{Error, Result, graphql::trimmed};

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Search {
    /// As it was entered, trimmed.
    pub(crate) text: String,
}

impl Search {
    /// Reads the field `search` of a filter.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` when it is empty, longer than 100 characters, or holds control characters.
    pub(crate) fn read(search: Option<&str>) -> Result<Option<Self>> {
        let read = |text: &str| {
            let text = trimmed(text, 1..=100).map_err(|rule| Error::bad_input("filter.search", rule))?;
            Ok(Self { text })
        };
        search.map(read).transpose()
    }

    /// Items whose product or variant has each of the words in its name.
    pub(crate) fn items(&self) -> Condition {
        self.text.split_whitespace().fold(Condition::all(), |all, word| {
            let pattern = format!("%{}%", escaped(word));
            let has = |column: order_item::Column| Expr::col((order_item::Entity, column)).ilike(pattern.as_str());
            let either = Condition::any().add(has(order_item::Column::ProductName));
            all.add(either.add(has(order_item::Column::VariantLabel)))
        })
    }

    /// Items of which each of the words stands in the name of the product or of the variant, or in the name or the address
    /// of whoever receives them.
    pub(crate) fn parcels(&self) -> Condition {
        self.text.split_whitespace().fold(Condition::all(), |all, word| {
            let pattern = format!("%{}%", escaped(word));
            all.add(Expr::cust_with_values(
                "concat_ws(' ', product_name, variant_label, address->>'full_name', address->>'address') ILIKE $1",
                [pattern],
            ))
        })
    }

    /// The orders of such items.
    pub(crate) fn order_ids(&self) -> SelectStatement {
        let items = order_item::Entity::find().select_only().column(order_item::Column::OrderId);
        items.filter(self.items()).into_query()
    }

    /// The order whose id was entered.
    pub(crate) fn order_id(&self) -> Option<OrderId> {
        self.text.parse().ok()
    }
}

/// A word in which nothing means anything to `LIKE`.
fn escaped(word: &str) -> String {
    word.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_like_are_letters_like_any_other() {
        assert_eq!(escaped("50%_a\\"), "50\\%\\_a\\\\");
    }
}
