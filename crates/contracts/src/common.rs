//! What other modules may ask of `common`.

use kernel::{AccountId, ResourceId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Call, Read};

/// Registers the providers of a module, by upsert, at its start. What an administrator has set is kept.
pub const OPTION_REGISTER: Call<Vec<ServiceOption>, ()> = Call::new("ServiceOptions", "register");

/// Which of these options administrators have switched off. Options that nobody knows are not among them.
pub const OPTIONS_DISABLED: Read<Vec<String>, Vec<String>> = Read::new("common", "options-disabled");

/// The same inside a durable handler.
pub const OPTION_DISABLED: Call<Vec<String>, Vec<String>> = Call::new("ServiceOptions", "disabled");

/// Replaces the attachments of an entity as a whole, in the order given.
pub const ATTACH: Call<Attach, AttachOutcome> = Call::new("Attachments", "attach");

/// Replaces the attachments of an entity by images that stay where they are, known by URL.
pub const ATTACH_REMOTE: Call<Vec<AttachRemote>, ()> = Call::new("Attachments", "attach_remote");

/// The position of an address, as well as the providers of places know it. `None` when none of them knows.
pub const GEOCODE: Call<String, Option<Position>> = Call::new("Places", "geocode");

/// A position on Earth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Degrees north, −90 to 90.
    pub latitude: f64,
    /// Degrees east, −180 to 180.
    pub longitude: f64,
}

/// A selectable provider configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceOption {
    /// Stable and unique, as in `vnpay-qr`.
    pub id: String,
    /// What it is for.
    pub category: OptionCategory,
    /// The vendor, as in `vnpay`.
    pub provider: String,
    /// A name for people.
    pub name: String,
    /// A sentence for people.
    pub description: String,
    /// Lower comes first, until an administrator orders them otherwise.
    pub position: i32,
}

/// What a service option is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OptionCategory {
    /// A way to pay.
    Payment,
    /// A way to ship.
    Transport,
    /// A place for files.
    ObjectStore,
    /// A source of vectors for search.
    Embedding,
    /// A source of coordinates.
    Geocoding,
}

/// The entity that files are attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EntityRef {
    /// What kind of entity.
    pub kind: EntityKind,
    /// Its id.
    pub id: Uuid,
}

/// Kinds of entities that carry files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntityKind {
    /// A product; its first image is the one on its card.
    Product,
    /// A review or a reply.
    Comment,
    /// An account; its first image is its avatar.
    Account,
    /// A chat message.
    Message,
    /// A refund request.
    Refund,
}

/// Replaces the attachments of one entity.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attach {
    /// The entity, which the caller has checked the account may change.
    pub entity: EntityRef,
    /// The account the resources must belong to.
    pub owner_id: AccountId,
    /// The resources, in order.
    pub resource_ids: Vec<ResourceId>,
}

/// The answer to [`ATTACH`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachOutcome {
    /// The list is replaced.
    Attached,
    /// Nothing is changed: these resources do not exist, are not complete, or belong to somebody else.
    Refused(Vec<ResourceId>),
}

/// Replaces the attachments of one entity by remote images.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AttachRemote {
    /// The entity.
    pub entity: EntityRef,
    /// The account that will own the resources.
    pub owner_id: AccountId,
    /// Absolute `http` or `https` URLs of the public web, in order; others are left out.
    pub urls: Vec<String>,
}
