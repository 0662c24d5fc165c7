//! A buyer and a seller with something of everything, the ids by which to ask for it, and whoever else asks.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Client, Member, Stack};

use super::{
    access::{Access, Who},
    probe::Values,
};
use crate::aftersales::{order_until, refund_act, request};
use crate::stage::{Shop, act, address, administrator, checkout_of, id, items_of, key};

/// What is asked with whatever the parties have, by the arguments that take it, written in GraphQL. Where a success
/// would take something from others, or depend on what this installation knows, it breaks a rule that is looked at only
/// when somebody has been let in.
const FIXED: &[(&str, &str)] = &[
    ("imageIds", "[]"),
    ("Mutation.payOrders.method", "\"cod\""),
    ("Mutation.decideCommentReport.decision", "DISMISSED"),
    // The text must not be empty.
    ("Mutation.createProduct.name", "\"\""),
    ("Mutation.updateCategory.name", "\"\""),
    ("Mutation.resolveAccountReport.resolution", "\"\""),
    ("Mutation.decidePayout.idempotencyKey", "\"\""),
    ("Query.geocode.address", "\"\""),
    // No place is so far north.
    ("Query.reverseGeocode.latitude", "91"),
    // Not so much has happened yet: who is let in hears of it at once, and would otherwise hear nothing.
    ("Subscription.incomingItemsChanged.after", "\"1000000\""),
    ("Subscription.myOrdersChanged.after", "\"1000000\""),
    // From the beginning, so that something is heard at once.
    ("Subscription.messageReceived.after", "\"0\""),
    ("Subscription.notificationReceived.after", "\"0\""),
    ("Subscription.orderStatusChanged.after", "\"0\""),
];

/// The two parties of a sale.
pub(super) struct Parties {
    pub(super) seller: Member,
    pub(super) buyer: Member,
    /// The ids of what is theirs, by the arguments that take them.
    pub(super) values: Values,
}

impl Parties {
    /// Has them trade, talk, review and upload.
    pub(super) async fn meet(stack: &Stack) -> Self {
        let shop = Shop::open(stack, 20).await;
        let buyer = stack.member("buyer").await;
        let mut values: Values = FIXED.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut set = |name: &str, value: &Value| values.insert(name.to_owned(), value.to_string());

        set("Query.account.id", &json!(shop.seller.id));
        set("productId", &json!(shop.product_id));
        set("Query.product.id", &json!(shop.product_id));
        set("skuId", &json!(shop.counted_sku));
        let query = "query($id: ID!) { product(id: $id) { category { id } } }";
        let data = buyer.client.data(query, json!({"id": shop.product_id})).await;
        for name in ["Query.category.id", "Mutation.moveCategory.categoryId"] {
            set(name, &data["product"]["category"]["id"]);
        }
        let input = json!({"name": "Ten off", "kind": "DISCOUNT", "percentOff": 10, "autoApply": true});
        let promotion = act(&shop.seller.client, "06-seller-creates-a-promotion", input).await;
        for name in ["Query.promotion.id", "Mutation.setPromotionEnabled.id", "Mutation.updatePromotion.id"] {
            set(name, &promotion["promotion"]["id"]);
        }

        let waiting = checkout(&buyer, &shop).await;
        for name in ["quoteTransport", "confirmItems", "rejectItems"] {
            set(&format!("Mutation.{name}.itemIds"), &json!(waiting));
        }
        set("Mutation.cancelItems.itemIds", &json!(checkout(&buyer, &shop).await));
        let unpaid = confirm(&shop, &checkout(&buyer, &shop).await).await;
        let unwanted = confirm(&shop, &checkout(&buyer, &shop).await).await;
        let paid = confirm(&shop, &checkout(&buyer, &shop).await).await;
        set("Query.order.id", &json!(paid));
        set("orderId", &json!(paid));
        set("Mutation.payOrders.orderIds", &json!([unpaid]));
        set("Mutation.cancelOrder.orderId", &json!(unwanted));
        let input = json!({"orderIds": [paid], "method": "vnpay-qr", "idempotencyKey": key()});
        set("Query.payment.id", &act(&buyer.client, "14-buyer-pays", input).await["payment"]["id"]);

        let delivered = confirm(&shop, &checkout(&buyer, &shop).await).await;
        let input = json!({"orderIds": [delivered], "method": "cod", "idempotencyKey": key()});
        act(&buyer.client, "14-buyer-pays", input).await;
        let order = order_until(&buyer.client, &delivered, "DELIVERED").await;
        let item_id = &order["items"][0]["id"];
        let lines = json!([{"itemId": item_id, "quantity": 1}]);
        let refund = refund_act(&buyer.client, "requestRefund", request(&delivered, lines)).await;
        set("refundId", &refund["id"]);
        set("Query.refund.id", &refund["id"]);
        set("Mutation.requestRefund.orderId", &json!(delivered));
        set("itemId", item_id);

        let (comment_id, report_id) = review(&buyer, &shop).await;
        set("commentId", &comment_id);
        set("Mutation.decideCommentReport.reportId", &report_id);

        let method = "mutation($input: AddPaymentMethodInput!) { addPaymentMethod(input: $input) {
            paymentMethod { id } userErrors { code message field } } }";
        let input = json!({"provider": "sandbox", "nonce": "sandbox-visa-4242"});
        let method = buyer.client.data(method, json!({"input": input})).await;
        for name in ["setDefaultPaymentMethod", "removePaymentMethod"] {
            set(&format!("Mutation.{name}.id"), &method["addPaymentMethod"]["paymentMethod"]["id"]);
        }

        let opened = act(&buyer.client, "18-buyer-opens-a-conversation", json!({"accountId": shop.seller.id})).await;
        let conversation_id = &opened["conversation"]["id"];
        set("conversationId", conversation_id);
        set("Query.conversation.id", conversation_id);
        let input = json!({"conversationId": conversation_id, "clientId": "1", "body": "Hello"});
        act(&buyer.client, "20-write-a-message", input).await;

        let mut contact = address();
        contact["address"] = json!("1 Trang Tien, Ha Noi");
        let contact = act(&buyer.client, "02-seller-sets-a-contact", contact).await;
        for name in ["updateContact", "setDefaultContact", "deleteContact"] {
            set(&format!("Mutation.{name}.id"), &contact["contact"]["id"]);
        }
        let upload = "mutation($input: CreateUploadInput!) { createUpload(input: $input) {
            resource { id } userErrors { code message field } } }";
        let input =
            json!({"fileName": "a.png", "mimeType": "image/png", "sizeBytes": 100, "checksumSha256": "0".repeat(64)});
        let uploaded = buyer.client.data(upload, json!({"input": input})).await;
        for name in ["resourceId", "Query.resource.id"] {
            set(name, &uploaded["createUpload"]["resource"]["id"]);
        }
        set("sessionId", &session_elsewhere(stack, &buyer.client).await);
        Self { seller: shop.seller, buyer, values }
    }
}

