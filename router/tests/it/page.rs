//! The playground's files.

use std::fs;

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::process::Stack;

async fn get(stack: &Stack, path: &str) -> Response {
    let client = Client::builder().redirect(Policy::none()).build().expect("a client");
    client.get(stack.url(path)).header("accept", "text/html").send().await.expect("an answer")
}

#[tokio::test]
async fn the_page_and_its_assets_are_served_with_their_headers() {
    let dir = tempfile::tempdir().expect("a directory");
    let dist = dir.path().join("dist");
    fs::create_dir_all(dist.join("assets")).expect("a directory");
    fs::write(dist.join("index.html"), "<h1>page</h1>").expect("a file");
    fs::write(dist.join("assets/page-AB12.js"), "1").expect("a file");
    fs::write(dir.path().join("secret.txt"), "secret").expect("a file");
    let stack = Stack::start_with(&[("PLAYGROUND_DIR", dist.to_str().expect("text"))]).await;

    for path in ["/", "/graphql"] {
        let redirect = get(&stack, path).await;
        assert_eq!(redirect.status(), 307, "{path}");
        assert_eq!(redirect.headers()["location"], "/playground", "{path}");
    }
    let page = get(&stack, "/playground").await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers()["cache-control"], "no-cache");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert_eq!(page.headers()["x-frame-options"], "DENY");
    assert!(page.headers()["content-security-policy"].to_str().expect("text").contains("script-src 'self'"));
    assert_eq!(page.text().await.expect("text"), "<h1>page</h1>");

    let script = get(&stack, "/playground/assets/page-AB12.js").await;
    assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
    assert!(script.headers()["cache-control"].to_str().expect("text").contains("immutable"));

    assert_eq!(get(&stack, "/playground/none.js").await.status(), 404);
    assert_eq!(get(&stack, "/router.yaml").await.status(), 404);

    // A client that does not tidy the path before it sends it.
    for path in ["/playground/../secret.txt", "/playground/assets/../../secret.txt", "/playground/%2e%2e/secret.txt"] {
        let mut stream = TcpStream::connect(&stack.address).await.expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("it is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(!answer.contains("secret\r\n") && !answer.ends_with("secret"), "{path}");
    }
}

#[tokio::test]
async fn a_page_that_is_not_built_says_how_to_build_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let stack = Stack::start_with(&[("PLAYGROUND_DIR", dir.path().to_str().expect("text"))]).await;
    let page = get(&stack, "/playground").await;
    assert_eq!(page.status(), 404);
    assert!(page.text().await.expect("text").contains("npm ci && npm run build"));
}
