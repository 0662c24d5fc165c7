//! Two viewers never share an answer or a stream, however alike what they ask.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::stage::{Shop, act, marketplace};

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

/// What an account has marked and what its cart holds is in the answers of other modules than the one that knows the
/// account, which the router puts together; and its plan for the operation is the same for everybody.
#[tokio::test(flavor = "multi_thread")]
async fn many_viewers_at_once_share_no_entity_whichever_way_they_ask() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 1).await;
    let variables = json!({"id": shop.product_id});
    let query = "query($id: ID!) { me { id cart { totalQuantity } } product(id: $id) { isFavorite } }";
    let mark = "mutation($input: AddFavoriteInput!) { addFavorite(input: $input) { userErrors { code } } }";
    let nobody = json!({"me": null, "product": {"isFavorite": null}});
    let mut viewers = vec![(stack.client(), nobody)];
    for quantity in 1..=6 {
        let member = stack.member("viewer").await;
        let input = json!({"skuId": shop.counted_sku, "quantity": quantity});
        act(&member.client, "08-buyer-fills-the-cart", input).await;
        let marks = quantity % 2 == 0;
        if marks {
            member.client.act(mark, json!({"productId": shop.product_id})).await;
        }
        let me = json!({"id": member.id, "cart": {"totalQuantity": quantity}});
        viewers.push((member.client, json!({"me": me, "product": {"isFavorite": marks}})));
    }
    let ask = async |(client, own): &(test_kit::Client, Value)| {
        let by_socket = async { client.subscribe(query, variables.clone()).await.next().await.expect("an answer") };
        let (by_http, by_socket) = tokio::join!(client.data(query, variables.clone()), by_socket);
        assert_eq!((&by_http, &by_socket), (own, own));
    };
    for _ in 0..5 {
        join_all(viewers.iter().chain(viewers.iter().rev()).map(ask)).await;
    }
    stack.assert_sound().await;
}
