//! SQL of the module. Whatever belongs to an account is found through its owner.

mod accounts;
mod blocks;
mod contacts;
mod favorites;
mod feeds;
mod follows;
mod keys;
mod notifications;
mod one_time_tokens;
mod outbox;
mod payment_methods;
mod reports;
mod sessions;

pub(crate) use accounts::{
    account_by_identifier, account_fetch, account_insert, account_list, account_lock_in_txn,
    account_lock_shared_in_txn, account_password_set_in_txn, account_proof_set_in_txn, account_suspension_set_in_txn,
    account_update,
};
pub(crate) use blocks::{block_between, block_delete, block_insert, block_list, blocks_among};
pub(crate) use contacts::{
    contact_default, contact_default_set_in_txn, contact_delete_in_txn, contact_insert_in_txn, contact_list,
    contact_list_of, contact_position_set, contact_update, contacts_count_in_txn,
};
pub(crate) use favorites::{favorite_delete, favorite_insert, favorite_list, favorites_among};
pub(crate) use feeds::{feed_list, product_publish};
pub(crate) use follows::{FollowCounts, follow_counts, follow_delete, follow_insert, follow_list, following_among};
pub(crate) use keys::{
    signing_key_current, signing_key_insert, signing_key_lock_in_txn, signing_keys_published,
    signing_keys_retire_in_txn,
};
pub(crate) use notifications::{
    Stored, notification_fetch, notification_insert, notification_last_sequence, notification_list,
    notification_list_after, notification_wishes, notification_wishes_set, notifications_read, unread_counts,
};
pub(crate) use one_time_tokens::{token_delete_in_txn, token_replace, token_try_in_txn};
pub(crate) use outbox::{outbox_insert, outbox_list};
pub(crate) use payment_methods::{
    payment_method_default_set_in_txn, payment_method_delete_in_txn, payment_method_insert_in_txn, payment_method_list,
};
pub(crate) use reports::{report_insert, report_list, report_resolve};
pub(crate) use sessions::{
    refresh_token_find, refresh_token_insert_in_txn, refresh_token_use_in_txn, session_end_in_txn,
    session_insert_in_txn, session_list, session_lock_in_txn, session_renew_in_txn, sessions_end_in_txn,
    sessions_forget_tokens_in_txn,
};
