//! What the module keeps of people, stored files: what an account is shown of itself, what forgetting it does, and what goes by
//! itself in time. `CommonKeeper` is the durable service that is asked.

use service_kit::keeping::Kept;

/// Statements over the module's own tables.
pub const KEPT: Kept = Kept {
    module: "common",
    exports: &[(
        "files",
        "SELECT id, file_name, mime_type, size_bytes, remote_url, created_at FROM common.resource WHERE owner_id = $1
            ORDER BY id",
    )],
    obstacles: &[],
    // A file that nothing shows is discarded by the sweeper. Pictures of a refund are evidence of both parties.
    forgets: &[
        "DELETE FROM common.attachment WHERE entity_kind <> 'REFUND'
            AND resource_id IN (SELECT id FROM common.resource WHERE owner_id = $1)",
        "DELETE FROM common.attachment WHERE entity_kind = 'ACCOUNT' AND entity_id = $1",
        "UPDATE common.resource SET file_name = 'removed' WHERE owner_id = $1",
    ],
    purges: &[],
};

service_kit::keeper!("CommonKeeper", KEPT);
