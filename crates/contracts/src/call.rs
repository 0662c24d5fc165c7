//! Typed calls of durable handlers, from other handlers and from resolvers.

use std::{marker::PhantomData, time::Duration};

use restate_sdk::{
    context::RequestTarget,
    ingress::{ClientBuildError, ClientError, ReqwestClient},
    prelude::{ContextClient, Json, TerminalError},
};
use serde::{Serialize, de::DeserializeOwned};

/// A handler of a durable service: what it takes and what it answers.
#[derive(Debug)]
pub struct Call<Input, Output> {
    service: &'static str,
    handler: &'static str,
    types: PhantomData<fn(Input) -> Output>,
}

/// A handler of a durable virtual object: its calls for one key never run at the same time.
#[derive(Debug)]
pub struct ObjectCall<Input, Output> {
    object: &'static str,
    handler: &'static str,
    types: PhantomData<fn(Input) -> Output>,
}

impl<Input, Output> Call<Input, Output>
where
    Input: Serialize + Send + 'static,
    Output: DeserializeOwned + Send + 'static,
{
    /// Names the handler `handler` of the service `service`.
    pub const fn new(service: &'static str, handler: &'static str) -> Self {
        Self { service, handler, types: PhantomData }
    }

    /// Calls the handler from another handler and waits for its answer.
    ///
    /// # Errors
    /// The handler ended for good without an answer (it was cancelled, or is a different version).
    pub async fn call<'ctx>(&self, ctx: &impl ContextClient<'ctx>, input: Input) -> Result<Output, TerminalError> {
        let answer: Json<Output> = ctx.request(self.target(), Json(input)).call().await?;
        Ok(answer.into_inner())
    }

    /// Starts the call from another handler; the future gives its answer. Start several and then await them one after
    /// the other, never joined: they run at the same time.
    ///
    /// # Errors
    /// The handler ended for good without an answer (it was cancelled, or is a different version).
    pub fn start<'ctx>(
        &self,
        ctx: &impl ContextClient<'ctx>,
        input: Input,
    ) -> impl Future<Output = Result<Output, TerminalError>> + Send {
        let answer = ctx.request::<_, Json<Output>>(self.target(), Json(input)).call();
        async move { answer.await.map(Json::into_inner) }
    }

    /// Sends the call from another handler: it will run exactly once, and nobody waits for it.
    pub fn send<'ctx>(&self, ctx: &impl ContextClient<'ctx>, input: Input) {
        let _sent_eagerly = ctx.request::<_, Json<Output>>(self.target(), Json(input)).send();
    }

    /// Sends the call from another handler, to run after `delay`: a durable timer.
    pub fn send_after<'ctx>(&self, ctx: &impl ContextClient<'ctx>, delay: Duration, input: Input) {
        let _sent_eagerly = ctx.request::<_, Json<Output>>(self.target(), Json(input)).send_after(delay);
    }

    /// Calls the handler from a resolver. With the same `idempotency_key` the handler runs once and the first answer
    /// is given again.
    ///
    /// # Errors
    /// The durable engine cannot be reached, there is no answer in time, or the handler ended for good without one.
    pub async fn at_ingress(
        &self,
        ingress: &Ingress,
        idempotency_key: impl Into<String> + Send,
        input: Input,
    ) -> Result<Output, CallError> {
        ingress.call(self.target(), Some(idempotency_key.into()), input).await
    }

    /// Sends the call from a resolver or at start-up: once accepted it will run, and nobody waits for it.
    ///
    /// # Errors
    /// The durable engine cannot be reached.
    pub async fn send_at_ingress(
        &self,
        ingress: &Ingress,
        idempotency_key: impl Into<String> + Send,
        input: Input,
    ) -> Result<(), CallError> {
        ingress.send::<Input, Output>(self.target(), idempotency_key.into(), None, input).await
    }

    /// Sends the call from a resolver, to run after `delay`: a durable timer.
    ///
    /// # Errors
    /// The durable engine cannot be reached.
    pub async fn send_after_at_ingress(
        &self,
        ingress: &Ingress,
        idempotency_key: impl Into<String> + Send,
        delay: Duration,
        input: Input,
    ) -> Result<(), CallError> {
        ingress.send::<Input, Output>(self.target(), idempotency_key.into(), Some(delay), input).await
    }

    fn target(&self) -> RequestTarget {
        RequestTarget::service(self.service, self.handler)
    }
}

