//! The boundary between modules has teeth: a role has rights on its own schema alone.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use service_kit::ModuleName;
use test_kit::TestDatabase;

#[tokio::test]
async fn a_module_reads_its_own_tables_and_is_refused_every_other() {
    let database = TestDatabase::create().await;
    let owner = database.connect_as_owner().await;
    let tables = "SELECT schemaname::text AS schema, tablename::text AS name FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'public')";
    let tables = owner.query_all_raw(Statement::from_string(DbBackend::Postgres, tables)).await.unwrap();
    assert!(tables.len() > 20, "the modules have tables");
    for module in ModuleName::ALL {
        let role = database.connect(module).await;
        for table in &tables {
            let schema: String = table.try_get("", "schema").unwrap();
            let name: String = table.try_get("", "name").unwrap();
            let read = role.execute_unprepared(&format!(r#"SELECT 1 FROM "{schema}"."{name}" LIMIT 1"#)).await;
            assert_eq!(read.is_ok(), schema == module.as_str(), "{module} reading {schema}.{name}");
        }
        role.close().await.unwrap();
    }
}

#[tokio::test]
async fn the_migrations_go_up_from_nothing_and_down_again() {
    let database = TestDatabase::create().await;
    migrations_down_and_up(database.url.as_str()).await;
}

async fn migrations_down_and_up(url: &str) {
    let secret = std::env::var("MODULE_ROLE_SECRET").unwrap().into();
    migrations::down(url, None).await.unwrap();
    assert!(migrations::status(url).await.unwrap().iter().all(|migration| !migration.applied));
    migrations::up(url, |role| service_kit::config::role_password(&secret, role)).await.unwrap();
    assert!(migrations::status(url).await.unwrap().iter().all(|migration| migration.applied));
}
