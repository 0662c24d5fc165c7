//! `ContactPositions.locate`: finds the position of a contact whose owner did not give one.
//!
//! 1. ask `common` where the address is;
//! 2. *keep the position*, if the contact still has this address and no position.
//!
//! The contact stands before this begins and whatever becomes of it. A repetition changes nothing, and there is nothing
//! to undo.

use contracts::{Call, common::GEOCODE};
use entities::account::contact;
use kernel::{AccountId, ContactId, OperationId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use service_kit::{Platform, step};

use crate::store;

const LOCATE: Call<Locate, ()> = Call::new("ContactPositions", "locate");

/// A contact and the address that it had.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Locate {
    account_id: AccountId,
    contact_id: ContactId,
    address: String,
}

/// The durable service that finds the positions of contacts.
pub(crate) struct ContactPositions {
    pub(crate) db: DatabaseConnection,
}

/// Positions of contacts.
#[restate_sdk::service(name = "ContactPositions", client_visibility = "pub(crate)")]
impl ContactPositions {
    /// Finds the position of a contact.
    #[handler]
    async fn locate(&self, ctx: Context<'_>, Json(locate): Json<Locate>) -> Result<Json<()>, HandlerError> {
        if let Some(position) = GEOCODE.call(&ctx, locate.address.clone()).await? {
            let Locate { account_id, contact_id, address } = &locate;
            let kept = store::contact_position_set(&self.db, (*account_id, *contact_id), address, position);
            step!(ctx, "keep the position", kept)?;
        }
        Ok(Json(()))
    }
}

/// Has the position of a contact found, if it has none. The contact stands even when this cannot be sent.
pub(crate) async fn send(platform: &Platform, contact: &contact::Model) {
    if contact.latitude.is_some() {
        return;
    }
    let (account_id, contact_id, address) = (contact.account_id, contact.id, contact.address.clone());
    let locate = Locate { account_id, contact_id, address };
    // Each change of the address asks anew, also one that brings an earlier address back.
    if let Err(error) = LOCATE.send_at_ingress(&platform.ingress, OperationId::new().to_string(), locate).await {
        tracing::warn!(%error, %contact_id, "a contact stays without a position");
    }
}
