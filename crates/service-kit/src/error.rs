//! What can go wrong, told apart by who has to know.
//!
//! What a user can cause in a mutation is *data* (`userErrors` of the payload, see [`crate::user_error`]). The rest is an
//! [`Error`]. It implements neither `Display` nor `std::error::Error`: a bare `?` can therefore neither show a database
//! message to a client nor make the durable engine retry for ever. It converts explicitly to both sides instead.

use async_graphql::ErrorExtensions;
use restate_sdk::prelude::{HandlerError, TerminalError};

/// A result whose error is an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A top-level error of the graph, or a failure inside.
#[derive(Debug)]
pub enum Error {
    /// Nobody is logged in, or the token is expired, revoked or not ours.
    Unauthenticated,
    /// The viewer may see the thing but not do this with it.
    Forbidden,
    /// There is no such thing, or its existence is not the viewer's business.
    NotFound(&'static str),
    /// Too many attempts.
    RateLimited {
        /// When to try again.
        retry_after_s: u64,
    },
    /// The input breaks a rule that is not worth a code of its own.
    BadInput {
        /// Which input field, as a path: `lines.0.quantity`.
        field: &'static str,
        /// Which rule, as a sentence for the developer of the client.
        rule: String,
    },
    /// Something that this needs is away for the moment: the durable engine, or the module that a durable handler
    /// waits for. Its text goes to the log and never to a client.
    Unavailable(Fault),
    /// A fault of ours. Its text goes to the log and never to a client.
    Internal(Fault),
}

/// A failure inside, with what was being done.
#[derive(Debug, thiserror::Error)]
#[error("{doing}")]
pub struct Fault {
    doing: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A fault while `doing` something, caused by `source`.
    pub fn internal(
        doing: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
    ) -> Self {
        Self::Internal(Fault { doing: doing.into(), source: Some(source.into()) })
    }

    /// Something that the code promises cannot be, and is.
    pub fn broken(promise: impl Into<String>) -> Self {
        Self::Internal(Fault { doing: promise.into(), source: None })
    }

    /// What is needed while `doing` something is away, as `source` says.
    pub fn unavailable(
        doing: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
    ) -> Self {
        Self::Unavailable(Fault { doing: doing.into(), source: Some(source.into()) })
    }

    /// An input that breaks a rule.
    pub fn bad_input(field: &'static str, rule: impl Into<String>) -> Self {
        Self::BadInput { field, rule: rule.into() }
    }

    /// The stable code that clients see in `extensions.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound(_) => "NOT_FOUND",
            Self::RateLimited { .. } => "RATE_LIMITED",
            Self::BadInput { .. } => "BAD_USER_INPUT",
            Self::Unavailable(_) => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL",
        }
    }
}

impl Fault {
    /// The whole chain of causes on one line, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.doing.clone();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

/// What a client is told when something that its request needs is away.
const AWAY: &str = "Something that this needs does not answer at the moment. Try again, with the same `idempotencyKey` \
                    where there is one: what was begun is brought to its end, and nothing is done twice.";

/// To the graph: a message for the client's developer, a stable code, and nothing internal. A fault is logged here,
/// once, and the extension that frames every answer adds the request id.
impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        let code = error.code();
        let (message, extra) = match error {
            Error::Unauthenticated => ("Log in first: this needs an access token.".to_owned(), None),
            Error::Forbidden => ("You may not do this.".to_owned(), None),
            Error::NotFound(what) => (format!("There is no such {what}."), None),
            Error::RateLimited { retry_after_s } => (
                format!("Too many attempts. Try again in {retry_after_s} seconds."),
                Some(("retryAfterSeconds", async_graphql::Value::from(retry_after_s))),
            ),
            Error::BadInput { field, rule } => {
                (format!("`{field}`: {rule}"), Some(("field", async_graphql::Value::from(field))))
            }
            Error::Unavailable(fault) => {
                tracing::error!(error = fault.chain(), "what a request needs is away");
                (AWAY.to_owned(), None)
            }
            Error::Internal(fault) => {
                tracing::error!(error = fault.chain(), "a request failed");
                ("Something went wrong on our side. Quote the request id when you report it.".to_owned(), None)
            }
        };
        async_graphql::Error::new(message).extend_with(|_, extensions| {
            extensions.set("code", code);
            if let Some((name, value)) = extra {
                extensions.set(name, value);
            }
        })
    }
}

/// To the durable engine: a fault is retried, since time can heal it; everything else ends the invocation.
impl From<Error> for HandlerError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(fault) | Error::Internal(fault) => {
                tracing::warn!(error = fault.chain(), "a durable step failed and will be tried again");
                HandlerError::from(fault)
            }
            Error::Unauthenticated => TerminalError::new_with_code(401, "UNAUTHENTICATED").into(),
            Error::Forbidden => TerminalError::new_with_code(403, "FORBIDDEN").into(),
            Error::NotFound(what) => TerminalError::new_with_code(404, format!("no such {what}")).into(),
            Error::RateLimited { .. } => TerminalError::new_with_code(429, "RATE_LIMITED").into(),
            Error::BadInput { field, rule } => TerminalError::new_with_code(400, format!("{field}: {rule}")).into(),
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::internal("querying the database", error)
    }
}

