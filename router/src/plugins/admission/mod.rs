//! Whether an operation may run at all: how often, at what cost, and whether it may ask for the schema.
//!
//! It is asked once the operation is known to be valid and before anything is planned or fetched for it. Limits on how
//! often are counted by the viewer whose token proves who they are, by the address, and by the kind of operation; the
//! cost is told in every answer. Over a WebSocket every operation is asked for as over HTTP.

mod cost;
mod introspection;
mod refusal;
mod settings;
mod viewer;
mod window;

use std::sync::{Arc, RwLock};
use std::time::Duration;

use futures::future::join_all;
use hive_router::async_trait;
use hive_router::executor::hooks::on_execute::{OnExecuteStartHookPayload, OnExecuteStartHookResult};
use hive_router::executor::hooks::on_graphql_analysis::{OnGraphqlAnalysisHookPayload, OnGraphqlAnalysisHookResult};
use hive_router::executor::hooks::on_http_request::{OnHttpRequestHookFuture, OnHttpRequestHookPayload};
use hive_router::executor::hooks::on_plugin_init::{OnPluginInitPayload, OnPluginInitResult};
use hive_router::executor::hooks::on_supergraph_load::{
    OnSupergraphLoadStartHookPayload, OnSupergraphLoadStartHookResult,
};
use hive_router::executor::plugin_context::PluginContext;
use hive_router::executor::plugin_trait::{EndHookPayload, RouterPlugin, StartHookPayload};
use hive_router::ntex::http::header::{HeaderValue, RETRY_AFTER};
use hive_router::query_planner::ast::operation::OperationDefinition;
use hive_router::query_planner::ast::selection_item::SelectionItem;
use hive_router::query_planner::state::supergraph_state::OperationKind;
use hive_router::sonic_rs::json;

use self::cost::Costs;
use self::settings::{Rules, Settings};
use self::viewer::{Verifier, Viewer};
use self::window::{Limit, Taken, Windows};
use crate::plugins::client_address;

/// The plug-in.
pub(crate) struct Admission {
    rules: Rules,
    windows: Windows,
    verifier: Verifier,
    /// Of the schema that is served now.
    costs: RwLock<Arc<Costs>>,
}

/// When to try again, for the header of an answer over HTTP.
struct RetryAfter(Duration);

#[async_trait]
impl RouterPlugin for Admission {
    type Config = Settings;

    fn plugin_name() -> &'static str {
        "admission"
    }

    fn on_plugin_init(payload: OnPluginInitPayload<'_, Self>) -> OnPluginInitResult<Self> {
        let settings = payload.config()?;
        let rules = settings.rules()?;
        let windows = Windows::new(&settings.redis_url)?;
        let verifier = Verifier::new(settings.jwks_url)?;
        payload.initialize_plugin(Self { rules, windows, verifier, costs: RwLock::default() })
    }

    fn on_supergraph_reload<'exec>(
        &'exec self,
        payload: OnSupergraphLoadStartHookPayload,
    ) -> OnSupergraphLoadStartHookResult<'exec> {
        let costs = Arc::new(Costs::of_schema(&payload.new_ast, &self.rules.weights));
        *self.costs.write().expect("nothing panics while it holds the costs") = costs;
        payload.proceed()
    }

    fn on_http_request<'req>(&'req self, payload: OnHttpRequestHookPayload<'req>) -> OnHttpRequestHookFuture<'req> {
        Box::pin(async move {
            payload.on_end(|payload| {
                let retry_after = payload.context.get_ref::<RetryAfter>().map(|after| refusal::seconds(after.0));
                let Some(retry_after) = retry_after else { return payload.proceed() };
                payload
                    .map_response(|mut response| {
                        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after));
                        response
                    })
                    .proceed()
            })
        })
    }

    async fn on_graphql_analysis<'exec>(
        &'exec self,
        payload: &mut OnGraphqlAnalysisHookPayload<'exec>,
    ) -> OnGraphqlAnalysisHookResult {
        let viewer = self.verifier.viewer(payload.router_http_request.headers).await;
        let query = payload.graphql_params.query.as_deref().unwrap_or_default();
        if self.rules.introspection_for_admins
            && !viewer.as_ref().is_some_and(|viewer| viewer.admin)
            && introspection::asks_for_the_schema(query)
        {
            return OnGraphqlAnalysisHookResult::EndWithResponse(refusal::no_introspection());
        }
        let asked = self.asked(payload.filtered_operation_for_plan, viewer.as_ref(), payload.context);
        if let Some((limit, retry_after)) = self.refused(&asked).await {
            payload.context.insert(RetryAfter(retry_after));
            return OnGraphqlAnalysisHookResult::EndWithResponse(refusal::rate_limited(limit, retry_after));
        }
        // The variables of a query are known later, and the cost with them; a subscription is costly by its events.
        if payload.filtered_operation_for_plan.operation_kind == Some(OperationKind::Subscription) {
            let cost = self.costs().of(payload.filtered_operation_for_plan, None);
            if cost > self.rules.cost_limit {
                let refusal = refusal::too_costly(cost, self.rules.cost_limit);
                return OnGraphqlAnalysisHookResult::EndWithResponse(refusal);
            }
        }
        OnGraphqlAnalysisHookResult::Proceed
    }

    async fn on_execute<'exec>(
        &'exec self,
        mut payload: OnExecuteStartHookPayload<'exec>,
    ) -> OnExecuteStartHookResult<'exec> {
        let operation = payload.operation_for_plan;
        if operation.operation_kind == Some(OperationKind::Subscription) {
            return payload.proceed();
        }
        let (cost, limit) = (self.costs().of(operation, payload.variable_values.as_ref()), self.rules.cost_limit);
        if cost > limit {
            return payload.end_with_response(refusal::too_costly(cost, limit));
        }
        let Some(budget) = self.rules.cost_budget.filter(|_| cost > 0) else {
            payload.add_extension("cost", json!({ "estimated": cost, "limit": limit }));
            return payload.proceed();
        };
        let viewer = self.verifier.viewer(payload.router_http_request.headers).await;
        match self.windows.take(&format!("cost:{}", subject(viewer.as_ref(), payload.context)), budget, cost).await {
            Taken::Yes { left } => {
                let budget = json!({ "limit": budget.most, "left": left });
                payload.add_extension("cost", json!({ "estimated": cost, "limit": limit, "budget": budget }));
                payload.proceed()
            }
            Taken::No { retry_after } => {
                payload.context.insert(RetryAfter(retry_after));
                payload.end_with_response(refusal::rate_limited("cost", retry_after))
            }
        }
    }
}