impl<Input, Output> ObjectCall<Input, Output>
where
    Input: Serialize + Send + 'static,
    Output: DeserializeOwned + Send + 'static,
{
    /// Names the handler `handler` of the virtual object `object`.
    pub const fn new(object: &'static str, handler: &'static str) -> Self {
        Self { object, handler, types: PhantomData }
    }

    /// Calls the handler of the object `key` from another handler and waits for its answer.
    ///
    /// # Errors
    /// The handler ended for good without an answer.
    pub async fn call<'ctx>(
        &self,
        ctx: &impl ContextClient<'ctx>,
        key: impl ToString,
        input: Input,
    ) -> Result<Output, TerminalError> {
        let target = self.target(&key);
        let answer: Json<Output> = ctx.request(target, Json(input)).call().await?;
        Ok(answer.into_inner())
    }

    /// Sends the call of the object `key` from another handler.
    pub fn send<'ctx>(&self, ctx: &impl ContextClient<'ctx>, key: impl ToString, input: Input) {
        let _sent_eagerly = ctx.request::<_, Json<Output>>(self.target(&key), Json(input)).send();
    }

    /// Sends the call of the object `key` from another handler, to run after `delay`: a durable timer.
    pub fn send_after<'ctx>(&self, ctx: &impl ContextClient<'ctx>, key: impl ToString, delay: Duration, input: Input) {
        let _sent_eagerly = ctx.request::<_, Json<Output>>(self.target(&key), Json(input)).send_after(delay);
    }

    /// Calls the handler of the object `key` from a resolver; see [`Call::at_ingress`].
    ///
    /// # Errors
    /// The durable engine cannot be reached, or the handler ended for good without an answer.
    pub async fn at_ingress(
        &self,
        ingress: &Ingress,
        key: impl ToString + Send,
        idempotency_key: impl Into<String> + Send,
        input: Input,
    ) -> Result<Output, CallError> {
        let target = self.target(&key);
        ingress.call(target, Some(idempotency_key.into()), input).await
    }

    /// Sends the call of the object `key` from a resolver or at start-up.
    ///
    /// # Errors
    /// The durable engine cannot be reached.
    pub async fn send_at_ingress(
        &self,
        ingress: &Ingress,
        key: impl ToString + Send,
        idempotency_key: impl Into<String> + Send,
        input: Input,
    ) -> Result<(), CallError> {
        let target = self.target(&key);
        ingress.send::<Input, Output>(target, idempotency_key.into(), None, input).await
    }

    fn target(&self, key: &impl ToString) -> RequestTarget {
        RequestTarget::object(self.object, key.to_string(), self.handler)
    }
}

/// How long the engine is waited for unless somebody says otherwise.
const PATIENCE: Duration = Duration::from_secs(25);

/// The way into the durable engine for code that is not itself a durable handler.
///
/// It waits for an answer no longer than its patience, which has to be less than a router waits for a module: a handler
/// that cannot go on, because the module that it calls is away, must not make its caller look dead. What was begun goes
/// on meanwhile, and the same idempotency key finds its answer later.
#[derive(Clone)]
pub struct Ingress {
    client: ReqwestClient,
    trace_headers: fn() -> Vec<(String, String)>,
    patience: Duration,
}

/// A call did not give an answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The engine could not be reached, or it answered with a fault.
    #[error("durable call of {target} failed")]
    Engine {
        /// Which handler was called.
        target: String,
        /// What the engine said.
        #[source]
        source: ClientError,
    },
    /// There was no answer in time. The call may run on, and come to its end.
    #[error("durable call of {target} is not answered within {} s", patience.as_secs_f32())]
    Late {
        /// Which handler was called.
        target: String,
        /// How long it was waited for.
        patience: Duration,
    },
}

impl CallError {
    /// Whether the engine, or what the handler needs, is away for the moment: the same call can succeed later.
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Late { .. } => true,
            Self::Engine { source: ClientError::Transport { .. }, .. } => true,
            Self::Engine { source, .. } => {
                source.response().is_some_and(|answer| answer.status() == http::StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }
}

impl Ingress {
    /// An ingress at `url`; `trace_headers` gives the trace context that each call carries on.
    ///
    /// # Errors
    /// The URL is not absolute.
    pub fn connect(url: &http::Uri, trace_headers: fn() -> Vec<(String, String)>) -> Result<Self, ClientBuildError> {
        Ok(Self { client: ReqwestClient::connect(url.clone())?, trace_headers, patience: PATIENCE })
    }

    /// The same ingress with another patience.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Waits for an answer of the engine, but not for ever.
    async fn answered<T>(
        &self,
        target: String,
        answer: impl Future<Output = Result<T, ClientError>> + Send,
    ) -> Result<T, CallError> {
        match tokio::time::timeout(self.patience, answer).await {
            Ok(answer) => answer.map_err(|source| CallError::Engine { target, source }),
            Err(_) => Err(CallError::Late { target, patience: self.patience }),
        }
    }

    async fn call<Input, Output>(
        &self,
        target: RequestTarget,
        idempotency_key: Option<String>,
        input: Input,
    ) -> Result<Output, CallError>
    where
        Input: Serialize + Send + 'static,
        Output: DeserializeOwned + Send + 'static,
    {
        let name = target.to_string();
        let mut request = self.client.request::<_, Json<Output>>(target, Json(input));
        if let Some(key) = idempotency_key {
            request = request.idempotency_key(key);
        }
        for (header, value) in self.trace() {
            request = request.header(header, value);
        }
        let answer = self.answered(name, async { request.call().await?.into_body() }).await?;
        Ok(answer.into_inner())
    }

    async fn send<Input, Output>(
        &self,
        target: RequestTarget,
        idempotency_key: String,
        delay: Option<Duration>,
        input: Input,
    ) -> Result<(), CallError>
    where
        Input: Serialize + Send + 'static,
        Output: DeserializeOwned + Send + 'static,
    {
        let name = target.to_string();
        let mut request = self.client.request::<_, Json<Output>>(target, Json(input)).idempotency_key(idempotency_key);
        for (header, value) in self.trace() {
            request = request.header(header, value);
        }
        let accepted = async {
            match delay {
                Some(delay) => request.send_after(delay).await.map(drop),
                None => request.send().await.map(drop),
            }
        };
        self.answered(name, accepted).await
    }

    fn trace(&self) -> impl Iterator<Item = (http::HeaderName, http::HeaderValue)> {
        (self.trace_headers)().into_iter().filter_map(|(name, value)| {
            Some((http::HeaderName::try_from(name).ok()?, http::HeaderValue::try_from(value).ok()?))
        })
    }
}
