//! Signed upload URLs: whoever has one may put the bytes of one resource until it expires, and nothing else.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use kernel::ResourceId;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// How long an upload URL works.
pub(crate) const UPLOAD_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Signs and verifies upload URLs by HMAC-SHA256.
#[derive(Clone)]
pub struct UploadSigner {
    mac: Hmac<Sha256>,
}

impl UploadSigner {
    /// A signer whose key is derived from a secret that all processes of the module share.
    pub fn new(secret: &SecretString) -> Self {
        // The secret has other uses; the label keeps their keys apart.
        let mut derivation = keyed(secret.expose_secret().as_bytes());
        derivation.update(b"shopnexus common upload URLs");
        Self { mac: keyed(&derivation.finalize().into_bytes()) }
    }

    /// The signature of the permission to put the bytes of `id` until `expires_at`, in hexadecimal.
    pub fn sign(&self, id: ResourceId, expires_at: DateTime<Utc>) -> String {
        hex::encode(self.over(id, expires_at.timestamp()).finalize().into_bytes())
    }

    /// Whether `signature` permits to put the bytes of `id` at the time `now`; compared in constant time.
    pub fn permits(&self, id: ResourceId, expires: i64, signature: &str, now: DateTime<Utc>) -> bool {
        let genuine =
            hex::decode(signature).is_ok_and(|signature| self.over(id, expires).verify_slice(&signature).is_ok());
        genuine && now.timestamp() < expires
    }

    fn over(&self, id: ResourceId, expires: i64) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(format!("PUT\n{id}\n{expires}").as_bytes());
        mac
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_signature_permits_one_resource_until_it_expires() {
        let signer = UploadSigner::new(&"secret".into());
        let (id, other, now) = (ResourceId::new(), ResourceId::new(), Utc::now());
        let expires_at = now + TimeDelta::minutes(1);
        let (expires, signature) = (expires_at.timestamp(), signer.sign(id, expires_at));
        assert!(signer.permits(id, expires, &signature, now));
        assert!(!signer.permits(other, expires, &signature, now), "another resource");
        assert!(!signer.permits(id, expires + 60, &signature, now), "a later expiry");
        assert!(!signer.permits(id, expires, &signature, expires_at), "expired");
        assert!(!signer.permits(id, expires, &signature[..62], now), "cut");
        assert!(!signer.permits(id, expires, "no hexadecimal", now), "nonsense");
        assert!(!UploadSigner::new(&"other".into()).permits(id, expires, &signature, now), "another secret");
    }
}
