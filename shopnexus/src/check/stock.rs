//! Invariants 1 and 2: stock and serials.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "stock-counters",
        invariant: 1,
        says: "0 <= taken <= stock",
        sql: "SELECT 'inventory.stock ' || id AS subject, format('stock %s, taken %s', stock, taken) AS finding
            FROM inventory.stock WHERE NOT (0 <= taken AND taken <= stock)",
    },
    Rule {
        name: "stock-history-adds-up",
        invariant: 1,
        says: "the deltas of the history add up to the counters",
        sql: "SELECT 'inventory.stock ' || s.id AS subject,
                format('stock %s, taken %s; the history says %s, %s',
                    s.stock, s.taken, coalesce(h.stock, 0), coalesce(h.taken, 0)) AS finding
            FROM inventory.stock s LEFT JOIN (
                SELECT stock_id, sum(stock_delta) AS stock, sum(taken_delta) AS taken
                FROM inventory.stock_history GROUP BY stock_id
            ) h ON h.stock_id = s.id
            WHERE s.stock <> coalesce(h.stock, 0) OR s.taken <> coalesce(h.taken, 0)",
    },
    Rule {
        name: "taken-is-open-reservations",
        invariant: 1,
        says: "taken is the sum of the open reservations",
        sql: "SELECT 'inventory.stock ' || s.id AS subject,
                format('taken %s; open reservations hold %s', s.taken, coalesce(r.held, 0)) AS finding
            FROM inventory.stock s LEFT JOIN (
                SELECT stock_id, sum(quantity) AS held FROM inventory.reservation WHERE status = 'OPEN'
                GROUP BY stock_id
            ) r ON r.stock_id = s.id
            WHERE s.taken <> coalesce(r.held, 0)",
    },
    Rule {
        name: "reservation-has-live-item",
        invariant: 1,
        says: "an open reservation of a SKU belongs to a pending or confirmed item of that SKU, and as many units as the
            buyer has not been refunded",
        sql: r#"SELECT 'inventory.reservation ' || r.id AS subject,
                format('holds %s; its item: %s', r.quantity, coalesce(i.state || ' of ' || (i.quantity - i.refunded_quantity), 'none')) AS finding
            FROM inventory.reservation r
            JOIN inventory.stock s ON s.id = r.stock_id AND s.ref_type = 'PRODUCT_SKU'
            LEFT JOIN "order".order_item i ON i.id = r.id
            WHERE r.status = 'OPEN' AND (i.id IS NULL OR i.state NOT IN ('PENDING', 'CONFIRMED')
                OR i.quantity - i.refunded_quantity <> r.quantity OR i.sku_id <> s.ref_id)"#,
    },
    Rule {
        name: "live-item-has-reservation",
        invariant: 1,
        says: "a pending or confirmed item holds an open reservation, and a delivered one has its units sold",
        sql: r#"SELECT 'order.order_item ' || i.id AS subject,
                format('%s; its reservation: %s', i.state, coalesce(r.status, 'none')) AS finding
            FROM "order".order_item i LEFT JOIN inventory.reservation r ON r.id = i.id
            WHERE (i.state IN ('PENDING', 'CONFIRMED') AND r.status IS DISTINCT FROM 'OPEN')
                OR (i.state = 'DELIVERED' AND r.status IS DISTINCT FROM 'COMMITTED')"#,
    },
    Rule {
        name: "serials-are-counted",
        invariant: 1,
        says: "where units have serials, as many are available and reserved as the counters say",
        sql: "SELECT 'inventory.stock ' || s.id AS subject,
                format('available %s, taken %s; serials available %s, reserved %s', s.stock - s.taken, s.taken,
                    coalesce(u.available, 0), coalesce(u.reserved, 0)) AS finding
            FROM inventory.stock s LEFT JOIN (
                SELECT stock_id, count(*) FILTER (WHERE status = 'AVAILABLE') AS available,
                    count(*) FILTER (WHERE status = 'RESERVED') AS reserved
                FROM inventory.serial GROUP BY stock_id
            ) u ON u.stock_id = s.id
            WHERE s.requires_serials
                AND (s.stock - s.taken <> coalesce(u.available, 0) OR s.taken <> coalesce(u.reserved, 0))",
    },
    Rule {
        name: "reservation-holds-its-serials",
        invariant: 2,
        says: "an open reservation holds as many serials of its stock as units, and a closed one holds none",
        sql: "SELECT 'inventory.reservation ' || r.id AS subject,
                format('%s for %s units; serials reserved by it: %s', r.status, r.quantity, coalesce(u.units, 0)) AS finding
            FROM inventory.reservation r JOIN inventory.stock s ON s.id = r.stock_id AND s.requires_serials
            LEFT JOIN (
                SELECT reservation_id, stock_id, count(*) AS units FROM inventory.serial
                WHERE status = 'RESERVED' GROUP BY reservation_id, stock_id
            ) u ON u.reservation_id = r.id AND u.stock_id = r.stock_id
            WHERE coalesce(u.units, 0) <> CASE WHEN r.status = 'OPEN' THEN r.quantity ELSE 0 END",
    },
    Rule {
        name: "serial-in-one-live-item",
        invariant: 2,
        says: "a serial is in at most one pending or confirmed item",
        sql: r#"SELECT 'order.order_item ' || min(i.id::text) AS subject,
                format('serial %s of SKU %s is in %s live items', serial, i.sku_id, count(*)) AS finding
            FROM "order".order_item i CROSS JOIN LATERAL unnest(i.serials) AS serial
            WHERE i.state IN ('PENDING', 'CONFIRMED') AND NOT EXISTS (
                SELECT FROM "order".refund_item line JOIN "order".refund refund ON refund.id = line.refund_id
                WHERE line.item_id = i.id AND refund.status IN ('PAYING', 'REFUNDED') AND serial = ANY (line.serials))
            GROUP BY i.sku_id, serial HAVING count(*) > 1"#,
    },
    Rule {
        name: "item-names-its-serials",
        invariant: 2,
        says: "a pending or confirmed item names the serials that its reservation holds, and those that were refunded",
        sql: r#"SELECT 'order.order_item ' || item.id AS subject,
                format('names %s; its reservation holds %s', item.named, item.held) AS finding
            FROM (
                SELECT i.id,
                    (SELECT coalesce(array_agg(serial ORDER BY serial COLLATE "C"), '{}')
                        FROM unnest(i.serials) AS serial WHERE NOT EXISTS (
                            SELECT FROM "order".refund_item line JOIN "order".refund refund ON refund.id = line.refund_id
                            WHERE line.item_id = i.id AND refund.status IN ('PAYING', 'REFUNDED') AND serial = ANY (line.serials))) AS named,
                    (SELECT coalesce(array_agg(u.serial ORDER BY u.serial COLLATE "C"), '{}')
                        FROM inventory.serial u WHERE u.reservation_id = i.id AND u.status = 'RESERVED') AS held
                FROM "order".order_item i WHERE i.state IN ('PENDING', 'CONFIRMED')
            ) item WHERE item.named <> item.held"#,
    },
];
