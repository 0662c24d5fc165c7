//! The settings of the plug-in as they stand in `router.yaml`. Most are texts, because they may come from the environment.

use std::collections::HashMap;

use serde::Deserialize;

use super::window::Limit;

#[derive(Deserialize)]
pub(crate) struct Settings {
    pub(super) redis_url: String,
    pub(super) jwks_url: String,
    /// `everyone`, or `admins` alone.
    introspection: String,
    limits: Texts,
    /// The root fields that a limit of their own counts.
    fields: HashMap<String, Vec<String>>,
    cost: CostTexts,
}

#[derive(Deserialize)]
struct Texts {
    address: String,
    viewer: String,
    mutations: String,
    subscriptions: String,
    log_in: String,
    checkout: String,
    messages: String,
    uploads: String,
}

#[derive(Deserialize)]
struct CostTexts {
    limit: String,
    budget: String,
    #[serde(default)]
    weights: HashMap<String, u64>,
}

/// What the settings say.
pub(super) struct Rules {
    pub(super) introspection_for_admins: bool,
    pub(super) address: Option<Limit>,
    pub(super) viewer: Option<Limit>,
    pub(super) mutations: Option<Limit>,
    pub(super) subscriptions: Option<Limit>,
    pub(super) kinds: Vec<Kind>,
    pub(super) cost_limit: u64,
    pub(super) cost_budget: Option<Limit>,
    pub(super) weights: HashMap<String, u64>,
}

/// Root fields with a limit of their own.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) fields: Vec<String>,
    pub(super) limit: Limit,
    /// Counted by the address even of somebody who is known: who guesses passwords has many accounts.
    pub(super) by_address: bool,
}

impl Settings {
    /// # Errors
    /// A setting that cannot be read, by the name of the environment variable that it comes from.
    pub(super) fn rules(&self) -> Result<Rules, String> {
        let limit = |variable: &str, text: &str| Limit::parse(text).map_err(|wrong| format!("{variable}: {wrong}"));
        let kinds = [
            ("log_in", "ROUTER_LIMIT_LOG_IN", &self.limits.log_in, true),
            ("checkout", "ROUTER_LIMIT_CHECKOUT", &self.limits.checkout, false),
            ("messages", "ROUTER_LIMIT_MESSAGES", &self.limits.messages, false),
            ("uploads", "ROUTER_LIMIT_UPLOADS", &self.limits.uploads, false),
        ];
        let kinds = kinds.into_iter().filter_map(|(name, variable, text, by_address)| {
            let fields = self.fields.get(name).cloned().unwrap_or_default();
            limit(variable, text).map(|limit| limit.map(|limit| Kind { name, fields, limit, by_address })).transpose()
        });
        Ok(Rules {
            introspection_for_admins: match self.introspection.as_str() {
                "everyone" => false,
                "admins" => true,
                other => return Err(format!("ROUTER_INTROSPECTION: `{other}` is neither everyone nor admins")),
            },
            address: limit("ROUTER_LIMIT_ADDRESS", &self.limits.address)?,
            viewer: limit("ROUTER_LIMIT_VIEWER", &self.limits.viewer)?,
            mutations: limit("ROUTER_LIMIT_MUTATIONS", &self.limits.mutations)?,
            subscriptions: limit("ROUTER_LIMIT_SUBSCRIPTIONS", &self.limits.subscriptions)?,
            kinds: kinds.collect::<Result<_, _>>()?,
            cost_limit: self
                .cost
                .limit
                .parse()
                .map_err(|_| format!("ROUTER_COST_LIMIT: `{}` is not a number", self.cost.limit))?,
            cost_budget: limit("ROUTER_COST_BUDGET", &self.cost.budget)?,
            weights: self.cost.weights.clone(),
        })
    }
}
