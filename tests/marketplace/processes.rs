//! What holds in every process when each module has one of its own.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use test_kit::{Client, Layout, Stack};
use tests::MODULES;

use crate::stage::{act, administrator, id, operation, start};

/// Long enough for a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn modules_in_processes_of_their_own_shut_the_suspended_out_and_hold_little_for_the_slow() {
    let stack = start(Layout::Apart).await;
    a_suspension_reaches_every_process(&stack).await;
    a_slow_client_holds_no_more_than_a_few_pages(&stack).await;
    stack.assert_sound().await;
}

async fn a_suspension_reaches_every_process(stack: &Stack) {
    let (member, other) = (stack.member("suspended").await, stack.member("other").await);
    let admin = administrator(stack).await;
    let token = member.client.token().expect("a member has a token").to_owned();
    let opened = act(&member.client, "18-buyer-opens-a-conversation", json!({"accountId": other.id})).await;
    let after = json!({"conversationId": opened["conversation"]["id"], "after": "0"});
    let mut stream = member.client.subscribe(&operation("19-messages-arrive"), after).await;
    for module in MODULES {
        stack.module_client(module).with_token(&token).data("{ __typename }", json!({})).await;
    }

    let suspend = "mutation($input: SuspendAccountInput!) { suspendAccount(input: $input) { userErrors { code } } }";
    let input = json!({"accountId": member.id, "reason": "Sold what was not theirs."});
    admin.data(suspend, json!({"input": input})).await;
    for module in MODULES {
        shut_out(&stack.module_client(module).with_token(&token)).await;
    }
    shut_out(&member.client).await;
    let end = stream.next().await.expect_err("nobody writes, so the stream can only end");
    let says = |text: &str| end.to_string().contains(text);
    assert!(says("UNAUTHENTICATED") && says("The session of this stream is over"), "{end:#}");
    stack.module_client("chat").with_token(other.client.token().unwrap()).data("{ __typename }", json!({})).await;
}

async fn shut_out(client: &Client) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while client.send("{ __typename }", json!({})).await.code() != Some("UNAUTHENTICATED") {
        assert!(tokio::time::Instant::now() < deadline, "a suspended account is still let in");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How many messages there are to replay, each of 4,000 bytes.
const BACKLOG: usize = 3000;
const SLOW: usize = 20;

async fn a_slow_client_holds_no_more_than_a_few_pages(stack: &Stack) {
    let (ann, bob) = (stack.member("ann").await, stack.member("bob").await);
    let opened = act(&ann.client, "18-buyer-opens-a-conversation", json!({"accountId": bob.id})).await;
    let conversation_id = id(&opened["conversation"]["id"]);
    let owner = stack.database.connect_as_owner().await;
    let fill = format!(
        "INSERT INTO chat.message (id, conversation_id, sequence, sender_id, kind, body, created_at)
            SELECT gen_random_uuid(), '{conversation_id}', number, '{}', 'text', repeat('x', 4000), now()
            FROM generate_series(1, {BACKLOG}) AS number;
        UPDATE chat.conversation SET last_sequence = {BACKLOG} WHERE id = '{conversation_id}'",
        ann.id
    );
    owner.execute_unprepared(&fill).await.expect("the owner may write every row");
    owner.close().await.expect("closing an idle connection");

    let token = bob.client.token().expect("a member has a token");
    let chat = stack.module_client("chat").with_token(token);
    let query = "subscription($id: ID!) { messageReceived(conversationId: $id, after: \"0\") { sequence body } }";
    let variables = json!({"id": conversation_id});
    // Once before it is measured, so that pools and caches have their size.
    read_all(&chat, query, &variables).await;
    let before = resident_bytes(stack, "chat");
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut stream = chat.subscribe(query, variables.clone()).await;
        stream.next().await.expect("the first message arrives");
        slow.push(stream);
    }
    // Whoever reads gets everything meanwhile, so that the slow have had the time to be sent everything too.
    for _ in 0..2 {
        read_all(&chat, query, &variables).await;
    }
    let grown = resident_bytes(stack, "chat").saturating_sub(before);
    let all = (SLOW * BACKLOG * 4000) as u64;
    assert!(grown < all / 4, "{SLOW} slow clients hold {grown} bytes, of {all} that wait for them");
    for stream in &mut slow {
        let next = stream.next().await.expect("the stream goes on");
        assert_eq!(next["messageReceived"]["sequence"], "2");
    }
}

async fn read_all(client: &Client, query: &str, variables: &Value) {
    let mut stream = client.subscribe(query, variables.clone()).await;
    for number in 1..=BACKLOG {
        let event = stream.next().await.expect("messages arrive");
        assert_eq!(event["messageReceived"]["sequence"], number.to_string());
    }
}

/// How much memory the process of a module has.
fn resident_bytes(stack: &Stack, child: &str) -> u64 {
    let status = stack.status();
    let pid = status["pids"][child].as_i64().unwrap_or_else(|| panic!("{child} runs: {status:#}"));
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process has a status");
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it has memory");
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("in kilobytes");
    kilobytes * 1024
}
