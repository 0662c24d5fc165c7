//! People and shops, each with an address.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, SaltString},
};
use chrono::{DateTime, Utc};
use entities::account::{
    account::{self, Gender},
    contact::{self, ContactKind},
};
use entities::order::Address;

use super::dice::{Dice, day};
use super::words::{CITIES, FAMILY_NAMES, GIVEN_NAMES, SHOPS, STREETS};
use crate::failure::{Failure, Result};

/// The password of every demo account.
pub(super) const PASSWORD: &str = "shopnexus demo";

const BUYERS: usize = 31;

/// An account with its only address.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// The account.
    pub(super) account: account::Model,
    /// Its address.
    pub(super) contact: contact::Model,
}

impl Person {
    /// The address as an order keeps it.
    pub(super) fn address(&self) -> Address {
        Address {
            contact_id: Some(self.contact.id),
            full_name: self.contact.full_name.clone(),
            phone: self.contact.phone.clone(),
            address: self.contact.address.clone(),
            latitude: self.contact.latitude,
            longitude: self.contact.longitude,
        }
    }
}

/// Everybody.
#[derive(Debug, Clone)]
pub(super) struct People {
    /// Who sells; the first one is for the reader to log in as.
    pub(super) sellers: Vec<Person>,
    /// Who buys; the first one is for the reader to log in as.
    pub(super) buyers: Vec<Person>,
    /// Who administrates.
    pub(super) admin: Person,
}

impl People {
    /// The buyer that the reader may be.
    pub(super) fn buyer(&self) -> &Person {
        &self.buyers[0]
    }

    /// The seller that the reader may be.
    pub(super) fn seller(&self) -> &Person {
        &self.sellers[0]
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Person> {
        self.sellers.iter().chain(&self.buyers).chain([&self.admin])
    }
}

/// Draws everybody.
pub(super) fn draw(dice: &mut Dice) -> Result<People> {
    let mut census = Census { dice, password_hash: password_hash()?, people: 0 };
    let sellers = SHOPS.iter().enumerate().map(|(number, (name, description))| {
        let username = if number == 0 { "seller".to_owned() } else { format!("shop{number:02}") };
        census.person(&username, name, description, ContactKind::Work)
    });
    let sellers = sellers.collect();
    let buyers = (0..BUYERS).map(|number| {
        let username = if number == 0 { "buyer".to_owned() } else { format!("member{number:02}") };
        let name = format!("{} {}", census.dice.pick(FAMILY_NAMES), census.dice.pick(GIVEN_NAMES));
        census.person(&username, &name, "", ContactKind::Home)
    });
    let buyers = buyers.collect();
    let mut admin = census.person("admin", "ShopNexus", "Looks after the marketplace.", ContactKind::Work);
    admin.account.is_admin = true;
    Ok(People { sellers, buyers, admin })
}

struct Census<'a> {
    dice: &'a mut Dice,
    password_hash: String,
    people: i64,
}

impl Census<'_> {
    fn person(&mut self, username: &str, name: &str, description: &str, kind: ContactKind) -> Person {
        self.people += 1;
        let created_at = self.dice.later(day(0), 0..=10_000);
        let account = account::Model {
            id: self.dice.id(created_at),
            username: Some(username.to_owned()),
            email: Some(format!("{username}@shopnexus.example")),
            phone: Some(format!("+8490{:07}", 1_000_000 + self.people)),
            password_hash: self.password_hash.clone(),
            name: name.to_owned(),
            description: description.to_owned(),
            gender: (kind == ContactKind::Home).then(|| *self.dice.pick(&[Gender::Female, Gender::Male])),
            date_of_birth: None,
            country: "VN".to_owned(),
            email_verified_at: Some(created_at),
            phone_verified_at: None,
            is_admin: false,
            suspended_at: None,
            suspension_reason: None,
            created_at,
        };
        let contact = self.contact(&account, kind, created_at);
        Person { account, contact }
    }

    fn contact(&mut self, account: &account::Model, kind: ContactKind, at: DateTime<Utc>) -> contact::Model {
        let (city, latitude, longitude) = *self.dice.pick(CITIES);
        let (house, street) = (self.dice.number(1..=320), self.dice.pick(STREETS));
        // Within some three kilometres of the middle of the city.
        let mut near = |degrees: f64| degrees + self.dice.number(-250..=250) as f64 / 10_000.0;
        let (latitude, longitude) = (near(latitude), near(longitude));
        contact::Model {
            id: self.dice.id(at),
            account_id: account.id,
            full_name: account.name.clone(),
            phone: account.phone.clone().unwrap_or_default(),
            address: format!("{house} {street}, {city}"),
            kind,
            latitude: Some(latitude),
            longitude: Some(longitude),
            is_default: true,
            created_at: at,
            updated_at: at,
        }
    }
}

/// The hash that they all share: argon2id with the parameters that the account module uses.
fn password_hash() -> Result<String> {
    let hash = SaltString::encode_b64(b"demo of shopnexus")
        .and_then(|salt| Argon2::default().hash_password(PASSWORD.as_bytes(), &salt).map(|hash| hash.to_string()));
    hash.map_err(|error| Failure::new(format!("the demo password cannot be hashed: {error}")))
}
