//! Invariant 3: items, orders and parcels are in one state each, and their histories say how they came to it.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "item-state-is-last-event",
        invariant: 3,
        says: "the state of an item is that of its last event, which its counter names",
        sql: r#"SELECT 'order.order_item ' || i.id AS subject,
                format('%s at event %s; the history has %s events, and event %s says %s',
                    i.state, i.event_seq, h.events, i.event_seq, coalesce(e.to_state, 'nothing')) AS finding
            FROM "order".order_item i
            LEFT JOIN "order".order_item_event e ON e.item_id = i.id AND e.seq = i.event_seq
            CROSS JOIN LATERAL (
                SELECT count(*) AS events FROM "order".order_item_event all_of_it WHERE all_of_it.item_id = i.id
            ) h
            WHERE e.to_state IS DISTINCT FROM i.state OR h.events <> i.event_seq"#,
    },
    Rule {
        name: "item-history-is-a-chain",
        invariant: 3,
        says: "the events of an item are numbered without gaps, and each begins where the one before has ended",
        sql: r#"SELECT 'order.order_item_event ' || item_id || '/' || seq AS subject,
                format('number %s of its history; from %s, after %s', position, from_state, before) AS finding
            FROM (
                SELECT item_id, seq, from_state, lag(to_state) OVER history AS before,
                    row_number() OVER history AS position
                FROM "order".order_item_event WINDOW history AS (PARTITION BY item_id ORDER BY seq)
            ) event
            WHERE seq <> position OR from_state IS DISTINCT FROM before"#,
    },
    Rule {
        name: "order-status-is-last-event",
        invariant: 3,
        says: "the status of an order is that of its last event, which its counter names",
        sql: r#"SELECT 'order.orders ' || o.id AS subject,
                format('%s at event %s; the history has %s events, and event %s says %s',
                    o.status, o.event_seq, h.events, o.event_seq, coalesce(e.to_status, 'nothing')) AS finding
            FROM "order".orders o
            LEFT JOIN "order".order_event e ON e.order_id = o.id AND e.seq = o.event_seq
            CROSS JOIN LATERAL (
                SELECT count(*) AS events FROM "order".order_event all_of_it WHERE all_of_it.order_id = o.id
            ) h
            WHERE e.to_status IS DISTINCT FROM o.status OR h.events <> o.event_seq"#,
    },
    Rule {
        name: "order-history-is-a-chain",
        invariant: 3,
        says: "the events of an order are numbered without gaps, and each begins where the one before has ended",
        sql: r#"SELECT 'order.order_event ' || order_id || '/' || seq AS subject,
                format('number %s of its history; from %s, after %s', position, from_status, before) AS finding
            FROM (
                SELECT order_id, seq, from_status, lag(to_status) OVER history AS before,
                    row_number() OVER history AS position
                FROM "order".order_event WINDOW history AS (PARTITION BY order_id ORDER BY seq)
            ) event
            WHERE seq <> position OR from_status IS DISTINCT FROM before"#,
    },
    Rule {
        name: "parcel-status-is-last-event",
        invariant: 3,
        says: "the status of a parcel is that of its last event, and its events are numbered without gaps",
        sql: r#"SELECT 'order.shipment ' || s.id AS subject,
                format('%s at event %s; the history has %s events up to %s, and event %s says %s', s.status,
                    s.event_seq, h.events, h.last, s.event_seq, coalesce(e.status, 'nothing')) AS finding
            FROM "order".shipment s
            LEFT JOIN "order".shipment_event e ON e.shipment_id = s.id AND e.seq = s.event_seq
            CROSS JOIN LATERAL (
                SELECT count(*) AS events, coalesce(max(seq), 0) AS last
                FROM "order".shipment_event all_of_it WHERE all_of_it.shipment_id = s.id
            ) h
            WHERE e.status IS DISTINCT FROM s.status OR h.events <> s.event_seq OR h.last <> s.event_seq"#,
    },
    Rule {
        name: "items-follow-their-order",
        invariant: 3,
        says: "items are where their order is, or came back before it, and have its parties",
        sql: r#"SELECT 'order.order_item ' || i.id AS subject,
                format('%s in order %s, which is %s', i.state, o.id, o.status) AS finding
            FROM "order".order_item i JOIN "order".orders o ON o.id = i.order_id
            WHERE (i.buyer_id, i.seller_id, i.currency) <> (o.buyer_id, o.seller_id, o.currency)
                OR NOT (i.state IN ('CANCELLED', 'RETURNED') AND i.refunded_quantity = i.quantity) AND NOT CASE o.status
                    WHEN 'DELIVERED' THEN i.state = 'DELIVERED'
                    WHEN 'CANCELLED' THEN i.state = 'CANCELLED'
                    WHEN 'RETURNED' THEN i.state = 'RETURNED'
                    ELSE i.state = 'CONFIRMED' END"#,
    },
    Rule {
        name: "order-totals-are-its-items",
        invariant: 3,
        says: "product_cost is the sum of the list amounts, product_discount what the items cost less",
        sql: r#"SELECT 'order.orders ' || o.id AS subject,
                format('cost %s, discount %s; its items: cost %s, paid %s', o.product_cost_minor,
                    o.product_discount_minor, coalesce(i.cost, 0), coalesce(i.paid, 0)) AS finding
            FROM "order".orders o LEFT JOIN (
                SELECT order_id, sum(list_amount_minor) AS cost, sum(paid_amount_minor) AS paid
                FROM "order".order_item WHERE order_id IS NOT NULL GROUP BY order_id
            ) i ON i.order_id = o.id
            WHERE i.order_id IS NULL OR o.product_cost_minor <> i.cost
                OR o.product_discount_minor <> i.cost - i.paid"#,
    },
];
