//! Serves the playground, a page of static files, at `/playground`; `/` leads there.
//!
//! The files come from a directory that `npm run build` fills. They are read for each request, so a
//! rebuilt page needs no restart. Nothing outside the directory can be asked for: a path is a few
//! plain names, or it does not exist.

use std::path::{Path, PathBuf};

use hive_router::async_trait;
use hive_router::executor::hooks::on_http_request::{OnHttpRequestHookFuture, OnHttpRequestHookPayload};
use hive_router::executor::hooks::on_plugin_init::{OnPluginInitPayload, OnPluginInitResult};
use hive_router::executor::plugin_trait::{RouterPlugin, StartHookPayload};
use hive_router::ntex::http::{HeaderMap, Method, Response, StatusCode, header};
use serde::Deserialize;

/// The page itself, and the directory of its files.
const PAGE: &str = "/playground";

/// What Hive Router itself answers. Elsewhere it would show a landing page of its own.
const API: [&str; 4] = ["/graphql", "/health", "/readiness", "/metrics"];

/// Everything comes from this origin. Only the editor writes style elements of its own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The plug-in with its setting.
#[derive(Deserialize)]
pub(crate) struct Playground {
    /// The built page.
    directory: PathBuf,
}

/// What a request asks for, as far as the playground is concerned.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// Something else: GraphQL, health, metrics.
    Other,
    /// A place that leads to the page.
    Redirect,
    /// The page or one of its files, by a path inside the directory.
    File(PathBuf),
    /// A path that nothing here answers.
    Nothing,
}

#[async_trait]
impl RouterPlugin for Playground {
    type Config = Self;

    fn plugin_name() -> &'static str {
        "playground"
    }

    fn on_plugin_init(payload: OnPluginInitPayload<'_, Self>) -> OnPluginInitResult<Self> {
        let plugin = payload.config()?;
        if !plugin.directory.join("index.html").is_file() {
            tracing::warn!(directory = %plugin.directory.display(), "the playground is not built");
        }
        payload.initialize_plugin(plugin)
    }

    fn on_http_request<'req>(&'req self, payload: OnHttpRequestHookPayload<'req>) -> OnHttpRequestHookFuture<'req> {
        Box::pin(async move {
            let request = &payload.router_http_request;
            match asked(request.method(), request.path(), request.query_string(), request.headers()) {
                Asked::Other => payload.proceed(),
                Asked::Redirect => payload.end_with_response(redirect()),
                Asked::Nothing => payload.end_with_response(plain(StatusCode::NOT_FOUND, "Not found")),
                Asked::File(path) => payload.end_with_response(file(&self.directory, &path).await),
            }
        })
    }
}

fn asked(method: &Method, path: &str, query: &str, headers: &HeaderMap) -> Asked {
    let reading = method == Method::GET || method == Method::HEAD;
    // A person who opens the API's address in a browser wants the page, not a missing query.
    let wants_page = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    if reading && (path == "/" || (path == "/graphql" && query.is_empty() && wants_page)) {
        return Asked::Redirect;
    }
    if API.contains(&path) || path.starts_with("/graphql/") {
        return Asked::Other;
    }
    match path.strip_prefix(PAGE) {
        Some("" | "/") if reading => Asked::File(PathBuf::from("index.html")),
        Some(rest) if reading => rest.strip_prefix('/').and_then(inside).map_or(Asked::Nothing, Asked::File),
        _ => Asked::Nothing,
    }
}

/// The path as one inside the directory: plain names only, so no `..`, no hidden file, no encoding.
fn inside(path: &str) -> Option<PathBuf> {
    let plain = |name: &str| {
        !name.is_empty()
            && !name.starts_with('.')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    path.split('/').all(plain).then(|| PathBuf::from(path))
}

async fn file(directory: &Path, path: &Path) -> Response {
    let Ok(body) = tokio::fs::read(directory.join(path)).await else {
        let message = if path == Path::new("index.html") {
            "The playground is not built. Run `npm ci && npm run build` in router/playground."
        } else {
            "Not found"
        };
        return plain(StatusCode::NOT_FOUND, message);
    };
    // The build puts a hash of the content into the name of every file in `assets`.
    let cache = if path.starts_with("assets") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = secured(StatusCode::OK, content_type(path));
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static(cache));
    response.set_body(body.into())
}

fn redirect() -> Response {
    let mut response = plain(StatusCode::TEMPORARY_REDIRECT, "See /playground");
    response.headers_mut().insert(header::LOCATION, header::HeaderValue::from_static(PAGE));
    response
}

fn plain(status: StatusCode, message: &'static str) -> Response {
    secured(status, "text/plain; charset=utf-8").set_body(message.into())
}

fn secured(status: StatusCode, content_type: &'static str) -> Response {
    Response::build(status)
        .content_type(content_type)
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::X_FRAME_OPTIONS, "DENY")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header("cross-origin-opener-policy", "same-origin")
        .finish()
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("woff") => "font/woff",
        Some("ttf") => "font/ttf",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str) -> Asked {
        asked(&Method::GET, path, "", &HeaderMap::new())
    }

    #[test]
    fn the_page_and_its_files_are_served() {
        assert_eq!(get("/"), Asked::Redirect);
        assert_eq!(get("/playground"), Asked::File("index.html".into()));
        assert_eq!(get("/playground/"), Asked::File("index.html".into()));
        assert_eq!(get("/playground/assets/page-AB12.js"), Asked::File("assets/page-AB12.js".into()));
    }

    #[test]
    fn the_api_is_left_alone() {
        for path in ["/graphql", "/health", "/readiness", "/metrics"] {
            assert_eq!(get(path), Asked::Other, "{path}");
        }
        assert_eq!(asked(&Method::POST, "/graphql", "", &HeaderMap::new()), Asked::Other);
        assert_eq!(asked(&Method::POST, "/playground", "", &HeaderMap::new()), Asked::Nothing);
    }

    #[test]
    fn a_browser_at_the_api_is_led_to_the_page() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, header::HeaderValue::from_static("text/html,*/*;q=0.8"));
        assert_eq!(asked(&Method::GET, "/graphql", "", &headers), Asked::Redirect);
        assert_eq!(asked(&Method::GET, "/graphql", "query={me{id}}", &headers), Asked::Other);
    }

    #[test]
    fn nothing_outside_the_directory_can_be_asked_for() {
        for path in [
            "/playground/../router.yaml",
            "/playground/assets/../../router.yaml",
            "/playground/%2e%2e/router.yaml",
            "/playground/..%2frouter.yaml",
            "/playground//etc/passwd",
            "/playground/.env",
            "/playground/a\\..\\b",
            "/playgrounds",
            "/router.yaml",
        ] {
            assert_eq!(get(path), Asked::Nothing, "{path}");
        }
    }
}