/// The six who ask: the two parties, and four who are neither.
pub(super) struct Askers {
    pub(super) parties: Parties,
    anonymous: Client,
    suspended: Client,
    stranger: Client,
    administrator: Client,
}

impl Askers {
    /// Has the parties meet, and gathers the others. Each account has a notification.
    pub(super) async fn meet(stack: &Stack) -> Self {
        let parties = Parties::meet(stack).await;
        let stranger = stack.member("stranger").await;
        let administrator = administrator(stack).await;
        let me = administrator.data("{ me { id } }", json!({})).await;
        let announce = "mutation($input: SendAnnouncementInput!) {
            sendAnnouncement(input: $input) { userErrors { code message field } } }";
        let input = json!({
            "accountIds": [parties.seller.id, parties.buyer.id, stranger.id, me["me"]["id"]],
            "title": "Good evening", "content": "The lamps are lit.", "idempotencyKey": key(),
        });
        administrator.act(announce, input).await;
        let suspended = suspended(stack).await.client;
        Self { parties, anonymous: stack.client(), suspended, stranger: stranger.client, administrator }
    }

    /// As whom to ask a root field with this access.
    pub(super) fn client(&self, who: Who, access: Access) -> &Client {
        let Parties { seller, buyer, .. } = &self.parties;
        let (owner, other) = if access.is_of_the_seller() { (seller, buyer) } else { (buyer, seller) };
        match who {
            Who::Anonymous => &self.anonymous,
            Who::Suspended => &self.suspended,
            Who::Stranger => &self.stranger,
            Who::Administrator => &self.administrator,
            Who::OtherParty => &other.client,
            Who::Owner => &owner.client,
        }
    }
}

/// An account that an administrator has suspended, with the token that it had; no process takes it any more.
pub(super) async fn suspended(stack: &Stack) -> Member {
    let member = stack.member("suspended").await;
    let suspend = "mutation($input: SuspendAccountInput!) { suspendAccount(input: $input) { userErrors { code } } }";
    let input = json!({"accountId": member.id, "reason": "Sold what was not theirs."});
    administrator(stack).await.data(suspend, json!({"input": input})).await;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while member.client.send("{ me { id } }", json!({})).await.code() != Some("UNAUTHENTICATED") {
        assert!(tokio::time::Instant::now() < deadline, "a suspended account is still let in");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    member
}

/// The account of a member, logged in once more.
pub(super) async fn another_session(stack: &Stack, client: &Client) -> Client {
    let me = client.data("{ me { username } }", json!({})).await;
    let input = json!({"identifier": me["me"]["username"], "password": "correct horse battery"});
    let query =
        "mutation($input: LogInInput!) { logIn(input: $input) { session { accessToken } userErrors { code } } }";
    let payload = stack.client().act(query, input).await;
    stack.client().with_token(id(&payload["session"]["accessToken"]))
}

/// The id of a session of the account that is not the client's own, which can end without ending what it asks.
async fn session_elsewhere(stack: &Stack, client: &Client) -> Value {
    another_session(stack, client).await;
    let data = client.data("{ me { sessions { id current } } }", json!({})).await;
    let sessions = data["me"]["sessions"].as_array().expect("an account reads its own sessions");
    let elsewhere = sessions.iter().find(|session| session["current"] == false);
    elsewhere.unwrap_or_else(|| panic!("one of {sessions:#?} is another"))["id"].clone()
}

/// Has the buyer review the product, and the seller report the review. Gives the ids of the review and of the report.
async fn review(buyer: &Member, shop: &Shop) -> (Value, Value) {
    let input = json!({"productId": shop.product_id, "rating": 4, "body": "It glows.", "idempotencyKey": key()});
    let review = act(&buyer.client, "16-buyer-reviews", input).await;
    let comment_id = review["review"]["id"].clone();
    let report = "mutation($input: ReportCommentInput!) { reportComment(input: $input) {
        report { id } userErrors { code message field } } }";
    let report = shop.seller.client.act(report, json!({"commentId": comment_id, "reason": "OTHER"})).await;
    (comment_id, report["report"]["id"].clone())
}

async fn checkout(buyer: &Member, shop: &Shop) -> Vec<String> {
    items_of(&act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await)
}

async fn confirm(shop: &Shop, items: &[String]) -> String {
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"])
}
