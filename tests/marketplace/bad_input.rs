//! What buyers and sellers must not do: each answers with a code of its own, and changes nothing.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Client, Member};

use crate::{
    aftersales::{order_until, request},
    carrier::{announced, carrier, ordered, pay},
    ipn,
    stage::{Shop, act, address, checkout_of, id, items_of, key, marketplace, operation},
};

/// The code and the field of the first refusal of a mutation.
pub(crate) async fn refusal(client: &Client, query: &str, input: Value) -> (String, Value) {
    let data = client.data(query, json!({"input": input})).await;
    let payload = data.as_object().and_then(|data| data.values().next()).cloned().unwrap_or_default();
    let error = &payload["userErrors"][0];
    assert!(error["code"].is_string(), "it was let through: {payload:#}");
    (id(&error["code"]), error["field"].clone())
}

/// A refusal about a field.
pub(crate) fn at(code: &str, field: &str) -> (String, Value) {
    (code.to_owned(), json!(field))
}

/// A buyer and a shop. What is refused leaves both as they are.
struct Trade<'a> {
    buyer: &'a Member,
    shop: &'a Shop,
}

impl Trade<'_> {
    /// Stock, cart, items, orders with their payments, parcels and refunds, credits, and the ledger of the seller.
    async fn state(&self) -> Value {
        let states = "[PENDING, CONFIRMED, REJECTED, CANCELLED, EXPIRED, DELIVERED, RETURNED]";
        let bought = format!(
            "{{ me {{
                purchasedItems(filter: {{states: {states}}}, first: 100) {{
                    nodes {{ id state quantity refundedQuantity }} }}
                purchases(first: 100) {{ nodes {{ id status sequence total {{ amountMinor }}
                    refundedAmount {{ amountMinor }} payment {{ id status amount {{ amountMinor }} }}
                    shipment {{ status }} refunds {{ id status }} }} }}
                cart {{ items {{ quantity sku {{ id }} }} }}
                refunds(role: BUYER) {{ totalCount }} paymentCredits {{ totalCount }} }} }}"
        );
        let sold = format!(
            "query($id: ID!) {{
                me {{ soldItems(filter: {{states: {states}}}, first: 100) {{ nodes {{ id state }} }}
                    ledger {{ balances {{ amountMinor currency }} entries {{ totalCount }} }} }}
                product(id: $id) {{ skus {{ id stock {{ available }} }} }} }}"
        );
        let of_product = json!({"id": self.shop.product_id});
        json!([self.buyer.client.data(&bought, json!({})).await, self.shop.seller.client.data(&sold, of_product).await])
    }

    /// The refusal of a mutation, after which everything is as it was before.
    async fn refusal(&self, client: &Client, query: &str, input: Value) -> (String, Value) {
        let before = self.state().await;
        let refused = refusal(client, query, input.clone()).await;
        assert_eq!(self.state().await, before, "{input:#} was refused with {refused:?}, and yet changed something");
        refused
    }

    /// The refusal of a saved operation, after which everything is as it was before.
    async fn refused(&self, client: &Client, name: &str, input: Value) -> (String, Value) {
        self.refusal(client, &operation(name), input).await
    }
}

