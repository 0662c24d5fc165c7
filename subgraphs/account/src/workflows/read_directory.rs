//! `AccountDirectory`: what other modules read of accounts inside their own durable handlers. Each handler is one step
//! that changes nothing.

use contracts::account::{AccountSummary, Contact, ContactFetch};
use entities::account::{account, contact};
use kernel::AccountId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result as KitResult, step};

use crate::{countries, store};

/// The durable service that other modules read accounts and contacts from.
pub(crate) struct AccountDirectory {
    pub(crate) db: DatabaseConnection,
}

/// Accounts and their contacts.
#[restate_sdk::service(name = "AccountDirectory", client_visibility = "pub(crate)")]
impl AccountDirectory {
    /// Contacts of one account; those that are not its own are left out.
    #[handler]
    async fn contact_fetch(
        &self,
        ctx: Context<'_>,
        Json(wanted): Json<ContactFetch>,
    ) -> Result<Json<Vec<Contact>>, HandlerError> {
        Ok(Json(step!(ctx, "read contacts", contacts(&self.db, &wanted))?))
    }

    /// The default contact of an account.
    #[handler]
    async fn contact_default(
        &self,
        ctx: Context<'_>,
        Json(account_id): Json<AccountId>,
    ) -> Result<Json<Option<Contact>>, HandlerError> {
        Ok(Json(step!(ctx, "read the default contact", default_contact(&self.db, account_id))?))
    }

    /// Public facts of accounts; unknown ids are left out.
    #[handler]
    async fn account_fetch(
        &self,
        ctx: Context<'_>,
        Json(ids): Json<Vec<AccountId>>,
    ) -> Result<Json<Vec<AccountSummary>>, HandlerError> {
        Ok(Json(step!(ctx, "read accounts", summaries(&self.db, &ids))?))
    }
}

async fn contacts(db: &DatabaseConnection, wanted: &ContactFetch) -> KitResult<Vec<Contact>> {
    let rows = store::contact_list(db, wanted.account_id, wanted.contact_ids.clone()).await?;
    Ok(rows.into_iter().map(copy).collect())
}

async fn default_contact(db: &DatabaseConnection, account_id: AccountId) -> KitResult<Option<Contact>> {
    Ok(store::contact_default(db, account_id).await?.map(copy))
}

async fn summaries(db: &DatabaseConnection, ids: &[AccountId]) -> KitResult<Vec<AccountSummary>> {
    store::account_list(db, ids.to_vec()).await?.into_iter().map(summary).collect()
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
