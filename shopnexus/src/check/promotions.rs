//! Invariant 5: what is counted of promotions belongs to live items.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "use-has-live-item",
        invariant: 5,
        says: "a use that counts belongs to an item that is pending, confirmed or delivered",
        sql: r#"SELECT 'promotion.promotion_use ' || u.item_id || '/' || u.promotion_id AS subject,
                format('%s %s; its item: %s', u.amount_minor, u.currency, coalesce(i.state, 'none')) AS finding
            FROM promotion.promotion_use u LEFT JOIN "order".order_item i ON i.id = u.item_id
            WHERE u.given_back_at IS NULL
                AND (i.id IS NULL OR i.state NOT IN ('PENDING', 'CONFIRMED', 'DELIVERED'))"#,
    },
    Rule {
        name: "promotion-counters-are-its-uses",
        invariant: 5,
        says: "a promotion has been used, and has cost, what its live uses say",
        sql: "SELECT 'promotion.promotion ' || p.id AS subject,
                format('uses %s, spent %s; its live uses: %s, %s', p.uses, p.spent_minor, u.uses, u.spent) AS finding
            FROM promotion.promotion p CROSS JOIN LATERAL (
                SELECT count(DISTINCT u.operation_id) AS uses,
                    coalesce(sum(u.amount_minor - u.returned_minor) FILTER (WHERE u.currency = p.currency), 0) AS spent
                FROM promotion.promotion_use u WHERE u.promotion_id = p.id AND u.given_back_at IS NULL
            ) u
            WHERE p.uses <> u.uses OR p.spent_minor <> u.spent",
    },
    Rule {
        name: "promotion-is-within-its-limits",
        invariant: 5,
        says: "no promotion is used more often, or costs more, than it may",
        sql:
            "SELECT 'promotion.promotion ' || id AS subject,
                format('uses %s of %s, spent %s of %s', uses, coalesce(uses_max::text, 'any'), spent_minor,
                    coalesce(budget_minor::text, 'any')) AS finding
            FROM promotion.promotion WHERE uses > uses_max OR spent_minor > budget_minor OR uses < 0 OR spent_minor < 0",
    },
    Rule {
        name: "account-uses-are-its-uses",
        invariant: 5,
        says: "an account has used a promotion as often as its live uses say",
        sql: "SELECT 'promotion.promotion_account_use ' || promotion_id || '/' || account_id AS subject,
                format('counted %s; live uses %s', coalesce(counted.uses, 0), coalesce(live.uses, 0)) AS finding
            FROM promotion.promotion_account_use counted
            FULL JOIN (
                SELECT promotion_id, buyer_id AS account_id, count(DISTINCT operation_id) AS uses
                FROM promotion.promotion_use WHERE given_back_at IS NULL GROUP BY promotion_id, buyer_id
            ) live USING (promotion_id, account_id)
            WHERE coalesce(counted.uses, 0) <> coalesce(live.uses, 0)",
    },
    Rule {
        name: "applied-promotion-is-counted",
        invariant: 5,
        says: "what a promotion takes off a pending or confirmed item is counted as a use of that amount",
        sql: r#"SELECT 'order.order_item ' || i.id AS subject,
                format('promotion %s takes off %s; counted: %s', applied ->> 'promotion_id',
                    applied ->> 'saving_minor', coalesce(u.amount_minor::text, 'nothing')) AS finding
            FROM "order".order_item i
            CROSS JOIN LATERAL jsonb_array_elements(i.applied_promotions) AS applied
            LEFT JOIN promotion.promotion_use u ON u.item_id = i.id AND u.given_back_at IS NULL
                AND u.promotion_id = (applied ->> 'promotion_id')::uuid
            WHERE i.state IN ('PENDING', 'CONFIRMED')
                AND u.amount_minor IS DISTINCT FROM (applied ->> 'saving_minor')::bigint"#,
    },
    Rule {
        name: "transport-discount-is-counted",
        invariant: 5,
        says: "what promotions take off the transport of an order that is not delivered is counted as their use",
        sql: r#"SELECT 'order.orders ' || o.id AS subject,
                format('transport discount %s; counted %s', o.transport_discount_minor, counted.amount) AS finding
            FROM "order".orders o CROSS JOIN LATERAL (
                SELECT coalesce(sum(u.amount_minor), 0) AS amount
                FROM "order".order_item i JOIN promotion.promotion_use u ON u.item_id = i.id
                WHERE i.order_id = o.id AND u.shipping_operation_id IS NOT NULL AND u.given_back_at IS NULL
            ) counted
            WHERE o.status IN ('CONFIRMED', 'PAYABLE_ON_DELIVERY', 'PAID', 'SHIPPING')
                AND o.transport_discount_minor <> counted.amount"#,
    },
    Rule {
        name: "cashback-follows-delivery",
        invariant: 5,
        says: "the cashback of a delivered item is credited once, less what came back with its units, and of any other item
            none is",
        sql: r#"SELECT 'promotion.promotion_use ' || u.item_id || '/' || u.promotion_id AS subject,
                format('promised %s less %s, item %s, given back %s; credited %s', u.amount_minor, u.returned_minor, coalesce(i.state, 'none'),
                    coalesce(u.given_back_at::text, 'never'), e.credited) AS finding
            FROM promotion.promotion_use u
            LEFT JOIN "order".order_item i ON i.id = u.item_id
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(e.amount_minor), 0) AS credited FROM promotion.cashback_entry e
                WHERE e.item_id = u.item_id AND e.promotion_id = u.promotion_id
            ) e
            WHERE (u.cashback OR e.credited <> 0) AND e.credited <>
                CASE WHEN u.given_back_at IS NULL AND i.state = 'DELIVERED' THEN u.amount_minor - u.returned_minor ELSE 0 END"#,
    },
    Rule {
        name: "cashback-is-in-the-ledger",
        invariant: 4,
        says: "each entry of cashback is owed to its buyer in the ledger, to the minor unit",
        sql: r#"SELECT 'promotion.cashback_entry ' || coalesce(e.id, l.transaction_id) AS subject,
                format('%s; in the ledger %s', coalesce(e.amount_minor, 0), coalesce(l.amount, 0)) AS finding
            FROM promotion.cashback_entry e
            FULL JOIN (
                SELECT transaction_id, sum(amount_minor) AS amount FROM "order".ledger_entry
                WHERE account = 'BUYER_CASHBACK' GROUP BY transaction_id
            ) l ON l.transaction_id = e.id
            WHERE e.amount_minor IS DISTINCT FROM l.amount"#,
    },
    Rule {
        name: "promotion-unit-has-live-use",
        invariant: 5,
        says: "an open reservation of a promotion's stock belongs to a live use, and a live use holds or has bought its unit",
        sql: "SELECT 'inventory.reservation ' || coalesce(unit.id, used.reservation_id) AS subject,
                format('%s; live uses %s', coalesce(unit.status, 'none'), count(used.reservation_id)) AS finding
            FROM (
                SELECT r.id, r.status, s.ref_id FROM inventory.reservation r
                JOIN inventory.stock s ON s.id = r.stock_id AND s.ref_type = 'PROMOTION'
            ) unit
            FULL JOIN (
                SELECT DISTINCT reservation_id, promotion_id FROM promotion.promotion_use
                WHERE reservation_id IS NOT NULL AND given_back_at IS NULL
            ) used ON used.reservation_id = unit.id AND used.promotion_id = unit.ref_id
            WHERE (unit.status = 'OPEN') <> (used.reservation_id IS NOT NULL)
                AND coalesce(unit.status, 'RELEASED') <> 'COMMITTED'
                OR unit.id IS NULL
            GROUP BY unit.id, used.reservation_id, unit.status",
    },
    Rule {
        name: "uses-come-back-with-units",
        invariant: 5,
        says: "of what a promotion costs for a live item as much came back as of the item's units, to the minor unit",
        sql: r#"SELECT 'promotion.promotion_use ' || u.item_id || '/' || u.promotion_id AS subject,
                format('costs %s, %s of %s units came back; came back %s', u.amount_minor, i.refunded_quantity,
                    i.quantity, u.returned_minor) AS finding
            FROM promotion.promotion_use u JOIN "order".order_item i ON i.id = u.item_id
            WHERE u.given_back_at IS NULL AND u.shipping_operation_id IS NULL AND i.refunded_quantity < i.quantity
                AND u.returned_minor <> div(2 * u.amount_minor::numeric * i.refunded_quantity + i.quantity,
                    2 * i.quantity::numeric)"#,
    },
    Rule {
        name: "item-pays-what-is-left",
        invariant: 5,
        says: "an item costs its list amount less what its promotions take off",
        sql: r#"SELECT 'order.order_item ' || i.id AS subject,
                format('list %s, paid %s; promotions take off %s', i.list_amount_minor, i.paid_amount_minor, a.saved)
                    AS finding
            FROM "order".order_item i CROSS JOIN LATERAL (
                SELECT coalesce(sum((applied ->> 'saving_minor')::bigint), 0) AS saved
                FROM jsonb_array_elements(i.applied_promotions) AS applied
            ) a
            WHERE i.paid_amount_minor <> i.list_amount_minor - a.saved"#,
    },
];
