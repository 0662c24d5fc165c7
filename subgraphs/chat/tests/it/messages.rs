//! Conversations and the numbers of their messages.

use chat::store::{self, Draft, Unsent};
use contracts::chat::{BlockSet, SystemMessage};
use kernel::{AccountId, ConversationId, MessageId};
use sea_orm::DatabaseConnection;
use service_kit::ModuleName;
use test_kit::TestDatabase;

async fn chat_database() -> DatabaseConnection {
    TestDatabase::create().await.connect(ModuleName::Chat).await
}

fn draft(conversation_id: ConversationId, sender_id: AccountId, client_id: &str) -> Draft {
    Draft {
        conversation_id,
        sender_id,
        client_id: client_id.to_owned(),
        body: "hello".to_owned(),
        product_id: None,
        order_id: None,
        image_ids: Vec::new(),
    }
}

#[tokio::test]
async fn both_sides_opening_at_once_get_one_conversation() {
    let db = chat_database().await;
    let (ann, bob) = (AccountId::new(), AccountId::new());
    let openings = (0..20).map(|number| {
        let db = db.clone();
        let (one, two) = if number % 2 == 0 { (ann, bob) } else { (bob, ann) };
        tokio::spawn(async move { store::conversation_open(&db, one, two).await.unwrap().id })
    });
    let mut ids = Vec::new();
    for opening in openings.collect::<Vec<_>>() {
        ids.push(opening.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn concurrent_senders_leave_no_gap_and_a_repeated_send_writes_nothing() {
    let db = chat_database().await;
    let (ann, bob) = (AccountId::new(), AccountId::new());
    let conversation = store::conversation_open(&db, ann, bob).await.unwrap();
    // Every message is sent twice, at the same time.
    let sends = (0..60).map(|number| {
        let db = db.clone();
        let sender = if number % 2 == 0 { ann } else { bob };
        let draft = draft(conversation.id, sender, &format!("m{}", number / 2 % 15));
        tokio::spawn(async move { store::message_send(&db, &draft).await.unwrap().unwrap().message })
    });
    for send in sends.collect::<Vec<_>>() {
        send.await.unwrap();
    }
    let messages = store::message_list_after(&db, conversation.id, 0, 1000).await.unwrap();
    let sequences: Vec<i64> = messages.iter().map(|message| message.sequence).collect();
    assert_eq!(sequences, (1..=30).collect::<Vec<_>>());
    assert_eq!(store::unread_count(&db, ann).await.unwrap(), 15);
}

#[tokio::test]
async fn a_stranger_finds_no_conversation_and_writes_no_message() {
    let db = chat_database().await;
    let (ann, bob, eve) = (AccountId::new(), AccountId::new(), AccountId::new());
    let conversation = store::conversation_open(&db, ann, bob).await.unwrap();
    assert!(store::conversation_fetch(&db, eve, conversation.id).await.unwrap().is_none());
    let sent = store::message_send(&db, &draft(conversation.id, eve, "m")).await.unwrap();
    assert_eq!(sent.unwrap_err(), Unsent::NoConversation);
    assert!(store::message_list_after(&db, conversation.id, 0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn reading_lowers_the_unread_count_and_never_goes_backwards() {
    let db = chat_database().await;
    let (ann, bob) = (AccountId::new(), AccountId::new());
    let conversation = store::conversation_open(&db, ann, bob).await.unwrap();
    let first = store::message_send(&db, &draft(conversation.id, ann, "1")).await.unwrap().unwrap();
    let second = store::message_send(&db, &draft(conversation.id, ann, "2")).await.unwrap().unwrap();
    assert_eq!((first.to_notify, second.to_notify), (Some(bob), None), "a running conversation is no news");
    store::read_mark(&db, conversation.id, bob, 2).await.unwrap();
    store::read_mark(&db, conversation.id, bob, 1).await.unwrap();
    assert_eq!(store::unread_count(&db, bob).await.unwrap(), 0);
    store::message_send(&db, &draft(conversation.id, ann, "3")).await.unwrap().unwrap();
    assert_eq!(store::unread_count(&db, bob).await.unwrap(), 1);
}

#[tokio::test]
async fn a_system_message_opens_the_conversation_and_is_written_once() {
    let db = chat_database().await;
    let system = SystemMessage {
        message_id: MessageId::new(),
        from: AccountId::new(),
        to: AccountId::new(),
        body: "Order confirmed".to_owned(),
        order_id: None,
    };
    let conversation = store::system_message_send(&db, &system).await.unwrap();
    assert_eq!(store::system_message_send(&db, &system).await.unwrap(), conversation);
    assert_eq!(store::message_list_after(&db, conversation, 0, 10).await.unwrap().len(), 1);

    let mut told = Vec::new();
    for client_id in ["1", "2"] {
        let sent = store::message_send(&db, &draft(conversation, system.from, client_id)).await.unwrap().unwrap();
        told.push(sent.to_notify);
    }
    assert_eq!(told, [Some(system.to), None], "an unread word of the marketplace does not hide a person's");
}

#[tokio::test]
async fn neither_of_two_who_are_blocked_writes_until_the_block_ends() {
    let db = chat_database().await;
    let (ann, bob) = (AccountId::new(), AccountId::new());
    let conversation = store::conversation_open(&db, ann, bob).await.unwrap();
    let block = |blocked| BlockSet { blocker_id: ann, blocked_id: bob, blocked };
    // Told twice, as a durable call may.
    store::block_set(&db, &block(true)).await.unwrap();
    store::block_set(&db, &block(true)).await.unwrap();
    for sender in [ann, bob] {
        let sent = store::message_send(&db, &draft(conversation.id, sender, "m")).await.unwrap();
        assert_eq!(sent.unwrap_err(), Unsent::Blocked);
    }
    let system = SystemMessage {
        message_id: MessageId::new(),
        from: bob,
        to: ann,
        body: "Order confirmed".to_owned(),
        order_id: None,
    };
    store::system_message_send(&db, &system).await.unwrap();
    store::block_set(&db, &block(false)).await.unwrap();
    let sent = store::message_send(&db, &draft(conversation.id, bob, "m")).await.unwrap().unwrap();
    assert_eq!(sent.message.sequence, 2, "what was refused has left no gap");
}
