//! What the eight schemas have in common: money, big integers, and lists.

use std::{fmt, time::Duration};

use async_graphql::{
    Context, InputObject, InputValueError, InputValueResult, OutputType, Scalar, ScalarType, SimpleObject, Value,
    connection::{Connection, Edge, EmptyFields},
    dataloader::DataLoader,
};
use kernel::Currency;
use serde::{Serialize, de::DeserializeOwned};
use tracing::Instrument;

use crate::{Error, Result};

/// A 64-bit integer, written as a string because JavaScript's numbers are exact only up to 2^53. Input may be a string
/// or an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BigInt(pub i64);

/// A 64-bit integer, written as a string because JavaScript's numbers are exact only up to 2^53. Input may be a string
/// or an integer.
#[Scalar(name = "BigInt")]
impl ScalarType for BigInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text.parse().map(Self).map_err(|_| InputValueError::custom("not a 64-bit integer")),
            Value::Number(number) => {
                number.as_i64().map(Self).ok_or_else(|| InputValueError::custom("not a 64-bit integer"))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<i64> for BigInt {
    fn from(value: i64) -> Self {
        Self(value)
    }
}

/// The three-letter code of a currency of ISO 4217, as in `VND` or `USD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencyCode(pub Currency);

/// The three-letter code of a currency of ISO 4217, as in `VND` or `USD`.
#[Scalar(name = "CurrencyCode", specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(code) => code.parse().map(Self).map_err(InputValueError::custom),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.code().to_owned())
    }
}

/// An amount of money.
#[derive(SimpleObject, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(shareable)]
pub struct Money {
    /// The amount in the currency's minor unit: USD 1.50 is "150", VND 1500 is "1500".
    pub amount_minor: BigInt,
    /// The currency.
    pub currency: CurrencyCode,
}

/// An amount of money.
#[derive(InputObject, Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoneyInput {
    /// The amount in the currency's minor unit: USD 1.50 is "150", VND 1500 is "1500".
    pub amount_minor: BigInt,
    /// The currency.
    pub currency: CurrencyCode,
}

impl From<kernel::Money> for Money {
    fn from(money: kernel::Money) -> Self {
        Self { amount_minor: BigInt(money.amount_minor), currency: CurrencyCode(money.currency) }
    }
}

impl From<MoneyInput> for kernel::Money {
    fn from(input: MoneyInput) -> Self {
        Self::new(input.amount_minor.0, input.currency.0)
    }
}

/// How many entries a page has when the client does not say.
pub const PAGE_DEFAULT: u64 = 20;
/// The most entries a page can have.
pub const PAGE_MAX: u64 = 100;

/// Which part of a list is wanted: `first` and `after` of the
/// [Relay connection specification](https://relay.dev/graphql/connections.htm).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<K> {
    /// How many entries at most.
    pub limit: u64,
    /// The position after which the page begins.
    pub after: Option<K>,
}

impl<K: DeserializeOwned> Page<K> {
    /// Reads the arguments of a list.
    ///
    /// # Errors
    /// `first` lies outside 1–100, or `after` is not a cursor of this list.
    pub fn read(first: Option<i32>, after: Option<String>) -> Result<Self> {
        let limit = match first {
            None => PAGE_DEFAULT,
            Some(first) => u64::try_from(first)
                .ok()
                .filter(|first| (1..=PAGE_MAX).contains(first))
                .ok_or_else(|| Error::bad_input("first", format!("a page has between 1 and {PAGE_MAX} entries")))?,
        };
        let after =
            after.filter(|cursor| !cursor.is_empty()).map(|cursor| kernel::cursor::decode(&cursor)).transpose()?;
        Ok(Self { limit, after })
    }

    /// What a query should fetch: one row more than the page, which tells whether there is a next page.
    pub fn fetch(&self) -> u64 {
        self.limit + 1
    }
}

/// The fields that a list has besides its edges.
#[derive(SimpleObject, Debug, Clone, Copy)]
#[graphql(shareable)]
pub struct ListFields {
    /// How many entries the whole list has. Counted only when selected.
    pub total_count: i32,
}

/// A list whose page was fetched with [`Page::fetch`] rows; a store function answers with it.
#[derive(Debug, Clone)]
pub struct Rows<T> {
    /// The rows, one more than the page when there is a next page.
    pub rows: Vec<T>,
    /// How many rows the whole list has; `None` when it was not asked for.
    pub total: Option<u64>,
}

/// A Relay connection with `totalCount`.
pub type List<
    Node,
    Name = async_graphql::connection::DefaultConnectionName,
    EdgeName = async_graphql::connection::DefaultEdgeName,
> = Connection<String, Node, ListFields, EmptyFields, Name, EdgeName>;

/// Makes a connection of fetched rows; `position` gives the sort key and id of a row, `node` what clients see of it.
pub fn list<Row, K, Node, Name, EdgeName>(
    page: &Page<K>,
    rows: Rows<Row>,
    position: impl Fn(&Row) -> K,
    node: impl Fn(Row) -> Node,
) -> List<Node, Name, EdgeName>
where
    K: Serialize,
    Node: OutputType,
    Name: async_graphql::connection::ConnectionNameType,
    EdgeName: async_graphql::connection::EdgeNameType,
{
    let limit = usize::try_from(page.limit).expect("a page has at most 100 entries");
    let total_count = i32::try_from(rows.total.unwrap_or_default()).unwrap_or(i32::MAX);
    let has_next = rows.rows.len() > limit;
    let mut connection = Connection::with_additional_fields(page.after.is_some(), has_next, ListFields { total_count });
    connection.edges = rows
        .rows
        .into_iter()
        .take(limit)
        .map(|row| Edge::new(kernel::cursor::encode(&position(&row)), node(row)))
        .collect();
    connection
}

/// A loader that collects the keys of one level of an answer into one batch.
///
/// The window is as long as resolving a page takes, and every level of an answer waits for one: unoptimised resolvers need
/// longer, and a window that closes too early splits the batch into several statements.
pub fn batching<L>(loader: L) -> DataLoader<L> {
    let window = if cfg!(debug_assertions) { Duration::from_millis(25) } else { Duration::from_micros(300) };
    // The batch belongs to the trace of the request that asked first.
    DataLoader::new(loader, |batch| tokio::spawn(batch.in_current_span())).delay(window)
}

/// Whether the operation selects `totalCount` of the list that is being resolved.
pub fn wants_total(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}

/// Checks the length of a text that a person typed, in characters, after trimming. Answers with the trimmed text.
///
/// # Errors
/// The rule, as a sentence, when the text is too short, too long or holds control characters.
pub fn trimmed(text: &str, characters: std::ops::RangeInclusive<usize>) -> Result<String, String> {
    let text = text.trim();
    let count = text.chars().count();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        Err("it must not hold control characters".to_owned())
    } else if characters.contains(&count) {
        Ok(text.to_owned())
    } else {
        Err(format!("it has between {} and {} characters", characters.start(), characters.end()))
    }
}

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
