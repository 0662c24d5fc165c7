//! Being told to stop: by a signal, or by the end of standard input.

use std::io::{Read, stdin};
use std::thread;

use tokio::sync::watch;

use crate::failure::Result;
use crate::interrupt::Interrupts;

/// Everything that means "stop".
#[derive(Debug)]
pub(super) struct Stop {
    interrupts: Interrupts,
    /// Becomes `true` at the end of standard input, when that counts; taken once it did.
    stdin: Option<watch::Receiver<bool>>,
}

impl Stop {
    pub(super) fn new(until_stdin_closes: bool) -> Result<Self> {
        Ok(Self { interrupts: Interrupts::new()?, stdin: until_stdin_closes.then(watch_stdin) })
    }

    /// Waits until someone asks. Asking a second time resolves a second call.
    pub(super) async fn asked(&mut self) {
        let Some(ended) = &mut self.stdin else {
            self.interrupts.next().await;
            return;
        };
        tokio::select! {
            _ = self.interrupts.next() => return,
            _ = ended.wait_for(|ended| *ended) => {}
        }
        self.stdin = None;
    }
}

/// A thread of its own: a read of standard input cannot be called off, and must not keep the runtime from ending.
fn watch_stdin() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    thread::spawn(move || {
        let mut buffer = [0_u8; 1024];
        while matches!(stdin().read(&mut buffer), Ok(1..)) {}
        sender.send_replace(true);
    });
    receiver
}
