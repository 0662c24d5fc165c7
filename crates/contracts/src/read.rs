//! Typed reads of one module by another, for resolvers.

use std::marker::PhantomData;

/// A question that one module asks another: what it takes and what it answers.
///
/// It causes nothing, so nothing of it is worth a journal: it goes straight to the module that owns the rows, and who
/// gets no answer asks again. A resolver that commands others by a durable handler reads first and hands the handler
/// what it has learned; inside a handler, where an answer must stay the same, a [`crate::Call`] asks.
#[derive(Debug)]
pub struct Read<Input, Output> {
    module: &'static str,
    name: &'static str,
    types: PhantomData<fn(Input) -> Output>,
}

impl<Input, Output> Read<Input, Output> {
    /// Names the question `name` of the module `module`.
    pub const fn new(module: &'static str, name: &'static str) -> Self {
        Self { module, name, types: PhantomData }
    }

    /// The module that answers.
    pub const fn module(&self) -> &'static str {
        self.module
    }

    /// What stands for the question in URLs and logs.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}
