//! Reshaping the tree of categories.

use catalog::store::category::{NewCategory, category_insert, category_list_by_ids, category_move};
use entities::catalog::product_index;
use kernel::{AccountId, CategoryId};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::shop::{Shop, category, viewer_of};

const MOVE: &str = "mutation($input: MoveCategoryInput!) { moveCategory(input: $input) {
    category { path { name } parent { name } } userErrors { code field } } }";
const UPDATE: &str = "mutation($input: UpdateCategoryInput!) { updateCategory(input: $input) {
    category { name slug description } userErrors { code field } } }";

async fn moved(shop: &Shop, id: CategoryId, parent_id: Option<CategoryId>) -> Vec<(String, String)> {
    let input = json!({"input": {"categoryId": id, "parentId": parent_id}});
    shop.ask_as(Some(viewer_of(AccountId::new(), true)), MOVE, input).await.user_errors()
}

#[tokio::test]
async fn a_branch_moves_with_everything_below_it_and_its_products() {
    let shop = Shop::open().await;
    let clothes = category(&shop.db, Some(shop.category_id), "Clothes").await;
    let shirts = category(&shop.db, Some(clothes), "Shirts").await;
    let sleeveless = category(&shop.db, Some(shirts), "Sleeveless").await;
    let sale = category(&shop.db, None, "Sale").await;
    let product = shop.product_like(AccountId::new(), "Vest", |new| new.draft.category_id = sleeveless).await;
    assert!(moved(&shop, shirts, Some(sale)).await.is_empty());
    let query = "query($id: ID!) { category(id: $id) { path { name } products { totalCount } descendants { name } } }";
    let of = async |id: CategoryId| shop.ask(None, query, json!({ "id": id })).await.fine()["category"].clone();
    let names = |names: &[&str]| Value::from(names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>());
    assert_eq!(of(sleeveless).await["path"], names(&["Sale", "Shirts", "Sleeveless"]));
    assert_eq!(
        (&of(clothes).await["products"], &of(sale).await["products"]),
        (&json!({"totalCount": 0}), &json!({"totalCount": 1}))
    );
    assert_eq!(of(sale).await["descendants"], names(&["Shirts", "Sleeveless"]));
    assert_eq!(of(shop.category_id).await["descendants"], names(&["Clothes"]));
    let versions = product_index::Entity::find_by_id(product).one(&shop.db).await.unwrap().unwrap();
    assert_eq!((versions.facts_version, versions.text_version), (2, 2), "search reads the names of the new categories");
    assert!(moved(&shop, shirts, None).await.is_empty());
    assert_eq!(of(sleeveless).await["path"], names(&["Shirts", "Sleeveless"]));
}

#[tokio::test]
async fn a_category_is_not_moved_under_itself_or_its_own_child() {
    let shop = Shop::open().await;
    let shirts = category(&shop.db, Some(shop.category_id), "Shirts").await;
    let sleeveless = category(&shop.db, Some(shirts), "Sleeveless").await;
    for parent in [shop.category_id, shirts, sleeveless] {
        let refused = moved(&shop, shop.category_id, Some(parent)).await;
        assert_eq!(refused, [("CATEGORY_CYCLE".to_owned(), "parentId".to_owned())]);
    }
    let unknown = |field: &str| [("CATEGORY_NOT_FOUND".to_owned(), field.to_owned())];
    assert_eq!(moved(&shop, CategoryId::new(), None).await, unknown("categoryId"));
    assert_eq!(moved(&shop, shirts, Some(CategoryId::new())).await, unknown("parentId"));
    let input = json!({"input": {"categoryId": shirts}});
    assert_eq!(shop.ask(None, MOVE, input.clone()).await.code(), "UNAUTHENTICATED");
    assert_eq!(shop.ask(Some(AccountId::new()), MOVE, input).await.code(), "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_at_once_leave_a_tree() {
    let shop = Shop::open().await;
    let mut ids = Vec::new();
    for number in 0..8 {
        ids.push(category(&shop.db, None, &format!("c{number}")).await);
    }
    let mut movers = tokio::task::JoinSet::new();
    for round in 0..40_usize {
        // Each moves one under another, and often back to front at the same moment.
        let (db, one, other) = (shop.db.clone(), ids[round % 8], ids[(round * 3 + 1) % 8]);
        movers.spawn(async move {
            _ = category_move(&db, one, Some(other)).await.unwrap();
            let new = NewCategory {
                parent_id: Some(one),
                name: format!("n{round}"),
                slug: None,
                description: String::new(),
                position: 0,
            };
            category_insert(&db, new).await.unwrap().unwrap().id
        });
    }
    ids.extend(movers.join_all().await);
    let rows = category_list_by_ids(&shop.db, &ids).await.unwrap();
    for row in &rows {
        let mut path = vec![row.id.uuid()];
        let mut parent = row.parent_id;
        while let Some(id) = parent {
            assert!(path.len() <= rows.len(), "a circle");
            path.push(id.uuid());
            parent = rows.iter().find(|row| row.id == id).unwrap().parent_id;
        }
        path.reverse();
        assert_eq!(row.path, path, "the path is that of the parents");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_slug_at_the_same_moment_is_given_once() {
    let shop = Shop::open().await;
    let mut makers = tokio::task::JoinSet::new();
    for number in 0..20 {
        let db = shop.db.clone();
        // Half of them want this slug and no other, the others take a free one.
        let slug = (number % 2 == 0).then(|| "lamps".to_owned());
        let new =
            NewCategory { parent_id: None, name: "Lamps".to_owned(), slug, description: String::new(), position: 0 };
        makers.spawn(async move { category_insert(&db, new).await.unwrap().map(|row| row.slug).ok() });
    }
    let mut slugs: Vec<String> = makers.join_all().await.into_iter().flatten().collect();
    let given = slugs.len();
    slugs.sort_unstable();
    slugs.dedup();
    assert_eq!(slugs.len(), given, "no slug twice");
    assert!(given >= 10, "whoever took any slug got one: {given}");
    assert!(slugs.contains(&"lamps".to_owned()));
}

#[tokio::test]
async fn a_category_is_renamed_and_keeps_its_slug() {
    let shop = Shop::open().await;
    let admin = Some(viewer_of(AccountId::new(), true));
    let input = json!({"input": {"categoryId": shop.category_id, "name": "Goods", "description": "All of them"}});
    let data = shop.ask_as(admin, UPDATE, input.clone()).await.fine();
    let expected = json!({"name": "Goods", "slug": "things", "description": "All of them"});
    assert_eq!(data["updateCategory"]["category"], expected);
    assert_eq!(shop.ask(Some(AccountId::new()), UPDATE, input).await.code(), "FORBIDDEN");
    let cases = [
        (json!({"categoryId": shop.category_id, "name": " "}), "TEXT_INVALID", "name"),
        (json!({"categoryId": shop.category_id, "description": "x".repeat(501)}), "TEXT_INVALID", "description"),
        (json!({"categoryId": CategoryId::new(), "name": "x"}), "CATEGORY_NOT_FOUND", "categoryId"),
    ];
    for (input, code, field) in cases {
        let refused = shop.ask_as(admin, UPDATE, json!({ "input": input })).await.user_errors();
        assert_eq!(refused, [(code.to_owned(), field.to_owned())]);
    }
}
