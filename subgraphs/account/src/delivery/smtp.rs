//! Email by SMTP ([RFC 5321](https://www.rfc-editor.org/rfc/rfc5321)).

use std::time::Duration;

use futures::future::BoxFuture;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use service_kit::{Config, ConfigError, Error, Result};

use super::{Channel, Delivered, Letter};

/// A mail server that takes letters.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// Reads `SMTP_URL`, as in `smtps://user:password@mail.example.com`, and `MAIL_FROM`. `None` without the first.
    pub(super) fn read(config: &Config) -> Result<Option<Self>, ConfigError> {
        let invalid =
            |name: &str, reason: &str| ConfigError::Invalid { name: name.to_owned(), reason: reason.to_owned() };
        let Some(url) = config.setting("SMTP_URL") else { return Ok(None) };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| invalid("SMTP_URL", "it is a URL as in smtps://user:password@mail.example.com"))?;
        let from = config.setting("MAIL_FROM").ok_or_else(|| ConfigError::Missing("MAIL_FROM".to_owned()))?;
        let from = from.parse().map_err(|_| invalid("MAIL_FROM", "it is a mailbox as in Shop <shop@example.com>"))?;
        Ok(Some(Self { transport: builder.timeout(Some(Duration::from_secs(20))).build(), from }))
    }

    async fn send(&self, to: &str, letter: &Letter) -> Result<Delivered> {
        // An address that is ours and that no mail can be addressed to: no retry makes it one.
        let Ok(to) = to.parse::<Address>() else { return Ok(Delivered::Refused) };
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone())
            .map_err(|error| Error::internal("writing an email", error))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(Delivered::Accepted),
            Err(error) if error.is_permanent() => {
                tracing::warn!(status = ?error.status(), "the mail server refuses an email for good");
                Ok(Delivered::Refused)
            }
            Err(error) => Err(Error::internal("handing an email to the mail server", error)),
        }
    }
}

impl Channel for Smtp {
    fn deliver<'a>(&'a self, to: &'a str, letter: &'a Letter) -> BoxFuture<'a, Result<Delivered>> {
        Box::pin(self.send(to, letter))
    }
}