fn line_of(sku: &str, quantity: i64) -> Value {
    let mut input = checkout_of(&[sku], 1);
    input["lines"][0]["quantity"] = json!(quantity);
    input
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_checkout_is_refused_by_its_field_and_changes_nothing() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 10).await;
    let other = Shop::open(stack, 10).await;
    let (buyer, neighbour) = (stack.member("buyer").await, stack.member("neighbour").await);
    let seller = &shop.seller.client;
    let trade = Trade { buyer: &buyer, shop: &shop };
    let before = trade.state().await;
    let checkout = async |input: Value| trade.refused(&buyer.client, "09-buyer-checks-out", input).await;

    for quantity in [0, -1, 1000, i64::from(i32::MAX), i64::from(i32::MIN)] {
        let answer = checkout(line_of(&shop.counted_sku, quantity)).await;
        assert_eq!(answer, at("QUANTITY_OUT_OF_RANGE", "lines.0.quantity"), "{quantity}");
    }
    let input = json!({"input": line_of(&shop.counted_sku, 1 << 40)});
    let reply = buyer.client.send(&operation("09-buyer-checks-out"), input).await;
    assert!(!reply.errors.is_empty() && reply.data["checkout"].is_null(), "it is no Int: {reply:#?}");
    for quantity in [-1, 1000, i32::MAX] {
        let input = json!({"skuId": shop.counted_sku, "quantity": quantity});
        let answer = trade.refused(&buyer.client, "08-buyer-fills-the-cart", input).await;
        assert_eq!(answer, at("QUANTITY_OUT_OF_RANGE", "quantity"), "{quantity}");
    }

    let own = trade.refused(seller, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await;
    assert_eq!(own, at("OWN_PRODUCT", "lines.0.skuId"));
    let unknown = checkout(checkout_of(&[&shop.product_id], 1)).await;
    assert_eq!(unknown, at("SKU_NOT_FOUND", "lines.0.skuId"));

    let (_, abroad) = another_product(&shop, "USD").await;
    let mixed = checkout(checkout_of(&[&shop.counted_sku, &abroad], 1)).await;
    assert_eq!(mixed, at("CURRENCIES_MIXED", "lines"));

    let mut theirs = address();
    theirs["address"] = json!("7 Trang Tien, Ha Noi");
    let contact = act(&neighbour.client, "02-seller-sets-a-contact", theirs).await;
    let mut input = checkout_of(&[&shop.counted_sku], 1);
    input.as_object_mut().unwrap().remove("address");
    input["contactId"] = contact["contact"]["id"].clone();
    assert_eq!(checkout(input.clone()).await, at("CONTACT_NOT_FOUND", "contactId"));
    input["address"] = address();
    assert_eq!(checkout(input).await, at("ADDRESS_INVALID", "address"), "one of the two");

    for (code, why) in [(expired_code(seller).await, "expired"), (code_of(&other.seller.client).await, "foreign")] {
        let mut input = checkout_of(&[&shop.counted_sku], 1);
        input["codes"] = json!([code]);
        assert_eq!(checkout(input).await, at("CODE_REJECTED", "codes.0"), "{why}");
    }
    assert_eq!(trade.state().await, before, "nor did all of it together");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_off_sale_or_deleted_goes_neither_into_a_cart_nor_through_a_checkout() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 10).await;
    let buyer = stack.member("buyer").await;
    let (seller, trade) = (&shop.seller.client, Trade { buyer: &buyer, shop: &shop });
    let refused_as = async |sku: &str, code: &str| {
        let answer = trade.refused(&buyer.client, "09-buyer-checks-out", checkout_of(&[sku], 1)).await;
        assert_eq!(answer, at(code, "lines.0.skuId"));
        let input = json!({"skuId": sku, "quantity": 1});
        assert_eq!(trade.refused(&buyer.client, "08-buyer-fills-the-cart", input).await, at(code, "skuId"));
    };
    let bought = async |sku: &str| {
        let checkout = act(&buyer.client, "09-buyer-checks-out", checkout_of(&[sku], 1)).await;
        assert_eq!(items_of(&checkout).len(), 1);
    };

    // One SKU of a product that is on sale.
    let update = "mutation($input: UpdateSkuInput!) { updateSku(input: $input) { userErrors { code } } }";
    seller.act(update, json!({"skuId": shop.counted_sku, "enabled": false})).await;
    refused_as(&shop.counted_sku, "SKU_NOT_ON_SALE").await;
    let both = checkout_of(&[&shop.serial_sku, &shop.counted_sku], 1);
    let answer = trade.refused(&buyer.client, "09-buyer-checks-out", both).await;
    assert_eq!(answer, at("SKU_NOT_ON_SALE", "lines.1.skuId"), "all lines or none");
    bought(&shop.serial_sku).await;
    seller.act(update, json!({"skuId": shop.counted_sku, "enabled": true})).await;
    bought(&shop.counted_sku).await;

    // A product with all its SKUs.
    let enable = "mutation($input: SetProductEnabledInput!) {
        setProductEnabled(input: $input) { userErrors { code } } }";
    seller.act(enable, json!({"productId": shop.product_id, "enabled": false})).await;
    for sku in [&shop.counted_sku, &shop.serial_sku] {
        refused_as(sku, "SKU_NOT_ON_SALE").await;
    }
    seller.act(enable, json!({"productId": shop.product_id, "enabled": true})).await;
    bought(&shop.counted_sku).await;

    // A product that was on sale until it was deleted.
    let (product_id, sku) = another_product(&shop, "VND").await;
    bought(&sku).await;
    let delete = "mutation($input: DeleteProductInput!) { deleteProduct(input: $input) { userErrors { code } } }";
    seller.act(delete, json!({"productId": product_id})).await;
    refused_as(&sku, "SKU_NOT_FOUND").await;
    stack.assert_sound().await;
}

