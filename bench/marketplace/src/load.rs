//! Closed-loop load: each worker starts its next operation when its last one has been answered.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::measure::{Latencies, rate};

/// What came of a load.
pub(crate) struct Outcome<T> {
    /// From the first operation's start to the last one's end.
    pub(crate) took: Duration,
    /// How long each took.
    pub(crate) latencies: Latencies,
    /// What each answered, in no order.
    pub(crate) answers: Vec<T>,
}

impl<T> Outcome<T> {
    /// Operations a second.
    pub(crate) fn rate(&self) -> f64 {
        rate(self.answers.len(), self.took)
    }
}

/// Runs `operation` `count` times from `workers` workers at once. It gets the worker's number and the operation's.
pub(crate) async fn run<T, F>(
    workers: usize,
    count: usize,
    operation: impl Fn(usize, usize) -> F + Send + Sync + 'static,
) -> Outcome<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    let (operation, next) = (Arc::new(operation), Arc::new(AtomicUsize::new(0)));
    let started = Instant::now();
    let tasks: Vec<_> = (0..workers)
        .map(|worker| {
            let (operation, next) = (operation.clone(), next.clone());
            tokio::spawn(async move {
                let mut done = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return done;
                    }
                    let began = Instant::now();
                    let answer = operation(worker, number).await;
                    done.push((began.elapsed(), answer));
                }
            })
        })
        .collect();
    let mut all = Vec::with_capacity(count);
    for task in tasks {
        all.extend(task.await.expect("a worker does not panic"));
    }
    let took = started.elapsed();
    let (latencies, answers) = all.into_iter().unzip();
    Outcome { took, latencies: Latencies::of(latencies), answers }
}
