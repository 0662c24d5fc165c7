//! What the module keeps of people, promotions and cashback: what an account is shown of itself, what forgetting it does, and what goes by
//! itself in time. `PromotionKeeper` is the durable service that is asked.

use service_kit::keeping::Kept;

/// Statements over the module's own tables.
pub const KEPT: Kept = Kept {
    module: "promotion",
    exports: &[
        (
            "promotions",
            "SELECT id, name, description, code, starts_at, ends_at, enabled, created_at FROM promotion.promotion
                WHERE owner_id = $1 ORDER BY id",
        ),
        ("cashback", "SELECT * FROM promotion.cashback_entry WHERE buyer_id = $1 ORDER BY id"),
    ],
    obstacles: &[],
    forgets: &["UPDATE promotion.promotion SET enabled = false, updated_at = now(), next_change_at = now()
            WHERE owner_id = $1 AND enabled"],
    purges: &[],
};

service_kit::keeper!("PromotionKeeper", KEPT);
