//! How accounts answer those who write to them, in figures.

use chat::store::{self, Draft, Responses};
use chrono::Utc;
use contracts::chat::SystemMessage;
use kernel::{AccountId, ConversationId, MessageId};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use service_kit::ModuleName;
use test_kit::TestDatabase;

struct Talks {
    db: DatabaseConnection,
    shop: AccountId,
    conversation_id: ConversationId,
    buyer: AccountId,
}

impl Talks {
    async fn open() -> Self {
        let db = TestDatabase::create().await.connect(ModuleName::Chat).await;
        let (shop, buyer) = (AccountId::new(), AccountId::new());
        let conversation_id = store::conversation_open(&db, shop, buyer).await.unwrap().id;
        Self { db, shop, conversation_id, buyer }
    }

    /// Somebody writes once.
    async fn write(&self, sender_id: AccountId) {
        let draft = Draft {
            conversation_id: self.conversation_id,
            sender_id,
            client_id: MessageId::new().to_string(),
            body: "hello".to_owned(),
            product_id: None,
            order_id: None,
            image_ids: Vec::new(),
        };
        store::message_send(&self.db, &draft).await.unwrap().unwrap();
    }

    /// Makes everything older.
    async fn wait(&self, minutes: i32) {
        for sql in [
            format!("UPDATE chat.message SET created_at = created_at - interval '{minutes} minutes'"),
            format!(
                "UPDATE chat.talk SET began_at = began_at - interval '{minutes} minutes',
                    answered_at = answered_at - interval '{minutes} minutes'"
            ),
        ] {
            self.db.execute_unprepared(&sql).await.unwrap();
        }
    }

    async fn responses(&self, account_id: AccountId) -> Option<Responses> {
        store::responses(&self.db, &[account_id], Utc::now()).await.unwrap().pop()
    }

    /// Talks, answers, and the median in minutes.
    async fn figures(&self) -> (i64, i64, Option<i64>) {
        let Some(found) = self.responses(self.shop).await else { return (0, 0, None) };
        #[expect(clippy::cast_possible_truncation, reason = "some minutes")]
        let minutes = found.median_seconds.map(|seconds| (seconds / 60.0).round() as i64);
        (found.talks, found.answered, minutes)
    }
}

const DAY: i32 = 24 * 60;

#[tokio::test]
async fn an_answer_counts_by_how_long_it_took() {
    let talks = Talks::open().await;
    talks.write(talks.buyer).await;
    assert_eq!(talks.figures().await, (0, 0, None), "there is time to answer");
    talks.wait(10).await;
    talks.write(talks.shop).await;
    assert_eq!(talks.figures().await, (1, 1, Some(10)));
    assert_eq!(talks.responses(talks.buyer).await, None, "an answer asks for none");
    talks.write(talks.buyer).await;
    talks.wait(2 * DAY).await;
    assert_eq!(talks.figures().await, (1, 1, Some(10)), "thanks ask for no answer");

    talks.write(talks.buyer).await;
    talks.wait(30).await;
    talks.write(talks.shop).await;
    assert_eq!(talks.figures().await, (2, 2, Some(20)), "halfway between ten and thirty minutes");
}

#[tokio::test]
async fn silence_counts_after_a_day_and_a_late_answer_does_not_help() {
    let talks = Talks::open().await;
    talks.write(talks.buyer).await;
    talks.wait(DAY + 1).await;
    assert_eq!(talks.figures().await, (1, 0, None));
    talks.write(talks.buyer).await;
    talks.wait(5).await;
    talks.write(talks.shop).await;
    assert_eq!(talks.figures().await, (2, 1, Some(5)), "the second question was answered, the first one too late");
    talks.wait(91 * DAY).await;
    assert_eq!(talks.figures().await, (0, 0, None), "what is long ago counts no more");
}

#[tokio::test]
async fn the_marketplace_neither_asks_nor_answers() {
    let talks = Talks::open().await;
    let said = |from, to| SystemMessage {
        message_id: MessageId::new(),
        from,
        to,
        body: "Order confirmed".to_owned(),
        order_id: None,
    };
    store::system_message_send(&talks.db, &said(talks.buyer, talks.shop)).await.unwrap();
    talks.wait(2 * DAY).await;
    assert_eq!(talks.figures().await, (0, 0, None));
    talks.write(talks.buyer).await;
    store::system_message_send(&talks.db, &said(talks.shop, talks.buyer)).await.unwrap();
    talks.wait(DAY + 1).await;
    assert_eq!(talks.figures().await, (1, 0, None));
}

#[tokio::test]
async fn a_message_sent_again_begins_nothing() {
    let talks = Talks::open().await;
    let draft = Draft {
        conversation_id: talks.conversation_id,
        sender_id: talks.buyer,
        client_id: "once".to_owned(),
        body: "hello".to_owned(),
        product_id: None,
        order_id: None,
        image_ids: Vec::new(),
    };
    store::message_send(&talks.db, &draft).await.unwrap().unwrap();
    talks.wait(2 * DAY).await;
    store::message_send(&talks.db, &draft).await.unwrap().unwrap();
    assert_eq!(talks.figures().await, (1, 0, None));
}
