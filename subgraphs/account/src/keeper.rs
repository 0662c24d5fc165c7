//! What the module keeps of people, accounts and what belongs to them: what an account is shown of itself, what forgetting it does, and what goes by
//! itself in time. `AccountKeeper` is the durable service that is asked.

use service_kit::keeping::{Kept, Purge};

/// Statements over the module's own tables.
pub const KEPT: Kept = Kept {
    module: "account",
    exports: &[
        (
            "profile",
            "SELECT id, username, email, phone, name, description, gender, date_of_birth, country, email_verified_at,
                phone_verified_at, created_at FROM account.account WHERE id = $1",
        ),
        (
            "contacts",
            "SELECT id, full_name, phone, address, kind, latitude, longitude, is_default, created_at
                FROM account.contact WHERE account_id = $1 ORDER BY id",
        ),
        (
            "sessions",
            "SELECT id, device, created_at, refreshed_at, ended_at, end_reason FROM account.session WHERE account_id = $1
                ORDER BY id",
        ),
        ("favorites", "SELECT product_id, created_at FROM account.favorite WHERE account_id = $1"),
        ("follows", "SELECT followed_id, created_at FROM account.follow WHERE follower_id = $1"),
        ("blocks", "SELECT blocked_id, created_at FROM account.block WHERE blocker_id = $1"),
        // The provider's token is a secret of the marketplace.
        (
            "paymentMethods",
            "SELECT id, provider, brand, last_digits, expires_year, expires_month, is_default, created_at
                FROM account.payment_method WHERE account_id = $1 ORDER BY id",
        ),
        (
            "notifications",
            "SELECT sequence, kind, title, content, created_at, read_at FROM account.notification WHERE account_id = $1
                ORDER BY sequence",
        ),
        (
            "reports",
            "SELECT id, account_id, reason, details, created_at FROM account.account_report WHERE reporter_id = $1
                ORDER BY id",
        ),
    ],
    obstacles: &[],
    // The row of the account stays, for what refers to it: it has no name, no address and no way in.
    forgets: &[
        "DELETE FROM account.outbox_message WHERE destination IN
            (SELECT unnest(ARRAY[email, phone]) FROM account.account WHERE id = $1)",
        "DELETE FROM account.session WHERE account_id = $1",
        "DELETE FROM account.contact WHERE account_id = $1",
        "DELETE FROM account.favorite WHERE account_id = $1",
        "DELETE FROM account.follow WHERE follower_id = $1 OR followed_id = $1",
        "DELETE FROM account.block WHERE blocker_id = $1 OR blocked_id = $1",
        "DELETE FROM account.one_time_token WHERE account_id = $1",
        "DELETE FROM account.notification_preference WHERE account_id = $1",
        "DELETE FROM account.payment_method WHERE account_id = $1",
        "DELETE FROM account.notification WHERE account_id = $1",
        "DELETE FROM account.inbox WHERE account_id = $1",
        "DELETE FROM account.published_product WHERE seller_id = $1",
        "UPDATE account.account_report SET details = '' WHERE reporter_id = $1",
        // A colon stands in no username, so nobody can log in by it or take it.
        "UPDATE account.account SET username = 'deleted:' || id, email = NULL, phone = NULL, password_hash = '',
            name = 'Deleted account', description = '', gender = NULL, date_of_birth = NULL, email_verified_at = NULL,
            phone_verified_at = NULL, is_admin = false, suspended_at = coalesce(suspended_at, now()),
            suspension_reason = 'deleted' WHERE id = $1",
    ],
    purges: &[
        Purge {
            kind: "sessions",
            setting: "RETENTION_SESSION_DAYS",
            days: 90,
            sql: "DELETE FROM account.session WHERE id IN (
                SELECT id FROM account.session WHERE coalesce(ended_at, expires_at) < $1 LIMIT $2)",
        },
        Purge {
            kind: "one-time tokens",
            setting: "RETENTION_TOKEN_DAYS",
            days: 7,
            sql: "DELETE FROM account.one_time_token WHERE (account_id, purpose) IN (
                SELECT account_id, purpose FROM account.one_time_token WHERE expires_at < $1 LIMIT $2)",
        },
        // The newest of an account stays, so that its numbers go on where they were; the inbox notes how far they went.
        Purge {
            kind: "notifications",
            setting: "RETENTION_NOTIFICATION_DAYS",
            days: 365,
            sql: "WITH old AS (
                    SELECT n.id, n.account_id, n.sequence FROM account.notification n JOIN account.inbox i USING (account_id)
                    WHERE n.created_at < $1 AND n.sequence < i.last_sequence AND NOT EXISTS (
                        SELECT FROM account.notification earlier WHERE earlier.account_id = n.account_id
                            AND earlier.sequence < n.sequence AND earlier.created_at >= $1)
                    ORDER BY n.account_id, n.sequence LIMIT $2
                ), noted AS (
                    UPDATE account.inbox i SET purged_through = o.last
                    FROM (SELECT account_id, max(sequence) AS last FROM old GROUP BY account_id) o
                    WHERE i.account_id = o.account_id
                )
                DELETE FROM account.notification WHERE id IN (SELECT id FROM old)",
        },
        Purge {
            kind: "letters of the outbox",
            setting: "RETENTION_OUTBOX_DAYS",
            days: 30,
            sql: "DELETE FROM account.outbox_message WHERE id IN (
                SELECT id FROM account.outbox_message WHERE created_at < $1 LIMIT $2)",
        },
    ],
};

service_kit::keeper!("AccountKeeper", KEPT);
