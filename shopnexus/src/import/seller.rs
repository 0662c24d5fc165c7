//! Whose products a file holds.

use contracts::account::ACCOUNTS;
use entities::account::account;
use kernel::{AccountId, Currency};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, Func},
};
use service_kit::{ModuleName, Platform};

use crate::failure::{Context, Failure, Result, causes};

/// The account that will sell.
pub(crate) struct Seller {
    pub(crate) id: AccountId,
    /// The currency of its country.
    pub(crate) currency: Currency,
}

/// Finds the account that goes by a username, an email address or an id.
pub(crate) async fn find(platform: &Platform, name: &str) -> Result<Seller> {
    let db = platform.database(ModuleName::Account).await.map_err(|error| Failure::new(causes(&error)))?;
    let folded = |column| Func::lower(Expr::col(column)).eq(name.to_lowercase());
    let mut known = Condition::any().add(folded(account::Column::Username)).add(folded(account::Column::Email));
    if let Ok(id) = name.parse::<AccountId>() {
        known = known.add(account::Column::Id.eq(id));
    }
    let found: Vec<AccountId> = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(known)
        .into_tuple()
        .all(&db)
        .await
        .context(|| "the accounts cannot be read".to_owned())?;
    let none = || {
        Failure::new(format!("no account has the username, email or id `{name}`"))
            .mend("register it first; `--seller` takes what the seller logs in with")
    };
    let id = *found.first().ok_or_else(none)?;
    let summary = platform.peers.read(&ACCOUNTS, &vec![id]).await.map_err(|error| {
        Failure::new(format!("the account module does not answer: {error:?}"))
            .mend("start it, or set MODULE_URL_ACCOUNT to where it is")
    })?;
    let summary = summary.first().ok_or_else(none)?;
    if summary.suspended {
        return Err(Failure::new(format!("the account `{name}` is suspended")));
    }
    Ok(Seller { id, currency: summary.currency })
}
