//! The graph of the module, with real engines behind it and tokens taken for granted.

use async_graphql::{Request, Response, Schema, Variables};
use chat::{presence, schema, store};
use chrono::{TimeDelta, Utc};
use contracts::chat::BlockSet;
use futures::{Stream, StreamExt};
use kernel::{AccountId, ConversationId, SessionId};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use service_kit::{ModuleName, Platform, Viewer};
use test_kit::TestDatabase;
use tokio::time::{Duration, timeout};

type ChatSchema = Schema<schema::Query, schema::Mutation, schema::Subscription>;

struct Room {
    schema: ChatSchema,
    platform: Platform,
    db: DatabaseConnection,
    ann: AccountId,
    bob: AccountId,
    id: ConversationId,
}

impl Room {
    async fn open() -> Self {
        let database = TestDatabase::create().await;
        let platform = Platform::connect(database.config()).await.unwrap();
        let db = database.connect(ModuleName::Chat).await;
        let schema = schema::build().data(db.clone()).data(platform.clone()).finish();
        let (ann, bob) = (AccountId::new(), AccountId::new());
        let id = store::conversation_open(&db, ann, bob).await.unwrap().id;
        Self { schema, platform, db, ann, bob, id }
    }

    fn request(&self, viewer: Option<AccountId>, query: &str, variables: Value) -> Request {
        let request = Request::new(query).variables(Variables::from_json(variables));
        let request = request.data(chat::loaders::Loaders::new(&self.db, &self.platform.redis));
        match viewer {
            None => request,
            Some(account_id) => request.data(Viewer {
                account_id,
                session_id: SessionId::new(),
                admin: false,
                issued_at_ms: Utc::now().timestamp_millis(),
                expires_at: Utc::now() + TimeDelta::minutes(15),
            }),
        }
    }

    async fn ask(&self, viewer: Option<AccountId>, query: &str, variables: Value) -> Response {
        self.schema.execute(self.request(viewer, query, variables)).await
    }

    /// Sends a message; the answer is the codes of what was wrong with it.
    async fn send(&self, sender: AccountId, client_id: &str, body: &str) -> Vec<String> {
        let query = "mutation($input: SendMessageInput!) { sendMessage(input: $input) {
            message { sequence } userErrors { code field } } }";
        let input = json!({"conversationId": self.id, "clientId": client_id, "body": body});
        let response = self.ask(Some(sender), query, json!({"input": input})).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        let data = response.data.into_json().unwrap();
        let errors = data["sendMessage"]["userErrors"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        errors.iter().map(|error| format!("{} {}", text(&error["code"]), text(&error["field"]))).collect()
    }

    async fn act(&self, viewer: AccountId, name: &str, input: Value) -> Response {
        let mut type_name = name.to_owned();
        type_name[..1].make_ascii_uppercase();
        let query = format!(
            "mutation($input: {type_name}Input!) {{ {name}(input: $input) {{ userErrors {{ code field }} }} }}"
        );
        self.ask(Some(viewer), &query, json!({"input": input})).await
    }

    fn activity(&self, viewer: AccountId) -> impl Stream<Item = Response> + Unpin + use<> {
        let query = "subscription($id: ID!) { conversationActivity(conversationId: $id) {
            isOnline isTyping readSequence lastSequence } }";
        let request = self.request(Some(viewer), query, json!({"id": self.id}));
        Box::pin(self.schema.execute_stream(request))
    }
}

/// The next state for which `wanted` holds; what comes before is passed over.
async fn next_where(stream: &mut (impl Stream<Item = Response> + Unpin), wanted: impl Fn(&Value) -> bool) -> Value {
    let found = async {
        loop {
            let response = stream.next().await.expect("the stream goes on");
            assert!(response.errors.is_empty(), "{:?}", response.errors);
            let data = response.data.into_json().unwrap();
            let state = data.as_object().unwrap().values().next().unwrap().clone();
            if wanted(&state) {
                return state;
            }
        }
    };
    timeout(Duration::from_secs(60), found).await.expect("it is shown within a minute")
}

fn code(response: &Response) -> String {
    let extensions = response.errors.first().and_then(|error| error.extensions.as_ref());
    let code = extensions.and_then(|extensions| extensions.get("code")).cloned();
    code.and_then(|code| code.into_json().ok()).and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default()
}