impl From<sea_orm::TransactionError<Error>> for Error {
    fn from(error: sea_orm::TransactionError<Error>) -> Self {
        match error {
            sea_orm::TransactionError::Connection(error) => error.into(),
            sea_orm::TransactionError::Transaction(error) => error,
        }
    }
}

/// An error that a DataLoader hands to everybody who waited for the same batch.
#[derive(Debug, Clone)]
pub struct LoadError(std::sync::Arc<Error>);

impl From<Error> for LoadError {
    fn from(error: Error) -> Self {
        Self(std::sync::Arc::new(error))
    }
}

impl From<sea_orm::DbErr> for LoadError {
    fn from(error: sea_orm::DbErr) -> Self {
        Error::from(error).into()
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        match &*error.0 {
            Self::Unauthenticated => Self::Unauthenticated,
            Self::Forbidden => Self::Forbidden,
            Self::NotFound(what) => Self::NotFound(what),
            Self::RateLimited { retry_after_s } => Self::RateLimited { retry_after_s: *retry_after_s },
            Self::BadInput { field, rule } => Self::bad_input(field, rule.clone()),
            Self::Unavailable(fault) => Self::Unavailable(Fault { doing: fault.chain(), source: None }),
            Self::Internal(fault) => Self::broken(fault.chain()),
        }
    }
}

impl From<redis::RedisError> for Error {
    fn from(error: redis::RedisError) -> Self {
        Self::internal("talking to Redis", error)
    }
}

impl From<contracts::CallError> for Error {
    fn from(error: contracts::CallError) -> Self {
        let doing = "calling a durable handler";
        if error.is_absence() { Self::unavailable(doing, error) } else { Self::internal(doing, error) }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal("reading or writing JSON", error)
    }
}

impl From<kernel::MoneyError> for Error {
    fn from(error: kernel::MoneyError) -> Self {
        Self::internal("computing an amount", error)
    }
}

impl From<kernel::CursorError> for Error {
    fn from(error: kernel::CursorError) -> Self {
        Self::bad_input("after", error.to_string())
    }
}

/// Defines a module's `UserError` around its enum of codes.
///
/// Every module has its own `ErrorCode` enum, which it names `UserErrorCode` in the graph; composition joins the eight
/// into one enum, and the eight `UserError` types into one type, so that clients handle them alike.
///
/// ```ignore
/// #[derive(async_graphql::Enum, Debug, Clone, Copy, PartialEq, Eq)]
/// #[graphql(name = "UserErrorCode")]
/// pub enum ErrorCode { /** The cart holds nothing. */ CartEmpty }
///
/// service_kit::user_error!(ErrorCode);
/// ```
#[macro_export]
macro_rules! user_error {
    ($code:ty) => {
        /// What is wrong with the input, in a way that a client can show beside the field.
        #[derive(async_graphql::SimpleObject, Debug, Clone, PartialEq, Eq)]
        #[graphql(shareable)]
        pub struct UserError {
            /// A stable code to branch on.
            pub code: $code,
            /// A sentence in English, for people.
            pub message: String,
            /// The input field it is about, as a path below `input`, as in `lines.0.quantity`. Null when it is about
            /// no single field.
            pub field: Option<String>,
        }

        impl UserError {
            /// An error about no single field.
            pub fn new(code: $code, message: impl Into<String>) -> Self {
                Self { code, message: message.into(), field: None }
            }

            /// An error about the input field at `field`.
            pub fn at(field: impl Into<String>, code: $code, message: impl Into<String>) -> Self {
                Self { code, message: message.into(), field: Some(field.into()) }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_fault_never_reaches_a_client() {
        let error = Error::internal("reading an order", std::io::Error::other("password=hunter2"));
        let shown = async_graphql::Error::from(error);
        assert!(!format!("{shown:?}").contains("hunter2"));
        assert!(format!("{:?}", shown.extensions).contains("INTERNAL"));
    }

    #[test]
    fn only_what_time_can_heal_is_retried() {
        let fault = HandlerError::from(Error::broken("two defaults"));
        let absence = HandlerError::from(Error::unavailable("asking", std::io::Error::other("refused")));
        assert!(format!("{absence:?}").contains("Retryable"));
        let refusal = HandlerError::from(Error::Forbidden);
        assert!(format!("{fault:?}").contains("Retryable"));
        assert!(format!("{refusal:?}").contains("Terminal"));
    }
}
