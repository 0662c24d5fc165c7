//! Passwords: argon2id, off the threads that serve requests.
//!
//! A hash takes tens of milliseconds and 19 MiB by design, so it runs on a blocking thread, and only as many at once
//! as there are processors: a flood of log-ins waits instead of filling the memory.

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use rand::RngCore;
use secrecy::{ExposeSecret, SecretString};
use service_kit::{Error, Result};
use tokio::sync::Semaphore;

/// The fewest characters of a password.
const SHORTEST: usize = 8;
/// The most characters of a password.
const LONGEST: usize = 128;

/// What `verify` compares with when there is no account, so that an unknown user takes as long as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| derive("a password that nobody has").expect("argon2 works"));

static SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    Arc::new(Semaphore::new(processors))
});

/// Checks that a new password is of a decent length. Answers with a sentence when it is not.
pub(crate) fn check(password: &SecretString) -> Result<(), String> {
    if (SHORTEST..=LONGEST).contains(&password.expose_secret().chars().count()) {
        Ok(())
    } else {
        Err(format!("A password has between {SHORTEST} and {LONGEST} characters."))
    }
}

/// The argon2id hash of a password in PHC form, with a salt of its own.
///
/// # Errors
/// A fault of the machine.
pub(crate) async fn hash(password: SecretString) -> Result<String> {
    blocking(move || derive(password.expose_secret())).await?.map_err(|error| fault("hashing a password", &error))
}

/// Whether the password has this hash. Without a hash the answer is no, and takes as long.
///
/// # Errors
/// A fault of the machine, or a stored hash that is none.
pub(crate) async fn verify(password: SecretString, hash: Option<String>) -> Result<bool> {
    let outcome = blocking(move || {
        let known = hash.is_some();
        let hash = hash.as_ref().unwrap_or(&NOBODY);
        let hash = PasswordHash::new(hash)?;
        match Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash) {
            Ok(()) => Ok(known),
            Err(argon2::password_hash::Error::Password) => Ok(false),
            Err(error) => Err(error),
        }
    });
    outcome.await?.map_err(|error| fault("verifying a password", &error))
}

/// Makes ready what the first log-in would otherwise wait for.
pub(crate) async fn warm_up() -> Result<()> {
    blocking(|| LazyLock::force(&NOBODY)).await.map(drop)
}

fn derive(password: &str) -> argon2::password_hash::Result<String> {
    let mut salt = [0_u8; 16];
    rand::rng().fill_bytes(&mut salt);
    let salt = SaltString::encode_b64(&salt)?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let slot =
        SLOTS.clone().acquire_owned().await.map_err(|error| Error::internal("waiting for a processor", error))?;
    let done = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        work()
    });
    done.await.map_err(|error| Error::internal("running argon2", error))
}

fn fault(doing: &str, error: &argon2::password_hash::Error) -> Error {
    Error::internal(doing, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_verified_by_argon2id_with_a_salt_of_its_own() {
        let (one, two) = (hash("correct horse".into()).await.unwrap(), hash("correct horse".into()).await.unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        assert!(verify("correct horse".into(), Some(one.clone())).await.unwrap());
        assert!(!verify("wrong horse".into(), Some(one)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_the_password_of_nobody() {
        assert!(!verify("a password that nobody has".into(), None).await.unwrap());
    }
}