/// One limit that an operation counts against.
struct Asked {
    name: &'static str,
    subject: String,
    limit: Limit,
    weight: u64,
}

impl Admission {
    fn costs(&self) -> Arc<Costs> {
        self.costs.read().expect("nothing panics while it holds the costs").clone()
    }

    fn asked(&self, operation: &OperationDefinition, viewer: Option<&Viewer>, context: &PluginContext) -> Vec<Asked> {
        let rules = &self.rules;
        let (subject, address) = (subject(viewer, context), client_address::of(context));
        let mut asked = Vec::new();
        let mut ask = |name, subject: &str, limit: Option<Limit>, weight: u64| {
            if let (Some(limit), true) = (limit, weight > 0) {
                asked.push(Asked { name, subject: format!("{name}:{subject}"), limit, weight });
            }
        };
        ask("address", &address, rules.address, 1);
        if viewer.is_some() {
            ask("viewer", &subject, rules.viewer, 1);
        }
        match operation.operation_kind {
            None | Some(OperationKind::Query) => {}
            Some(OperationKind::Subscription) => ask("subscriptions", &subject, rules.subscriptions, 1),
            // Each field of a mutation is a request of its own, however many stand in one operation.
            Some(OperationKind::Mutation) => {
                ask("mutations", &subject, rules.mutations, roots(operation, |_| true));
                for kind in &rules.kinds {
                    let weight = roots(operation, |name| kind.fields.iter().any(|field| field == name));
                    ask(kind.name, if kind.by_address { &address } else { &subject }, Some(kind.limit), weight);
                }
            }
        }
        asked
    }

    /// The limit that has nothing left, the one that takes longest to have some first.
    async fn refused(&self, asked: &[Asked]) -> Option<(&'static str, Duration)> {
        let taken = asked.iter().map(|asked| async move {
            match self.windows.take(&asked.subject, asked.limit, asked.weight).await {
                Taken::Yes { .. } => None,
                Taken::No { retry_after } => Some((asked.name, retry_after)),
            }
        });
        join_all(taken).await.into_iter().flatten().max_by_key(|(_, retry_after)| *retry_after)
    }
}

/// Who is counted: the account, or the address of somebody unknown.
fn subject(viewer: Option<&Viewer>, context: &PluginContext) -> String {
    match viewer {
        Some(viewer) => viewer.account_id.clone(),
        None => client_address::of(context),
    }
}

fn roots(operation: &OperationDefinition, counts: impl Fn(&str) -> bool) -> u64 {
    fn of(items: &[SelectionItem], counts: &impl Fn(&str) -> bool) -> u64 {
        let one = |item: &SelectionItem| match item {
            SelectionItem::Field(field) => u64::from(counts(&field.name)),
            SelectionItem::InlineFragment(fragment) => of(&fragment.selections.items, counts),
            SelectionItem::FragmentSpread(_) => 0,
        };
        items.iter().map(one).sum()
    }
    of(&operation.selection_set.items, &counts)
}
