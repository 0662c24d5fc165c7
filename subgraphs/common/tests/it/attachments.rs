//! The files of entities.

use common::{files::HostNames, store};
use contracts::common::{Attach, AttachOutcome, AttachRemote, EntityKind, EntityRef};
use entities::common::attachment;
use kernel::{ProductId, ResourceId};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::desk::{Desk, png, truth, viewer};

fn product() -> EntityRef {
    EntityRef { kind: EntityKind::Product, id: ProductId::new().uuid() }
}

async fn image_ids(desk: &Desk, entity: EntityRef) -> Vec<ResourceId> {
    let mut files = store::attachment_list(&desk.db, entity.kind, &[entity.id]).await.unwrap();
    files.remove(&entity.id).unwrap_or_default().into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn files_are_replaced_as_a_whole_and_keep_their_order() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let mut ids = Vec::new();
    for number in 0..3 {
        ids.push(desk.upload(&ann, number).await);
    }
    let entity = product();
    let orders = [vec![ids[2], ids[0], ids[1]], vec![ids[1], ids[2]], vec![ids[0]], vec![]];
    for wanted in orders {
        let mut repeated = wanted.clone();
        repeated.extend(&wanted);
        let command = Attach { entity, owner_id: ann.account_id, resource_ids: repeated };
        assert_eq!(store::attach(&desk.db, &command).await.unwrap(), AttachOutcome::Attached);
        assert_eq!(image_ids(&desk, entity).await, wanted);
    }
}

#[tokio::test]
async fn what_is_foreign_unfinished_or_unknown_is_refused_and_nothing_changes() {
    let (desk, ann, eve) = (Desk::open().await, viewer(false), viewer(false));
    let (own, foreign) = (desk.upload(&ann, 1).await, desk.upload(&eve, 2).await);
    let pending = desk.announce(&ann, truth(&png(3))).await;
    let pending: ResourceId = pending["resource"]["id"].as_str().unwrap().parse().unwrap();
    let (unknown, entity) = (ResourceId::new(), product());
    let attach = async |resource_ids| {
        let command = Attach { entity, owner_id: ann.account_id, resource_ids };
        store::attach(&desk.db, &command).await.unwrap()
    };
    assert_eq!(attach(vec![own]).await, AttachOutcome::Attached);
    let refused = attach(vec![foreign, own, pending, unknown]).await;
    assert_eq!(refused, AttachOutcome::Refused(vec![foreign, pending, unknown]));
    assert_eq!(image_ids(&desk, entity).await, [own]);
}

#[tokio::test]
async fn replacements_at_once_leave_one_whole_list() {
    let (desk, ann) = (std::sync::Arc::new(Desk::open().await), viewer(false));
    let mut ids = Vec::new();
    for number in 0..4 {
        ids.push(desk.upload(&ann, number).await);
    }
    let entity = product();
    let lists: Vec<Vec<ResourceId>> = (0..4).map(|first| [&ids[first..], &ids[..first]].concat()).collect();
    let replacements: Vec<_> = (0..40)
        .map(|number| {
            let (desk, resource_ids) = (desk.clone(), lists[number % 4].clone());
            let command = Attach { entity, owner_id: ann.account_id, resource_ids };
            tokio::spawn(async move { store::attach(&desk.db, &command).await.unwrap() })
        })
        .collect();
    for replacement in replacements {
        assert_eq!(replacement.await.unwrap(), AttachOutcome::Attached);
    }
    assert!(lists.contains(&image_ids(&desk, entity).await));
}

#[tokio::test]
async fn remote_images_are_one_resource_for_each_url_and_attaching_again_changes_nothing() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let (one, two) = (product(), product());
    let remote = |entity, urls: &[&str]| AttachRemote {
        entity,
        owner_id: ann.account_id,
        urls: urls.iter().map(|url| (*url).to_owned()).collect(),
    };
    let commands = [
        remote(one, &["https://cdn.example.com/b.jpg", "not a url", "https://cdn.example.com/a.jpg"]),
        remote(two, &["https://cdn.example.com/a.jpg", "https://cdn.example.com/a.jpg"]),
    ];
    store::attach_remote(&desk.db, &nameless(), &commands).await.unwrap();
    let (first, second) = (image_ids(&desk, one).await, image_ids(&desk, two).await);
    assert_eq!((first.len(), &second[..]), (2, &first[1..]));
    store::attach_remote(&desk.db, &nameless(), &commands).await.unwrap();
    assert_eq!((image_ids(&desk, one).await, image_ids(&desk, two).await), (first.clone(), second));
    assert_eq!(attachment::Entity::find().count(&desk.db).await.unwrap(), 3);
    store::attach_remote(&desk.db, &nameless(), &[]).await.unwrap();
    let served = desk.http.get(format!("{}/files/{}", desk.base, first[0])).send().await.unwrap();
    assert_eq!(
        (served.status().as_u16(), served.headers()["location"].to_str().unwrap()),
        (307, "https://cdn.example.com/b.jpg")
    );
}

