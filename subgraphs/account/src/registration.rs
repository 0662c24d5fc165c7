//! Registering an account, and changing its profile.

use async_graphql::MaybeUndefined;
use chrono::{NaiveDate, Utc};
use entities::account::account;
use kernel::AccountId;
use sea_orm::ActiveValue::Set;
use secrecy::SecretString;
use service_kit::Result;

use crate::{
    countries::{self, Country},
    error::{ErrorCode, Problems, UserError},
    identifiers, passwords,
    types::{RegisterInput, UpdateProfileInput},
};

/// The account that an input describes, with its password hashed, or everything that is wrong with the input.
///
/// # Errors
/// A fault of the machine while hashing.
pub(crate) async fn draft(
    input: RegisterInput,
    default_country: &'static Country,
) -> Result<Result<account::Model, Vec<UserError>>> {
    let password = SecretString::from(input.password.clone());
    match check(input, &password, default_country) {
        Ok(account) => Ok(Ok(account::Model { password_hash: passwords::hash(password).await?, ..account })),
        Err(problems) => Ok(Err(problems)),
    }
}

fn check(
    input: RegisterInput,
    password: &SecretString,
    default_country: &'static Country,
) -> Result<account::Model, Vec<UserError>> {
    let mut problems = Problems::default();
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let (username, email, phone) = (given(input.username), given(input.email), given(input.phone));
    if username.is_none() && email.is_none() && phone.is_none() {
        let message = "Give a username, an email address or a phone number.";
        problems.keep::<()>("username", ErrorCode::IdentifierMissing, Err(message));
    }
    let country = match given(input.country) {
        Some(code) => country(&mut problems, &code),
        None => Some(default_country),
    };
    let username =
        username.and_then(|name| problems.keep("username", ErrorCode::UsernameInvalid, identifiers::username(&name)));
    let email = email.and_then(|email| problems.keep("email", ErrorCode::EmailInvalid, identifiers::email(&email)));
    let phone = phone.and_then(|phone| {
        let phone = identifiers::phone(&phone, country.unwrap_or(default_country));
        problems.keep("phone", ErrorCode::PhoneInvalid, phone)
    });
    let name = problems.text("name", &input.name, 1..=100);
    problems.keep("password", ErrorCode::PasswordInvalid, passwords::check(password));
    let account = name.zip(country).map(|(name, country)| account::Model {
        id: AccountId::new(),
        username,
        email,
        phone,
        password_hash: String::new(),
        name,
        description: String::new(),
        gender: None,
        date_of_birth: None,
        country: country.code.to_owned(),
        email_verified_at: None,
        phone_verified_at: None,
        is_admin: false,
        suspended_at: None,
        suspension_reason: None,
        created_at: Utc::now(),
    });
    problems.none_or(account)
}

/// The error for an identifier that another account has.
pub(crate) fn taken(field: &'static str) -> UserError {
    match field {
        "username" => UserError::at(field, ErrorCode::UsernameTaken, "Another account has this username."),
        "email" => UserError::at(field, ErrorCode::EmailTaken, "Another account has this email address."),
        _ => UserError::at(field, ErrorCode::PhoneTaken, "Another account has this phone number."),
    }
}

/// The changes that an input asks for, or everything that is wrong with it.
pub(crate) fn changes(id: AccountId, input: UpdateProfileInput) -> Result<account::ActiveModel, Vec<UserError>> {
    let mut problems = Problems::default();
    let mut changes = account::ActiveModel { id: Set(id), ..Default::default() };
    if let Some(username) = input.username {
        let username = problems.keep("username", ErrorCode::UsernameInvalid, identifiers::username(&username));
        changes.username = Set(username);
    }
    if let Some(name) = input.name.and_then(|name| problems.text("name", &name, 1..=100)) {
        changes.name = Set(name);
    }
    if let Some(text) = input.description.and_then(|text| problems.text("description", &text, 0..=2000)) {
        changes.description = Set(text);
    }
    if let Some(country) = input.country.and_then(|code| country(&mut problems, &code)) {
        changes.country = Set(country.code.to_owned());
    }
    match input.gender {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => changes.gender = Set(None),
        MaybeUndefined::Value(gender) => changes.gender = Set(Some(gender.into())),
    }
    match input.date_of_birth {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => changes.date_of_birth = Set(None),
        MaybeUndefined::Value(date) => {
            let date = problems.keep("dateOfBirth", ErrorCode::DateOfBirthInvalid, born_on(date));
            changes.date_of_birth = Set(date);
        }
    }
    problems.none_or(Some(changes))
}

fn country(problems: &mut Problems, code: &str) -> Option<&'static Country> {
    let country = countries::find(code).ok_or("This is not a country code of ISO 3166-1, as in VN or US.");
    problems.keep("country", ErrorCode::CountryUnknown, country)
}

fn born_on(date: NaiveDate) -> Result<NaiveDate, &'static str> {
    let oldest = NaiveDate::from_ymd_opt(1900, 1, 1).expect("the first day of 1900 is a day");
    if (oldest..=Utc::now().date_naive()).contains(&date) {
        Ok(date)
    } else {
        Err("The date of birth lies between 1900 and today.")
    }
}
