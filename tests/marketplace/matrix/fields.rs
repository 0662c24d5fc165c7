//! Who reads what: every entity field of the modules about people, asked as the router asks, by `_entities`, in the
//! module itself. What a module shows there it shows to whoever reaches it, so nothing may lean on the router.
//!
//! The table is complete by construction, as that of the root fields is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use test_kit::{Client, Stack};

use super::{
    Answer,
    parties::{Parties, suspended},
};
use crate::stage::{administrator, marketplace};

/// Who may read a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// Anybody, but for a token that is worth nothing.
    Everybody,
    /// The account that the object is, or belongs to.
    Owner,
    /// The two of a conversation.
    Both,
    /// Administrators.
    Admins,
}

use Readers::{Admins, Both, Everybody, Owner};

/// Every entity field of `account`, `chat` and `common`, by module and type. A resource is one that is not complete yet.
const READERS: &[(&str, Readers, &[&str])] = &[
    (
        "account.Account",
        Everybody,
        &[
            "id",
            "name",
            "description",
            "country",
            "currency",
            "createdAt",
            "followerCount",
            "followingCount",
            "isFollowed",
            "isBlocked",
        ],
    ),
    (
        "account.Account",
        Owner,
        &[
            "following",
            "feed",
            "blockedAccounts",
            "paymentMethods",
            "notificationChannels",
            "username",
            "email",
            "emailVerified",
            "phone",
            "phoneVerified",
            "gender",
            "dateOfBirth",
            "isAdmin",
            "sessions",
            "contacts",
            "favorites",
            "notifications",
            "unreadNotificationCount",
        ],
    ),
    ("account.Account", Admins, &["suspendedAt", "suspensionReason"]),
    ("account.Product", Everybody, &["id", "isFavorite"]),
    ("chat.Account", Everybody, &["id", "responseStatistics"]),
    ("chat.Account", Owner, &["conversations", "unreadMessageCount"]),
    (
        "chat.Conversation",
        Both,
        &[
            "id",
            "participants",
            "other",
            "messages",
            "lastSequence",
            "unreadCount",
            "readByOtherSequence",
            "isOtherOnline",
            "activeAt",
        ],
    ),
    ("common.Account", Everybody, &["id", "avatar"]),
    ("common.Comment", Everybody, &["id", "images"]),
    ("common.Product", Everybody, &["id", "images"]),
    ("common.Refund", Everybody, &["id", "images"]),
    ("common.Sku", Everybody, &["id", "price", "priceIn(currency: \"USD\")"]),
    (
        "common.Resource",
        Owner,
        &["id", "fileName", "mimeType", "sizeBytes", "checksumSha256", "url", "complete", "createdAt"],
    ),
];

/// The fields of the entities of a module, each with whether it is a leaf.
async fn fields(client: &Client, module: &str) -> BTreeMap<String, bool> {
    let query = "{ __type(name: \"_Entity\") { possibleTypes { name fields {
        name args { name defaultValue type { kind } } type { kind ofType { kind ofType { kind ofType { kind } } } } } } } }";
    let data = client.data(query, json!({})).await;
    let mut fields = BTreeMap::new();
    for entity in data["__type"]["possibleTypes"].as_array().expect("a module has entities") {
        for field in entity["fields"].as_array().expect("entities have fields") {
            let name = |value: &Value| value["name"].as_str().expect("it has a name").to_owned();
            fields.insert(format!("{module}.{}.{}", name(entity), name(field)), is_leaf(&field["type"]));
        }
    }
    fields
}

fn is_leaf(of: &Value) -> bool {
    match of["kind"].as_str() {
        Some("NON_NULL" | "LIST") => is_leaf(&of["ofType"]),
        kind => matches!(kind, Some("SCALAR" | "ENUM")),
    }
}

/// What a field of an entity says to somebody.
async fn ask(client: &Client, entity: &Value, field: &str, is_leaf: bool) -> Answer {
    let selection = if is_leaf { "" } else { " { __typename }" };
    let type_name = entity["__typename"].as_str().expect("a representation names its type");
    let query = format!(
        "query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on {type_name} {{ it: {field}{selection} }} }} }}"
    );
    let reply = client.send(&query, json!({"of": [entity]})).await;
    match reply.code() {
        Some("UNAUTHENTICATED") => Answer::Unauthenticated,
        Some("FORBIDDEN") => Answer::Forbidden,
        Some(code) => panic!("{query} of {entity} answered {code}"),
        None if reply.data["_entities"][0].is_null() => Answer::NotFound,
        None => Answer::LetIn,
    }
}

/// A module itself, asked by whom `like` is.
fn directly(stack: &Stack, module: &str, like: &Client) -> Client {
    let client = stack.module_client(module);
    like.token().map_or_else(|| client.clone(), |token| client.with_token(token))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_people_is_read_by_those_whom_it_concerns() {
    let stack = marketplace().await;
    let parties = Parties::meet(stack).await;
    let value = |name: &str| -> Value { serde_json::from_str(&parties.values[name]).expect("ids are strings") };
    let stranger = stack.member("stranger").await;
    let readers: [(&str, Client); 6] = [
        ("anonymous", stack.client()),
        ("a stranger", stranger.client.clone()),
        ("the other party", parties.seller.client.clone()),
        ("the owner", parties.buyer.client.clone()),
        ("an administrator", administrator(stack).await),
        ("a suspended account", suspended(stack).await.client),
    ];
    let entity = |type_name: &str| {
        let id = match type_name {
            "Account" => json!(parties.buyer.id),
            "Product" => value("productId"),
            "Sku" => value("skuId"),
            "Conversation" => value("conversationId"),
            "Refund" => value("refundId"),
            "Resource" => value("resourceId"),
            _ => json!("01900000-0000-7000-8000-000000000000"),
        };
        // What the router brings from the catalog; modules that do not ask for it pass it over.
        json!({"__typename": type_name, "id": id, "price": {"amountMinor": "1", "currency": "VND"}})
    };
    let mut named = BTreeSet::new();
    let mut wrong = Vec::new();
    for (of, allowed, names) in READERS {
        let (module, type_name) = of.split_once('.').expect("a module and a type");
        let there = fields(&stack.module_client(module), module).await;
        let entity = entity(type_name);
        for name in *names {
            let path = format!("{of}.{}", name.split('(').next().unwrap_or_default());
            let Some(is_leaf) = there.get(&path) else {
                wrong.push(format!("{path} is not there"));
                continue;
            };
            for (who, client) in &readers {
                let answer = ask(&directly(stack, module, client), &entity, name, *is_leaf).await;
                if !is_right(*allowed, who, &answer) {
                    wrong.push(format!("{path} told {who} {answer:?}"));
                }
            }
            named.insert(path);
        }
    }
    for module in ["account", "chat", "common"] {
        let there = fields(&stack.module_client(module), module).await;
        wrong.extend(
            there.into_keys().filter(|path| !named.contains(path)).map(|path| format!("{path}: who may read it?")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    stack.assert_sound().await;
}

/// Whether an answer is what somebody is to be told.
fn is_right(allowed: Readers, who: &str, answer: &Answer) -> bool {
    let is_read = match (allowed, who) {
        (_, "a suspended account") => return *answer == Answer::Unauthenticated,
        (Everybody, _) => true,
        (Owner, _) => who == "the owner",
        (Both, _) => matches!(who, "the owner" | "the other party"),
        (Admins, _) => who == "an administrator",
    };
    (*answer == Answer::LetIn) == is_read
}
