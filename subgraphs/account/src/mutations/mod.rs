//! The mutation root.

mod access;
mod contacts;
mod follows;
mod moderation;
mod products;
mod profile;

pub use access::AccessMutations;
pub use contacts::ContactMutations;
pub use follows::FollowMutations;
pub use moderation::ModerationMutations;
pub use products::ProductMutations;
pub use profile::ProfileMutations;

/// The mutation root.
#[derive(async_graphql::MergedObject)]
pub struct Mutation(
    AccessMutations,
    ProfileMutations,
    ContactMutations,
    ProductMutations,
    FollowMutations,
    ModerationMutations,
);

impl Mutation {
    /// All mutations of the module.
    pub(crate) const ROOT: Self = Self(
        AccessMutations,
        ProfileMutations,
        ContactMutations,
        ProductMutations,
        FollowMutations,
        ModerationMutations,
    );
}
