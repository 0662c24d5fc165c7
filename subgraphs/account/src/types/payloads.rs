//! What mutations answer with: a result, or what is wrong with the input.

use chrono::{DateTime, Utc};
use kernel::{ContactId, SessionId};

use super::{Account, Contact, OpenedSession, Product};

/// Defines the payload of a mutation: its result, null when the input was refused, and the user errors.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $result:ty }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(#[$field_doc])*
            pub $field: Option<$result>,
            /// What is wrong with the input; empty when it was accepted.
            pub user_errors: Vec<crate::error::UserError>,
        }

        impl From<$result> for $name {
            fn from(result: $result) -> Self {
                Self { $field: Some(result), user_errors: Vec::new() }
            }
        }

        impl From<crate::error::UserError> for $name {
            fn from(error: crate::error::UserError) -> Self {
                vec![error].into()
            }
        }

        impl From<Vec<crate::error::UserError>> for $name {
            fn from(user_errors: Vec<crate::error::UserError>) -> Self {
                Self { $field: None, user_errors }
            }
        }
    };
}

pub(super) use payload;

payload! {
    /// The answer to a registration.
    RegisterPayload {
        /// The account's first session. Null when the input was refused.
        session: OpenedSession
    }
}

payload! {
    /// The answer to a log-in.
    LogInPayload {
        /// The new session. Null when nobody was let in.
        session: OpenedSession
    }
}

payload! {
    /// The answer to a renewal.
    RefreshSessionPayload {
        /// The same session with new tokens. Null when the refresh token proves nothing.
        session: OpenedSession
    }
}

payload! {
    /// The answer to a log-out.
    LogOutPayload {
        /// The session that is over.
        session_id: SessionId
    }
}

payload! {
    /// The answer to logging out everywhere.
    LogOutEverywherePayload {
        /// How many sessions are over, this one among them.
        ended_sessions: i32
    }
}

payload! {
    /// The answer to ending a session.
    RevokeSessionPayload {
        /// The session that is over. Null when there was none.
        session_id: SessionId
    }
}

payload! {
    /// The answer to a new password.
    ChangePasswordPayload {
        /// The account. Null when the password stays.
        account: Account
    }
}

payload! {
    /// The answer to a change of one's own account.
    UpdateProfilePayload {
        /// The account as it is now. Null when nothing was changed.
        account: Account
    }
}

payload! {
    /// The answer to a new contact.
    CreateContactPayload {
        /// The contact. Null when the input was refused.
        contact: Contact
    }
}

payload! {
    /// The answer to a change of a contact.
    UpdateContactPayload {
        /// The contact as it is now. Null when the input was refused.
        contact: Contact
    }
}

payload! {
    /// The answer to deleting a contact.
    DeleteContactPayload {
        /// The contact that is gone. Null when there was none.
        contact_id: ContactId
    }
}

payload! {
    /// The answer to a new default.
    SetDefaultContactPayload {
        /// The contact that is the default now. Null when there is none of this id.
        contact: Contact
    }
}

payload! {
    /// The answer to marking a product.
    AddFavoritePayload {
        /// The product.
        product: Product
    }
}

payload! {
    /// The answer to taking a mark off.
    RemoveFavoritePayload {
        /// The product.
        product: Product
    }
}

payload! {
    /// The answer to marking notifications as read.
    MarkNotificationsReadPayload {
        /// The viewer's account, with its new count. Null when the input was refused.
        account: Account
    }
}

payload! {
    /// The answer to a choice of channels.
    SetNotificationChannelsPayload {
        /// The viewer's account. Null when the input was refused.
        account: Account
    }
}

payload! {
    /// The answer to an announcement.
    SendAnnouncementPayload {
        /// When it is delivered. Null when the input was refused.
        deliver_at: DateTime<Utc>
    }
}

payload! {
    /// The answer to following an account.
    FollowAccountPayload {
        /// The account that is followed. Null when the input was refused.
        account: Account
    }
}

payload! {
    /// The answer to no longer following an account.
    UnfollowAccountPayload {
        /// The account that is no longer followed. Null when there is none.
        account: Account
    }
}

payload! {
    /// The answer to a suspension.
    SuspendAccountPayload {
        /// The account. Null when the input was refused.
        account: Account
    }
}

payload! {
    /// The answer to the end of a suspension.
    ReinstateAccountPayload {
        /// The account. Null when there is none of this id.
        account: Account
    }
}

payload! {
    /// The answer to a rotation of the signing key.
    RotateSigningKeyPayload {
        /// The id of the key that signs from now on.
        kid: String
    }
}
