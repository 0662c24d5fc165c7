//! What the module keeps of people, orders, payments and money: what an account is shown of itself, what forgetting it does, and what goes by
//! itself in time. `OrderKeeper` is the durable service that is asked.

use service_kit::keeping::{Kept, Purge};

/// Statements over the module's own tables.
pub const KEPT: Kept = Kept {
    module: "order",
    exports: &[
        ("cart", r#"SELECT sku_id, quantity, added_at FROM "order".cart_item WHERE account_id = $1"#),
        (
            "items",
            r#"SELECT id, order_id, product_name, variant_label, quantity, currency, paid_amount_minor, address, note, state,
                created_at FROM "order".order_item WHERE buyer_id = $1 ORDER BY id"#,
        ),
        (
            "purchases",
            r#"SELECT id, status, currency, total_minor, address, created_at FROM "order".orders WHERE buyer_id = $1
                ORDER BY id"#,
        ),
        // The buyers' addresses are theirs.
        (
            "sales",
            r#"SELECT id, status, currency, total_minor, created_at FROM "order".orders WHERE seller_id = $1 ORDER BY id"#,
        ),
        (
            "payments",
            r#"SELECT id, option_id, status, currency, amount_minor, created_at FROM "order".payment WHERE buyer_id = $1
                ORDER BY id"#,
        ),
        (
            "refunds",
            r#"SELECT id, order_id, status, reason, currency, goods_minor, created_at FROM "order".refund
                WHERE buyer_id = $1 ORDER BY id"#,
        ),
        (
            "ledger",
            r#"SELECT id, account, currency, amount_minor, at FROM "order".ledger_entry WHERE owner_id = $1 ORDER BY id"#,
        ),
        ("payouts", r#"SELECT id, status, created_at FROM "order".payout WHERE seller_id = $1 ORDER BY id"#),
    ],
    obstacles: &[
        (
            "Items that you bought wait for their sellers: cancel them first.",
            r#"SELECT 1 FROM "order".order_item WHERE buyer_id = $1 AND state = 'PENDING' LIMIT 1"#,
        ),
        (
            "Buyers wait for your answer: confirm or reject their items first.",
            r#"SELECT 1 FROM "order".order_item WHERE seller_id = $1 AND state = 'PENDING' LIMIT 1"#,
        ),
        (
            "Orders that you bought have not come to their end.",
            r#"SELECT 1 FROM "order".orders WHERE buyer_id = $1
                AND status IN ('CONFIRMED', 'PAYABLE_ON_DELIVERY', 'PAID', 'SHIPPING') LIMIT 1"#,
        ),
        (
            "Orders that you sold have not come to their end.",
            r#"SELECT 1 FROM "order".orders WHERE seller_id = $1
                AND status IN ('CONFIRMED', 'PAYABLE_ON_DELIVERY', 'PAID', 'SHIPPING') LIMIT 1"#,
        ),
        (
            "A refund is not decided or not paid.",
            r#"SELECT 1 FROM "order".refund WHERE buyer_id = $1
                AND status IN ('PENDING', 'ACCEPTED', 'DISPUTED', 'PAYING')
                UNION ALL
                SELECT 1 FROM "order".refund WHERE seller_id = $1
                AND status IN ('PENDING', 'ACCEPTED', 'DISPUTED', 'PAYING') LIMIT 1"#,
        ),
        (
            "Money that you earned is not paid out: request a payout first.",
            r#"SELECT 1 FROM "order".ledger_entry
                WHERE owner_id = $1 AND account IN ('SELLER_EARNING', 'SELLER_PAYOUT')
                GROUP BY currency, account HAVING sum(amount_minor) <> 0 LIMIT 1"#,
        ),
    ],
    // Orders, payments and the ledger stay, as the law has it; who and where goes.
    forgets: &[
        r#"DELETE FROM "order".cart_item WHERE account_id = $1"#,
        r#"UPDATE "order".order_item SET address_key = 'removed', note = NULL,
            address = '{"contact_id": null, "full_name": "Deleted account", "phone": "", "address": "removed", "latitude": null, "longitude": null}'
            WHERE buyer_id = $1"#,
        r#"UPDATE "order".orders SET address_key = 'removed',
            address = '{"contact_id": null, "full_name": "Deleted account", "phone": "", "address": "removed", "latitude": null, "longitude": null}'
            WHERE buyer_id = $1"#,
        r#"UPDATE "order".shipment SET pickup = '{"contact_id": null, "full_name": "Deleted account", "phone": "", "address": "removed", "latitude": null, "longitude": null}'
            WHERE pickup IS NOT NULL AND order_id IN (SELECT id FROM "order".orders WHERE seller_id = $1)"#,
        r#"UPDATE "order".return_shipment SET origin = '{"contact_id": null, "full_name": "Deleted account", "phone": "", "address": "removed", "latitude": null, "longitude": null}'
            WHERE refund_id IN (SELECT id FROM "order".refund WHERE buyer_id = $1)"#,
        r#"UPDATE "order".return_shipment SET destination = '{"contact_id": null, "full_name": "Deleted account", "phone": "", "address": "removed", "latitude": null, "longitude": null}'
            WHERE refund_id IN (SELECT id FROM "order".refund WHERE seller_id = $1)"#,
        r#"UPDATE "order".refund SET reason = 'removed', note = NULL WHERE buyer_id = $1"#,
    ],
    purges: &[Purge {
        kind: "provider exchanges",
        setting: "RETENTION_PROVIDER_EXCHANGE_DAYS",
        days: 1825,
        sql: r#"DELETE FROM "order".provider_exchange WHERE id IN (
            SELECT id FROM "order".provider_exchange WHERE at < $1 LIMIT $2)"#,
    }],
};

service_kit::keeper!("OrderKeeper", KEPT);
