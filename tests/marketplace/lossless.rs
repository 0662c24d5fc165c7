//! Nothing is lost and nothing doubled on the way to those who follow a conversation, whatever dies on that way.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use futures::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};
use test_kit::{Client, Layout, Member, Stack};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout},
    time::{Instant, interval, sleep, timeout},
};

use crate::stage::{Dice, id, kill_child, node, operation};

/// Every two of them talk with one another, until there are enough conversations.
const PEOPLE: usize = 15;
/// Both sides of each are followed, which makes 200 subscribers.
const CONVERSATIONS: usize = 100;
/// 1,500 in all, and 50 a second: half a minute of talk.
const MESSAGES: usize = 15;
const A_SECOND: u32 = 50;
/// How often each of the three dies.
const DEATHS: usize = 3;
/// Long enough for a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(420);
/// What a subscriber asks for.
const MESSAGES_ARRIVE: &str = "subscription($id: ID!, $after: BigInt) {
    messageReceived(conversationId: $id, after: $after) { sequence body } }";

/// One conversation and who is in it.
struct Talk {
    id: String,
    people: [Client; 2],
}

impl Talk {
    /// What is said in it, by its number.
    fn words(&self, number: usize) -> String {
        format!("{number} of {}", self.id)
    }
}

/// The subscribers: a program of Node.js with a stock `graphql-ws` client for each. It comes back with the number of the
/// last message that it has, whenever its subscription ends.
struct Followers {
    program: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// What became of a subscriber.
#[derive(Debug, Deserialize)]
struct Report {
    /// All that has arrived, with its number.
    received: Vec<(usize, String)>,
    /// How often its subscriptions ended for which reason; `refused` are those that never began.
    ends: BTreeMap<String, usize>,
}

impl Followers {
    /// Both sides of each conversation, in their order.
    fn start(stack: &Stack, talks: &[Talk]) -> Self {
        let everybody = talks.iter().flat_map(|talk| talk.people.iter().map(move |person| (talk, person)));
        let subscriber = |(talk, person): (&Talk, &Client)| json!({"conversationId": talk.id, "token": person.token()});
        let subscribers: Vec<Value> = everybody.map(subscriber).collect();
        // Together the tokens are more than an environment takes.
        let task = stack.data_dir().join("subscribers.json");
        let text = json!({"query": MESSAGES_ARRIVE, "messages": MESSAGES, "subscribers": subscribers}).to_string();
        std::fs::write(&task, text).expect("the data directory is writable");
        let mut command = node(stack, "clients/checks/lossless.mjs");
        command.arg(task).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut program = command.spawn().expect("Node.js is installed: `cargo xtask test` needs it");
        let stdout = program.stdout.take().expect("standard output is piped");
        Self { program, lines: BufReader::new(stdout).lines() }
    }

    /// Waits until each of them has as many messages as there are.
    async fn reports(&mut self) -> Vec<Report> {
        let mut reports = Vec::new();
        while let Some(line) = self.lines.next_line().await.expect("the program's output can be read") {
            reports.push(serde_json::from_str(&line).unwrap_or_else(|_| panic!("the program printed {line:?}")));
        }
        reports
    }

