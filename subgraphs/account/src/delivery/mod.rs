//! Ways to reach somebody outside the marketplace: by email and by text message.
//!
//! Owns the channels and the choice between them. What is said, and to whom, its callers decide. A channel is trusted
//! with secrets, so nothing here logs a text or an address.

mod outbox;
mod sms_gateway;
mod smtp;

use std::sync::Arc;

use futures::future::BoxFuture;
use sea_orm::DatabaseConnection;
use service_kit::{Config, ConfigError, Result, config::Environment};

pub(crate) use outbox::page;

use self::{outbox::Outbox, sms_gateway::SmsGateway, smtp::Smtp};

/// What is said.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    /// One line; a text message leaves it out.
    pub(crate) subject: String,
    /// Plain text.
    pub(crate) body: String,
}

/// What the channel made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// It took the letter.
    Accepted,
    /// It will never take it: there is no such recipient, say. Trying again is of no use.
    Refused,
}

/// A way to reach somebody.
pub(crate) trait Channel: Send + Sync + 'static {
    /// Hands a letter over. It may be handed over twice, when the process dies in between.
    ///
    /// # Errors
    /// What time can heal: the channel is away, or asks for patience.
    fn deliver<'a>(&'a self, to: &'a str, letter: &'a Letter) -> BoxFuture<'a, Result<Delivered>>;
}

/// Through what somebody is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Medium {
    /// By email.
    Email,
    /// By text message.
    Sms,
}

/// The channels of this installation; a medium without a channel reaches nobody.
#[derive(Clone)]
pub(crate) struct Delivery {
    email: Option<Arc<dyn Channel>>,
    sms: Option<Arc<dyn Channel>>,
}

impl Delivery {
    /// Reads `SMTP_URL` with `MAIL_FROM`, and `SMS_GATEWAY_URL` with `SMS_GATEWAY_TOKEN`. In development the outbox
    /// stands in for what is not set.
    ///
    /// # Errors
    /// A variable is not usable; the error names it and not its value.
    pub(crate) fn read(config: &Config, db: &DatabaseConnection, http: &reqwest::Client) -> Result<Self, ConfigError> {
        let outbox = |medium| -> Option<Arc<dyn Channel>> {
            let development = config.environment == Environment::Development;
            development.then(|| Arc::new(Outbox { db: db.clone(), medium }) as Arc<dyn Channel>)
        };
        let email = Smtp::read(config)?.map(|channel| Arc::new(channel) as Arc<dyn Channel>);
        let sms = SmsGateway::read(config, http)?.map(|channel| Arc::new(channel) as Arc<dyn Channel>);
        Ok(Self { email: email.or_else(|| outbox(Medium::Email)), sms: sms.or_else(|| outbox(Medium::Sms)) })
    }

    /// Whether anybody can be reached in this way.
    pub(crate) fn reaches(&self, medium: Medium) -> bool {
        self.channel(medium).is_some()
    }

    /// Sends a letter. Without a channel it is refused.
    ///
    /// # Errors
    /// What time can heal.
    pub(crate) async fn deliver(&self, medium: Medium, to: &str, letter: &Letter) -> Result<Delivered> {
        match self.channel(medium) {
            Some(channel) => channel.deliver(to, letter).await,
            None => Ok(Delivered::Refused),
        }
    }

    fn channel(&self, medium: Medium) -> Option<&Arc<dyn Channel>> {
        match medium {
            Medium::Email => self.email.as_ref(),
            Medium::Sms => self.sms.as_ref(),
        }
    }
}

impl Medium {
    /// Its name in the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Sms => "SMS",
        }
    }
}
