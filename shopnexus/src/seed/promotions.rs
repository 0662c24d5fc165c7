//! Promotions that apply by themselves, and one with a code.

use entities::promotion::{
    promotion::{self, Kind, Scope, State},
    promotion_target::{self, TargetKind},
};
use serde_json::{Value, json};

use super::accounts::{People, Person};
use super::categories::Categories;
use super::dice::{Dice, day};
use super::products::CURRENCY;

/// Promotions with what they are about.
pub(super) struct Promotions {
    /// The promotions.
    pub(super) rows: Vec<promotion::Model>,
    /// What they are about, where that is not everything of their owner.
    pub(super) targets: Vec<promotion_target::Model>,
}

/// Draws some of each kind. They begin after the last purchase, so none of those should have been cheaper.
pub(super) fn draw(dice: &mut Dice, people: &People, categories: &Categories) -> Promotions {
    let shop = |number: usize| &people.sellers[number];
    let percent = |basis_points: u32| json!({"percent": basis_points});
    let discount = |kind: &str, reduction: Value, least: Option<i64>, most: Option<i64>| json!({"kind": kind, "reduction": reduction, "min_spend_minor": least, "max_discount_minor": most});
    let three_for_two = json!({"kind": "BUY_X_GET_Y", "buy_quantity": 2, "get_quantity": 1, "percent": 10_000});

    let mut rows = vec![
        row(dice, shop(0), "Opening week: 10 % off", Kind::Discount, discount("DISCOUNT", percent(1_000), None, None)),
        row(
            dice,
            shop(2),
            "15 % off, up to 200,000 ₫",
            Kind::Discount,
            discount("DISCOUNT", percent(1_500), None, Some(200_000)),
        ),
        row(
            dice,
            shop(5),
            "50,000 ₫ off from 500,000 ₫",
            Kind::Discount,
            discount("DISCOUNT", json!({"amount_off": 50_000}), Some(500_000), None),
        ),
        row(dice, shop(7), "Three for two", Kind::BuyXGetY, three_for_two),
        row(dice, shop(9), "20 % off one shelf", Kind::Discount, discount("DISCOUNT", percent(2_000), None, None)),
        row(
            dice,
            shop(11),
            "We pay half the shipping",
            Kind::ShipDiscount,
            discount("SHIP_DISCOUNT", percent(5_000), None, None),
        ),
        row(dice, shop(0), "Code DEMO20", Kind::Discount, discount("DISCOUNT", percent(2_000), None, Some(500_000))),
        row(
            dice,
            &people.admin,
            "Free shipping from 1,000,000 ₫",
            Kind::ShipDiscount,
            discount("SHIP_DISCOUNT", percent(10_000), Some(1_000_000), Some(50_000)),
        ),
    ];
    rows[6].code = Some("DEMO20".to_owned());
    rows[6].uses_per_account = Some(3);
    rows[7].scope = Scope::Platform;
    // A promotion with amounts is for their currency alone.
    for row in &mut rows {
        let fields = ["min_spend_minor", "max_discount_minor"].map(|field| row.data[field].is_i64());
        let has_amount = fields.contains(&true) || row.data["reduction"]["amount_off"].is_i64();
        row.currency = has_amount.then(|| CURRENCY.to_owned());
    }
    let target = |shelf: &(kernel::CategoryId, _, _)| promotion_target::Model {
        promotion_id: rows[4].id,
        kind: TargetKind::Category,
        target_id: shelf.0.uuid(),
    };
    let targets = categories.shelves.iter().take(4).map(target).collect();
    Promotions { rows, targets }
}

fn row(dice: &mut Dice, owner: &Person, name: &str, kind: Kind, data: Value) -> promotion::Model {
    let at = dice.later(day(110), 0..=1_000);
    promotion::Model {
        id: dice.id(at),
        owner_id: owner.account.id,
        scope: Scope::Seller,
        name: name.to_owned(),
        description: String::new(),
        kind,
        data,
        currency: None,
        code: None,
        stack_group: "default".to_owned(),
        starts_at: at,
        ends_at: None,
        windows: json!([]),
        enabled: true,
        uses_max: None,
        uses_per_account: None,
        stocked: false,
        budget_minor: None,
        uses: 0,
        spent_minor: 0,
        state: State::Active,
        next_change_at: None,
        created_at: at,
        updated_at: at,
    }
}
