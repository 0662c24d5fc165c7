//! GraphQL types and inputs.

mod account;
mod contact;
mod inputs;
mod notification;
mod payloads;
mod product;
mod session;

pub use account::{Account, Country, Gender};
pub use contact::{Contact, ContactKind};
pub use inputs::{
    AddFavoriteInput, ChangePasswordInput, CreateContactInput, DeleteContactInput, FollowAccountInput, LogInInput,
    MarkNotificationsReadInput, RefreshSessionInput, RegisterInput, ReinstateAccountInput, RemoveFavoriteInput,
    RevokeSessionInput, SetDefaultContactInput, SuspendAccountInput, UnfollowAccountInput, UpdateContactInput,
    UpdateProfileInput,
};
pub use notification::Notification;
pub use payloads::{
    AddFavoritePayload, ChangePasswordPayload, CreateContactPayload, DeleteContactPayload, FollowAccountPayload,
    LogInPayload, LogOutEverywherePayload, LogOutPayload, MarkNotificationsReadPayload, RefreshSessionPayload,
    RegisterPayload, ReinstateAccountPayload, RemoveFavoritePayload, RevokeSessionPayload, RotateSigningKeyPayload,
    SetDefaultContactPayload, SuspendAccountPayload, UnfollowAccountPayload, UpdateContactPayload,
    UpdateProfilePayload,
};
pub use product::{Favorite, Product};
pub use session::{OpenedSession, Session};
