//! What names of hosts lead to, at the moment at which a file is said to stay there.
//!
//! A name of the public internet may have an address of a private network, by mistake or to mislead whoever follows it.
//! Such a one is no place for a file. A name that cannot be resolved is: this module never fetches what stays elsewhere, and
//! a name server that is slow today shows the picture tomorrow. So this keeps plain traps away and promises nothing about
//! what the name leads to later; whoever fetches a file looks again.

use std::{
    collections::{BTreeSet, HashMap},
    io,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{StreamExt, future::BoxFuture, stream};
use tokio::time::Instant;

use super::remote_url::is_public_address;

/// How long all names of one request take together, at most. What is not known by then counts as not to be resolved.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long an answer, or that there was none, is taken for true.
const MEMORY: Duration = Duration::from_secs(60);

/// How many names are remembered, and how many are asked for at once.
const MOST_NAMES: usize = 10_000;
const AT_ONCE: usize = 32;

/// Finds the addresses of a host.
type Lookup = dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync;

/// Names of hosts, looked up once a minute at most.
#[derive(Clone)]
pub struct HostNames {
    lookup: Arc<Lookup>,
    /// Whether a name leads inside, and until when that is remembered.
    known: Arc<Mutex<HashMap<String, (bool, Instant)>>>,
}

impl HostNames {
    /// Asks the resolver of this machine.
    pub fn of_this_machine() -> Self {
        Self::looked_up_by(|host| {
            Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect()) })
        })
    }

    /// Asks `lookup`, which need not be quick.
    pub fn looked_up_by(
        lookup: impl Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync + 'static,
    ) -> Self {
        Self { lookup: Arc::new(lookup), known: Arc::default() }
    }

    /// Those of the hosts of which an address is not public. However many they are, it takes two seconds at most.
    pub(crate) async fn inside(&self, hosts: BTreeSet<String>) -> BTreeSet<String> {
        let now = Instant::now();
        let (mut inside, mut unknown) = (BTreeSet::new(), Vec::new());
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            for host in hosts {
                match known.get(&host) {
                    Some((leads_inside, until)) if *until > now => _ = leads_inside.then(|| inside.insert(host)),
                    _ => unknown.push(host),
                }
            }
        }
        if unknown.is_empty() {
            return inside;
        }
        let mut answers: HashMap<String, bool> = unknown.iter().cloned().map(|host| (host, false)).collect();
        let asking = stream::iter(unknown).map(|host| async {
            let found = (self.lookup)(host.clone()).await.unwrap_or_default();
            (host, found.into_iter().any(|address| !is_public_address(address)))
        });
        let mut asking = asking.buffer_unordered(AT_ONCE);
        while let Ok(Some((host, leads_inside))) = tokio::time::timeout_at(now + PATIENCE, asking.next()).await {
            answers.insert(host, leads_inside);
        }
        drop(asking);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() + answers.len() > MOST_NAMES {
            known.clear();
        }
        for (host, leads_inside) in answers {
            known.insert(host.clone(), (leads_inside, now + MEMORY));
            if leads_inside {
                inside.insert(host);
            }
        }
        inside
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn hosts(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[tokio::test]
    async fn the_resolver_of_this_machine_knows_that_localhost_leads_inside() {
        assert_eq!(HostNames::of_this_machine().inside(hosts(&["localhost"])).await, hosts(&["localhost"]));
    }

    #[tokio::test]
    async fn one_private_address_of_a_name_is_enough_and_a_name_without_any_leads_nowhere() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        let names = HostNames::looked_up_by(move |host| {
            counter.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                match host.as_str() {
                    "both.example.com" => Ok(vec![IpAddr::from([93, 184, 216, 34]), IpAddr::from([10, 0, 0, 1])]),
                    "public.example.com" => Ok(vec![IpAddr::from([93, 184, 216, 34])]),
                    "slow.example.com" => std::future::pending().await,
                    _ => Err(io::Error::other("no such name")),
                }
            })
        });
        let all = hosts(&["both.example.com", "gone.example.com", "public.example.com", "slow.example.com"]);
        for _ in 0..2 {
            assert_eq!(names.inside(all.clone()).await, hosts(&["both.example.com"]));
        }
        assert_eq!(asked.load(Ordering::Relaxed), 4, "each is asked for once");
    }
}
