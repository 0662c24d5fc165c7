//! Two subgraphs, `catalog` and `order`, made with the same libraries as the real ones.
//!
//! `tests/fixtures/supergraph.graphql` is composed from their SDL (`shopnexus-compose` with a
//! `supergraph.yaml` of these two); compose it again when a type here changes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_graphql::http::ALL_WEBSOCKET_PROTOCOLS;
use async_graphql::{
    ComplexObject, Context, Data, EmptyMutation, EmptySubscription, Error, ErrorExtensions, ID, Object, ObjectType,
    Result, Schema, SimpleObject, Subscription, SubscriptionType, Value,
};
use async_graphql_axum::{GraphQLProtocol, GraphQLRequest, GraphQLResponse, GraphQLWebSocket};
use axum::Router;
use axum::extract::{State, WebSocketUpgrade};
use axum::http::{HeaderMap, Uri};
use axum::response::IntoResponse;
use axum::routing::{any, post};
use futures::Stream;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The addresses of the two, and what reached them.
pub(crate) struct Subgraphs {
    pub(crate) catalog_url: String,
    pub(crate) order_url: String,
    pub(crate) seen: Seen,
    order: JoinHandle<()>,
}

/// Everything that reached a subgraph, in the order of arrival.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<Request>>>);

/// One HTTP request, or one WebSocket connection after its `connection_init`.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) subgraph: &'static str,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    /// The payload of `connection_init`, for a WebSocket.
    pub(crate) init: Option<serde_json::Value>,
}

/// The `Authorization` that came with a request or a connection.
#[derive(Clone, Default)]
struct Viewer(String);

impl Seen {
    /// What reached one of the two subgraphs.
    pub(crate) fn by(&self, subgraph: &str) -> Vec<Request> {
        let seen = self.0.lock().expect("no panic holds it");
        seen.iter().filter(|request| request.subgraph == subgraph).cloned().collect()
    }

    fn add(&self, request: Request) {
        self.0.lock().expect("no panic holds it").push(request);
    }
}

impl Subgraphs {
    pub(crate) async fn start() -> Self {
        let seen = Seen::default();
        let catalog = Schema::build(catalog::Query, catalog::Mutation, EmptySubscription);
        let order = Schema::build(order::Query, EmptyMutation, order::Subscription);
        let (catalog_url, _) = serve("catalog", catalog.enable_federation().finish(), seen.clone()).await;
        let order = order.enable_federation().enable_subscription_in_federation().finish();
        let (order_url, order) = serve("order", order, seen.clone()).await;
        Self { catalog_url, order_url, seen, order }
    }

    /// Takes the subgraph `order` away: it refuses connections from now on.
    pub(crate) fn kill_order(&self) {
        self.order.abort();
    }
}

struct Served<Q, M, S> {
    subgraph: &'static str,
    schema: Schema<Q, M, S>,
    seen: Seen,
}

async fn serve<Q, M, S>(subgraph: &'static str, schema: Schema<Q, M, S>, seen: Seen) -> (String, JoinHandle<()>)
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/graphql", listener.local_addr().expect("an address"));
    let app = Router::new()
        .route("/graphql", post(over_http::<Q, M, S>))
        .route("/graphql/ws", any(over_websocket::<Q, M, S>))
        .with_state(Arc::new(Served { subgraph, schema, seen }));
    let server = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
    (url, server)
}

async fn over_http<Q, M, S>(
    State(served): State<Arc<Served<Q, M, S>>>,
    uri: Uri,
    headers: HeaderMap,
    request: GraphQLRequest,
) -> GraphQLResponse
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let viewer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let request = request.into_inner().data(Viewer(viewer.to_owned()));
    served.seen.add(Request { subgraph: served.subgraph, path: uri.path().to_owned(), headers, init: None });
    served.schema.execute(request).await.into()
}

async fn over_websocket<Q, M, S>(
    State(served): State<Arc<Served<Q, M, S>>>,
    uri: Uri,
    headers: HeaderMap,
    protocol: GraphQLProtocol,
    upgrade: WebSocketUpgrade,
) -> impl IntoResponse
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let schema = served.schema.clone();
    upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).on_upgrade(move |socket| async move {
        let init = |payload: serde_json::Value| async move {
            let viewer = payload["authorization"].as_str().unwrap_or_default().to_owned();
            let path = uri.path().to_owned();
            served.seen.add(Request { subgraph: served.subgraph, path, headers, init: Some(payload) });
            let mut data = Data::default();
            data.insert(Viewer(viewer));
            Ok(data)
        };
        GraphQLWebSocket::new(socket, schema, protocol).on_connection_init(init).serve().await;
    })
}

