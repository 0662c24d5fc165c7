//! The module on a port of its own, which verifies tokens against its own keys.

use std::net::SocketAddr;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};
use service_kit::{Config, Platform};
use test_kit::{Client, Reply, TestDatabase};
use tokio::net::TcpListener;
use uuid::Uuid;

/// The password of every member.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// What a session answers with.
pub(crate) const SESSION: &str = "session { id accessToken refreshToken expiresAt account { id name } }";

/// A running module.
pub(crate) struct Site {
    pub(crate) base: String,
    pub(crate) platform: Platform,
    pub(crate) owner: DatabaseConnection,
}

/// An account that is logged in.
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) refresh_token: String,
    pub(crate) client: Client,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A module with settings of its own.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let own = ("MODULE_URL_ACCOUNT".to_owned(), base.clone());
        let mut config = Config::from_variables(std::env::vars().chain(settings).chain([own]).collect()).unwrap();
        config.database_url = database.url.clone();
        config.jwks_url = format!("{base}/.well-known/jwks.json").parse().unwrap();
        let platform = Platform::connect(config).await.unwrap();
        let module = account::module(&platform).await.unwrap();
        let app = module.app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { base, platform, owner: database.connect_as_owner().await }
    }

    /// A stranger.
    pub(crate) fn client(&self) -> Client {
        Client::new(format!("{}/graphql", self.base), format!("{}/graphql/ws", self.base.replace("http", "ws")))
    }

    /// Registers somebody new.
    pub(crate) async fn member(&self) -> Member {
        let username = unique("member");
        let input = json!({"username": username, "name": "A member", "password": PASSWORD});
        let payload = self.register(input).await;
        self.logged_in(&username, &payload["session"])
    }

    /// Registers somebody new and makes an administrator of them, as an operator does.
    pub(crate) async fn admin(&self) -> Member {
        let member = self.member().await;
        self.sql(&format!("UPDATE account.account SET is_admin = true WHERE id = '{}'", member.id)).await;
        let payload = self.log_in(&member.username, PASSWORD).await;
        self.logged_in(&member.username, &payload["session"])
    }

    /// Somebody as a session proves them.
    pub(crate) fn logged_in(&self, username: &str, session: &Value) -> Member {
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("a session in {session:#}")).to_owned();
        Member {
            id: text(&session["account"]["id"]),
            username: username.to_owned(),
            refresh_token: text(&session["refreshToken"]),
            client: self.client().with_token(text(&session["accessToken"])),
        }
    }

    pub(crate) async fn register(&self, input: Value) -> Value {
        let mutation =
            format!("mutation($input: RegisterInput!) {{ register(input: $input) {{ {SESSION} {ERRORS} }} }}");
        self.client().data(&mutation, json!({"input": input})).await["register"].take()
    }

    pub(crate) async fn log_in(&self, identifier: &str, password: &str) -> Value {
        let mutation = format!("mutation($input: LogInInput!) {{ logIn(input: $input) {{ {SESSION} {ERRORS} }} }}");
        let input = json!({"identifier": identifier, "password": password});
        self.client().data(&mutation, json!({"input": input})).await["logIn"].take()
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Value {
        let mutation = format!(
            "mutation($input: RefreshSessionInput!) {{ refreshSession(input: $input) {{ {SESSION} {ERRORS} }} }}"
        );
        let input = json!({"refreshToken": refresh_token});
        self.client().data(&mutation, json!({"input": input})).await["refreshSession"].take()
    }

    /// Runs a statement behind the module's back.
    pub(crate) async fn sql(&self, statement: &str) {
        self.owner.execute_unprepared(statement).await.unwrap();
    }

    /// One number that a statement answers with.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let row = self.owner.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }
}

/// The selection of user errors.
pub(crate) const ERRORS: &str = "userErrors { code field }";

impl Member {
    /// Runs a mutation without problems at the top, and gives its payload.
    pub(crate) async fn mutate(&self, name: &str, selection: &str, input: Value) -> Value {
        let mut type_name = name.to_owned();
        type_name[..1].make_ascii_uppercase();
        let mutation =
            format!("mutation($input: {type_name}Input!) {{ {name}(input: $input) {{ {selection} {ERRORS} }} }}");
        self.client.data(&mutation, json!({"input": input})).await[name].take()
    }

    /// Whether the access token still works.
    pub(crate) async fn is_let_in(&self) -> bool {
        let reply = self.client.send("{ me { id } }", json!({})).await;
        reply.errors.is_empty() && reply.data["me"]["id"] == self.id.as_str()
    }

    /// The viewer's own account.
    pub(crate) async fn me(&self, selection: &str) -> Value {
        self.client.data(&format!("{{ me {{ {selection} }} }}"), json!({})).await["me"].take()
    }
}

/// A name that no other test uses.
pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}_{}", &Uuid::now_v7().simple().to_string()[16..])
}

/// Codes and fields of the user errors, as in `EMAIL_INVALID email`.
pub(crate) fn errors(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().unwrap_or_else(|| panic!("user errors in {payload:#}"));
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    errors.iter().map(|error| format!("{} {}", text(&error["code"]), text(&error["field"]))).collect()
}

/// The codes of the errors at the top.
pub(crate) fn codes(reply: &Reply) -> Vec<&str> {
    reply.errors.iter().map(|error| error["extensions"]["code"].as_str().unwrap()).collect()
}
