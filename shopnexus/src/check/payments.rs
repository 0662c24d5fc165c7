//! Invariant 4: payments, what they pay, and the ledger.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "payment-is-confirmed-once",
        invariant: 4,
        says: "a payment that succeeded did so once, and no other did",
        sql: r#"SELECT 'order.payment ' || p.id AS subject,
                format('%s; confirmed %s times', p.status, e.times) AS finding
            FROM "order".payment p CROSS JOIN LATERAL (
                SELECT count(*) AS times FROM "order".payment_event e
                WHERE e.payment_id = p.id AND e.kind = 'SUCCEEDED'
            ) e
            WHERE e.times <> CASE WHEN p.status IN ('SUCCEEDED', 'REFUNDED') THEN 1 ELSE 0 END"#,
    },
    Rule {
        name: "payment-history-has-no-gaps",
        invariant: 4,
        says: "the events of a payment are numbered without gaps",
        sql: r#"SELECT 'order.payment ' || p.id AS subject,
                format('at event %s; the history has %s events up to %s', p.event_seq, e.events, e.last) AS finding
            FROM "order".payment p CROSS JOIN LATERAL (
                SELECT count(*) AS events, coalesce(max(seq), 0) AS last FROM "order".payment_event e
                WHERE e.payment_id = p.id
            ) e
            WHERE e.events <> p.event_seq OR e.last <> p.event_seq"#,
    },
    Rule {
        name: "payment-pays-all-or-none",
        invariant: 4,
        says: "all orders of a payment that succeeded are settled, and none of one that is waiting or given up",
        sql: r#"SELECT 'order.payment ' || p.id AS subject,
                format('%s; of %s open orders %s are settled', p.status, part.open, part.settled) AS finding
            FROM "order".payment p CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE open) AS open, count(*) FILTER (WHERE settled_at IS NOT NULL) AS settled
                FROM "order".payment_order part WHERE part.payment_id = p.id
            ) part
            WHERE NOT CASE
                WHEN p.status = 'SUCCEEDED' THEN part.open > 0 AND part.settled = part.open
                WHEN p.status = 'PENDING' THEN part.open > 0 AND part.settled = 0
                WHEN p.status IN ('FAILED', 'EXPIRED') THEN part.open = 0
                ELSE true END"#,
    },
    Rule {
        name: "payment-amount-is-its-orders",
        invariant: 4,
        says: "a payment is as much as the orders in it, each at its total",
        sql: r#"SELECT 'order.payment ' || p.id AS subject,
                format('amount %s; its orders %s, at their totals %s', p.amount_minor, part.amount, part.total) AS finding
            FROM "order".payment p JOIN (
                SELECT part.payment_id, sum(part.amount_minor) AS amount, sum(o.total_minor) AS total
                FROM "order".payment_order part JOIN "order".orders o ON o.id = part.order_id
                WHERE part.open GROUP BY part.payment_id
            ) part ON part.payment_id = p.id
            WHERE p.status IN ('PENDING', 'ON_DELIVERY', 'SUCCEEDED')
                AND (p.amount_minor <> part.amount OR part.amount <> part.total)"#,
    },
    Rule {
        name: "paid-order-has-its-payment",
        invariant: 4,
        says: "an order that is paid, or due at the door, is in exactly one payment that says so; others are not settled",
        sql: r#"SELECT 'order.orders ' || o.id AS subject,
                format('%s; settled by %s payments, to be collected by %s', o.status, part.settled, part.due) AS finding
            FROM "order".orders o CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE part.settled_at IS NOT NULL
                        AND p.status IN ('SUCCEEDED', 'REFUNDED', 'ON_DELIVERY')) AS settled,
                    count(*) FILTER (WHERE part.settled_at IS NULL AND part.open AND p.status = 'ON_DELIVERY') AS due
                FROM "order".payment_order part JOIN "order".payment p ON p.id = part.payment_id
                WHERE part.order_id = o.id
            ) part
            WHERE NOT CASE o.status
                WHEN 'CONFIRMED' THEN part.settled = 0
                WHEN 'PAYABLE_ON_DELIVERY' THEN part.settled = 0 AND part.due = 1
                WHEN 'PAID' THEN part.settled = 1
                WHEN 'SHIPPING' THEN part.settled + part.due = 1
                WHEN 'DELIVERED' THEN part.settled = 1
                ELSE true END"#,
    },
    Rule {
        name: "settled-order-is-sold",
        invariant: 4,
        says: "an order that is settled stands in the ledger as one sale of its total, and no other order does",
        sql: r#"SELECT 'order.orders ' || o.id AS subject,
                format('total %s, settled %s times; sold in the ledger for %s', o.total_minor, part.settled,
                    coalesce(sale.amount, 0)) AS finding
            FROM "order".orders o
            CROSS JOIN LATERAL (
                SELECT count(*) AS settled FROM "order".payment_order part
                WHERE part.order_id = o.id AND part.settled_at IS NOT NULL
            ) part
            LEFT JOIN (
                SELECT order_id, -sum(amount_minor) AS amount FROM "order".ledger_entry
                WHERE kind = 'SALE' AND account = 'BUYER_CLEARING' GROUP BY order_id
            ) sale ON sale.order_id = o.id
            WHERE coalesce(sale.amount, 0) <> part.settled * o.total_minor"#,
    },
    Rule {
        name: "captured-money-is-matched",
        invariant: 4,
        says: "what a provider captured is a sale or a credit in the ledger, to the minor unit",
        sql: r#"SELECT 'order.payment ' || p.id AS subject,
                format('captured %s; sales and credits %s', captured.amount, coalesce(matched.amount, 0)) AS finding
            FROM "order".payment p
            JOIN (
                SELECT payment_id, sum((detail ->> 'amountHundredths')::bigint) / 100 AS amount
                FROM "order".payment_event
                WHERE kind IN ('SUCCEEDED', 'CREDITED') AND detail ? 'amountHundredths' GROUP BY payment_id
            ) captured ON captured.payment_id = p.id
            LEFT JOIN (
                SELECT payment_id, -sum(amount_minor) AS amount FROM "order".ledger_entry
                WHERE kind IN ('SALE', 'CREDIT') AND account = 'BUYER_CLEARING' GROUP BY payment_id
            ) matched ON matched.payment_id = p.id
            WHERE captured.amount <> coalesce(matched.amount, 0)"#,
    },
    Rule {
        name: "reported-money-is-looked-into",
        invariant: 4,
        says: "money that was reported and is not what was asked for is a credit, or its provider is asked about it",
        sql: r#"SELECT 'order.payment ' || p.id AS subject,
                format('%s; %s hundredths reported by transaction %s, neither credited nor asked about', p.status,
                    e.detail ->> 'amountHundredths', e.detail ->> 'transactionNo') AS finding
            FROM "order".payment_event e JOIN "order".payment p ON p.id = e.payment_id
            WHERE e.kind = 'REPORTED'
                AND e.detail ->> 'responseCode' = '00' AND e.detail ->> 'transactionStatus' = '00'
                AND e.detail ->> 'amountHundredths' ~ '^[1-9][0-9]{2,}$' AND e.detail ->> 'transactionNo' <> '0'
                AND e.detail ->> 'transactionNo' IS DISTINCT FROM p.provider_transaction
                AND NOT EXISTS (
                    SELECT FROM "order".payment_credit c
                    WHERE c.payment_id = p.id AND c.provider_transaction = e.detail ->> 'transactionNo')
                AND NOT EXISTS (
                    SELECT FROM "order".payment_event enquiry
                    WHERE enquiry.payment_id = p.id AND enquiry.kind = 'ENQUIRY_OPENED'
                        AND enquiry.detail ->> 'transactionNo' = e.detail ->> 'transactionNo')"#,
    },
    Rule {
        name: "stray-report-is-held",
        invariant: 4,
        says: "what was reported to be captured for us under a reference which is no payment's is a stray payment",
        sql: r#"SELECT 'order.provider_exchange ' || e.id AS subject,
                format('%s hundredths under %s by transaction %s, held nowhere', e.request ->> 'vnp_Amount',
                    e.request ->> 'vnp_TxnRef', e.request ->> 'vnp_TransactionNo') AS finding
            FROM "order".provider_exchange e
            WHERE e.provider = 'vnpay' AND e.operation = 'ipn' AND e.answer ->> 'RspCode' = '01'
                AND e.request ->> 'vnp_ResponseCode' = '00' AND e.request ->> 'vnp_TransactionStatus' = '00'
                AND e.request ->> 'vnp_Amount' ~ '^[1-9][0-9]{2,}$' AND e.request ->> 'vnp_TransactionNo' <> '0'
                AND NOT EXISTS (
                    SELECT FROM "order".stray_payment s
                    WHERE s.provider_transaction = e.request ->> 'vnp_TransactionNo')
                -- Only what is of a terminal of ours is ours.
                AND EXISTS (
                    SELECT FROM "order".payment p
                    WHERE strpos(p.redirect_url, 'vnp_TmnCode=' || (e.request ->> 'vnp_TmnCode') || '&') > 0)"#,
    },
    Rule {
        name: "stray-payment-is-given-back",
        invariant: 4,
        says: "a stray payment is given back by a request that was sent, and while it is held that is tried every day",
        sql: r#"SELECT 'order.stray_payment ' || id AS subject,
                format('%s; tried last at %s, sent %s', state, updated_at, coalesce(sent_try::text, 'never')) AS finding
            FROM "order".stray_payment
            WHERE state = 'HELD' AND updated_at < now() - interval '1 day' OR state = 'REFUNDED' AND sent_try IS NULL"#,
    },
    Rule {
        name: "credit-is-in-the-ledger",
        invariant: 4,
        says: "money that pays no order is the buyer's in the ledger",
        sql: r#"SELECT 'order.payment ' || coalesce(credit.payment_id, entry.payment_id) AS subject,
                format('credits %s; in the ledger %s', coalesce(credit.amount, 0), coalesce(entry.amount, 0)) AS finding
            FROM (
                SELECT payment_id, sum(amount_minor) AS amount FROM "order".payment_credit
                WHERE reason <> 'REFUND' GROUP BY payment_id
            ) credit
            FULL JOIN (
                SELECT payment_id, sum(amount_minor) AS amount FROM "order".ledger_entry
                WHERE kind = 'CREDIT' AND account = 'BUYER_CREDIT' AND order_id IS NULL GROUP BY payment_id
            ) entry USING (payment_id)
            WHERE coalesce(credit.amount, 0) <> coalesce(entry.amount, 0)"#,
    },
    Rule {
        name: "refund-is-in-the-ledger",
        invariant: 4,
        says: "a refund that was decided is owed to its buyer in the ledger, and is paid there, or a credit, when it is over",
        sql: r#"SELECT 'order.refund ' || coalesce(r.id, entry.refund_id) AS subject,
                format('%s by %s of %s; in the ledger decided %s, paid %s; credited %s', coalesce(r.status, 'no refund'),
                    coalesce(r.paid_via, 'nobody'), r.goods_minor + r.transport_minor, coalesce(entry.decided, 0),
                    coalesce(entry.paid, 0), coalesce(credit.amount, 0)) AS finding
            FROM "order".refund r
            FULL JOIN (
                SELECT refund_id, coalesce(sum(amount_minor) FILTER (WHERE kind = 'REFUND'), 0) AS decided,
                    -coalesce(sum(amount_minor) FILTER (WHERE kind = 'REFUND_PAID'), 0) AS paid
                FROM "order".ledger_entry WHERE refund_id IS NOT NULL AND account = 'BUYER_CREDIT' GROUP BY refund_id
            ) entry ON entry.refund_id = r.id
            LEFT JOIN (
                SELECT provider_transaction, sum(amount_minor) AS amount FROM "order".payment_credit
                WHERE reason = 'REFUND' GROUP BY provider_transaction
            ) credit ON credit.provider_transaction = 'refund/' || r.id
            WHERE r.id IS NULL
                OR coalesce(entry.decided, 0) <>
                    CASE WHEN r.status IN ('PAYING', 'REFUNDED') THEN r.goods_minor + r.transport_minor ELSE 0 END
                OR coalesce(entry.paid, 0) <>
                    CASE WHEN r.paid_via = 'PROVIDER' THEN r.goods_minor + r.transport_minor ELSE 0 END
                OR coalesce(credit.amount, 0) <>
                    CASE WHEN r.paid_via = 'CREDIT' THEN r.goods_minor + r.transport_minor ELSE 0 END"#,
    },
    Rule {
        name: "order-refunds-add-up",
        invariant: 4,
        says: "what was refunded of an order is the sum of its refunds, and never more than its total",
        sql: r#"SELECT 'order.orders ' || o.id AS subject,
                format('total %s, refunded %s; its refunds %s', o.total_minor, o.refunded_minor, coalesce(r.amount, 0))
                    AS finding
            FROM "order".orders o LEFT JOIN (
                SELECT order_id, sum(goods_minor + transport_minor) AS amount FROM "order".refund
                WHERE status IN ('PAYING', 'REFUNDED') GROUP BY order_id
            ) r ON r.order_id = o.id
            WHERE o.refunded_minor <> coalesce(r.amount, 0) OR o.refunded_minor > o.total_minor"#,
    },
    Rule {
        name: "payout-is-in-the-ledger",
        invariant: 4,
        says: "a payout is set aside in the ledger while it is asked for, gone when it is paid, and back when it is rejected",
        sql: r#"SELECT 'order.payout ' || coalesce(p.id, entry.payout_id) AS subject,
                format('%s of %s; in the ledger set aside %s, paid out %s', coalesce(p.status, 'no payout'),
                    p.amount_minor, coalesce(entry.aside, 0), coalesce(entry.paid, 0)) AS finding
            FROM "order".payout p FULL JOIN (
                SELECT payout_id, coalesce(sum(amount_minor) FILTER (WHERE account = 'SELLER_PAYOUT'), 0) AS aside,
                    coalesce(sum(amount_minor) FILTER (WHERE account = 'PAID_OUT'), 0) AS paid
                FROM "order".ledger_entry WHERE payout_id IS NOT NULL GROUP BY payout_id
            ) entry ON entry.payout_id = p.id
            WHERE p.id IS NULL
                OR coalesce(entry.aside, 0) <> CASE WHEN p.status = 'REQUESTED' THEN p.amount_minor ELSE 0 END
                OR coalesce(entry.paid, 0) <> CASE WHEN p.status = 'PAID' THEN p.amount_minor ELSE 0 END"#,
    },
    Rule {
        name: "ledger-balances",
        invariant: 4,
        says: "the entries of a ledger transaction add up to zero in each currency",
        sql: r#"SELECT 'order.ledger_entry, transaction ' || transaction_id AS subject,
                format('adds up to %s %s', sum(amount_minor), currency) AS finding
            FROM "order".ledger_entry GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0"#,
    },
];