fn viewer(ctx: &Context<'_>) -> String {
    ctx.data_opt::<Viewer>().cloned().unwrap_or_default().0
}

fn forbidden() -> Error {
    Error::new("This product is not yours").extend_with(|_, extensions| {
        extensions.set("code", "FORBIDDEN");
        extensions.set("requestId", Value::from("of-the-subgraph"));
    })
}

mod catalog {
    use super::*;

    #[derive(Clone, SimpleObject)]
    #[graphql(complex)]
    pub(crate) struct Product {
        id: ID,
        name: String,
    }

    #[ComplexObject]
    impl Product {
        async fn similar(&self, first: Option<i32>) -> Vec<Product> {
            products(first)
        }
    }

    fn products(first: Option<i32>) -> Vec<Product> {
        (0..first.unwrap_or(20)).map(|n| Product { id: ID(n.to_string()), name: format!("Product {n}") }).collect()
    }

    #[derive(Clone)]
    pub(crate) struct Query;

    #[Object]
    impl Query {
        async fn product(&self, id: ID) -> Product {
            Product { name: format!("Product {}", id.as_str()), id }
        }

        /// Who asks, slowly enough for two requests to be in flight together.
        async fn slow_viewer(&self, ctx: &Context<'_>) -> String {
            tokio::time::sleep(Duration::from_millis(300)).await;
            viewer(ctx)
        }

        async fn forbidden(&self) -> Result<Option<String>> {
            Err(forbidden())
        }

        async fn products(&self, first: Option<i32>) -> Vec<Product> {
            products(first)
        }

        #[graphql(entity)]
        async fn find_product(&self, id: ID) -> Result<Option<Product>> {
            match id.as_str() {
                "forbidden" => Err(forbidden()),
                _ => Ok(Some(Product { name: format!("Product {}", id.as_str()), id })),
            }
        }
    }

    #[derive(Clone)]
    pub(crate) struct Mutation;

    #[Object]
    impl Mutation {
        async fn rename_product(&self, id: ID, name: String) -> Product {
            Product { id, name }
        }

        async fn log_in(&self, identifier: String) -> bool {
            !identifier.is_empty()
        }

        async fn checkout(&self) -> bool {
            true
        }

        async fn send_message(&self) -> bool {
            true
        }

        async fn create_upload(&self) -> bool {
            true
        }
    }
}

mod order {
    use super::*;

    #[derive(Clone, SimpleObject)]
    pub(crate) struct Order {
        id: ID,
        viewer: String,
        product: Product,
    }

    #[derive(Clone, SimpleObject)]
    #[graphql(unresolvable = "id")]
    pub(crate) struct Product {
        id: ID,
    }

    #[derive(Clone, SimpleObject)]
    pub(crate) struct OrderEvent {
        sequence: i32,
        order: Order,
    }

    fn order(ctx: &Context<'_>, id: &ID) -> Order {
        Order { id: id.clone(), viewer: viewer(ctx), product: Product { id: id.clone() } }
    }

    #[derive(Clone)]
    pub(crate) struct Query;

    #[Object]
    impl Query {
        async fn order(&self, ctx: &Context<'_>, id: ID) -> Order {
            order(ctx, &id)
        }
    }

    #[derive(Clone)]
    pub(crate) struct Subscription;

    #[Subscription]
    impl Subscription {
        /// Ten events a second, for ever.
        async fn order_status_changed<'ctx>(
            &self,
            ctx: &Context<'ctx>,
            id: ID,
        ) -> Result<impl Stream<Item = OrderEvent> + 'ctx + use<'ctx>> {
            if id.as_str() == "forbidden" {
                return Err(forbidden());
            }
            let order = order(ctx, &id);
            Ok(async_stream::stream! {
                for sequence in 1.. {
                    yield OrderEvent { sequence, order: order.clone() };
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            })
        }
    }
}
