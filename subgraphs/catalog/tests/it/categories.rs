//! The tree of categories.

use kernel::{AccountId, CategoryId};
use serde_json::json;

use crate::shop::{Shop, category, viewer_of};

const CREATE: &str = "mutation($input: CreateCategoryInput!) { createCategory(input: $input) {
    category { id slug path { name } parent { name } } userErrors { code field } } }";

#[tokio::test]
async fn only_an_administrator_makes_categories() {
    let shop = Shop::open().await;
    let input = json!({"input": {"name": "Shoes"}});
    assert_eq!(shop.ask(None, CREATE, input.clone()).await.code(), "UNAUTHENTICATED");
    assert_eq!(shop.ask(Some(AccountId::new()), CREATE, input).await.code(), "FORBIDDEN");
}

#[tokio::test]
async fn a_category_has_a_slug_and_a_path() {
    let shop = Shop::open().await;
    let admin = Some(viewer_of(AccountId::new(), true));
    let shoes = json!({"input": {"name": "Shoes & Boots", "parentId": shop.category_id}});
    let data = shop.ask_as(admin, CREATE, shoes.clone()).await.fine();
    let made = &data["createCategory"]["category"];
    assert_eq!(made["slug"], "shoes-boots");
    assert_eq!(made["path"], json!([{"name": "Things"}, {"name": "Shoes & Boots"}]));
    assert_eq!(made["parent"], json!({"name": "Things"}));
    let data = shop.ask_as(admin, CREATE, shoes).await.fine();
    assert_eq!(data["createCategory"]["category"]["slug"], "shoes-boots-2");
    let cases = [
        (json!({"name": "", "slug": "fine"}), "TEXT_INVALID", "name"),
        (json!({"name": "Shoes", "slug": "Not fine"}), "SLUG_INVALID", "slug"),
        (json!({"name": "Shoes", "slug": "shoes-boots"}), "SLUG_TAKEN", "slug"),
        (json!({"name": "Shoes", "parentId": CategoryId::new()}), "CATEGORY_NOT_FOUND", "parentId"),
    ];
    for (input, code, field) in cases {
        let reply = shop.ask_as(admin, CREATE, json!({ "input": input })).await;
        assert_eq!(reply.user_errors(), [(code.to_owned(), field.to_owned())], "{input}");
    }
}

#[tokio::test]
async fn listing_a_category_includes_its_descendants_and_no_cousins() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let shirts = category(&shop.db, Some(shop.category_id), "Shirts").await;
    let sleeveless = category(&shop.db, Some(shirts), "Sleeveless").await;
    let other = category(&shop.db, None, "Other").await;
    for (name, category_id) in [("a", shop.category_id), ("b", shirts), ("c", sleeveless), ("d", other)] {
        shop.product_like(seller, name, |new| new.draft.category_id = category_id).await;
    }
    let tree = "{ categories { name products { totalCount edges { node { name } } }
        children { name products { totalCount } children { name products { totalCount } } } } }";
    let data = shop.ask(None, tree, json!({})).await.fine();
    let names = |names: &[&str]| names.iter().map(|name| json!({"node": {"name": name}})).collect::<Vec<_>>();
    let expected = json!([
        {"name": "Other", "products": {"totalCount": 1, "edges": names(&["d"])}, "children": []},
        {"name": "Things", "products": {"totalCount": 3, "edges": names(&["c", "b", "a"])}, "children": [
            {"name": "Shirts", "products": {"totalCount": 2}, "children": [
                {"name": "Sleeveless", "products": {"totalCount": 1}}]}]},
    ]);
    assert_eq!(data["categories"], expected);
    let query = "query($id: ID!) { products(filter: {categoryId: $id}) { totalCount } }";
    assert_eq!(shop.ask(None, query, json!({ "id": shirts })).await.fine()["products"]["totalCount"], 2);
}
