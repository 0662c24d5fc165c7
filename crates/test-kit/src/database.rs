//! A migrated database for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use service_kit::config::{Config, ModuleName, role_password};
use tokio::sync::OnceCell;
use url::Url;

/// A database of its own for one test, copied from a migrated template, so that tests run side by side.
pub struct TestDatabase {
    /// The owner's URL of this database.
    pub url: Url,
}

static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// Makes the database. The engines of the test run go away with everything in them, so nobody drops it.
    pub async fn create() -> Self {
        Self::copy_of(TEMPLATE.get_or_init(make_template).await).await
    }

    /// Makes a database that has nothing in it, not even schemas.
    pub async fn empty() -> Self {
        Self::copy_of("template0").await
    }

    async fn copy_of(template: &str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let server = connect(&server_url()).await;
        run(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        server.close().await.expect("closing an idle connection");
        Self { url: named(&name) }
    }

    /// A pool of the module's own role, which is all that the module itself has.
    pub async fn connect(&self, module: ModuleName) -> DatabaseConnection {
        connect(&self.config().module_database_url(module)).await
    }

    /// A pool of the owner, for looking behind the module.
    pub async fn connect_as_owner(&self) -> DatabaseConnection {
        connect(&self.url).await
    }

    /// The configuration of the test run, with this database.
    pub fn config(&self) -> Config {
        let mut config = Config::from_env().expect("`cargo xtask test` exports the configuration");
        config.database_url = self.url.clone();
        config
    }
}

/// Migrates one template for each test process; its name holds the process, so that processes do not wait for another.
async fn make_template() -> String {
    let name = format!("template_{}", std::process::id());
    let server = connect(&server_url()).await;
    run(&server, &format!("CREATE DATABASE {name}")).await;
    server.close().await.expect("closing an idle connection");
    let secret = std::env::var("MODULE_ROLE_SECRET").expect("`cargo xtask test` exports MODULE_ROLE_SECRET").into();
    migrations::up(named(&name).as_str(), |role| role_password(&secret, role)).await.expect("the migrations apply");
    name
}

fn server_url() -> Url {
    let url = std::env::var("DATABASE_URL")
        .expect("DATABASE_URL is not set: run the tests with `cargo xtask test`, which starts the engines");
    url.parse().expect("DATABASE_URL is a URL")
}

fn named(name: &str) -> Url {
    let mut url = server_url();
    url.set_path(name);
    url
}

async fn connect(url: &Url) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url.as_str());
    options.max_connections(60).sqlx_logging(false);
    Database::connect(options).await.expect("the database of the test run answers")
}

async fn run(server: &DatabaseConnection, sql: &str) {
    server.execute_unprepared(sql).await.expect("the owner may create databases");
}
