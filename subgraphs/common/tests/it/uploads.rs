//! Uploading, and everything that is refused on the way.

use chrono::{TimeDelta, Utc};
use common::{files::HostNames, store};
use contracts::common::{AttachRemote, EntityKind, EntityRef, OptionCategory, ServiceOption};
use entities::common::resource;
use kernel::ResourceId;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use crate::desk::{Desk, png, truth, viewer};

async fn rows(desk: &Desk) -> u64 {
    resource::Entity::find().count(&desk.db).await.unwrap()
}

#[tokio::test]
async fn an_upload_is_served_as_what_it_is_and_never_changes() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let bytes = png(1);
    let announced = desk.announce(&ann, truth(&bytes)).await;
    let id = &announced["resource"]["id"];
    assert_eq!(desk.put(&announced["uploadUrl"], png(9)).await, 204, "an earlier attempt");
    assert_eq!(desk.put(&announced["uploadUrl"], bytes.clone()).await, 204);
    assert_eq!(desk.stored().len(), 1, "the earlier attempt is gone");
    let completed = desk.complete(&ann, id).await;
    let file = &completed["data"]["completeUpload"]["resource"];
    assert_eq!((&file["complete"], &file["mimeType"]), (&json!(true), &json!("image/png")), "{completed:#}");
    assert_eq!(desk.complete(&ann, id).await, completed, "again changes nothing");
    assert_eq!(desk.put(&announced["uploadUrl"], png(2)).await, 409, "complete files never change");
    assert_eq!(desk.stored().len(), 1);

    let served = desk.http.get(file["url"].as_str().unwrap()).send().await.unwrap();
    let header = |name: &str| served.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header("content-disposition"), "inline; filename*=UTF-8''shoe.png");
    let etag = header("etag");
    assert_eq!(served.bytes().await.unwrap(), bytes);
    let known = desk.http.get(file["url"].as_str().unwrap()).header("if-none-match", etag).send().await.unwrap();
    assert_eq!(known.status(), 304);
}

#[tokio::test]
async fn a_lie_about_the_bytes_is_refused_and_leaves_nothing() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let page = b"<html><script>alert(1)</script></html>".to_vec();
    let mut shorter = truth(&png(1));
    shorter["sizeBytes"] = json!("100000");
    let mut other_type = truth(&png(1));
    other_type["mimeType"] = json!("image/jpeg");
    let mut other_sum = truth(&png(1));
    other_sum["checksumSha256"] = json!("ab".repeat(32));
    let cases = [
        (shorter, png(1), "SIZE_MISMATCH"),
        (other_type, png(1), "MIME_TYPE_MISMATCH"),
        (truth(&page), page, "MIME_TYPE_MISMATCH"),
        (other_sum, png(1), "CHECKSUM_MISMATCH"),
    ];
    for (input, bytes, code) in cases {
        let announced = desk.announce(&ann, input).await;
        assert_eq!(desk.put(&announced["uploadUrl"], bytes.clone()).await, 204);
        let answer = desk.complete(&ann, &announced["resource"]["id"]).await;
        let errors = &answer["data"]["completeUpload"]["userErrors"];
        assert_eq!(errors, &json!([{"code": code, "field": "resourceId"}]), "{answer:#}");
        assert_eq!((desk.stored().len(), rows(&desk).await), (0, 0), "{code}");
        assert_eq!(desk.put(&announced["uploadUrl"], bytes).await, 409, "the URL is of no use any more");
    }
}

#[tokio::test]
async fn more_bytes_than_announced_are_not_even_stored() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let mut input = truth(&png(1));
    input["sizeBytes"] = json!("10");
    let announced = desk.announce(&ann, input).await;
    assert_eq!(desk.put(&announced["uploadUrl"], vec![0; 5_000_000]).await, 413);
    assert_eq!(desk.stored().len(), 0);
    let answer = desk.complete(&ann, &announced["resource"]["id"]).await;
    assert_eq!(answer["data"]["completeUpload"]["userErrors"][0]["code"], "NOT_UPLOADED");
}

