//! Types of what an account may ask about itself as a whole.

use async_graphql::InputObject;
use kernel::AccountId;

use super::payloads::payload;

/// Whose account to delete: the viewer's, who proves to be there.
#[derive(InputObject)]
pub struct DeleteAccountInput {
    /// The account's password.
    #[graphql(secret)]
    pub password: String,
}

payload! {
    /// The answer to a deletion.
    DeleteAccountPayload {
        /// The account that is gone. Null when the deletion was refused.
        account_id: AccountId
    }
}

payload! {
    /// The answer to an export.
    ExportAccountDataPayload {
        /// A JSON document: an object with a member for each module, whose members are lists of rows. A list holds at most
        /// 10,000 rows; one that has more is named again with `Truncated`. Null when the request was refused.
        data: String
    }
}