/// One more product of the shop's seller, in a currency: its id, and that of its one SKU.
async fn another_product(shop: &Shop, currency: &str) -> (String, String) {
    let query = "query($id: ID!) { product(id: $id) { category { id } } }";
    let data = shop.seller.client.data(query, json!({"id": shop.product_id})).await;
    let sku = json!({"price": {"amountMinor": "1999", "currency": currency}, "weightGrams": 100, "featured": true});
    let input = json!({"name": "Another lamp", "description": "Made as the others are.", "idempotencyKey": key(),
        "categoryId": data["product"]["category"]["id"], "skus": [sku]});
    let product = act(&shop.seller.client, "04-seller-creates-a-product", input).await["product"].clone();
    let (product_id, sku_id) = (id(&product["id"]), id(&product["skus"][0]["id"]));
    let input = json!({"skuId": sku_id, "quantity": "5", "idempotencyKey": key()});
    act(&shop.seller.client, "05-seller-imports-stock", input).await;
    (product_id, sku_id)
}

/// The code of a promotion that the seller makes.
async fn code_of(seller: &Client) -> String {
    promotion_with_code(seller).await.1
}

async fn expired_code(seller: &Client) -> String {
    let (promotion_id, code) = promotion_with_code(seller).await;
    let update = "mutation($input: UpdatePromotionInput!) {
        updatePromotion(input: $input) { userErrors { code field } } }";
    let input = json!({"id": promotion_id, "endsAt": "2020-02-01T00:00:00Z"});
    let data = seller.data(update, json!({"input": input})).await;
    assert_eq!(data["updatePromotion"]["userErrors"], json!([]));
    code
}

