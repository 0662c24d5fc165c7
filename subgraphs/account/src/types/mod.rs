//! GraphQL types and inputs.

mod account;
mod block;
mod contact;
mod inputs;
mod notification;
mod payloads;
mod payment_method;
mod privacy;
mod product;
mod recovery;
mod session;

pub use account::{Account, Country, Gender};
pub use block::{
    AccountReport, BlockAccountInput, BlockAccountPayload, BlockedAccount, ReportAccountInput, ReportAccountPayload,
    ResolveAccountReportInput, ResolveAccountReportPayload, UnblockAccountInput, UnblockAccountPayload,
};
pub use contact::{Contact, ContactKind};
pub use inputs::{
    AddFavoriteInput, ChangePasswordInput, CreateContactInput, DeleteContactInput, FollowAccountInput, LogInInput,
    MarkNotificationsReadInput, RefreshSessionInput, RegisterInput, ReinstateAccountInput, RemoveFavoriteInput,
    RevokeSessionInput, SendAnnouncementInput, SetDefaultContactInput, SetNotificationChannelsInput,
    SuspendAccountInput, UnfollowAccountInput, UpdateContactInput, UpdateProfileInput,
};
pub use notification::{Notification, NotificationChannel};
pub use payloads::{
    AddFavoritePayload, ChangePasswordPayload, CreateContactPayload, DeleteContactPayload, FollowAccountPayload,
    LogInPayload, LogOutEverywherePayload, LogOutPayload, MarkNotificationsReadPayload, RefreshSessionPayload,
    RegisterPayload, ReinstateAccountPayload, RemoveFavoritePayload, RevokeSessionPayload, RotateSigningKeyPayload,
    SendAnnouncementPayload, SetDefaultContactPayload, SetNotificationChannelsPayload, SuspendAccountPayload,
    UnfollowAccountPayload, UpdateContactPayload, UpdateProfilePayload,
};
pub use payment_method::{
    AddPaymentMethodInput, AddPaymentMethodPayload, PaymentMethod, RemovePaymentMethodInput,
    RemovePaymentMethodPayload, SetDefaultPaymentMethodInput, SetDefaultPaymentMethodPayload,
};
pub use privacy::{DeleteAccountInput, DeleteAccountPayload, ExportAccountDataPayload};
pub use product::{Favorite, FeedEntry, Product};
pub use recovery::{
    AddressKind, ConfirmVerificationInput, ConfirmVerificationPayload, RequestPasswordResetInput,
    RequestPasswordResetPayload, RequestVerificationInput, RequestVerificationPayload, ResetPasswordInput,
    ResetPasswordPayload,
};
pub use session::{OpenedSession, Session};
