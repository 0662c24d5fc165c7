//! One-time tokens: secrets that prove an email address or a phone number, or let their holder set a new password.
//!
//! A token is stored as a hash, is good for a while, for a few attempts and for one use; a new one ends the one before.
//! By email it is 256 random bits, by text message eight digits, which the attempts keep from being guessed.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{TimeDelta, Utc};
use entities::account::{
    account,
    one_time_token::{self, TokenPurpose},
    session::EndReason,
};
use kernel::AccountId;
use rand::RngCore;
use redis::aio::ConnectionManager;
use sea_orm::{ActiveValue::Set, DatabaseConnection, DatabaseTransaction, TransactionTrait};
use service_kit::Result;
use sha2::{Digest, Sha256};

use crate::{
    delivery::{Delivered, Delivery, Letter, Medium},
    identifiers::Identifier,
    sessions, store,
};

/// How often a token can be tried.
const ATTEMPTS_MAX: i32 = 5;

/// How long a token is good.
const LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// Makes a token and sends it. The token itself is in no answer, no journal and no log.
///
/// # Errors
/// The database or the channel fails; trying again sends another token, which ends this one.
pub(crate) async fn issue(
    db: &DatabaseConnection,
    delivery: &Delivery,
    account_id: AccountId,
    purpose: TokenPurpose,
    destination: &str,
) -> Result<()> {
    let medium = medium(destination);
    if !delivery.reaches(medium) {
        tracing::warn!(%account_id, ?medium, "a one-time token cannot be sent: there is no channel");
        return Ok(());
    }
    let (token, now) = (draw(medium), Utc::now());
    let row = one_time_token::Model {
        account_id,
        purpose,
        destination: destination.to_owned(),
        token_hash: hash(&token),
        attempts: 0,
        created_at: now,
        expires_at: now + LIFETIME,
    };
    store::token_replace(db, row).await?;
    if delivery.deliver(medium, destination, &letter(purpose, &token)).await? == Delivered::Refused {
        tracing::warn!(%account_id, ?medium, "a one-time token was refused by its channel");
    }
    Ok(())
}

/// Where a reset goes for who is known by an identifier: to the address that was typed, and for a username to the email
/// address or the phone number of the account. `None` when there is nobody, or no way to reach them.
///
/// # Errors
/// The database fails.
pub(crate) async fn reset_destination(
    db: &DatabaseConnection,
    identifier: &Identifier,
) -> Result<Option<(AccountId, String)>> {
    let Some(account) = store::account_by_identifier(db, identifier).await? else { return Ok(None) };
    let destination = match identifier {
        Identifier::Email(_) => account.email,
        Identifier::Phone(_) => account.phone,
        Identifier::Username(_) => account.email.or(account.phone),
    };
    Ok(destination.map(|destination| (account.id, destination)))
}

/// Sets a new password by a token, ends every session, and notes that the destination of the token is proved. `false`
/// when the token proves nothing, for whatever reason.
///
/// # Errors
/// The database or Redis fails.
pub(crate) async fn reset_password(
    db: &DatabaseConnection,
    redis: &ConnectionManager,
    identifier: &Identifier,
    token: &str,
    new_hash: String,
) -> Result<bool> {
    let Some(account) = store::account_by_identifier(db, identifier).await? else { return Ok(false) };
    let txn = db.begin().await?;
    let Some(account) = store::account_lock_in_txn(&txn, account.id).await? else { return Ok(false) };
    let redeemed = redeem_in_txn(&txn, account.id, TokenPurpose::ResetPassword, token).await?;
    // A token that went to an address which is no longer the account's has lost its meaning.
    let Some(proved) = redeemed.and_then(|destination| proof(&account, &destination)) else {
        txn.commit().await?;
        return Ok(false);
    };
    store::account_password_set_in_txn(&txn, account.id, new_hash).await?;
    store::account_proof_set_in_txn(&txn, proved).await?;
    let ended = store::sessions_end_in_txn(&txn, account.id, None, EndReason::PasswordChanged, Utc::now()).await?;
    txn.commit().await?;
    sessions::revoke_all(redis, account.id, &ended).await?;
    Ok(true)
}

