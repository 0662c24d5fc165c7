//! Invariants 6 and 7: what is stored once, and what is numbered without gaps.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "notifications-are-numbered",
        invariant: 6,
        says: "the notifications of an account are numbered without gaps, from where retention has come to up to the count of its inbox",
        sql: "SELECT 'account.inbox ' || coalesce(i.account_id, n.account_id) AS subject,
                format('counts %s; stored %s, from %s to %s', coalesce(i.last_sequence, 0), coalesce(n.stored, 0),
                    coalesce(n.first, 0), coalesce(n.last, 0)) AS finding
            FROM account.inbox i
            FULL JOIN (
                SELECT account_id, count(*) AS stored, min(sequence) AS first, max(sequence) AS last
                FROM account.notification GROUP BY account_id
            ) n USING (account_id)
            WHERE i.last_sequence IS DISTINCT FROM n.last OR n.stored <> n.last - i.purged_through
                OR n.first <> i.purged_through + 1",
    },
    Rule {
        name: "notified-once",
        invariant: 6,
        says: "an account is told once that an order was confirmed, paid, delivered or cancelled",
        sql: "SELECT 'account.notification ' || min(id::text) AS subject,
                format('%s of order %s is stored %s times for account %s', kind, metadata ->> 'orderId', count(*),
                    account_id) AS finding
            FROM account.notification
            WHERE kind IN ('ORDER_CONFIRMED', 'ORDER_PAID', 'ORDER_DELIVERED', 'ORDER_CANCELLED')
                AND metadata ? 'orderId'
            GROUP BY account_id, kind, metadata ->> 'orderId' HAVING count(*) > 1",
    },
    Rule {
        name: "interactions-count-once",
        invariant: 6,
        says: "the popularity of a product is the sum of its interactions",
        sql: "SELECT 'analytic.popularity ' || product_id AS subject,
                format('counts %s, score %s; interactions %s, %s', coalesce(p.interaction_count, 0),
                    coalesce(p.score_milli, 0), coalesce(i.count, 0), coalesce(i.score, 0)) AS finding
            FROM analytic.popularity p
            FULL JOIN (
                SELECT product_id, count(*) AS count, sum(weight_milli) AS score FROM analytic.interaction
                GROUP BY product_id
            ) i USING (product_id)
            WHERE coalesce(p.interaction_count, 0) <> coalesce(i.count, 0)
                OR coalesce(p.score_milli, 0) <> coalesce(i.score, 0)",
    },
    Rule {
        name: "messages-are-numbered",
        invariant: 7,
        says: "the messages of a conversation are numbered without gaps up to its count",
        sql: "SELECT 'chat.conversation ' || c.id AS subject,
                format('counts %s; stored %s, up to %s', c.last_sequence, m.stored, m.last) AS finding
            FROM chat.conversation c CROSS JOIN LATERAL (
                SELECT count(*) AS stored, coalesce(max(sequence), 0) AS last
                FROM chat.message m WHERE m.conversation_id = c.id
            ) m
            WHERE c.last_sequence <> m.stored OR m.last <> m.stored",
    },
    Rule {
        name: "nobody-has-read-ahead",
        invariant: 7,
        says: "a participant has read at most what was written",
        sql: "SELECT 'chat.participant ' || p.conversation_id || '/' || p.account_id AS subject,
                format('has read up to %s of %s', p.read_sequence, c.last_sequence) AS finding
            FROM chat.participant p JOIN chat.conversation c ON c.id = p.conversation_id
            WHERE p.read_sequence > c.last_sequence",
    },
    Rule {
        name: "feeds-are-numbered",
        invariant: 7,
        says: "the entries of a feed are numbered without gaps up to its count",
        sql: r#"SELECT 'order.feed ' || f.account_id || '/' || f.role AS subject,
                format('counts %s; stored %s, up to %s', f.last_seq, e.stored, e.last) AS finding
            FROM "order".feed f CROSS JOIN LATERAL (
                SELECT count(*) AS stored, coalesce(max(seq), 0) AS last FROM "order".feed_entry e
                WHERE (e.account_id, e.role) = (f.account_id, f.role)
            ) e
            WHERE f.last_seq <> e.stored OR e.last <> e.stored"#,
    },
];
