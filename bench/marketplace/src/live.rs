//! From sending a message to its arrival at every subscriber.
//!
//! Subscribers are pairs: each conversation has two participants and both listen. Messages are sent at a fixed rate
//! whether or not earlier ones have arrived (an open loop), so that a stall shows in the latencies.

use std::{
    collections::HashMap,
    fs,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use serde_json::json;
use test_kit::{Client, Member, Stack};

use crate::{
    measure::{Latencies, tell},
    memory,
    shop::{self, id},
};

const SUBSCRIBE: &str = "subscription($conversationId: ID!) {
    messageReceived(conversationId: $conversationId) { sequence body } }";

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many subscribers, for each measurement; an odd one listens alone.
    #[arg(long, value_delimiter = ',', default_value = "1,100,1000")]
    subscribers: Vec<usize>,
    /// How many messages a second, in all conversations together.
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// For how many seconds.
    #[arg(long, default_value_t = 20)]
    seconds: u32,
}

/// Two who talk.
struct Pair {
    conversation_id: String,
    members: [Member; 2],
}

pub(crate) async fn run(options: &Options) {
    let stack = shop::marketplace(100).await;
    let most = options.subscribers.iter().max().copied().unwrap_or_default().div_ceil(2);
    let pairs: Vec<Pair> = stream::iter(0..most).map(|_| pair(&stack)).buffer_unordered(8).collect().await;
    for &subscribers in &options.subscribers {
        measure(&stack, options, &pairs[..subscribers.div_ceil(2)], subscribers).await;
    }
    stack.assert_sound().await;
}

async fn pair(stack: &Stack) -> Pair {
    let members = [stack.member("ann").await, stack.member("bob").await];
    let open = "mutation($input: OpenConversationInput!) {
        openConversation(input: $input) { conversation { id } userErrors { code message } } }";
    let opened = members[0].client.act(open, json!({"accountId": members[1].id})).await;
    Pair { conversation_id: id(&opened["conversation"]["id"]), members }
}

async fn measure(stack: &Stack, options: &Options, pairs: &[Pair], subscribers: usize) {
    let total = usize::try_from(options.rate * options.seconds).unwrap_or(usize::MAX);
    let before = memory::of(stack);
    // When each message was due, by its text. Both sides run in this process, so one clock serves both.
    let due: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let mut listeners = Vec::with_capacity(subscribers);
    for number in 0..subscribers {
        let (pair, index) = (&pairs[number / 2], number / 2);
        let variables = json!({"conversationId": pair.conversation_id});
        let mut subscription = pair.members[number % 2].client.subscribe(SUBSCRIBE, variables).await;
        let expected = (0..total).filter(|message| message % pairs.len() == index).count();
        let due = due.clone();
        listeners.push(tokio::spawn(async move {
            let mut latencies = Vec::with_capacity(expected);
            let mut last = 0;
            while latencies.len() < expected {
                let event = subscription.next().await.expect("the stream goes on");
                let arrived = Instant::now();
                let message = &event["messageReceived"];
                let sequence: u64 = id(&message["sequence"]).parse().expect("a sequence is a number");
                assert!(sequence == last + 1 || last == 0, "{sequence} came after {last}");
                last = sequence;
                let sent = due.lock().expect("nobody panics with it").get(&id(&message["body"])).copied();
                latencies.extend(sent.map(|sent| arrived - sent));
            }
            (latencies, subscription)
        }));
    }
    let after = memory::of(stack);
    tell(&format!("{subscribers} subscribers: our memory each"), each(&before, &after, subscribers));
    tell(&format!("{subscribers} subscribers: sockets"), sockets(stack));

    let run = shop::key();
    let mut tick = tokio::time::interval(Duration::from_secs(1) / options.rate);
    let mut sending = Vec::with_capacity(total);
    for number in 0..total {
        tick.tick().await;
        let body = format!("{run} {number}");
        due.lock().expect("nobody panics with it").insert(body.clone(), Instant::now());
        let pair = &pairs[number % pairs.len()];
        let sender = pair.members[0].client.clone();
        sending.push(tokio::spawn(send(sender, pair.conversation_id.clone(), body)));
    }
    let mut latencies = Vec::new();
    let mut open = Vec::new();
    for listener in listeners {
        let (some, subscription) = listener.await.expect("a listener does not panic");
        latencies.extend(some);
        open.push(subscription);
    }
    let mut sent = Vec::with_capacity(total);
    for send in sending {
        sent.push(send.await.expect("a sender does not panic"));
    }
    tell(&format!("{subscribers} subscribers: sent to received"), Latencies::of(latencies));
    tell(&format!("{subscribers} subscribers: sending"), Latencies::of(sent));
}

async fn send(client: Client, conversation_id: String, body: String) -> Duration {
    let mutation = "mutation($input: SendMessageInput!) {
        sendMessage(input: $input) { message { sequence } userErrors { code message } } }";
    let began = Instant::now();
    let input = json!({"conversationId": conversation_id, "body": body, "clientId": shop::key()});
    client.act(mutation, input).await;
    began.elapsed()
}

fn each(before: &[(String, f64)], after: &[(String, f64)], count: usize) -> String {
    let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let grown = |(name, now): &(String, f64)| {
        let then = before.iter().find(|(other, _)| other == name).map_or(0.0, |(_, mib)| *mib);
        format!("{name} {:.0} KiB", (now - then) * 1024.0 / count)
    };
    after.iter().map(grown).collect::<Vec<_>>().join(", ")
}

/// How many sockets each process has open.
fn sockets(stack: &Stack) -> String {
    let status = stack.status();
    let count = |pid: &serde_json::Value| {
        let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        files
            .filter(|file| fs::read_link(file.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:")))
            .count()
    };
    let pids = status["pids"].as_object().into_iter().flatten();
    pids.map(|(name, pid)| format!("{name} {}", count(pid))).collect::<Vec<_>>().join(", ")
}