#[tokio::test]
async fn a_message_that_is_empty_too_long_or_holds_control_characters_is_refused() {
    let room = Room::open().await;
    for body in ["", "   ", "\u{0}", "bell\u{7}", "\u{1b}[31mred", &"x".repeat(4001), &"x".repeat(100 * 1024)] {
        assert_eq!(room.send(room.ann, "c", body).await, ["MESSAGE_BODY_INVALID body"]);
    }
    assert_eq!(room.send(room.ann, "", "hello").await, ["MESSAGE_CLIENT_ID_INVALID clientId"]);
    let images: Vec<AccountId> = (0..11).map(|_| AccountId::new()).collect();
    let input = json!({"conversationId": room.id, "clientId": "c", "resourceIds": images});
    let response = room.act(room.ann, "sendMessage", input).await;
    let data = response.data.into_json().unwrap();
    assert_eq!(data["sendMessage"]["userErrors"][0]["code"], "MESSAGE_IMAGES_INVALID");
    assert!(store::message_list_after(&room.db, room.id, 0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_subscription_after_a_message_that_is_not_there_is_refused() {
    let room = Room::open().await;
    let query = "subscription($id: ID!, $after: BigInt) {
        messageReceived(conversationId: $id, after: $after) { sequence } }";
    for after in [1, -1, i64::MAX] {
        let request = room.request(Some(room.ann), query, json!({"id": room.id, "after": after.to_string()}));
        let response = Box::pin(room.schema.execute_stream(request)).next().await.unwrap();
        assert_eq!(code(&response), "BAD_USER_INPUT", "{after}");
    }
}

#[tokio::test]
async fn a_number_or_a_cursor_of_another_conversation_shows_nothing_of_it() {
    let room = Room::open().await;
    let other = store::conversation_open(&room.db, room.ann, AccountId::new()).await.unwrap().id;
    for client_id in ["1", "2"] {
        assert!(room.send(room.ann, client_id, "here").await.is_empty());
    }
    for client_id in ["3", "4", "5", "6"] {
        let input = json!({"conversationId": other, "clientId": client_id, "body": "elsewhere"});
        let sent = room.act(room.ann, "sendMessage", input).await.data.into_json().unwrap();
        assert_eq!(sent["sendMessage"]["userErrors"], json!([]));
    }

    let query = "subscription($id: ID!, $after: BigInt) {
        messageReceived(conversationId: $id, after: $after) { sequence body } }";
    let follow = async |id: ConversationId| {
        let request = room.request(Some(room.ann), query, json!({"id": id, "after": "3"}));
        Box::pin(room.schema.execute_stream(request)).next().await.unwrap()
    };
    let refused = follow(room.id).await;
    assert_eq!(code(&refused), "BAD_USER_INPUT");
    assert_eq!(serde_json::to_value(&refused).unwrap()["errors"][0]["extensions"]["field"], "after");
    let shown = follow(other).await.data.into_json().unwrap();
    assert_eq!(shown["messageReceived"], json!({"sequence": "4", "body": "elsewhere"}));

    let query = "query($id: ID!, $after: String) { conversation(id: $id) { messages(first: 10, after: $after) {
        edges { cursor node { sequence body } } } } }";
    let page = async |id: ConversationId, after: Value| -> Value {
        let response = room.ask(Some(room.ann), query, json!({"id": id, "after": after})).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        response.data.into_json().unwrap()["conversation"]["messages"]["edges"].clone()
    };
    let elsewhere = page(other, Value::Null).await;
    assert_eq!(elsewhere.as_array().unwrap().len(), 4);
    // After the cursor of the fourth message of there come both messages of here, and after that of the first none.
    for (place, sequences) in [(0_usize, vec!["2", "1"]), (3, vec![])] {
        let shown = page(room.id, elsewhere[place]["cursor"].clone()).await;
        let nodes: Vec<Value> = shown.as_array().unwrap().iter().map(|edge| edge["node"].clone()).collect();
        let here = sequences.into_iter().map(|sequence| json!({"sequence": sequence, "body": "here"}));
        assert_eq!(nodes, here.collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn nobody_talks_with_themselves_nor_with_whom_they_block() {
    let room = Room::open().await;
    let response = room.act(room.ann, "openConversation", json!({"accountId": room.ann})).await;
    let errors = response.data.into_json().unwrap()["openConversation"]["userErrors"].clone();
    assert_eq!(errors, json!([{"code": "CONVERSATION_WITH_ONESELF", "field": "accountId"}]));
    let eve = AccountId::new();
    for (blocker_id, blocked_id) in [(room.ann, eve), (eve, room.ann)] {
        store::block_set(&room.db, &BlockSet { blocker_id, blocked_id, blocked: true }).await.unwrap();
        let response = room.act(room.ann, "openConversation", json!({"accountId": eve})).await;
        let errors = response.data.into_json().unwrap()["openConversation"]["userErrors"].clone();
        assert_eq!(errors, json!([{"code": "ACCOUNT_BLOCKED", "field": "accountId"}]));
        store::block_set(&room.db, &BlockSet { blocker_id, blocked_id, blocked: false }).await.unwrap();
    }
}

#[tokio::test]
async fn a_stranger_is_told_nothing_of_a_conversation() {
    let room = Room::open().await;
    let eve = AccountId::new();
    let typing = room.act(eve, "setTyping", json!({"conversationId": room.id, "typing": true})).await;
    assert_eq!(code(&typing), "NOT_FOUND");
    let mut activity = room.activity(eve);
    assert_eq!(code(&activity.next().await.unwrap()), "NOT_FOUND");
    let anonymous = room.ask(None, "mutation { setTyping(input: {conversationId: \"01900000-0000-7000-8000-000000000000\", typing: true}) { userErrors { code } } }", json!({})).await;
    assert_eq!(code(&anonymous), "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_other_account_is_seen_to_come_to_write_and_to_read() {
    let room = Room::open().await;
    let mut seen_by_ann = room.activity(room.ann);
    next_where(&mut seen_by_ann, |state| state["isOnline"] == false).await;
    let mut seen_by_bob = room.activity(room.bob);
    next_where(&mut seen_by_bob, |state| state["isOnline"] == true).await;
    next_where(&mut seen_by_ann, |state| state["isOnline"] == true).await;

    let typing = json!({"conversationId": room.id, "typing": true});
    room.act(room.bob, "setTyping", typing).await;
    next_where(&mut seen_by_ann, |state| state["isTyping"] == true).await;
    // Nobody says that he has stopped: it ends by itself.
    next_where(&mut seen_by_ann, |state| state["isTyping"] == false).await;

    assert!(room.send(room.ann, "1", "hello").await.is_empty());
    next_where(&mut seen_by_ann, |state| state["lastSequence"] == "1" && state["readSequence"] == "0").await;
    room.act(room.bob, "markConversationRead", json!({"conversationId": room.id, "sequence": "1"})).await;
    next_where(&mut seen_by_ann, |state| state["readSequence"] == "1").await;
}

#[tokio::test]
async fn who_is_blocked_sees_nobody_and_writes_nothing() {
    let room = Room::open().await;
    presence::sign(&room.platform.redis, &room.platform.live, room.ann).await;
    store::block_set(&room.db, &BlockSet { blocker_id: room.ann, blocked_id: room.bob, blocked: true }).await.unwrap();
    let mut seen_by_bob = room.activity(room.bob);
    next_where(&mut seen_by_bob, |state| state["isOnline"] == false).await;
    assert_eq!(room.send(room.bob, "1", "hello").await, ["ACCOUNT_BLOCKED -"]);
    let query = format!("{{ conversation(id: \"{}\") {{ isOtherOnline }} }}", room.id);
    let response = room.ask(Some(room.bob), &query, json!({})).await;
    assert_eq!(response.data.into_json().unwrap()["conversation"]["isOtherOnline"], false);
}

#[tokio::test]
async fn the_number_of_unread_messages_is_live() {
    let room = Room::open().await;
    let request = room.request(Some(room.bob), "subscription { unreadMessageCountChanged }", json!({}));
    let mut unread = Box::pin(room.schema.execute_stream(request));
    next_where(&mut unread, |count| *count == 0).await;
    for client_id in ["1", "2"] {
        assert!(room.send(room.ann, client_id, "hello").await.is_empty());
    }
    next_where(&mut unread, |count| *count == 2).await;
    room.act(room.bob, "markConversationRead", json!({"conversationId": room.id, "sequence": "2"})).await;
    next_where(&mut unread, |count| *count == 0).await;
}
