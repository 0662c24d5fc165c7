//! The module's role reaches the module's tables and no others.

use entities::{chat::conversation, order::orders};
use sea_orm::{EntityTrait, PaginatorTrait};
use service_kit::ModuleName;
use test_kit::TestDatabase;

#[tokio::test]
async fn another_modules_table_is_refused() {
    let db = TestDatabase::create().await.connect(ModuleName::Order).await;
    assert_eq!(orders::Entity::find().count(&db).await.unwrap(), 0);
    let refused = conversation::Entity::find().count(&db).await.unwrap_err().to_string();
    assert!(refused.contains("permission denied for schema chat"), "{refused}");
}