#[tokio::test]
async fn an_address_of_a_private_network_is_no_place_for_a_file() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let entity = product();
    let urls =
        ["http://127.0.0.1:8080/", "http://[::ffff:10.0.0.1]/a.jpg", "http://2130706433/", "http://localhost/a.jpg"];
    let mut urls: Vec<String> = urls.iter().map(|url| (*url).to_owned()).collect();
    urls.push("https://cdn.example.com/a.jpg".to_owned());
    let command = AttachRemote { entity, owner_id: ann.account_id, urls };
    store::attach_remote(&desk.db, &nameless(), &[command]).await.unwrap();
    let kept = image_ids(&desk, entity).await;
    assert_eq!(kept.len(), 1);
    let served = desk.http.get(format!("{}/files/{}", desk.base, kept[0])).send().await.unwrap();
    assert_eq!(served.headers()["location"].to_str().unwrap(), "https://cdn.example.com/a.jpg");
}

/// Names that nobody can resolve, as where there is no network.
fn nameless() -> HostNames {
    HostNames::looked_up_by(|_| Box::pin(async { Err(std::io::Error::other("no name server")) }))
}

#[tokio::test]
async fn nor_is_a_public_name_that_leads_into_one_but_a_name_that_leads_nowhere_is() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let (one, two) = (product(), product());
    // What is inside resolves as `localhost` does; nothing else is known.
    let names = HostNames::looked_up_by(|host| {
        Box::pin(async move {
            match host.as_str() {
                "inside.example.com" => Ok(tokio::net::lookup_host("localhost:80").await?.map(|to| to.ip()).collect()),
                _ => Err(std::io::Error::other("no such name")),
            }
        })
    });
    let remote = |entity, urls: &[&str]| AttachRemote {
        entity,
        owner_id: ann.account_id,
        urls: urls.iter().map(|url| (*url).to_owned()).collect(),
    };
    let commands = [
        remote(
            one,
            &["http://inside.example.com:8080/a.jpg", "https://gone.example.com/a.jpg", "http://93.184.216.34/a.jpg"],
        ),
        remote(two, &["https://INSIDE.example.com/b.jpg"]),
    ];
    store::attach_remote(&desk.db, &names, &commands).await.unwrap();
    assert_eq!((image_ids(&desk, one).await.len(), image_ids(&desk, two).await.len()), (2, 0));
}

#[tokio::test]
async fn a_product_shows_its_first_images_and_an_account_its_avatar() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let product_id = ProductId::new();
    let urls: Vec<String> = (0..3).map(|number| format!("https://cdn.example.com/{number}.jpg")).collect();
    let entity = EntityRef { kind: EntityKind::Product, id: product_id.uuid() };
    store::attach_remote(&desk.db, &nameless(), &[AttachRemote { entity, owner_id: ann.account_id, urls }])
        .await
        .unwrap();

    let entities = "query($of: [_Any!]!) { _entities(representations: $of) {
        ... on Product { images(first: 2) { url } } ... on Account { avatar { id url } } } }";
    let of = json!([{"__typename": "Product", "id": product_id}, {"__typename": "Account", "id": ann.account_id}]);
    let shown = desk.ask(None, entities, json!({"of": of})).await;
    let images = json!([{"url": "https://cdn.example.com/0.jpg"}, {"url": "https://cdn.example.com/1.jpg"}]);
    assert_eq!(shown["data"]["_entities"], json!([{"images": images}, {"avatar": null}]), "{shown:#}");

    let mutation = "mutation($input: SetAvatarInput!) { setAvatar(input: $input) {
        account { avatar { id } } userErrors { code field } } }";
    let picture = desk.upload(&ann, 1).await;
    let set = desk.ask(Some(&ann), mutation, json!({"input": {"resourceId": picture}})).await;
    assert_eq!(set["data"]["setAvatar"]["account"]["avatar"]["id"], json!(picture), "{set:#}");
    let stolen = desk.ask(Some(&viewer(false)), mutation, json!({"input": {"resourceId": picture}})).await;
    let refused = json!([{"code": "RESOURCE_NOT_USABLE", "field": "resourceId"}]);
    assert_eq!(stolen["data"]["setAvatar"], json!({"account": null, "userErrors": refused}));
    let removed = desk.ask(Some(&ann), mutation, json!({"input": {"resourceId": null}})).await;
    assert_eq!(removed["data"]["setAvatar"]["account"]["avatar"], Value::Null);
}
