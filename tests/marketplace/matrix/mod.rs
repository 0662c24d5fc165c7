//! Who may do what: every root field, asked without a token, with that of a suspended account, by a stranger, by an
//! administrator, by the other party and by the owner; what each is told stands in [`access`]. And who reads what
//! ([`fields`]).
//!
//! The table is complete by construction: a root field that it does not name fails the test, so that a new field is
//! decided upon, not forgotten.

mod access;
mod fields;
mod parties;
mod probe;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Client, Reply};

use crate::stage::marketplace;
use access::{ACCESS, Access, Who};
use parties::{Askers, another_session};
use probe::{RootField, Schema, Values};

/// After how long a subscription that says nothing has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a root field said to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// It needs a token.
    Unauthenticated,
    /// Not with this account.
    Forbidden,
    /// For this account there is no such thing.
    NotFound,
    /// It was let in, and did it or named the rule of the marketplace that the input breaks.
    LetIn,
    /// Nothing by which to tell: a fault, an operation that is none, or silence.
    Failed,
}

impl Answer {
    fn of(reply: &Reply) -> Self {
        let payload = reply.data.as_object().and_then(|data| data.values().next());
        let refusal = payload.and_then(|payload| payload["userErrors"][0]["code"].as_str());
        match reply.code().or(refusal) {
            Some("UNAUTHENTICATED") => Self::Unauthenticated,
            Some("FORBIDDEN") => Self::Forbidden,
            Some(code) if code.ends_with("NOT_FOUND") => Self::NotFound,
            Some("BAD_USER_INPUT" | "RATE_LIMITED") => Self::LetIn,
            _ if !reply.errors.is_empty() || payload.is_none() => Self::Failed,
            None if payload.is_some_and(Value::is_null) => Self::NotFound,
            _ => Self::LetIn,
        }
    }

    /// What the message says that ends a subscription.
    fn of_end(end: &Value) -> Self {
        let text = end.to_string();
        let codes = [
            ("UNAUTHENTICATED", Self::Unauthenticated),
            ("FORBIDDEN", Self::Forbidden),
            ("NOT_FOUND", Self::NotFound),
            ("BAD_USER_INPUT", Self::LetIn),
        ];
        let said = codes.into_iter().find(|(code, _)| text.contains(&format!("\"{code}\"")));
        said.map_or(Self::Failed, |(_, answer)| answer)
    }
}

/// Calls a root field and tells what it said, also in its own words.
async fn ask(client: &Client, schema: &Schema, field: &RootField, values: &Values) -> (Answer, String) {
    let operation = schema.operation(field, values);
    if !field.name.starts_with("Subscription.") {
        let reply = client.send(&operation, json!({})).await;
        return (Answer::of(&reply), format!("{operation} answered {reply:?}"));
    }
    let mut stream = client.subscribe(&operation, json!({})).await;
    let event = stream.try_next(PATIENCE).await;
    let answer = match &event {
        Some(Ok(_)) => Answer::LetIn,
        Some(Err(end)) => Answer::of_end(end),
        None => Answer::Failed,
    };
    (answer, format!("{operation} answered {event:?}"))
}

/// The root fields that the table names, in its order.
fn named(fields: &[RootField]) -> impl Iterator<Item = (&RootField, Access)> {
    ACCESS.iter().filter_map(move |(name, access)| {
        let field = fields.iter().find(|field| field.name == *name)?;
        Some((field, *access))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_names_every_root_field_once_and_no_other() {
    let stack = marketplace().await;
    let fields = Schema::ask(&stack.client()).await.root_fields();
    let there: BTreeSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let named: BTreeSet<&str> = ACCESS.iter().map(|(name, _)| *name).collect();
    assert_eq!(there.difference(&named).collect::<Vec<_>>(), Vec::<&&str>::new(), "who may use these is not decided");
    assert_eq!(named.difference(&there).collect::<Vec<_>>(), Vec::<&&str>::new(), "these are not there");
    assert_eq!(named.len(), ACCESS.len(), "it is decided twice who may use one of these");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_root_field_tells_each_of_the_six_what_the_table_says() {
    let stack = marketplace().await;
    let schema = Schema::ask(&stack.client()).await;
    let fields = schema.root_fields();
    let askers = Askers::meet(stack).await;
    let (leaving, staying): (Vec<_>, Vec<_>) = named(&fields).partition(|(_, access)| *access == Access::Leaving);
    let mut wrong = Vec::new();
    // What ends sessions comes when nobody has anything left to ask.
    for table in [staying, leaving] {
        for who in Who::ALL {
            for (field, access) in &table {
                let right = access.tells(who);
                let mut client = askers.client(who, *access).clone();
                if *access == Access::Leaving && right == Answer::LetIn {
                    client = another_session(stack, &client).await;
                }
                let (answer, words) = ask(&client, &schema, field, &askers.parties.values).await;
                if answer != right {
                    wrong.push(format!("{} told {who:?} {answer:?}, not {right:?}: {words}", field.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    stack.assert_sound().await;
}
