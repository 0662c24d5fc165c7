//! Shipping addresses.

use serde_json::{Value, json};

use crate::site::{Member, Site, codes, errors};

const CONTACT: &str = "contact { id fullName phone address type latitude longitude isDefault }";

fn home() -> Value {
    json!({"fullName": "An Nguyen", "phone": "0901234567", "address": "1 Tràng Tiền, Hà Nội", "type": "HOME",
           "latitude": 21.0245, "longitude": 105.8573})
}

async fn create(member: &Member) -> String {
    let payload = member.mutate("createContact", CONTACT, home()).await;
    assert!(errors(&payload).is_empty(), "{payload:#}");
    payload["contact"]["id"].as_str().unwrap().to_owned()
}

async fn default_of(member: &Member) -> Vec<String> {
    let me = member.me("contacts { id isDefault }").await;
    let contacts = me["contacts"].as_array().unwrap();
    let defaults = contacts.iter().filter(|contact| contact["isDefault"] == true);
    defaults.map(|contact| contact["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_first_contact_becomes_the_default_and_a_successor_is_found() {
    let site = Site::start().await;
    let member = site.member().await;
    let payload = member.mutate("createContact", CONTACT, home()).await;
    assert_eq!(payload["contact"]["phone"], "+84901234567");
    assert_eq!(payload["contact"]["isDefault"], true);
    let first = payload["contact"]["id"].as_str().unwrap().to_owned();
    let (second, third) = (create(&member).await, create(&member).await);
    assert_eq!(default_of(&member).await, std::slice::from_ref(&first));

    let payload = member.mutate("setDefaultContact", CONTACT, json!({"id": third})).await;
    assert_eq!(payload["contact"]["isDefault"], true);
    assert_eq!(default_of(&member).await, std::slice::from_ref(&third));
    let payload = member.mutate("deleteContact", "contactId", json!({"id": third})).await;
    assert_eq!(payload["contactId"], third.as_str());
    assert_eq!(default_of(&member).await, std::slice::from_ref(&first), "the oldest other inherits");
    for id in [first, second] {
        member.mutate("deleteContact", "contactId", json!({"id": id})).await;
    }
    assert!(default_of(&member).await.is_empty());
}

#[tokio::test]
async fn one_contact_is_the_default_however_many_are_made_and_chosen_at_once() {
    let site = Site::start().await;
    let member = site.member().await;
    let ids = futures::future::join_all((0..12).map(|_| create(&member))).await;
    assert_eq!(default_of(&member).await.len(), 1);
    let changes = ids.iter().enumerate().map(|(number, id)| {
        let member = &member;
        async move {
            let (name, selection) =
                if number % 3 == 0 { ("deleteContact", "contactId") } else { ("setDefaultContact", "contact { id }") };
            member.mutate(name, selection, json!({"id": id})).await
        }
    });
    for payload in futures::future::join_all(changes).await {
        assert!(errors(&payload).is_empty(), "{payload:#}");
    }
    assert_eq!(default_of(&member).await.len(), 1);
}

#[tokio::test]
async fn the_database_itself_keeps_exactly_one_default() {
    let site = Site::start().await;
    let member = site.member().await;
    create(&member).await;
    create(&member).await;
    for broken in ["is_default = true", "is_default = false"] {
        let statement = format!("UPDATE account.contact SET {broken}");
        let error = sea_orm::ConnectionTrait::execute_unprepared(&site.owner, &statement).await.unwrap_err();
        let constraint = service_kit::database::violated_constraint(&error).unwrap().to_owned();
        let expected = if broken.ends_with("true") { "contact_one_default" } else { "contact_has_default" };
        assert_eq!(constraint, expected);
    }
}

#[tokio::test]
async fn a_contact_that_is_wrong_is_refused_by_field() {
    let site = Site::start().await;
    let member = site.member().await;
    let with = |changes: Value| {
        let mut input = home();
        input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        input
    };
    let cases = [
        (
            json!({"fullName": " ", "phone": "12", "address": "x".repeat(501)}),
            vec!["TEXT_INVALID fullName", "PHONE_INVALID phone", "TEXT_INVALID address"],
        ),
        (json!({"latitude": 91.0}), vec!["POSITION_INVALID latitude"]),
        (json!({"longitude": -181.0}), vec!["POSITION_INVALID longitude"]),
        (json!({"longitude": null}), vec!["POSITION_INVALID longitude"]),
        (json!({"latitude": null}), vec!["POSITION_INVALID latitude"]),
    ];
    for (changes, expected) in cases {
        let payload = member.mutate("createContact", CONTACT, with(changes)).await;
        assert_eq!(errors(&payload), expected);
        assert!(payload["contact"].is_null());
    }
    let id = create(&member).await;
    let payload = member.mutate("updateContact", CONTACT, json!({"id": id, "phone": "x", "fullName": ""})).await;
    assert_eq!(errors(&payload), ["TEXT_INVALID fullName", "PHONE_INVALID phone"]);
}

#[tokio::test]
async fn a_changed_contact_keeps_what_is_left_out_and_forgets_the_position_of_an_old_address() {
    let site = Site::start().await;
    let member = site.member().await;
    let id = create(&member).await;
    let payload = member.mutate("updateContact", CONTACT, json!({"id": id, "type": "WORK"})).await;
    assert_eq!(payload["contact"]["type"], "WORK");
    assert_eq!(payload["contact"]["latitude"], 21.0245);
    let payload = member.mutate("updateContact", CONTACT, json!({"id": id, "address": "Elsewhere"})).await;
    assert_eq!(payload["contact"]["fullName"], "An Nguyen");
    assert!(payload["contact"]["latitude"].is_null());
}

#[tokio::test]
async fn an_account_has_so_many_contacts_and_no_more() {
    let site = Site::start().await;
    let member = site.member().await;
    futures::future::join_all((0..50).map(|_| create(&member))).await;
    let payload = member.mutate("createContact", CONTACT, home()).await;
    assert_eq!(errors(&payload), ["CONTACT_LIMIT_REACHED -"]);
}

#[tokio::test]
async fn a_stranger_neither_sees_nor_changes_a_contact() {
    let site = Site::start().await;
    let (owner, stranger) = (site.member().await, site.member().await);
    let id = create(&owner).await;
    for (name, selection) in
        [("updateContact", "contact { id }"), ("deleteContact", "contactId"), ("setDefaultContact", "contact { id }")]
    {
        let payload = stranger.mutate(name, selection, json!({"id": id})).await;
        assert_eq!(errors(&payload), ["CONTACT_NOT_FOUND id"], "{name}");
        let query = format!("mutation {{ {name}(input: {{id: \"{id}\"}}) {{ userErrors {{ code }} }} }}");
        assert_eq!(codes(&site.client().send(&query, json!({})).await), ["UNAUTHENTICATED"], "{name}");
    }
    let query = format!("{{ account(id: \"{}\") {{ name contacts {{ id }} }} }}", owner.id);
    let reply = stranger.client.send(&query, json!({})).await;
    assert_eq!(codes(&reply), ["FORBIDDEN"]);
    assert!(reply.data["account"]["contacts"].is_null());
    assert_eq!(default_of(&owner).await, [id]);
}
