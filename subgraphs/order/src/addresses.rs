//! Addresses: read from a contact or typed in, kept as a copy, and compared by a key.

use async_graphql::SimpleObject;
use contracts::account::Contact;
use entities::order::Address;
use kernel::ContactId;
use sha2::{Digest, Sha256};

/// Where goods go, as it stood at checkout.
#[derive(SimpleObject, Debug, Clone, PartialEq)]
pub struct OrderAddress {
    /// The contact of the buyer it was read from; null when it was typed in at checkout.
    pub contact_id: Option<ContactId>,
    /// Who receives the parcel.
    pub full_name: String,
    /// In E.164 form, as in `+84901234567`.
    pub phone: String,
    /// The address on one line.
    pub address: String,
    /// Degrees north, when known.
    pub latitude: Option<f64>,
    /// Degrees east, when known.
    pub longitude: Option<f64>,
}

impl From<Address> for OrderAddress {
    fn from(address: Address) -> Self {
        let Address { contact_id, full_name, phone, address, latitude, longitude } = address;
        Self { contact_id, full_name, phone, address, latitude, longitude }
    }
}

/// A contact as a row keeps it.
pub(crate) fn of_contact(contact: Contact) -> Address {
    let Contact { contact_id, full_name, phone, address, latitude, longitude } = contact;
    Address { contact_id, full_name, phone, address, latitude, longitude }
}

/// A row's address as other modules know it.
pub(crate) fn to_contact(address: Address) -> Contact {
    let Address { contact_id, full_name, phone, address, latitude, longitude } = address;
    Contact { contact_id, full_name, phone, address, latitude, longitude }
}

/// Equal for addresses that mean the same parcel, whichever contact they were read from: name, phone and address,
/// without regard to case and spacing.
pub(crate) fn key(address: &Address) -> String {
    let mut digest = Sha256::new();
    for part in [&address.full_name, &address.phone, &address.address] {
        let words: Vec<String> = part.split_whitespace().map(str::to_lowercase).collect();
        digest.update(words.join(" "));
        digest.update([0]);
    }
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(full_name: &str, address: &str) -> Address {
        Address {
            contact_id: None,
            full_name: full_name.to_owned(),
            phone: "+84901234567".to_owned(),
            address: address.to_owned(),
            latitude: None,
            longitude: None,
        }
    }

    #[test]
    fn spacing_and_case_do_not_make_another_parcel() {
        let one = address("An Nguyen", "1 Le Loi,  Hanoi");
        let same = Address { contact_id: Some(ContactId::new()), ..address("an nguyen", "1 le loi, hanoi ") };
        assert_eq!(key(&one), key(&same));
        assert_ne!(key(&one), key(&address("An Nguyen", "2 Le Loi, Hanoi")));
    }

    #[test]
    fn text_does_not_move_from_one_part_to_the_next() {
        assert_ne!(key(&address("a b", "c")), key(&address("a", "b c")));
    }
}