async fn promotion_with_code(seller: &Client) -> (String, String) {
    let code = format!("C{}", &key().replace('-', "")[20..]);
    let input = json!({"name": "Code", "kind": "DISCOUNT", "percentOff": 10, "code": code,
        "startsAt": "2020-01-01T00:00:00Z"});
    let made = act(seller, "06-seller-creates-a-promotion", input).await;
    (id(&made["promotion"]["id"]), code)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_turn_or_somebody_elses_is_refused_and_changes_nothing() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 10).await;
    let (buyer, neighbour) = (stack.member("buyer").await, stack.member("neighbour").await);
    let (seller, trade) = (&shop.seller.client, Trade { buyer: &buyer, shop: &shop });
    let pending = async |member: &Member| {
        let mut input = checkout_of(&[&shop.counted_sku], 1);
        // The parcels of this carrier stand still until they are reported.
        input["transportOption"] = json!("ghtk-economy");
        items_of(&act(&member.client, "09-buyer-checks-out", input).await)
    };
    let (mine, theirs) = (pending(&buyer).await, pending(&neighbour).await);
    let confirm = |items: Value| json!({"itemIds": items, "idempotencyKey": key()});

    let together = trade.refused(seller, "12-seller-confirms", confirm(json!([mine[0], theirs[0]]))).await;
    assert_eq!(together, at("ITEMS_NOT_TOGETHER", "itemIds"), "two buyers");
    let stranger = trade.refused(&neighbour.client, "12-seller-confirms", confirm(json!(mine))).await;
    assert_eq!(stranger, at("ITEM_NOT_FOUND", "itemIds.0"));
    let none = trade.refused(seller, "12-seller-confirms", confirm(json!([]))).await;
    assert_eq!(none.0, "LINE_COUNT_OUT_OF_RANGE");
    let order_id = id(&act(seller, "12-seller-confirms", confirm(json!(mine))).await["order"]["id"]);
    let twice = trade.refused(seller, "12-seller-confirms", confirm(json!(mine))).await;
    assert_eq!(twice, at("ITEM_NOT_PENDING", "itemIds.0"));

    let paying = |method: &str| json!({"orderIds": [order_id], "method": method, "idempotencyKey": key()});
    let foreign = trade.refused(&neighbour.client, "14-buyer-pays", paying("cod")).await;
    assert_eq!(foreign, at("ORDER_NOT_FOUND", "orderIds.0"), "somebody else's order");
    let unknown = trade.refused(&buyer.client, "14-buyer-pays", paying("gold")).await;
    assert_eq!(unknown, at("PAYMENT_METHOD_UNKNOWN", "method"));
    let ask = "mutation($input: RequestRefundInput!) { requestRefund(input: $input) { userErrors { code field } } }";
    let refund = |quantity: i32| request(&order_id, json!([{"itemId": mine[0], "quantity": quantity}]));
    let early = trade.refusal(&buyer.client, ask, refund(1)).await;
    assert_eq!(early, at("ORDER_NOT_REFUNDABLE", "orderId"), "it is not paid");

    act(&buyer.client, "14-buyer-pays", paying("cod")).await;
    for method in ["cod", "vnpay-qr"] {
        let twice = trade.refused(&buyer.client, "14-buyer-pays", paying(method)).await;
        assert_eq!(twice, at("ORDER_NOT_PAYABLE", "orderIds.0"), "{method}");
    }
    let early = trade.refusal(&buyer.client, ask, refund(1)).await;
    assert_eq!(early, at("ORDER_NOT_REFUNDABLE", "orderId"), "it is to be paid at the door");
    announced(&buyer.client, &order_id).await;
    carrier(stack, &format!("report?partner_id={order_id}&statuses=3")).await;
    order_until(&buyer.client, &order_id, "SHIPPING").await;
    let early = trade.refusal(&buyer.client, ask, refund(1)).await;
    assert_eq!(early, at("ORDER_NOT_REFUNDABLE", "orderId"), "it is not delivered");
    carrier(stack, &format!("report?partner_id={order_id}&statuses=5")).await;
    order_until(&buyer.client, &order_id, "DELIVERED").await;
    for quantity in [0, -1, 2, i32::MAX] {
        let (code, _) = trade.refusal(&buyer.client, ask, refund(quantity)).await;
        assert_eq!(code, "REFUND_QUANTITY_OUT_OF_RANGE", "{quantity}");
    }
    let foreign = trade.refusal(&neighbour.client, ask, refund(1)).await;
    assert_eq!(foreign, at("ORDER_NOT_FOUND", "orderId"));

    // An order whose payment page is open.
    let waiting = ordered(&buyer, &shop).await;
    pay(&buyer, &waiting, "vnpay-qr").await;
    for method in ["cod", "vnpay-qr"] {
        let input = json!({"orderIds": [waiting], "method": method, "idempotencyKey": key()});
        let twice = trade.refused(&buyer.client, "14-buyer-pays", input).await;
        assert_eq!(twice, at("ORDER_IN_PAYMENT", "orderIds.0"), "{method}");
    }
    stack.assert_sound().await;
}

