//! What every module may be asked about the rows it keeps: what it knows of an account, to forget an account, and to
//! let go of what is older than anybody needs.

use kernel::AccountId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Call;

/// A module as a keeper of rows.
#[derive(Debug)]
pub struct Keeper {
    /// The module.
    pub module: &'static str,
    /// Everything the module keeps of an account, as an object of lists.
    pub export: Call<AccountId, Value>,
    /// Forgets an account, unless something stands in the way. Asking again changes nothing.
    pub forget: Call<Forget, Vec<Obstacle>>,
    /// Deletes rows that are older than the module's configuration keeps them; answers with how many of each kind.
    pub purge: Call<(), Vec<Purged>>,
}

/// Every module's keeper. The account module's comes last: while it has the account, the others can be asked again.
pub const KEEPERS: [Keeper; 8] = [
    keeper("order", "OrderKeeper"),
    keeper("catalog", "CatalogKeeper"),
    keeper("inventory", "InventoryKeeper"),
    keeper("promotion", "PromotionKeeper"),
    keeper("chat", "ChatKeeper"),
    keeper("analytic", "AnalyticKeeper"),
    keeper("common", "CommonKeeper"),
    keeper("account", "AccountKeeper"),
];

const fn keeper(module: &'static str, service: &'static str) -> Keeper {
    Keeper {
        module,
        export: Call::new(service, "export"),
        forget: Call::new(service, "forget"),
        purge: Call::new(service, "purge"),
    }
}

/// Which account to forget.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Forget {
    /// The account.
    pub account_id: AccountId,
    /// Only tell what stands in the way, and change nothing.
    pub only_look: bool,
}

/// Why an account cannot be forgotten yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// The module that objects.
    pub module: String,
    /// What has to end first, as the owner of the account reads it.
    pub reason: String,
}

/// What a module let go of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purged {
    /// The kind of rows.
    pub kind: String,
    /// How many.
    pub rows: u64,
}
