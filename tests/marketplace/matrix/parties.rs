//! A buyer and a seller with something of everything, and the ids by which to ask for it.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Member, Stack};

use super::probe::Values;
use crate::aftersales::{order_until, refund_act, request};
use crate::stage::{Shop, act, address, administrator, checkout_of, id, items_of, key};

/// The two parties of a sale.
pub(super) struct Parties {
    pub(super) seller: Member,
    pub(super) buyer: Member,
    /// The ids of what is theirs, by the arguments that take them.
    pub(super) values: Values,
}

impl Parties {
    /// Has them trade, talk and upload.
    pub(super) async fn meet(stack: &Stack) -> Self {
        let shop = Shop::open(stack, 20).await;
        let buyer = stack.member("buyer").await;
        let mut values = Values::new();
        let mut set = |name: &str, value: &Value| values.insert(name.to_owned(), value.to_string());

        set("productId", &json!(shop.product_id));
        set("skuId", &json!(shop.counted_sku));
        set("imageIds", &json!([]));
        let input = json!({"name": "Ten off", "kind": "DISCOUNT", "percentOff": 10, "autoApply": true});
        let promotion = act(&shop.seller.client, "06-seller-creates-a-promotion", input).await;
        for name in ["Mutation.setPromotionEnabled.id", "Mutation.updatePromotion.id"] {
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
        set("Mutation.payOrders.method", &json!("cod"));
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
        set("Subscription.messageReceived.after", &json!("0"));
        set("Subscription.orderStatusChanged.after", &json!("0"));

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
        set("resourceId", &uploaded["createUpload"]["resource"]["id"]);
        let sessions = buyer.client.data("{ me { sessions { id } } }", json!({})).await;
        set("sessionId", &sessions["me"]["sessions"][0]["id"]);
        Self { seller: shop.seller, buyer, values }
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

async fn checkout(buyer: &Member, shop: &Shop) -> Vec<String> {
    items_of(&act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await)
}

async fn confirm(shop: &Shop, items: &[String]) -> String {
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"])
}
