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
        let Some(url) = config.setting("SMTP_URL") else { return Ok(None) };
        let from = config.setting("MAIL_FROM").ok_or_else(|| ConfigError::Missing("MAIL_FROM".to_owned()))?;
        Self::at(url, from).map(Some)
    }

    fn at(url: &str, from: &str) -> Result<Self, ConfigError> {
        let invalid =
            |name: &str, reason: &str| ConfigError::Invalid { name: name.to_owned(), reason: reason.to_owned() };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| invalid("SMTP_URL", "it is a URL as in smtps://user:password@mail.example.com"))?;
        let from = from.parse().map_err(|_| invalid("MAIL_FROM", "it is a mailbox as in Shop <shop@example.com>"))?;
        Ok(Self { transport: builder.timeout(Some(Duration::from_secs(20))).build(), from })
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

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::{TcpListener, TcpStream},
        sync::mpsc,
    };

    use super::*;

    /// A mail server that takes letters for everybody but two: `nobody` is unknown, and `busy` is to come again later.
    async fn server() -> (String, mpsc::UnboundedReceiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (taken, letters) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(converse(socket, taken.clone()));
            }
        });
        (url, letters)
    }

    async fn converse(socket: TcpStream, taken: mpsc::UnboundedSender<String>) {
        let (lines, mut out) = socket.into_split();
        let mut lines = BufReader::new(lines).lines();
        out.write_all(b"220 mail.example.com ready\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            let answer = match verb.as_str() {
                "EHLO" => "250-mail.example.com\r\n250 8BITMIME",
                "RCPT" if line.contains("<nobody@") => "550 5.1.1 no such mailbox",
                "RCPT" if line.contains("<busy@") => "451 4.7.1 come again later",
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            out.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            if verb == "DATA" {
                let mut letter = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    // A dot at the start of a line is doubled on the wire.
                    letter += line.strip_prefix('.').unwrap_or(&line);
                    letter += "\n";
                }
                out.write_all(b"250 taken\r\n").await.unwrap();
                let _ = taken.send(letter);
            }
        }
    }

    #[tokio::test]
    async fn a_letter_is_taken_refused_for_good_or_put_off_as_the_mail_server_says() {
        let (url, mut letters) = server().await;
        let smtp = Smtp::at(&url, "ShopNexus <shop@example.com>").unwrap();
        let letter = Letter {
            subject: "Your token, An Nguyễn".to_owned(),
            body: "Use this token:\n\nabc123\n.\nIt works once.".to_owned(),
        };
        assert_eq!(smtp.deliver("an@example.com", &letter).await.unwrap(), Delivered::Accepted);
        let taken = letters.recv().await.unwrap();
        assert!(
            taken.contains("From: ShopNexus <shop@example.com>") && taken.contains("To: an@example.com"),
            "{taken}"
        );
        assert!(
            taken.contains("abc123\n.\nIt works once."),
            "a line with a dot alone does not end the letter: {taken}"
        );
        assert_eq!(smtp.deliver("nobody@example.com", &letter).await.unwrap(), Delivered::Refused);
        assert!(smtp.deliver("busy@example.com", &letter).await.is_err(), "it is tried again later");
        assert_eq!(smtp.deliver("no address", &letter).await.unwrap(), Delivered::Refused);
        let inject = "an@example.com>\r\nRCPT TO:<eve@example.com";
        assert_eq!(smtp.deliver(inject, &letter).await.unwrap(), Delivered::Refused);
        let gone = Smtp::at("smtp://127.0.0.1:9", "shop@example.com").unwrap();
        assert!(gone.deliver("an@example.com", &letter).await.is_err(), "a server that is away may come back");
    }
}
