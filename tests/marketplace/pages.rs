//! The pages of the sandbox, as somebody clicks through them in a browser: forms are read, filled in and sent.

use serde_json::json;
use test_kit::Stack;

use crate::{
    aftersales::order_until,
    carrier::{announced, ordered, pay},
    stage::{Shop, id, marketplace},
};

/// A form of a page: where it goes, and what a browser sends when nothing in it is changed.
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    /// The form that holds this text. Boxes that are not ticked are not sent, as browsers have it.
    fn with(page: &str, text: &str) -> Self {
        let mut forms = page.split("<form ").skip(1).filter_map(|form| form.split("</form>").next());
        let form = forms.find(|form| form.contains(text)).unwrap_or_else(|| panic!("no form holds {text}: {page}"));
        let inputs = form.split("<input ").skip(1).filter_map(|input| input.split('>').next());
        let sent = inputs.filter(|input| attribute(input, "type").as_deref() != Some("checkbox"));
        let field = |input: &str| Some((attribute(input, "name")?, attribute(input, "value")?));
        let fields = sent.filter_map(field).collect();
        Self { action: attribute(form, "action").expect("a form goes somewhere"), fields }
    }

    /// Fills in a field.
    fn set(&mut self, name: &str, value: &str) {
        let field = self.fields.iter_mut().find(|(field, _)| field == name);
        field.unwrap_or_else(|| panic!("the form has a field {name}")).1 = value.to_owned();
    }

    /// Presses a button, and follows to where that leads: its address and what it shows.
    async fn press(mut self, page: &str, name: &str, value: &str) -> (String, String) {
        let button = format!(r#"<button name="{name}" value="{value}">"#);
        assert!(page.contains(&button), "{button} is no button of {page}");
        self.fields.push((name.to_owned(), value.to_owned()));
        let answer = reqwest::Client::new().post(&self.action).form(&self.fields).send().await.unwrap();
        let (status, url) = (answer.status(), answer.url().to_string());
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{url} answered {status}: {text}");
        (url, text)
    }
}

/// The value of an attribute.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(r#"{name}=""#))?;
    let mut value = rest.split_once('"')?.0.to_owned();
    for (written, meant) in [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")] {
        value = value.replace(written, meant);
    }
    Some(value)
}

/// What a page shows, and its form with this text, whose address is made whole.
async fn opened(stack: &Stack, url: &str, text: &str) -> (String, Form) {
    let answer = reqwest::get(url).await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    let page = answer.text().await.unwrap();
    let mut form = Form::with(&page, text);
    form.action = format!("{}{}", id(&stack.status()["sandbox_url"]), form.action);
    (page, form)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_leaves_the_payment_page_comes_back_and_pays_by_its_buttons() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let order_id = ordered(&buyer, &shop).await;

    let given_up = pay(&buyer, &order_id, "vnpay-qr").await;
    let (page, form) = opened(stack, &id(&given_up["redirectUrl"]), "vnp_TxnRef").await;
    let (url, shown) = form.press(&page, "result", "24").await;
    assert!(url.contains("/webhooks/vnpay/return?") && shown.contains("Payment not made"), "{url}: {shown}");
    let status = "query($id: ID!) { payment(id: $id) { status } }";
    let data = buyer.client.data(status, json!({"id": given_up["id"]})).await;
    assert_eq!(data["payment"]["status"], "FAILED");
    order_until(&buyer.client, &order_id, "CONFIRMED").await;

    let payment = pay(&buyer, &order_id, "vnpay-bank").await;
    let (page, mut form) = opened(stack, &id(&payment["redirectUrl"]), "vnp_TxnRef").await;
    form.set("reports", "3");
    let (url, shown) = form.press(&page, "result", "00").await;
    assert!(url.contains("/webhooks/vnpay/return?") && shown.contains("Payment received"), "{url}: {shown}");
    let order = order_until(&buyer.client, &order_id, "PAID").await;
    assert_eq!(order["payment"]["status"], "SUCCEEDED", "{order:#}");
    let credits = buyer.client.data("{ me { paymentCredits { totalCount } } }", json!({})).await;
    assert_eq!(credits["me"]["paymentCredits"]["totalCount"], 0, "three reports are of one payment");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_plays_the_carrier_brings_a_parcel_to_the_door_by_the_buttons_of_its_page() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let order_id = ordered(&buyer, &shop).await;
    pay(&buyer, &order_id, "cod").await;
    let label = announced(&buyer.client, &order_id).await;

    let carriers_page = format!("{}/ghtk", id(&stack.status()["sandbox_url"]));
    let (page, form) = opened(stack, &carriers_page, &order_id).await;
    assert!(page.contains(&label), "{page}");
    let (url, _) = form.press(&page, "statuses", "3").await;
    assert_eq!(url, carriers_page, "the button leads back");
    order_until(&buyer.client, &order_id, "SHIPPING").await;

    let (page, mut form) = opened(stack, &carriers_page, &order_id).await;
    form.set("reports", "2");
    let (_, page) = form.press(&page, "statuses", "5").await;
    let parcel = page.split("<form ").find(|form| form.contains(&order_id)).unwrap();
    assert!(parcel.contains("status 5;"), "the page shows where it is: {parcel}");
    let order = order_until(&buyer.client, &order_id, "DELIVERED").await;
    assert_eq!(order["payment"]["status"], "SUCCEEDED", "it was paid at the door: {order:#}");
    stack.assert_sound().await;
}
