//! One purchase from two sellers: an address for each line, an order for each seller, one payment over both, and its
//! money back in two parts.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Member, Stack};

use crate::{
    aftersales::{named, order_until, refund_act, refund_until, request},
    bad_input::{at, refusal},
    stage::{Shop, act, address, available, id, items_of, key, marketplace, operation, pay_at_the_sandbox},
};

const PATIENCE: Duration = Duration::from_secs(60);

const ORDER: &str = "query($id: ID!) { order(id: $id) {
    status total { amountMinor } refundedAmount { amountMinor } address { address } payment { id status }
    items { id quantity } refunds { status } } }";

/// Two sellers, and a buyer who has bought from both in one checkout.
struct Purchase {
    shops: [Shop; 2],
    buyer: Member,
    /// Where the line of each seller goes.
    places: [&'static str; 2],
    /// The one item of each seller.
    items: [String; 2],
}

impl Purchase {
    /// Two lamps of the first seller and one of the second. Their parcels stand still until the carrier reports them.
    async fn make(stack: &Stack) -> Self {
        let shops = [Shop::open(stack, 5).await, Shop::open(stack, 5).await];
        let buyer = stack.member("buyer").await;
        let places = ["45 Le Loi, Quan 1, Ho Chi Minh", "7 Trang Tien, Hoan Kiem, Ha Noi"];
        let line = |number: usize, quantity: u32| {
            let mut to = address();
            to["address"] = json!(places[number]);
            json!({"skuId": shops[number].counted_sku, "quantity": quantity, "address": to})
        };
        let input = json!({"lines": [line(0, 2), line(1, 1)], "transportOption": "ghtk-economy",
            "idempotencyKey": key()});
        let checkout = act(&buyer.client, "09-buyer-checks-out", input).await;
        assert_eq!(items_of(&checkout).len(), 2, "{checkout:#}");
        let items = [incoming(&shops[0], &buyer, places[0]).await, incoming(&shops[1], &buyer, places[1]).await];
        Self { shops, buyer, places, items }
    }

    /// Each seller confirms the own item, and the buyer pays both orders at once, at a provider that will refuse the
    /// first request for money back. The orders and the payment.
    async fn paid(&self) -> ([String; 2], Value) {
        let mut orders = Vec::new();
        for (shop, item) in self.shops.iter().zip(&self.items) {
            let confirmed = act(&shop.seller.client, "12-seller-confirms", confirmation(&[item])).await;
            let order = &confirmed["order"];
            assert_eq!(order["items"], json!([{"id": item, "state": "CONFIRMED"}]));
            orders.push(id(&order["id"]));
        }
        let input = json!({"orderIds": orders, "method": "vnpay-qr", "idempotencyKey": key()});
        let payment = act(&self.buyer.client, "14-buyer-pays", input).await["payment"].clone();
        assert_eq!(payment["orders"].as_array().map(Vec::len), Some(2), "{payment:#}");
        pay_at_the_sandbox(&payment, "&refuse_refunds=1").await;
        let orders: [String; 2] = orders.try_into().expect("there are two sellers");
        for order_id in &orders {
            order_until(&self.buyer.client, order_id, "PAID").await;
        }
        (orders, payment)
    }

    /// An order as its buyer sees it.
    async fn order(&self, order_id: &str) -> Value {
        self.buyer.client.data(ORDER, json!({"id": order_id})).await["order"].clone()
    }

