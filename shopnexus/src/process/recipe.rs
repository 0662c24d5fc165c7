//! How a child is started and how it wants to be stopped.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::process::{Child, Command};

/// A user of the system that a child runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// Everything needed to start a child, as often as it takes.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    /// Its name in messages, of its log and of its pid file.
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// Added to our own environment.
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) directory: Option<PathBuf>,
    pub(crate) user: Option<User>,
    /// The signal that makes it end in good order; different programs want different ones.
    pub(crate) stop_signal: Signal,
    /// How long it may take to end before it is killed.
    pub(crate) grace: Duration,
}

impl Recipe {
    /// A child that ends on `SIGTERM` within ten seconds.
    pub(crate) fn new(name: impl Into<String>, program: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            directory: None,
            user: None,
            stop_signal: Signal::SIGTERM,
            grace: Duration::from_secs(10),
        }
    }

    /// Adds arguments.
    pub(crate) fn arguments<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Starts the child with its output appended to `log`.
    ///
    /// Must be called from the main thread: the kernel ties a child's life to the thread that started it.
    pub(crate) fn spawn(&self, log: File) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        if let Some(user) = &self.user {
            command.uid(user.uid).gid(user.gid);
        }
        // A group of its own: Ctrl-C on the terminal reaches only us, and we stop the children in order.
        command.process_group(0);
        end_with_parent(&mut command, self.stop_signal);
        command.spawn()
    }
}

/// Makes the kernel send `signal` to the child when this process is gone, however it went.
#[cfg(target_os = "linux")]
pub(crate) fn end_with_parent(command: &mut Command, signal: Signal) {
    let parent = nix::unistd::getpid();
    #[expect(
        unsafe_code,
        reason = "the standard library offers no safe way to prepare the child between fork and exec"
    )]
    // SAFETY: the closure runs in the child between fork and exec, where only async-signal-safe functions may be
    // called. It makes two plain system calls (prctl, getppid) and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            nix::sys::prctl::set_pdeathsig(signal)?;
            if nix::unistd::getppid() != parent {
                // The parent went away before the line above took effect.
                return Err(io::Error::from(nix::errno::Errno::ESRCH));
            }
            Ok(())
        });
    }
}

/// Elsewhere a child outlives a killed supervisor until the next one finds its pid file.
#[cfg(not(target_os = "linux"))]
pub(crate) fn end_with_parent(_command: &mut Command, _signal: Signal) {}