/// Another amount, a forged report and a report twice, through the sandbox: its answers are VNPay's codes.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_wrong_or_repeated_answers_in_the_codes_of_the_provider() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let trade = Trade { buyer: &buyer, shop: &shop };
    let order_id = ordered(&buyer, &shop).await;
    let payment = pay(&buyer, &order_id, "vnpay-qr").await;
    let url = id(&payment["redirectUrl"]).replacen("/paymentv2/vpcpay.html", "/pay", 1) + "&result=00";
    let report = async |wishes: &str| -> Vec<String> {
        let answer: Value = reqwest::get(format!("{url}{wishes}")).await.unwrap().json().await.unwrap();
        answer["answers"].as_array().unwrap().iter().map(|answer| id(&answer["RspCode"])).collect()
    };
    let before = trade.state().await;
    assert_eq!(report("&wrong_amount=true").await, ["04"]);
    assert_eq!(trade.state().await, before, "another amount pays nothing");
    assert_eq!(report("&wrong_signature=true&again=true").await, ["97"]);
    assert_eq!(trade.state().await, before, "nor does a forged report");
    let mut twice = report("&reports=2&again=true").await;
    twice.sort_unstable();
    assert_eq!(twice, ["00", "02"]);
    let paid = |data: &Value| data["order"]["status"] == "PAID";
    let status = "query($id: ID!) { order(id: $id) { status } }";
    buyer.client.eventually(status, json!({"id": order_id}), Duration::from_secs(60), paid).await;
    let credits = buyer.client.data("{ me { paymentCredits { totalCount } } }", json!({})).await;
    assert_eq!(credits["me"]["paymentCredits"]["totalCount"], 0);
    stack.assert_sound().await;
}

/// The provider counts in hundredths of a đồng: one of them too few or too many is another amount.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_wrong_by_the_least_amount_or_in_any_field_pays_nothing() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let trade = Trade { buyer: &buyer, shop: &shop };
    let order_id = ordered(&buyer, &shop).await;
    let payment = pay(&buyer, &order_id, "vnpay-qr").await;
    let right = ipn::captured(&payment, &key());
    let changed = |field: &'static str, value: &str| {
        let mut report = right.clone();
        report.insert(field, value.to_owned());
        ipn::signed(stack, &report)
    };
    let refused = async |query: String, code: &str| {
        let before = trade.state().await;
        assert_eq!(ipn::answer(stack, &query).await, code, "{query}");
        assert_eq!(trade.state().await, before, "{query}");
    };

    let due_minor: i64 = id(&payment["amount"]["amountMinor"]).parse().unwrap();
    let due = due_minor * 100;
    assert_eq!(right["vnp_Amount"], due.to_string());
    for amount in [due - 1, due + 1, due - 100, due + 100, due_minor, 0, -due] {
        refused(changed("vnp_Amount", &amount.to_string()), "04").await;
    }
    for amount in ["1e9", "9223372036854775808", "one"] {
        refused(changed("vnp_Amount", amount), "99").await;
    }
    refused(changed("vnp_TmnCode", "SOMEBODY"), "01").await;
    refused(changed("vnp_TxnRef", &key()), "01").await;
    let mut truncated = right.clone();
    truncated.remove("vnp_Amount");
    refused(ipn::signed(stack, &truncated), "99").await;
    let good = ipn::signed(stack, &right);
    refused(good[..good.len() - 1].to_owned(), "97").await;
    refused(good.replacen("vnp_Amount=", "vnp_Amount=1", 1), "97").await;

    assert_eq!(ipn::answer(stack, &good).await, "00");
    order_until(&buyer.client, &order_id, "PAID").await;
    // Once more, and a refusal that was sent before it and comes after it: money that is here stays.
    refused(good, "02").await;
    let mut late = right.clone();
    late.extend([("vnp_ResponseCode", "24".to_owned()), ("vnp_TransactionStatus", "02".to_owned())]);
    late.insert("vnp_TransactionNo", "0".to_owned());
    refused(ipn::signed(stack, &late), "02").await;
    stack.assert_sound().await;
}
