//! The address of an item or an order, as it stood at checkout.

use kernel::ContactId;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// Where the goods go. A copy: the contact it was read from may change or go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Address {
    /// The contact it was read from; `None` when the buyer typed it in at checkout.
    pub contact_id: Option<ContactId>,
    /// Who receives the parcel.
    pub full_name: String,
    /// In E.164 form.
    pub phone: String,
    /// The address on one line.
    pub address: String,
    /// Degrees north, when known.
    pub latitude: Option<f64>,
    /// Degrees east, when known.
    pub longitude: Option<f64>,
}
