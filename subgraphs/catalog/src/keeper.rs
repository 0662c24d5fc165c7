//! What the module keeps of people, products and reviews: what an account is shown of itself, what forgetting it does, and what goes by
//! itself in time. `CatalogKeeper` is the durable service that is asked.

use service_kit::keeping::Kept;

/// Statements over the module's own tables.
pub const KEPT: Kept = Kept {
    module: "catalog",
    exports: &[
        (
            "products",
            "SELECT id, slug, name, description, enabled, created_at, deleted_at FROM catalog.product WHERE seller_id = $1
                ORDER BY id",
        ),
        (
            "comments",
            "SELECT id, product_id, parent_id, rating, body, created_at FROM catalog.comment WHERE author_id = $1
                ORDER BY id",
        ),
        ("votes", "SELECT comment_id, created_at FROM catalog.comment_vote WHERE account_id = $1"),
    ],
    obstacles: &[],
    // Reviews stay, with an author who has no name any more: they belong to the rating of somebody else's product.
    forgets: &[
        "WITH gone AS (
            UPDATE catalog.product SET enabled = false, deleted_at = now(), updated_at = now()
            WHERE seller_id = $1 AND deleted_at IS NULL RETURNING id
        )
        UPDATE catalog.product_index i SET facts_version = facts_version + 1, changed_at = now()
        FROM gone WHERE i.product_id = gone.id",
        "DELETE FROM catalog.settled_product WHERE account_id = $1",
    ],
    purges: &[],
};

service_kit::keeper!("CatalogKeeper", KEPT);
