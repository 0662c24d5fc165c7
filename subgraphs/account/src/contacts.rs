//! Writing contacts. The first of an account becomes its default, and exactly one stays it.

use chrono::Utc;
use entities::account::contact;
use kernel::{AccountId, ContactId};
use sea_orm::{ActiveValue::Set, DatabaseConnection, TransactionTrait};
use service_kit::{Error, Result};

use crate::{
    countries::{self, Country},
    error::{ErrorCode, Problems, UserError},
    identifiers, store,
    types::{CreateContactInput, UpdateContactInput},
};

/// The most contacts of one account.
const MOST: u64 = 50;

/// Writes a new contact of the account.
///
/// # Errors
/// The database fails, or the account is gone.
pub(crate) async fn create(
    db: &DatabaseConnection,
    account_id: AccountId,
    input: CreateContactInput,
) -> Result<Result<contact::Model, Vec<UserError>>> {
    let txn = db.begin().await?;
    let account = store::account_lock_in_txn(&txn, account_id).await?.ok_or(Error::Unauthenticated)?;
    let contacts = store::contacts_count_in_txn(&txn, account_id).await?;
    if contacts >= MOST {
        let message = format!("An account has at most {MOST} contacts.");
        return Ok(Err(vec![UserError::new(ErrorCode::ContactLimitReached, message)]));
    }
    let contact = match draft(account_id, home(&account.country)?, contacts == 0, input) {
        Ok(contact) => contact,
        Err(problems) => return Ok(Err(problems)),
    };
    store::contact_insert_in_txn(&txn, contact.clone()).await?;
    txn.commit().await?;
    Ok(Ok(contact))
}

/// Changes a contact of the account.
///
/// # Errors
/// The database fails, or the account is gone.
pub(crate) async fn update(
    db: &DatabaseConnection,
    account_id: AccountId,
    input: UpdateContactInput,
) -> Result<Result<contact::Model, Vec<UserError>>> {
    let account = store::account_fetch(db, account_id).await?.ok_or(Error::Unauthenticated)?;
    let id = input.id;
    let changes = match changes(home(&account.country)?, input) {
        Ok(changes) => changes,
        Err(problems) => return Ok(Err(problems)),
    };
    let changed = store::contact_update(db, account_id, id, changes).await?;
    Ok(changed.ok_or_else(|| vec![not_found()]))
}

/// Makes a contact of the account its default.
///
/// # Errors
/// The database fails.
pub(crate) async fn make_default(
    db: &DatabaseConnection,
    account_id: AccountId,
    id: ContactId,
) -> Result<Result<contact::Model, UserError>> {
    let txn = db.begin().await?;
    store::account_lock_in_txn(&txn, account_id).await?;
    let contact = store::contact_default_set_in_txn(&txn, account_id, id).await?;
    txn.commit().await?;
    Ok(contact.ok_or_else(not_found))
}

/// Deletes a contact of the account.
///
/// # Errors
/// The database fails.
pub(crate) async fn delete(
    db: &DatabaseConnection,
    account_id: AccountId,
    id: ContactId,
) -> Result<Result<ContactId, UserError>> {
    let txn = db.begin().await?;
    store::account_lock_in_txn(&txn, account_id).await?;
    let deleted = store::contact_delete_in_txn(&txn, account_id, id).await?;
    txn.commit().await?;
    Ok(if deleted { Ok(id) } else { Err(not_found()) })
}

fn not_found() -> UserError {
    UserError::at("id", ErrorCode::ContactNotFound, "You have no such contact.")
}

fn home(country: &str) -> Result<&'static Country> {
    countries::find(country).ok_or_else(|| Error::broken("accounts have known countries"))
}

fn draft(
    account_id: AccountId,
    country: &Country,
    is_default: bool,
    input: CreateContactInput,
) -> Result<contact::Model, Vec<UserError>> {
    let mut problems = Problems::default();
    let full_name = problems.text("fullName", &input.full_name, 1..=100);
    let phone = problems.keep("phone", ErrorCode::PhoneInvalid, identifiers::phone(&input.phone, country));
    let address = problems.text("address", &input.address, 1..=500);
    let position = position(&mut problems, input.latitude, input.longitude);
    let now = Utc::now();
    let contact = full_name.zip(phone).zip(address).map(|((full_name, phone), address)| contact::Model {
        id: ContactId::new(),
        account_id,
        full_name,
        phone,
        address,
        kind: input.kind.into(),
        latitude: position.map(|position| position.0),
        longitude: position.map(|position| position.1),
        is_default,
        created_at: now,
        updated_at: now,
    });
    problems.none_or(contact)
}

fn changes(country: &Country, input: UpdateContactInput) -> Result<contact::ActiveModel, Vec<UserError>> {
    let mut problems = Problems::default();
    let mut changes = contact::ActiveModel::default();
    if let Some(full_name) = input.full_name.and_then(|name| problems.text("fullName", &name, 1..=100)) {
        changes.full_name = Set(full_name);
    }
    let phone = input.phone.map(|phone| identifiers::phone(&phone, country));
    if let Some(phone) = phone.and_then(|phone| problems.keep("phone", ErrorCode::PhoneInvalid, phone)) {
        changes.phone = Set(phone);
    }
    let position = position(&mut problems, input.latitude, input.longitude);
    if let Some(address) = input.address.and_then(|address| problems.text("address", &address, 1..=500)) {
        changes.address = Set(address);
        changes.latitude = Set(None);
        changes.longitude = Set(None);
    }
    if let Some((latitude, longitude)) = position {
        changes.latitude = Set(Some(latitude));
        changes.longitude = Set(Some(longitude));
    }
    if let Some(kind) = input.kind {
        changes.kind = Set(kind.into());
    }
    problems.none_or(Some(changes))
}

/// Both halves of a position, or neither.
fn position(problems: &mut Problems, latitude: Option<f64>, longitude: Option<f64>) -> Option<(f64, f64)> {
    let (field, outcome) = match (latitude, longitude) {
        (None, None) => return None,
        (Some(latitude), _) if !(-90.0..=90.0).contains(&latitude) => {
            ("latitude", Err("A latitude lies between -90 and 90 degrees."))
        }
        (_, Some(longitude)) if !(-180.0..=180.0).contains(&longitude) => {
            ("longitude", Err("A longitude lies between -180 and 180 degrees."))
        }
        (Some(latitude), Some(longitude)) => ("latitude", Ok((latitude, longitude))),
        (Some(_), None) => ("longitude", Err("A latitude needs a longitude.")),
        (None, Some(_)) => ("latitude", Err("A longitude needs a latitude.")),
    };
    problems.keep(field, ErrorCode::PositionInvalid, outcome)
}
