//! Shipping addresses.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};
use entities::account::contact;
use kernel::ContactId;

/// What kind of place a contact is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "ContactType", remote = "contact::ContactKind")]
pub enum ContactKind {
    /// Somebody lives there.
    Home,
    /// Somebody works there.
    Work,
}

/// A shipping address. Only its owner sees it; an order keeps a copy of its own.
#[derive(SimpleObject, Debug, Clone)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Who receives the parcel.
    pub full_name: String,
    /// In E.164 form, as in `+84901234567`.
    pub phone: String,
    /// The address on one line.
    pub address: String,
    /// What kind of place it is.
    #[graphql(name = "type")]
    pub kind: ContactKind,
    /// Degrees north, as its owner gave it or as it was found from the address. Null when it is not known, or not yet.
    pub latitude: Option<f64>,
    /// Degrees east, as its owner gave it or as it was found from the address. Null when it is not known, or not yet.
    pub longitude: Option<f64>,
    /// Whether it is the account's default; exactly one is.
    pub is_default: bool,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<contact::Model> for Contact {
    fn from(row: contact::Model) -> Self {
        Self {
            id: row.id,
            full_name: row.full_name,
            phone: row.phone,
            address: row.address,
            kind: row.kind.into(),
            latitude: row.latitude,
            longitude: row.longitude,
            is_default: row.is_default,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