#[tokio::test]
async fn what_cannot_be_a_file_is_refused_by_field() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let cases = [
        ("fileName", json!("../../etc/passwd"), "INVALID_FILE_NAME"),
        ("fileName", json!("C:\\windows\\system.ini"), "INVALID_FILE_NAME"),
        ("fileName", json!(".."), "INVALID_FILE_NAME"),
        ("fileName", json!("a\u{0}.png"), "INVALID_FILE_NAME"),
        ("fileName", json!("a\r\nSet-Cookie: x"), "INVALID_FILE_NAME"),
        ("fileName", json!(""), "INVALID_FILE_NAME"),
        ("fileName", json!("x".repeat(256)), "INVALID_FILE_NAME"),
        ("mimeType", json!("image/svg+xml"), "UNSUPPORTED_MIME_TYPE"),
        ("mimeType", json!("text/html"), "UNSUPPORTED_MIME_TYPE"),
        ("sizeBytes", json!("0"), "INVALID_FILE_SIZE"),
        ("sizeBytes", json!("-1"), "INVALID_FILE_SIZE"),
        ("sizeBytes", json!("1000001"), "INVALID_FILE_SIZE"),
        ("checksumSha256", json!("abc"), "INVALID_CHECKSUM"),
        ("checksumSha256", json!("g".repeat(64)), "INVALID_CHECKSUM"),
    ];
    for (field, value, code) in cases {
        let mut input = truth(&png(1));
        input[field] = value;
        let answer = desk.announce(&ann, input.clone()).await;
        assert_eq!(answer["userErrors"], json!([{"code": code, "field": field}]), "{input}");
        assert_eq!(answer["uploadUrl"], Value::Null);
    }
    assert_eq!(rows(&desk).await, 0);
}

#[tokio::test]
async fn tricks_with_paths_go_nowhere() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let mut input = truth(&png(1));
    input["fileName"] = json!("..%2f..%2fetc; \"passwd\" é.png");
    let announced = desk.announce(&ann, input).await;
    assert_eq!(desk.put(&announced["uploadUrl"], png(1)).await, 204);
    let stored = desk.stored();
    assert!(stored[0].components().all(|part| !part.as_os_str().to_string_lossy().contains("passwd")), "{stored:?}");
    let completed = desk.complete(&ann, &announced["resource"]["id"]).await;
    let url = completed["data"]["completeUpload"]["resource"]["url"].as_str().unwrap().to_owned();
    let served = desk.http.get(url).send().await.unwrap();
    assert_eq!(
        served.headers()["content-disposition"],
        "inline; filename*=UTF-8''..%252f..%252fetc%3B%20%22passwd%22%20%C3%A9.png"
    );
    for path in ["files/..%2f..%2fetc%2fpasswd", "files/%2e%2e", "uploads/..%2fx?expires=9999999999&signature=00"] {
        let url = format!("{}/{path}", desk.base);
        let answer = if path.starts_with("files") { desk.http.get(url) } else { desk.http.put(url).body("x") };
        let answer = answer.send().await.unwrap();
        let bytes = answer.bytes().await.unwrap();
        assert!(bytes.is_empty() || bytes.starts_with(b"\x89PNG"), "{path}");
    }
    assert_eq!(desk.stored().len(), 1);
}

#[tokio::test]
async fn a_forged_or_expired_signature_stores_nothing() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let bytes = png(1);
    let announced = desk.announce(&ann, truth(&bytes)).await;
    let other = desk.announce(&ann, truth(&bytes)).await;
    let (url, other_id) = (announced["uploadUrl"].as_str().unwrap(), other["resource"]["id"].as_str().unwrap());
    let id: ResourceId = announced["resource"]["id"].as_str().unwrap().parse().unwrap();
    let past = Utc::now() - TimeDelta::seconds(1);
    let expired = desk.files.urls.upload(&desk.files.signer, id, past);
    let (address, signature) = url.rsplit_once('=').unwrap();
    let forgeries = [
        expired,
        url.replace(&id.to_string(), other_id),
        format!("{address}={}", "0".repeat(signature.len())),
        format!("{address}="),
        url.replacen("expires=", "expires=9", 1),
    ];
    for forged in forgeries {
        assert_eq!(desk.put(&json!(forged), bytes.clone()).await, 403, "{forged}");
    }
    let unsigned = desk.http.put(format!("{}/uploads/{id}", desk.base)).body(bytes).send().await.unwrap();
    assert_eq!(unsigned.status(), 400);
    assert_eq!(desk.stored().len(), 0);
}

