//! The page of whoever plays the carrier.

use std::collections::BTreeMap;

use super::{
    super::page::{document, escaped},
    depot::Parcel,
};

/// What a button reports.
const BUTTONS: [(&str, &str); 6] = [
    ("3", "Picked up"),
    ("4", "In transit"),
    ("5", "Delivered"),
    ("3,4,5", "All the way"),
    ("9", "Could not be delivered"),
    ("21", "Back with the sender"),
];

/// Every parcel, with buttons.
pub(super) fn parcels(parcels: &BTreeMap<String, Parcel>) -> String {
    let rows: String = parcels.iter().map(|(id, parcel)| row(id, parcel)).collect();
    let none = if parcels.is_empty() { "<p>No parcel has been announced.</p>" } else { "" };
    document(
        "GHTK sandbox",
        &format!(r#"<h1>GHTK sandbox</h1><p class="note">Nothing here is carried anywhere.</p>{none}{rows}"#),
    )
}

fn row(id: &str, parcel: &Parcel) -> String {
    let buttons: String = BUTTONS
        .iter()
        .map(|(statuses, name)| format!(r#"<button name="statuses" value="{statuses}">{name}</button> "#))
        .collect();
    format!(
        r#"<form method="post" action="/ghtk/act"><h2>{label}</h2>
<p>{address}; status {status}; collects {money} ₫</p>
<input type="hidden" name="partner_id" value="{id}">
<p>{buttons}</p>
<details><summary>Let something go wrong</summary>
<label>Report <input type="number" name="reports" value="1" min="1" max="100"> times</label>
<label>Wait <input type="number" name="delay_ms" value="0" min="0" max="600000"> ms before reporting</label>
<label><input type="checkbox" name="reversed"> Report the last first</label>
<label><input type="checkbox" name="wrong_secret"> Prove it by another secret</label>
<label><input type="checkbox" name="silent"> Report nothing</label>
</details></form>"#,
        label = escaped(&parcel.label),
        address = escaped(&parcel.address),
        status = parcel.status,
        money = parcel.pick_money,
        id = escaped(id),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_partner_sends_cannot_become_markup() {
        let parcel = Parcel { label: "L".to_owned(), status: 2, pick_money: 0, address: "<b>".to_owned() };
        let page = parcels(&BTreeMap::from([("\"><i>".to_owned(), parcel)]));
        assert!(!page.contains("<b>") && !page.contains("<i>"), "{page}");
    }
}
