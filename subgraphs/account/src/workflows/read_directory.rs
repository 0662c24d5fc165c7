//! What other modules read of accounts: by `AccountDirectory` inside their own durable handlers, by reads elsewhere.
//! Nothing is journaled: an answer is the only effect, and an attempt that dies is simply made again.

use contracts::account::{AccountSummary, Contact, Parties, PartiesWanted};
use entities::account::{account, contact};
use kernel::AccountId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result as KitResult};

use crate::{countries, store};

/// The durable service that other modules read accounts and contacts from.
pub(crate) struct AccountDirectory {
    pub(crate) db: DatabaseConnection,
}

/// Accounts and their contacts.
#[restate_sdk::service(name = "AccountDirectory", client_visibility = "pub(crate)")]
impl AccountDirectory {
    /// The default contact of an account.
    #[handler]
    async fn contact_default(
        &self,
        _ctx: Context<'_>,
        Json(account_id): Json<AccountId>,
    ) -> Result<Json<Option<Contact>>, HandlerError> {
        Ok(Json(default_contact(&self.db, account_id).await?))
    }
}

/// The accounts of a checkout: contacts of the buyer, and the sellers.
pub(crate) async fn parties(db: DatabaseConnection, wanted: PartiesWanted) -> KitResult<Parties> {
    let PartiesWanted { buyer_id, contact_ids, default_contact: wants_default, seller_ids } = wanted;
    let contacts =
        if contact_ids.is_empty() { Vec::new() } else { store::contact_list(&db, buyer_id, contact_ids).await? };
    Ok(Parties {
        contacts: contacts.into_iter().map(copy).collect(),
        default_contact: if wants_default { default_contact(&db, buyer_id).await? } else { None },
        sellers: summaries(db, seller_ids).await?,
    })
}

async fn default_contact(db: &DatabaseConnection, account_id: AccountId) -> KitResult<Option<Contact>> {
    Ok(store::contact_default(db, account_id).await?.map(copy))
}

/// Public facts of accounts; unknown ids are left out.
pub(crate) async fn summaries(db: DatabaseConnection, ids: Vec<AccountId>) -> KitResult<Vec<AccountSummary>> {
    store::account_list(&db, ids).await?.into_iter().map(summary).collect()
}

fn copy(row: contact::Model) -> Contact {
    Contact {
        contact_id: Some(row.id),
        full_name: row.full_name,
        phone: row.phone,
        address: row.address,
        latitude: row.latitude,
        longitude: row.longitude,
    }
}

fn summary(row: account::Model) -> KitResult<AccountSummary> {
    let country = countries::find(&row.country).ok_or_else(|| Error::broken("accounts have known countries"))?;
    Ok(AccountSummary {
        account_id: row.id,
        name: row.name,
        currency: country.currency,
        suspended: row.suspended_at.is_some(),
    })
}