#[tokio::test]
async fn a_stranger_neither_sees_nor_completes_a_pending_upload() {
    let (desk, ann, eve) = (Desk::open().await, viewer(false), viewer(true));
    let announced = desk.announce(&ann, truth(&png(1))).await;
    assert_eq!(desk.put(&announced["uploadUrl"], png(1)).await, 204);
    let id = &announced["resource"]["id"];
    let answer = desk.complete(&eve, id).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
    let query = "query($id: ID!) { resource(id: $id) { complete } }";
    let seen = async |viewer| desk.ask(viewer, query, json!({"id": id})).await["data"]["resource"].clone();
    assert_eq!(
        (seen(Some(&ann)).await, seen(Some(&eve)).await, seen(None).await),
        (json!({"complete": false}), Value::Null, Value::Null)
    );
    let shown = desk.http.get(announced["resource"]["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(shown.headers()["cache-control"], "no-store", "a placeholder until it is complete");
    assert!(shown.bytes().await.unwrap() != png(1));
    desk.complete(&ann, id).await;
    assert_eq!(seen(None).await, json!({"complete": true}));
    let nobody = desk.ask(None, "mutation { completeUpload(input: {resourceId: \"01890000-0000-7000-8000-000000000001\"}) { userErrors { code } } }", json!({})).await;
    assert_eq!(nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_missing_file_shows_a_placeholder() {
    let desk = Desk::open().await;
    for id in [ResourceId::new().to_string(), "nonsense".to_owned()] {
        let shown = desk.http.get(format!("{}/files/{id}", desk.base)).send().await.unwrap();
        assert_eq!((shown.status().as_u16(), &shown.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
        let picture = image::load_from_memory(&shown.bytes().await.unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), (320, 320));
    }
}

#[tokio::test]
async fn an_account_has_so_many_unfinished_uploads_and_no_more() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    for _ in 0..100 {
        assert_eq!(desk.announce(&ann, truth(&png(1))).await["userErrors"], json!([]));
    }
    let answer = desk.announce(&ann, truth(&png(1))).await;
    assert_eq!(answer["userErrors"][0]["code"], "TOO_MANY_UPLOADS");
    assert_eq!(desk.announce(&viewer(false), truth(&png(1))).await["userErrors"], json!([]));
}

#[tokio::test]
async fn a_store_that_is_switched_off_takes_nothing_new_and_shows_what_it_has() {
    let (desk, ann, admin) = (Desk::open().await, viewer(false), viewer(true));
    let bytes = png(1);
    let begun = desk.announce(&ann, truth(&bytes)).await;
    let option = ServiceOption {
        id: "local-files".to_owned(),
        category: OptionCategory::ObjectStore,
        provider: "local".to_owned(),
        name: "Local directory".to_owned(),
        description: String::new(),
        position: 0,
    };
    let remote = ServiceOption { id: "remote-url".to_owned(), provider: "remote".to_owned(), ..option.clone() };
    store::option_register(&desk.db, &[option, remote]).await.unwrap();
    let switch = async |id: &str, enabled: bool| {
        let set =
            "mutation($input: SetServiceOptionInput!) { setServiceOption(input: $input) { userErrors { code } } }";
        let input = json!({"input": {"id": id, "enabled": enabled}});
        let answer = desk.ask(Some(&admin), set, input).await;
        assert_eq!(answer["data"]["setServiceOption"]["userErrors"], json!([]), "{answer:#}");
    };
    switch("local-files", false).await;
    let refused = desk.announce(&ann, truth(&bytes)).await;
    assert_eq!(refused["userErrors"], json!([{"code": "OBJECT_STORE_DISABLED", "field": null}]));
    assert_eq!((&refused["uploadUrl"], rows(&desk).await), (&Value::Null, 1), "nothing is left of what was refused");
    // What was begun before goes on.
    assert_eq!(desk.put(&begun["uploadUrl"], bytes.clone()).await, 204);
    switch("local-files", true).await;
    assert_eq!(desk.announce(&ann, truth(&bytes)).await["userErrors"], json!([]), "what is on again is taken again");

    let entity = EntityRef { kind: EntityKind::Product, id: ann.account_id.uuid() };
    let names = HostNames::looked_up_by(|_| Box::pin(async { Ok(Vec::new()) }));
    let attach = async |urls: &[&str]| {
        let urls = urls.iter().map(|url| (*url).to_owned()).collect();
        let command = AttachRemote { entity, owner_id: ann.account_id, urls };
        store::attach_remote(&desk.db, &names, &[command]).await.unwrap();
        store::attachment_list(&desk.db, entity.kind, &[entity.id]).await.unwrap().remove(&entity.id).unwrap().len()
    };
    assert_eq!(attach(&["https://cdn.example.com/a.jpg"]).await, 1);
    switch("remote-url", false).await;
    let both = ["https://cdn.example.com/a.jpg", "https://cdn.example.com/b.jpg"];
    assert_eq!(attach(&both).await, 1, "what is known already stays");
    switch("remote-url", true).await;
    assert_eq!(attach(&both).await, 2);
}

#[tokio::test]
async fn two_who_complete_at_once_get_the_same_file() {
    let (desk, ann) = (std::sync::Arc::new(Desk::open().await), viewer(false));
    let announced = desk.announce(&ann, truth(&png(1))).await;
    assert_eq!(desk.put(&announced["uploadUrl"], png(1)).await, 204);
    let completions: Vec<_> = (0..10)
        .map(|_| {
            let (desk, id) = (desk.clone(), announced["resource"]["id"].clone());
            tokio::spawn(async move { desk.complete(&ann, &id).await })
        })
        .collect();
    for completion in completions {
        let answer = completion.await.unwrap();
        assert_eq!(answer["data"]["completeUpload"]["resource"]["complete"], true, "{answer:#}");
    }
}

#[tokio::test]
async fn uploads_that_were_never_finished_are_swept_away() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let kept = desk.upload(&ann, 1).await;
    let mut pending = Vec::new();
    for number in 2..4 {
        let announced = desk.announce(&ann, truth(&png(number))).await;
        assert_eq!(desk.put(&announced["uploadUrl"], png(number)).await, 204);
        pending.push(announced["resource"]["id"].as_str().unwrap().parse::<ResourceId>().unwrap());
    }
    resource::Entity::update_many()
        .col_expr(resource::Column::ExpiresAt, Expr::value(Utc::now() - TimeDelta::hours(2)))
        .filter(resource::Column::Id.eq(pending[0]))
        .exec(&desk.db)
        .await
        .unwrap();
    let late = desk.complete(&ann, &json!(pending[0])).await;
    assert_eq!(late["data"]["completeUpload"]["userErrors"][0]["code"], "NOT_UPLOADED");
    for _ in 0..2 {
        common::sweep(&desk.db, &desk.files).await.unwrap();
        assert_eq!((desk.stored().len(), rows(&desk).await), (2, 2));
    }
    let left = store::resource_fetch_many(&desk.db, &[kept, pending[0], pending[1]]).await.unwrap();
    assert!(left.iter().all(|row| row.id != pending[0]));
}

#[tokio::test]
async fn a_polyglot_is_refused_and_leaves_nothing() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let polyglot = [png(1), b"<script>alert(1)</script>".to_vec()].concat();
    let announced = desk.announce(&ann, truth(&polyglot)).await;
    assert_eq!(desk.put(&announced["uploadUrl"], polyglot).await, 204);
    let answer = desk.complete(&ann, &announced["resource"]["id"]).await;
    assert_eq!(answer["data"]["completeUpload"]["userErrors"][0]["code"], "IMAGE_NOT_ONLY", "{answer:#}");
    assert_eq!((desk.stored().len(), rows(&desk).await), (0, 0));
}

/// A ZIP archive of one file, which any program unpacks: four mebibytes of zeros in four kilobytes.
fn archive_of_zeros() -> Vec<u8> {
    // The code of a run of zeros is made of zero bits here.
    let head = b"\xed\xc1\x01\x01\0\0\0\x82\x20\xff\xaf\x6e\x48\x40\x01";
    let deflated = [&head[..], &[0_u8; 4063], b"\x7c\x1b"].concat();
    // Deflated, of the first day of 1980; then its checksum (CRC-32), its sizes, and the length of its name.
    let mut about = b"\x14\0\0\0\x08\0\0\0\x21\0".to_vec();
    for number in [0x1147_406a_u32, deflated.len() as u32, 4 * 1024 * 1024] {
        about.extend(number.to_le_bytes());
    }
    about.extend(b"\x01\0\0\0");
    let file = [&b"PK\x03\x04"[..], &about, b"a", &deflated].concat();
    let entry = [&b"PK\x01\x02\x14\0"[..], &about, &[0_u8; 14], b"a"].concat();
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    for number in [entry.len() as u32, file.len() as u32] {
        end.extend(number.to_le_bytes());
    }
    end.extend([0_u8; 2]);
    [file, entry, end].concat()
}

#[tokio::test]
async fn a_bomb_is_refused_whatever_it_says_of_itself_and_leaves_nothing() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    // A picture of 65,535 pixels in each direction, in a few bytes, and one of a single pixel.
    let vast = b"GIF89a\xff\xff\xff\xff\0\0\0;".to_vec();
    let small = b"GIF89a\x01\0\x01\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;".to_vec();
    let behind = [small, archive_of_zeros()].concat();
    for (bytes, mime_type, code) in [
        (vast, "image/gif", "IMAGE_TOO_LARGE"),
        (archive_of_zeros(), "image/png", "MIME_TYPE_MISMATCH"),
        (behind, "image/gif", "IMAGE_NOT_ONLY"),
    ] {
        let mut input = truth(&bytes);
        input["mimeType"] = json!(mime_type);
        let announced = desk.announce(&ann, input).await;
        assert_eq!(desk.put(&announced["uploadUrl"], bytes).await, 204);
        let answer = desk.complete(&ann, &announced["resource"]["id"]).await;
        assert_eq!(answer["data"]["completeUpload"]["userErrors"][0]["code"], code, "{answer:#}");
        assert_eq!((desk.stored().len(), rows(&desk).await), (0, 0));
    }
}

#[tokio::test]
async fn a_variant_is_made_once_and_kept() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(1000, 500, image::Rgb([1, 2, 3]));
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let bytes = bytes.into_inner();
    let announced = desk.announce(&ann, truth(&bytes)).await;
    assert_eq!(desk.put(&announced["uploadUrl"], bytes).await, 204);
    desk.complete(&ann, &announced["resource"]["id"]).await;
    let query =
        "query($id: ID!) { resource(id: $id) { url thumbnail: url(variant: THUMBNAIL) card: url(variant: CARD) } }";
    let answer = desk.ask(None, query, json!({"id": announced["resource"]["id"]})).await;
    for (name, width) in [("thumbnail", 160), ("card", 480), ("url", 1000), ("thumbnail", 160)] {
        let url = answer["data"]["resource"][name].as_str().unwrap();
        let served = desk.http.get(url).send().await.unwrap();
        let mime_type = served.headers()["content-type"].to_str().unwrap().to_owned();
        assert_eq!(mime_type, if name == "url" { "image/png" } else { "image/jpeg" });
        let picture = image::load_from_memory(&served.bytes().await.unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), (width, width / 2), "{name}");
    }
    assert_eq!(desk.stored().len(), 3, "the file and two variants");
    let unknown = format!("{}?variant=poster", answer["data"]["resource"]["url"].as_str().unwrap());
    assert_eq!(desk.http.get(unknown).send().await.unwrap().headers()["content-type"], "image/png");
}

