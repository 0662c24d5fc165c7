//! Two viewers never share an answer or a stream, however alike what they ask.

use futures::future::join_all;
use serde_json::json;

use crate::stage::marketplace;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_operation_at_the_same_time_answers_each_viewer_with_its_own() {
    let stack = marketplace().await;
    let (ann, bob) = (stack.member("ann").await, stack.member("bob").await);
    for _ in 0..10 {
        let questions = (0..10).flat_map(|_| [&ann, &bob]).map(|member| async move {
            let data = member.client.data("{ me { id } }", json!({})).await;
            assert_eq!(data["me"]["id"], json!(member.id));
        });
        join_all(questions).await;
    }
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_subscription_streams_to_each_viewer_its_own() {
    let stack = marketplace().await;
    let (ann, bob) = (stack.member("ann").await, stack.member("bob").await);
    let query = "subscription { notificationReceived { kind content } }";
    let mut anns = ann.client.subscribe(query, json!({})).await;
    let mut bobs = bob.client.subscribe(query, json!({})).await;
    // Bob writes to Ann, which notifies Ann alone.
    let open = "mutation($input: OpenConversationInput!) { openConversation(input: $input) { conversation { id } } }";
    let opened = bob.client.data(open, json!({"input": {"accountId": ann.id}})).await;
    let send = "mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }";
    let conversation_id = &opened["openConversation"]["conversation"]["id"];
    let input = json!({"conversationId": conversation_id, "clientId": "1", "body": "for Ann's eyes only"});
    bob.client.data(send, json!({"input": input})).await;
    let event = anns.next().await.unwrap();
    assert_eq!(event["notificationReceived"]["content"], "for Ann's eyes only");
    assert!(bobs.is_silent_for(std::time::Duration::from_secs(1)).await);
    stack.assert_sound().await;
}
