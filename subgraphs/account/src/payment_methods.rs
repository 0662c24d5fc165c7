//! Adding and removing payment methods. The first of an account becomes its default, and exactly one stays it.

use chrono::Utc;
use entities::account::payment_method;
use kernel::{AccountId, PaymentMethodId};
use sea_orm::{DatabaseConnection, TransactionTrait};
use service_kit::{Error, Result};

use crate::{
    error::{ErrorCode, UserError},
    providers::{TokenRefusal, Tokenised, Tokenisers},
    store,
    types::AddPaymentMethodInput,
};

/// The most payment methods of one account.
const MOST: usize = 20;

/// Exchanges the nonce and keeps the token. The same card again is the one that the account has.
///
/// # Errors
/// The provider or the database fails, or the account is gone.
pub(crate) async fn add(
    db: &DatabaseConnection,
    tokenisers: &Tokenisers,
    account_id: AccountId,
    input: &AddPaymentMethodInput,
) -> Result<Result<payment_method::Model, UserError>> {
    let Some((provider, tokeniser)) = tokenisers.find(&input.provider) else {
        let known: Vec<_> = tokenisers.ids().collect();
        let message = format!("There is no such provider; there are: {}.", known.join(", "));
        return Ok(Err(UserError::at("provider", ErrorCode::ProviderUnknown, message)));
    };
    if !(1..=500).contains(&input.nonce.len()) {
        return Ok(Err(refused(TokenRefusal::NonceInvalid)));
    }
    match tokeniser.exchange(account_id, &input.nonce).await? {
        Ok(card) => keep(db, account_id, provider, card, input.make_default).await,
        Err(refusal) => Ok(Err(refused(refusal))),
    }
}

async fn keep(
    db: &DatabaseConnection,
    account_id: AccountId,
    provider: &str,
    card: Tokenised,
    make_default: bool,
) -> Result<Result<payment_method::Model, UserError>> {
    let txn = db.begin().await?;
    store::account_lock_in_txn(&txn, account_id).await?.ok_or(Error::Unauthenticated)?;
    let all = store::payment_method_list(&txn, vec![account_id]).await?;
    let known = all.iter().find(|method| method.provider == provider && method.token == card.token);
    if known.is_none() && all.len() >= MOST {
        let message = format!("An account has at most {MOST} payment methods.");
        return Ok(Err(UserError::new(ErrorCode::PaymentMethodLimitReached, message)));
    }
    let method = match known {
        Some(known) => known.clone(),
        None => {
            let method = payment_method::Model {
                id: PaymentMethodId::new(),
                account_id,
                provider: provider.to_owned(),
                token: card.token,
                brand: card.brand,
                last_digits: card.last_digits,
                expires_year: card.expires.map(|(year, _)| year),
                expires_month: card.expires.map(|(_, month)| month),
                is_default: all.is_empty(),
                created_at: Utc::now(),
            };
            store::payment_method_insert_in_txn(&txn, method.clone()).await?;
            method
        }
    };
    let method = match make_default {
        true => store::payment_method_default_set_in_txn(&txn, account_id, method.id).await?.unwrap_or(method),
        false => method,
    };
    txn.commit().await?;
    Ok(Ok(method))
}

/// Makes a payment method of the account its default.
///
/// # Errors
/// The database fails.
pub(crate) async fn make_default(
    db: &DatabaseConnection,
    account_id: AccountId,
    id: PaymentMethodId,
) -> Result<Result<payment_method::Model, UserError>> {
    let txn = db.begin().await?;
    store::account_lock_in_txn(&txn, account_id).await?;
    let method = store::payment_method_default_set_in_txn(&txn, account_id, id).await?;
    txn.commit().await?;
    Ok(method.ok_or_else(not_found))
}

/// Removes a payment method of the account.
///
/// # Errors
/// The database fails.
pub(crate) async fn remove(
    db: &DatabaseConnection,
    account_id: AccountId,
    id: PaymentMethodId,
) -> Result<Result<PaymentMethodId, UserError>> {
    let txn = db.begin().await?;
    store::account_lock_in_txn(&txn, account_id).await?;
    let removed = store::payment_method_delete_in_txn(&txn, account_id, id).await?;
    txn.commit().await?;
    Ok(if removed { Ok(id) } else { Err(not_found()) })
}

fn refused(refusal: TokenRefusal) -> UserError {
    match refusal {
        TokenRefusal::NonceInvalid => {
            UserError::at("nonce", ErrorCode::NonceInvalid, "The provider does not know this, or it was used before.")
        }
        TokenRefusal::Declined => UserError::at("nonce", ErrorCode::PaymentMethodDeclined, "The bank declines it."),
    }
}

fn not_found() -> UserError {
    UserError::at("id", ErrorCode::PaymentMethodNotFound, "You have no such payment method.")
}
