//! The mutation root.

mod access;
mod blocks;
mod contacts;
mod follows;
mod moderation;
mod notifications;
mod payment_methods;
mod privacy;
mod products;
mod profile;
mod recovery;

pub use access::AccessMutations;
pub use blocks::BlockMutations;
pub use contacts::ContactMutations;
pub use follows::FollowMutations;
pub use moderation::ModerationMutations;
pub use notifications::NotificationMutations;
pub use payment_methods::PaymentMethodMutations;
pub use privacy::PrivacyMutations;
pub use products::ProductMutations;
pub use profile::ProfileMutations;
pub use recovery::RecoveryMutations;

/// The mutation root.
#[derive(async_graphql::MergedObject)]
pub struct Mutation(
    AccessMutations,
    RecoveryMutations,
    ProfileMutations,
    ContactMutations,
    PaymentMethodMutations,
    ProductMutations,
    FollowMutations,
    BlockMutations,
    NotificationMutations,
    ModerationMutations,
    PrivacyMutations,
);

impl Mutation {
    /// All mutations of the module.
    pub(crate) const ROOT: Self = Self(
        AccessMutations,
        RecoveryMutations,
        ProfileMutations,
        ContactMutations,
        PaymentMethodMutations,
        ProductMutations,
        FollowMutations,
        BlockMutations,
        NotificationMutations,
        ModerationMutations,
        PrivacyMutations,
    );
}
