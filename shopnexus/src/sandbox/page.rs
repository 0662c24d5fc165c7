//! The payment page.

use super::signature::Params;

/// The page on which a buyer pays, refuses or leaves.
pub(super) fn payment(params: &Params) -> String {
    let get = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    let hidden: String = params
        .iter()
        .filter(|(name, _)| name.starts_with("vnp_"))
        .map(|(name, value)| format!(r#"<input type="hidden" name="{}" value="{}">"#, escaped(name), escaped(value)))
        .collect();
    let body = format!(
        r#"<h1>VNPay sandbox</h1>
<p class="note">Nothing here is real money.</p>
<p class="amount">{amount} ₫</p>
<p>{info}</p>
<form method="post" action="/paymentv2/act">
{hidden}
<p>
<button name="result" value="00">Pay</button>
<button name="result" value="51">Refuse: too little money</button>
<button name="result" value="24">Cancel</button>
</p>
<details><summary>Let something go wrong</summary>
<label>Report <input type="number" name="reports" value="1" min="1" max="100"> times at once</label>
<label>Wait <input type="number" name="delay_ms" value="0" min="0" max="600000"> ms before reporting</label>
<label>Refuse <input type="number" name="refuse_refunds" value="0" min="0" max="100"> refunds of it</label>
<label>Report <input type="number" name="wrong_amount" min="1" max="1000000000"> ₫ instead of what was captured</label>
<label>Capture <input type="number" name="captured" min="1" max="1000000000"> ₫ instead of what was asked for</label>
<label><input type="checkbox" name="foreign"> Capture it under a reference that the merchant does not know</label>
<label><input type="checkbox" name="wrong_signature"> Sign with another secret</label>
<label><input type="checkbox" name="silent"> Report nothing (<code>querydr</code> tells)</label>
</details>
</form>"#,
        amount = dong(get("vnp_Amount")),
        info = escaped(get("vnp_OrderInfo")),
    );
    document("VNPay sandbox", &body)
}

/// The page that refuses a payment.
pub(super) fn refusal(reason: &str) -> String {
    document("VNPay sandbox", &format!("<h1>Not possible</h1><p>{}</p>", escaped(reason)))
}

pub(super) fn document(title: &str, body: &str) -> String {
    format!(
        r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body {{ font-family: system-ui; margin: 4rem auto; max-width: 32rem; line-height: 1.5 }}
.amount {{ font-size: 2rem }} .note {{ color: #a40 }} label {{ display: block; margin: .4rem 0 }}
button {{ font: inherit; padding: .5rem 1rem }} input[type=number] {{ width: 6rem }}</style>
<body>{body}</body></html>"#
    )
}

/// Hundredths of a đồng with a point after every three digits, as Vietnam writes them.
fn dong(hundredths: &str) -> String {
    let whole = hundredths.parse::<u64>().map(|hundredths| (hundredths / 100).to_string()).unwrap_or_default();
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::super::signature::read;
    use super::*;

    #[test]
    fn what_the_merchant_sends_cannot_become_markup() {
        let page = payment(&read("vnp_OrderInfo=%3Cscript%3Ealert(1)%3C/script%3E&vnp_Amount=15000000"));
        assert!(!page.contains("<script>"));
        assert!(page.contains("150.000 ₫"));
    }
}