#[tokio::test]
async fn a_file_that_nothing_shows_is_swept_away_after_a_week() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let (orphan, young, shown) = (desk.upload(&ann, 1).await, desk.upload(&ann, 2).await, desk.upload(&ann, 3).await);
    let avatar = "mutation($id: ID) { setAvatar(input: {resourceId: $id}) { userErrors { code } } }";
    desk.ask(Some(&ann), avatar, json!({"id": shown})).await;
    resource::Entity::update_many()
        .col_expr(resource::Column::CreatedAt, Expr::value(Utc::now() - TimeDelta::days(8)))
        .filter(resource::Column::Id.is_in([orphan, shown]))
        .exec(&desk.db)
        .await
        .unwrap();
    for _ in 0..2 {
        common::sweep(&desk.db, &desk.files).await.unwrap();
        assert_eq!((desk.stored().len(), rows(&desk).await), (2, 2));
    }
    let left = store::resource_fetch_many(&desk.db, &[orphan, young, shown]).await.unwrap();
    assert!(left.iter().all(|row| row.id != orphan));
    let late = desk.ask(Some(&ann), avatar, json!({"id": orphan})).await;
    assert_eq!(late["data"]["setAvatar"]["userErrors"][0]["code"], "RESOURCE_NOT_USABLE");
}
