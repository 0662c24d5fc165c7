//! What the module keeps of people, interactions: what an account is shown of itself, what forgetting it does, and what goes by
//! itself in time. `AnalyticKeeper` is the durable service that is asked.

use service_kit::keeping::Kept;

/// Statements over the module's own tables.
pub const KEPT: Kept = Kept {
    module: "analytic",
    exports: &[(
        "interactions",
        "SELECT id, product_id, kind, occurred_at FROM analytic.interaction WHERE account_id = $1 ORDER BY occurred_at, id",
    )],
    obstacles: &[],
    // What was looked at still counts; who looked does not.
    forgets: &["UPDATE analytic.interaction SET account_id = NULL WHERE account_id = $1"],
    purges: &[],
};

service_kit::keeper!("AnalyticKeeper", KEPT);
