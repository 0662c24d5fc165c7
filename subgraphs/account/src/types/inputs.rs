//! Inputs of the mutations.

use async_graphql::{InputObject, MaybeUndefined};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AccountId, ContactId, NotificationId, ProductId, SessionId};

use super::{ContactKind, Gender, NotificationChannel};

/// A new account. It needs at least one of username, email and phone.
#[derive(InputObject)]
pub struct RegisterInput {
    /// 3 to 30 letters, digits, dots or underscores, a letter first. Unique without regard to case.
    pub username: Option<String>,
    /// An email address. Unique without regard to case.
    #[graphql(secret)]
    pub email: Option<String>,
    /// A phone number with its calling code, as in `+84901234567`, or a national number of `country`.
    #[graphql(secret)]
    pub phone: Option<String>,
    /// The name that others see, at most 100 characters.
    pub name: String,
    /// 8 to 128 characters.
    #[graphql(secret)]
    pub password: String,
    /// The two-letter code of ISO 3166-1, which gives the currency. The marketplace's own country when left out.
    pub country: Option<String>,
    /// What to call this device in the list of sessions, as in `Firefox on Debian`; at most 100 characters.
    #[graphql(default)]
    pub device: String,
}

/// Who logs in.
#[derive(InputObject)]
pub struct LogInInput {
    /// The username, the email address or the phone number.
    #[graphql(secret)]
    pub identifier: String,
    /// The password.
    #[graphql(secret)]
    pub password: String,
    /// What to call this device in the list of sessions, as in `Firefox on Debian`; at most 100 characters.
    #[graphql(default)]
    pub device: String,
}

/// The tokens to renew.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The refresh token that was handed out last.
    #[graphql(secret)]
    pub refresh_token: String,
}

/// Which session to end.
#[derive(InputObject)]
pub struct RevokeSessionInput {
    /// A session of the viewer's, as in `Account.sessions`.
    pub session_id: SessionId,
}

/// The old password and the new.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password as it is.
    #[graphql(secret)]
    pub current_password: String,
    /// The password as it shall be, 8 to 128 characters.
    #[graphql(secret)]
    pub new_password: String,
}

/// What to change of one's own account. What is left out stays.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// 3 to 30 letters, digits, dots or underscores, a letter first. Unique without regard to case.
    pub username: Option<String>,
    /// The name that others see, at most 100 characters.
    pub name: Option<String>,
    /// What the account says of itself, at most 2000 characters.
    pub description: Option<String>,
    /// The two-letter code of ISO 3166-1, which gives the currency.
    pub country: Option<String>,
    /// Gender; null to take it back.
    pub gender: MaybeUndefined<Gender>,
    /// Date of birth; null to take it back.
    pub date_of_birth: MaybeUndefined<NaiveDate>,
}

/// A new shipping address.
#[derive(InputObject)]
pub struct CreateContactInput {
    /// Who receives the parcel, at most 100 characters.
    pub full_name: String,
    /// A phone number with its calling code, or a national number of the account's country.
    #[graphql(secret)]
    pub phone: String,
    /// The address on one line, at most 500 characters.
    #[graphql(secret)]
    pub address: String,
    /// What kind of place it is.
    #[graphql(name = "type", default_with = "ContactKind::Home")]
    pub kind: ContactKind,
    /// Degrees north, −90 to 90; together with `longitude`.
    pub latitude: Option<f64>,
    /// Degrees east, −180 to 180; together with `latitude`.
    pub longitude: Option<f64>,
}

/// What to change of a shipping address. What is left out stays.
#[derive(InputObject)]
pub struct UpdateContactInput {
    /// A contact of the viewer's.
    pub id: ContactId,
    /// Who receives the parcel, at most 100 characters.
    pub full_name: Option<String>,
    /// A phone number with its calling code, or a national number of the account's country.
    #[graphql(secret)]
    pub phone: Option<String>,
    /// The address on one line, at most 500 characters. A new address forgets the old position.
    #[graphql(secret)]
    pub address: Option<String>,
    /// What kind of place it is.
    #[graphql(name = "type")]
    pub kind: Option<ContactKind>,
    /// Degrees north, −90 to 90; together with `longitude`.
    pub latitude: Option<f64>,
    /// Degrees east, −180 to 180; together with `latitude`.
    pub longitude: Option<f64>,
}

/// Which shipping address to delete.
#[derive(InputObject)]
pub struct DeleteContactInput {
    /// A contact of the viewer's. When it is the default, the oldest other becomes it.
    pub id: ContactId,
}

/// Which shipping address to make the default.
#[derive(InputObject)]
pub struct SetDefaultContactInput {
    /// A contact of the viewer's.
    pub id: ContactId,
}

/// Which product to mark.
#[derive(InputObject)]
pub struct AddFavoriteInput {
    /// The product.
    pub product_id: ProductId,
}

/// Which product's mark to take off.
#[derive(InputObject)]
pub struct RemoveFavoriteInput {
    /// The product.
    pub product_id: ProductId,
}

/// Which notifications have been read: either `ids` or `all`.
#[derive(InputObject)]
pub struct MarkNotificationsReadInput {
    /// Notifications of the viewer's, at most 100. Others are passed over.
    pub ids: Option<Vec<NotificationId>>,
    /// All that there are.
    #[graphql(default)]
    pub all: bool,
}

/// By which ways to be told.
#[derive(InputObject)]
pub struct SetNotificationChannelsInput {
    /// The ways. The inbox always is one, whether it is named or not.
    pub channels: Vec<NotificationChannel>,
}

/// What to tell whom, and when.
#[derive(InputObject)]
pub struct SendAnnouncementInput {
    /// The accounts, 1 to 100.
    pub account_ids: Vec<AccountId>,
    /// A short line, 1 to 100 characters.
    pub title: String,
    /// A sentence or two, 1 to 2000 characters.
    pub content: String,
    /// When to deliver it, within a year. Now when left out.
    pub deliver_at: Option<DateTime<Utc>>,
    /// A key of 1–64 characters that the client draws: the same one again sends nothing more.
    pub idempotency_key: String,
}

/// Whom to follow.
#[derive(InputObject)]
pub struct FollowAccountInput {
    /// Another account.
    pub account_id: AccountId,
}

/// Whom to follow no longer.
#[derive(InputObject)]
pub struct UnfollowAccountInput {
    /// Another account.
    pub account_id: AccountId,
}

/// Whom to suspend, and why.
#[derive(InputObject)]
pub struct SuspendAccountInput {
    /// The account.
    pub account_id: AccountId,
    /// Why, for other administrators; 1 to 500 characters.
    pub reason: String,
}

/// Whom to let in again.
#[derive(InputObject)]
pub struct ReinstateAccountInput {
    /// The account.
    pub account_id: AccountId,
}