    /// The buyer wants the money of a whole order back, and its seller agrees.
    async fn refund(&self, number: usize, order_id: &str) -> Value {
        let quantity = self.order(order_id).await["items"][0]["quantity"].clone();
        let lines = json!([{"itemId": self.items[number], "quantity": quantity}]);
        let refund = refund_act(&self.buyer.client, "requestRefund", request(order_id, lines)).await;
        let refund_id = id(&refund["id"]);
        let accept =
            "mutation($input: AcceptRefundInput!) { acceptRefund(input: $input) { userErrors { code field } } }";
        let foreign = refusal(&self.shops[1 - number].seller.client, accept, named(&refund_id)).await;
        assert_eq!(foreign.0, "REFUND_NOT_FOUND", "the other seller has no say");
        refund_act(&self.shops[number].seller.client, "acceptRefund", named(&refund_id)).await;
        refund_until(&self.buyer.client, &refund_id, |refund| refund["status"] == "REFUNDED").await
    }
}

fn confirmation(items: &[&String]) -> Value {
    json!({"itemIds": items, "idempotencyKey": key()})
}

/// The item that a seller is to answer: alone in its group, of this buyer and to this place.
async fn incoming(shop: &Shop, buyer: &Member, place: &str) -> String {
    let query = "{ me { incomingItems { nodes { buyer { id } address { address } items { id } } } } }";
    let data = shop.seller.client.data(query, json!({})).await;
    let groups = data["me"]["incomingItems"]["nodes"].as_array().cloned().unwrap_or_default();
    let [group] = &groups[..] else { panic!("one group waits: {groups:#?}") };
    assert_eq!(group["buyer"]["id"], json!(buyer.id));
    assert_eq!(group["address"]["address"], place);
    let items = items_of(group);
    assert_eq!(items.len(), 1, "a seller sees nothing of what the other sells: {group:#}");
    items[0].clone()
}

fn minor(amount: &Value) -> i64 {
    id(&amount["amountMinor"]).parse().expect("amounts are numbers")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_two_sellers_confirms_the_own_item_and_one_payment_pays_both() {
    let stack = marketplace().await;
    let purchase = Purchase::make(stack).await;
    let (shops, buyer) = (&purchase.shops, &purchase.buyer);
    for number in [0, 1] {
        let (own, other) = (&purchase.items[number], &purchase.items[1 - number]);
        let seller = &shops[number].seller.client;
        let confirms = operation("12-seller-confirms");
        let foreign = refusal(seller, &confirms, confirmation(&[other])).await;
        assert_eq!(foreign, at("ITEM_NOT_FOUND", "itemIds.0"));
        let both = refusal(seller, &confirms, confirmation(&[own, other])).await;
        assert_eq!(both, at("ITEM_NOT_FOUND", "itemIds.1"), "nor together with the own one, which stays pending");
    }

    let (orders, payment) = purchase.paid().await;
    let mut total = 0;
    for (number, order_id) in orders.iter().enumerate() {
        let order = purchase.order(order_id).await;
        assert_eq!(order["address"]["address"], purchase.places[number]);
        assert_eq!(order["payment"], json!({"id": payment["id"], "status": "SUCCEEDED"}), "one payment for both");
        total += minor(&order["total"]);

        // Its seller earns what it cost less 5 % of the goods, and knows nothing of the other order.
        let ledger = "{ me { ledger { balances { amountMinor currency } entries { totalCount } } } }";
        let data = shops[number].seller.client.data(ledger, json!({})).await;
        let goods: i64 = if number == 0 { 2 * 250_000 } else { 250_000 };
        let earned = (minor(&order["total"]) - goods * 5 / 100).to_string();
        assert_eq!(data["me"]["ledger"]["balances"], json!([{"amountMinor": earned, "currency": "VND"}]));
        assert_eq!(data["me"]["ledger"]["entries"]["totalCount"], 2, "a sale and a fee");
        let hidden = shops[1 - number].seller.client.send(ORDER, json!({"id": order_id})).await;
        assert_eq!(hidden.code(), Some("NOT_FOUND"), "{hidden:#?}");
    }
    assert_eq!(minor(&payment["amount"]), total);
    let told = |data: &Value| data.to_string().contains("ORDER_PAID");
    let notifications = "{ me { notifications(first: 50) { nodes { kind } } } }";
    for shop in shops {
        shop.seller.client.eventually(notifications, json!({}), PATIENCE, told).await;
        assert_eq!(available(&buyer.client, &shop.product_id, &shop.serial_sku).await, 5);
    }
    assert_eq!(available(&buyer.client, &shops[0].product_id, &shops[0].counted_sku).await, 3);
    assert_eq!(available(&buyer.client, &shops[1].product_id, &shops[1].counted_sku).await, 4);
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_payment_to_two_sellers_one_order_goes_back_and_the_other_stays_paid_until_it_goes_back_too() {
    let stack = marketplace().await;
    let purchase = Purchase::make(stack).await;
    let (orders, payment) = purchase.paid().await;
    let (shops, buyer) = (&purchase.shops, &purchase.buyer);
    let status = "query($id: ID!) { payment(id: $id) { status } }";
    let payment_is = async |wanted: &str| {
        let done = |data: &Value| data["payment"]["status"] == wanted;
        buyer.client.eventually(status, json!({"id": payment["id"]}), PATIENCE, done).await;
    };

    let mut refunded = 0;
    for (number, after) in [(1, "SUCCEEDED"), (0, "REFUNDED")] {
        let refund = purchase.refund(number, &orders[number]).await;
        assert_eq!((&refund["kind"], &refund["paidVia"]), (&json!("CANCELLATION"), &json!("PROVIDER")), "{refund:#}");
        let order = order_until(&buyer.client, &orders[number], "CANCELLED").await;
        assert_eq!(refund["total"], order["total"], "the transport as well");
        assert_eq!(order["refundedAmount"], order["total"]);
        refunded += minor(&refund["total"]);
        payment_is(after).await;
        let shop = &shops[number];
        let back = "query($id: ID!) { product(id: $id) { skus { stock { available } } } }";
        let all_back = json!([{"stock": {"available": "5"}}, {"stock": {"available": "5"}}]);
        let is_back = |data: &Value| data["product"]["skus"] == all_back;
        buyer.client.eventually(back, json!({"id": shop.product_id}), PATIENCE, is_back).await;
        let ledger = shop.seller.client.data("{ me { ledger { balances { amountMinor } } } }", json!({})).await;
        assert_eq!(ledger["me"]["ledger"]["balances"], json!([{"amountMinor": "0"}]), "the fee comes back, too");
        if number == 1 {
            let kept = purchase.order(&orders[0]).await;
            assert_eq!((&kept["status"], &kept["payment"]["status"]), (&json!("PAID"), &json!("SUCCEEDED")));
            assert_eq!((&kept["refunds"], &kept["refundedAmount"]["amountMinor"]), (&json!([]), &json!("0")));
        }
    }
    assert_eq!(refunded, minor(&payment["amount"]), "all of it went back through the one payment");
    let credits = buyer.client.data("{ me { paymentCredits { totalCount } } }", json!({})).await;
    assert_eq!(credits["me"]["paymentCredits"]["totalCount"], 0);
    stack.assert_sound().await;
}
