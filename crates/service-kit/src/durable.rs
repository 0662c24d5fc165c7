//! Steps of durable handlers.
//!
//! A handler is replayed from its journal after a crash. Whatever touches the world, draws an id or reads the clock
//! stands in a named step, whose result is journaled; the rest of the handler is deterministic.

use kernel::OperationId;
use uuid::Uuid;

/// Runs a named step: a future of [`crate::Result`] whose value is journaled as JSON.
///
/// `step!(ctx, "write items", store::items_insert(&self.db, &items)).await?`-like code reads as
/// `step!(ctx, "write items", store::items_insert(&self.db, &items))?`. The step can run more than once before its
/// result is journaled, so it must be safe to repeat. A fault is retried with back-off, for ever; any other error ends
/// the handler. Locals may be borrowed; the context may not be used inside.
#[macro_export]
macro_rules! step {
    ($ctx:expr, $name:expr, $work:expr) => {
        $ctx.run(|| async {
            $crate::crash::point(module_path!(), $name, "before");
            let outcome: $crate::Result<_> = $work.await;
            $crate::crash::point(module_path!(), $name, "after");
            outcome.map($crate::durable::Json).map_err($crate::durable::HandlerError::from)
        })
        .name($name)
        .await
        .map($crate::durable::Json::into_inner)
    };
}

/// Runs a named step whose result is not journaled, because the work done again gives the answer that it gave first: a
/// transaction that keeps its answer under an operation id. It saves the engine a record and the handler a wait. What
/// follows it must follow from that answer alone.
#[macro_export]
macro_rules! idempotent_step {
    ($name:expr, $work:expr) => {
        async {
            $crate::crash::point(module_path!(), $name, "before");
            let outcome: $crate::Result<_> = $work.await;
            $crate::crash::point(module_path!(), $name, "after");
            outcome.map_err($crate::durable::HandlerError::from)
        }
        .await
    };
}

pub use restate_sdk::prelude::{ContextSideEffects, HandlerError, Json};

/// An operation id from an id that is already journaled and the name of a part, deterministic on replay.
pub fn operation(journaled: impl Into<Uuid>, part: &str) -> OperationId {
    OperationId(journaled.into()).child(part)
}
