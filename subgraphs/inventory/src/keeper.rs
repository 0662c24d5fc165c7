//! What the module keeps of people, stock: what an account is shown of itself, what forgetting it does, and what goes by
//! itself in time. `InventoryKeeper` is the durable service that is asked.

use service_kit::keeping::Kept;

/// Statements over the module's own tables.
pub const KEPT: Kept = Kept {
    module: "inventory",
    exports: &[],
    obstacles: &[],
    // Stock and its history are of SKUs; who moved it is an id without a name.
    forgets: &[],
    purges: &[],
};

service_kit::keeper!("InventoryKeeper", KEPT);
