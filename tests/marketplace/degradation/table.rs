//! The table in `docs/operating/degradation.md`, and what is seen, in the same words.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;
use tests::read;

/// How much of a capability there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// Everything.
    Works,
    /// Everything but these fields, which are null.
    Without(BTreeSet<String>),
    /// Nothing: `UNAVAILABLE`, and the error names the module that is away.
    Away,
    /// Nothing for now: `UNAVAILABLE`, and the error names no module.
    Waits,
    /// Something that the table has no word for.
    Other(String),
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Works => f.write_str("works"),
            Self::Without(fields) => write!(f, "in part, without {}", Vec::from_iter(fields.clone()).join(", ")),
            Self::Away => f.write_str("not at all"),
            Self::Waits => f.write_str("not now"),
            Self::Other(what) => f.write_str(what),
        }
    }
}

/// What the document says.
pub(super) struct Table {
    /// The capabilities, in order.
    pub(super) capabilities: Vec<String>,
    /// For each module or engine that is away, what there is of the capabilities that do not wholly work.
    pub(super) rows: Vec<(String, BTreeMap<String, Seen>)>,
}

impl Table {
    pub(super) fn read() -> Self {
        let text = read("docs/operating/degradation.md");
        let capabilities = rows_below(&text, "capability").into_iter().map(|row| one(row[0])).collect();
        let rows = rows_below(&text, "away").into_iter().map(|row| {
            let [away, in_part, not_at_all, not_now] = row[..] else { panic!("{row:?} has four cells") };
            let mut cells = BTreeMap::new();
            for part in in_part.split(';').filter(|part| part.contains('`')) {
                let (capability, fields) = part.split_once(':').unwrap_or_else(|| panic!("{part} names fields"));
                let fields = quoted(fields).map(ToOwned::to_owned).collect();
                assert_eq!(cells.insert(one(capability), Seen::Without(fields)), None, "{capability} stands twice");
            }
            for (cell, seen) in [(not_at_all, Seen::Away), (not_now, Seen::Waits)] {
                for capability in quoted(cell) {
                    let before = cells.insert(capability.to_owned(), seen.clone());
                    assert_eq!(before, None, "{capability} stands twice for {away}");
                }
            }
            (one(away), cells)
        });
        Self { capabilities, rows: rows.collect() }
    }
}

/// The cells of the rows of the table whose first heading this is.
fn rows_below<'a>(text: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let begin = format!("| {heading} |");
    let table = text.lines().skip_while(|line| !line.starts_with(&begin)).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn one(cell: &str) -> String {
    let mut names = quoted(cell);
    match (names.next(), names.next()) {
        (Some(name), None) => name.to_owned(),
        _ => panic!("{cell} names exactly one thing"),
    }
}

/// The router's own codes in a subscription: of fields that an event lacks, and of a stream that cannot start.
const NO_EVENT: &str = "SUBREQUEST_HTTP_ERROR";
const NO_STREAM: &str = "SUBGRAPH_WEBSOCKET_CONNECT_FAILURE";

/// How much of an answer there is, compared with `whole`, the answer when everything is there. `subject` leads to what
/// the capability is about.
pub(super) fn seen(subject: &[&str], whole: &Value, data: &Value, errors: &[Value], away: &str) -> Seen {
    let at = |data: &Value| subject.iter().fold(data.clone(), |value, name| value[*name].clone());
    let codes = || {
        let code = |error: &Value| format!("{} {}", error["extensions"]["code"], error["extensions"]["module"]);
        errors.iter().map(code).collect::<BTreeSet<_>>()
    };
    let of_module = |error: &Value| error["extensions"]["module"] == away || error["extensions"]["code"] == NO_STREAM;
    // Of another module, or another code. What is computed from a field that is away may fail beside it.
    let foreign = errors.iter().any(|error| {
        let (code, module) = (&error["extensions"]["code"], error["extensions"]["module"].as_str());
        let follows = code == "INTERNAL" && errors.iter().any(of_module);
        !(code == "UNAVAILABLE" || code == NO_EVENT || code == NO_STREAM || follows)
            || module.is_some_and(|module| module != away)
    });
    let (whole, now) = (at(whole), at(data));
    if now.is_null() {
        return match errors {
            [] => Seen::Other("null, and no error says why".to_owned()),
            _ if foreign => Seen::Other(format!("nothing, and the errors {:?}", codes())),
            [error, ..] if of_module(error) => Seen::Away,
            _ => Seen::Waits,
        };
    }
    let refusals = &now["userErrors"];
    if !(refusals.is_null() || refusals == &Value::Array(Vec::new())) {
        return Seen::Other(format!("refused with {refusals}"));
    }
    let mut missing = BTreeSet::new();
    compare(&whole, &now, "", &mut missing);
    match (missing.is_empty(), errors) {
        (true, []) => Seen::Works,
        (true, _) => Seen::Other(format!("everything, and the errors {:?}", codes())),
        (false, []) => Seen::Other(format!("no {missing:?}, and no error says why")),
        (false, _) if foreign => Seen::Other(format!("no {missing:?}, and the errors {:?}", codes())),
        (false, _) => Seen::Without(missing),
    }
}

/// Collects the paths of what is null now and was not, without the words that lists add.
fn compare(whole: &Value, now: &Value, path: &str, missing: &mut BTreeSet<String>) {
    match (whole, now) {
        (Value::Object(whole), _) if now.is_object() => {
            for (name, value) in whole {
                let path = match (path, name.as_str()) {
                    (path, "edges" | "nodes" | "node") => path.to_owned(),
                    ("", name) => name.to_owned(),
                    (path, name) => format!("{path}.{name}"),
                };
                compare(value, &now[name], &path, missing);
            }
        }
        (Value::Array(whole), Value::Array(now)) if now.len() >= whole.len() => {
            whole.iter().zip(now).for_each(|(whole, now)| compare(whole, now, path, missing));
        }
        (Value::Array(_), Value::Array(_)) => _ = missing.insert(format!("some of {path}")),
        (Value::Null, _) => {}
        (_, Value::Null) => _ = missing.insert(path.to_owned()),
        _ => {}
    }
}

/// Whether there is a null anywhere in an answer.
pub(super) fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(has_null),
        Value::Object(values) => values.values().any(has_null),
        _ => false,
    }
}
