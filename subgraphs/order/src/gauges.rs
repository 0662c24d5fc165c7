//! What an operator watches of orders and payments.

use service_kit::gauges::Gauge;

/// Read now and then by every instance, each over a partial index of what is unfinished.
pub const GAUGES: &[Gauge] = &[
    Gauge {
        name: "shopnexus_orders_open",
        help: "Orders that have not come to their end, by state",
        label: Some(("state", &["CONFIRMED", "PAYABLE_ON_DELIVERY", "PAID", "SHIPPING"])),
        sql: r#"SELECT status AS label, count(*)::float8 AS value FROM "order".orders
                WHERE status IN ('CONFIRMED', 'PAYABLE_ON_DELIVERY', 'PAID', 'SHIPPING') GROUP BY status"#,
    },
    Gauge {
        name: "shopnexus_order_items_pending",
        help: "Items that wait for their seller's answer",
        label: None,
        sql: r#"SELECT count(*)::float8 AS value FROM "order".order_item WHERE state = 'PENDING'"#,
    },
    Gauge {
        name: "shopnexus_order_items_overdue",
        help: "Items that wait for their seller's answer though their deadline is more than five minutes past",
        label: None,
        sql: r#"SELECT count(*)::float8 AS value FROM "order".order_item
                WHERE state = 'PENDING' AND deadline_at < now() - interval '5 minutes'"#,
    },
    Gauge {
        name: "shopnexus_payments_awaiting",
        help: "Online payments that wait for their buyer",
        label: None,
        sql: r#"SELECT count(*)::float8 AS value FROM "order".payment WHERE status = 'PENDING'"#,
    },
    Gauge {
        name: "shopnexus_payments_overdue",
        help: "Online payments still open though they expired more than five minutes ago",
        label: None,
        sql: r#"SELECT count(*)::float8 AS value FROM "order".payment
                WHERE status = 'PENDING' AND expires_at < now() - interval '5 minutes'"#,
    },
    Gauge {
        name: "shopnexus_refunds_paying",
        help: "Refunds whose money is on its way back",
        label: None,
        sql: r#"SELECT count(*)::float8 AS value FROM "order".refund WHERE status = 'PAYING'"#,
    },
    Gauge {
        name: "shopnexus_refunds_disputed",
        help: "Refunds that wait for an administrator",
        label: None,
        sql: r#"SELECT count(*)::float8 AS value FROM "order".refund WHERE status = 'DISPUTED'"#,
    },
];
