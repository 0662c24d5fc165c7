//! What the module keeps of people, conversations: what an account is shown of itself, what forgetting it does, and what goes by
//! itself in time. `ChatKeeper` is the durable service that is asked.

use service_kit::keeping::{Kept, Purge};

/// Statements over the module's own tables.
pub const KEPT: Kept = Kept {
    module: "chat",
    exports: &[
        (
            "conversations",
            "SELECT c.id, c.created_at, c.active_at FROM chat.participant p JOIN chat.conversation c ON c.id = p.conversation_id
                WHERE p.account_id = $1 ORDER BY c.id",
        ),
        // What others wrote is theirs.
        (
            "messages",
            "SELECT m.id, m.conversation_id, m.kind, m.body, m.created_at FROM chat.participant p
                JOIN chat.message m ON m.conversation_id = p.conversation_id
                WHERE p.account_id = $1 AND m.sender_id = $1 AND m.kind <> 'system' ORDER BY m.id",
        ),
    ],
    obstacles: &[],
    // The rows stay, so that the numbers of a conversation have no gaps; what they said goes.
    forgets: &[
        "UPDATE chat.message SET kind = 'text', body = '', image_ids = '{}', product_id = NULL, order_id = NULL
            WHERE sender_id = $1 AND kind <> 'system'
                AND conversation_id IN (SELECT conversation_id FROM chat.participant WHERE account_id = $1)",
        "DELETE FROM chat.block WHERE blocker_id = $1 OR blocked_id = $1",
        "DELETE FROM chat.talk WHERE addressee_id = $1",
    ],
    // Figures look no further back than this.
    purges: &[Purge {
        kind: "talks",
        setting: "RETENTION_TALK_DAYS",
        days: 90,
        sql: "DELETE FROM chat.talk WHERE (conversation_id, sequence) IN (
            SELECT conversation_id, sequence FROM chat.talk WHERE began_at < $1 LIMIT $2)",
    }],
};

service_kit::keeper!("ChatKeeper", KEPT);