/// What became of a token that proves an address.
#[derive(Debug)]
pub(crate) enum Verified {
    /// The address is the account's, and proved.
    Proved(Box<account::Model>),
    /// The token proves nothing.
    Invalid,
    /// The address is proved, and it is another account's.
    Taken(&'static str),
}

/// Proves an email address or a phone number, and makes it the account's if it was not.
///
/// # Errors
/// The database fails.
pub(crate) async fn verify(
    db: &DatabaseConnection,
    account_id: AccountId,
    purpose: TokenPurpose,
    token: &str,
) -> Result<Verified> {
    let txn = db.begin().await?;
    store::account_lock_in_txn(&txn, account_id).await?;
    let Some(destination) = redeem_in_txn(&txn, account_id, purpose, token).await? else {
        txn.commit().await?;
        return Ok(Verified::Invalid);
    };
    let now = Some(Utc::now());
    let mut proved = account::ActiveModel { id: Set(account_id), ..Default::default() };
    if purpose == TokenPurpose::VerifyEmail {
        (proved.email, proved.email_verified_at) = (Set(Some(destination)), Set(now));
    } else {
        (proved.phone, proved.phone_verified_at) = (Set(Some(destination)), Set(now));
    }
    match store::account_update(&txn, proved).await? {
        Ok(account) => {
            txn.commit().await?;
            Ok(Verified::Proved(Box::new(account)))
        }
        // The transaction goes back, and the token stays: it may be used when the address is free.
        Err(field) => Ok(Verified::Taken(field)),
    }
}

/// Uses the account's token up if it is this one, and gives where it had been sent. A wrong one counts as an attempt.
async fn redeem_in_txn(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    purpose: TokenPurpose,
    token: &str,
) -> Result<Option<String>> {
    let tried = store::token_try_in_txn(txn, account_id, purpose, ATTEMPTS_MAX, Utc::now()).await?;
    // Hashes are compared, so that the time of the comparison says nothing about the token.
    let Some(right) = tried.filter(|row| row.token_hash == hash(token.trim())) else { return Ok(None) };
    store::token_delete_in_txn(txn, account_id, purpose).await?;
    Ok(Some(right.destination))
}

/// The change that notes a proved address, if it is the account's.
fn proof(account: &account::Model, destination: &str) -> Option<account::ActiveModel> {
    let now = Some(Utc::now());
    let mut proved = account::ActiveModel { id: Set(account.id), ..Default::default() };
    if account.email.as_deref() == Some(destination) {
        proved.email_verified_at = Set(account.email_verified_at.or(now));
    } else if account.phone.as_deref() == Some(destination) {
        proved.phone_verified_at = Set(account.phone_verified_at.or(now));
    } else {
        return None;
    }
    Some(proved)
}

/// Phone numbers begin with a plus, and email addresses hold an `@`.
fn medium(destination: &str) -> Medium {
    if destination.contains('@') { Medium::Email } else { Medium::Sms }
}

fn draw(medium: Medium) -> String {
    let mut bits = [0_u8; 32];
    rand::rng().fill_bytes(&mut bits);
    match medium {
        Medium::Email => URL_SAFE_NO_PAD.encode(bits),
        Medium::Sms => {
            let (number, _) = bits.split_first_chunk().expect("there are 32 bytes");
            // 2^64 is so much greater than 10^8 that every number is as likely as another.
            format!("{:08}", u64::from_be_bytes(*number) % 100_000_000)
        }
    }
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

fn letter(purpose: TokenPurpose, token: &str) -> Letter {
    let (subject, what) = match purpose {
        TokenPurpose::VerifyEmail => ("Confirm your email address", "confirm your email address"),
        TokenPurpose::VerifyPhone => ("Confirm your phone number", "confirm your phone number"),
        TokenPurpose::ResetPassword => ("Set a new password", "set a new password"),
    };
    let mut body = format!("Your code to {what} at ShopNexus:\n\n{token}\n\n");
    let minutes = LIFETIME.num_minutes();
    write!(body, "It works once, for {minutes} minutes. If you did not ask for it, nothing has happened.")
        .expect("writing to a string cannot fail");
    Letter { subject: subject.to_owned(), body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_fit_their_medium() {
        let (one, two) = (draw(Medium::Email), draw(Medium::Email));
        assert_ne!(one, two);
        assert_eq!(one.len(), 43);
        let digits = draw(Medium::Sms);
        assert!(digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");
        assert!(letter(TokenPurpose::ResetPassword, &one).body.contains(&one));
    }
}