    /// Waits no longer, and gives what they have.
    async fn interrupted(&mut self) -> Vec<Report> {
        drop(self.program.stdin.take());
        self.reports().await
    }
}

/// 200 subscribers and 50 messages a second through the router, while Redis, the process of the chat and the router die
/// again and again, in an order that a seed decides. Every subscriber ends with every message once and in order.
#[tokio::test(flavor = "multi_thread")]
async fn every_message_arrives_once_and_in_order_whatever_dies() {
    // A Redis of its own, which can be killed.
    let stack = Stack::start_with(Layout::Apart, &[("REDIS_URL", ""), ("MOST_CRASHES", "1000")]).await;
    let talks = open(&stack).await;
    let mut followers = Followers::start(&stack, &talks);
    let talking = join_all((0..CONVERSATIONS / 10).map(|lane| speak(&talks[lane * 10..][..10])));
    let all = async { tokio::join!(followers.reports(), talking, storm(&stack)) };
    let ended = timeout(PATIENCE, all).await;
    let Ok((reports, _, deaths)) = ended else {
        let mut lacking = followers.interrupted().await;
        lacking.retain(|report| report.received.len() < MESSAGES);
        panic!("not everything has arrived after {PATIENCE:?}: {lacking:?}\n{}", stack.logs());
    };
    assert_eq!(deaths, BTreeMap::from([("chat", DEATHS), ("redis", DEATHS), ("router", DEATHS)]));
    assert_eq!(reports.len(), 2 * CONVERSATIONS);
    for (report, talk) in reports.iter().zip(talks.iter().flat_map(|talk| [talk, talk])) {
        let said: Vec<_> = (1..=MESSAGES).map(|number| (number, talk.words(number))).collect();
        assert_eq!(report.received, said, "the subscriptions ended so: {:?}", report.ends);
    }
    let ends = reports.iter().flat_map(|report| &report.ends);
    let resumed: usize = ends.filter(|(reason, _)| *reason != "refused").map(|(_, times)| times).sum();
    assert!(resumed >= 2 * CONVERSATIONS, "the deaths were felt: {resumed} subscriptions were resumed");
    stack.assert_sound().await;
}

/// A client that was away for a thousand messages gets them all, in order. The room that a router gives to a subscription
/// is far smaller; a module replays slowly enough for it, unless the machine is very busy, and then the client comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_absence_is_caught_up_with() {
    const MISSED: usize = 1000;
    let stack = Stack::start(Layout::Together).await;
    let talk = talk(&stack.member("ann").await, &stack.member("bob").await).await;
    for first in (1..=MISSED).step_by(50) {
        let said = (first..first + 50).map(|number| {
            let input = format!(r#"{{conversationId: "{}", clientId: "c{number}", body: "{number}"}}"#, talk.id);
            format!("m{number}: sendMessage(input: {input}) {{ userErrors {{ code }} }}")
        });
        talk.people[0].data(&format!("mutation {{ {} }}", said.collect::<Vec<_>>().join(" ")), json!({})).await;
    }
    let (mut last, mut subscriptions) = (0, 0);
    while last < MISSED {
        subscriptions += 1;
        let variables = json!({"id": talk.id, "after": last.to_string()});
        let mut stream = talk.people[1].subscribe(MESSAGES_ARRIVE, variables).await;
        while last < MISSED {
            let event = stream.next().await.expect("the stream goes on");
            let number: usize = id(&event["messageReceived"]["sequence"]).parse().expect("numbers are numbers");
            assert!(number > last, "message {number} arrived again");
            if number > last + 1 {
                break;
            }
            assert_eq!(event["messageReceived"]["body"], number.to_string());
            last = number;
        }
    }
    assert!(subscriptions <= 5, "{subscriptions} subscriptions were needed");
    stack.assert_sound().await;
}

async fn open(stack: &Stack) -> Vec<Talk> {
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        people.push(stack.member("talker").await);
    }
    let pairs = (0..PEOPLE).flat_map(|one| (0..one).map(move |two| (one, two)));
    let mut talks = Vec::new();
    for (one, two) in pairs.take(CONVERSATIONS) {
        talks.push(talk(&people[one], &people[two]).await);
    }
    talks
}

async fn talk(one: &Member, two: &Member) -> Talk {
    let input = json!({"input": {"accountId": two.id}});
    let opened = one.client.data(&operation("18-buyer-opens-a-conversation"), input).await;
    Talk { id: id(&opened["openConversation"]["conversation"]["id"]), people: [one.client.clone(), two.client.clone()] }
}

/// Says everything that there is to say in some conversations, in turn, each by one side and then by the other. What is
/// not answered is said again, under the same id.
async fn speak(talks: &[Talk]) {
    let mut pace = interval(Duration::from_secs(1) * u32::try_from(CONVERSATIONS / 10).expect("few lanes") / A_SECOND);
    for number in 1..=MESSAGES {
        for talk in talks {
            pace.tick().await;
            let words = talk.words(number);
            let input = json!({"conversationId": talk.id, "clientId": words, "body": words});
            let speaker = &talk.people[number % 2];
            while !is_said(speaker, &input, number).await {
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Whether a message is stored now, under its number.
async fn is_said(speaker: &Client, input: &Value, number: usize) -> bool {
    let query = "mutation($input: SendMessageInput!) {
        sendMessage(input: $input) { message { sequence } userErrors { code } } }";
    let Some(reply) = speaker.try_send(query, json!({"input": input})).await else { return false };
    let said = &reply.data["sendMessage"];
    assert!(said.is_null() || said["userErrors"] == json!([]), "a message was refused: {said:#}");
    let stored = said["message"]["sequence"].as_str();
    assert!(stored.is_none_or(|stored| stored == number.to_string()), "{stored:?} is the number of message {number}");
    stored.is_some()
}

/// Kills what messages pass on their way, one after the other, and counts the deaths.
async fn storm(stack: &Stack) -> BTreeMap<&'static str, usize> {
    let mut dice = Dice::seeded("LOSSLESS_SEED");
    let mut victims = ["chat", "redis", "router"].repeat(DEATHS);
    let mut deaths = BTreeMap::new();
    let begun = Instant::now();
    while !victims.is_empty() {
        sleep(Duration::from_millis(1000 + dice.below(2500))).await;
        let victim = victims.swap_remove(usize::try_from(dice.below(victims.len() as u64)).expect("an index"));
        kill_child(stack, victim).await;
        println!("{:>6.1?} {victim} was killed", begun.elapsed());
        *deaths.entry(victim).or_default() += 1;
    }
    deaths
}
