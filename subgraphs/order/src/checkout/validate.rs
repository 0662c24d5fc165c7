//! The rules of a checkout that need to know the SKUs and the contacts.

use std::collections::{BTreeSet, HashMap, HashSet};

use contracts::{account::Parties, catalog::SkuSnapshot};
use entities::order::Address;
use kernel::{AccountId, ContactId, Currency, SkuId};

use crate::{
    addresses,
    checkout::request::{Draft, DraftLine, GoodLine, Place, Submit},
    error::{ErrorCode, Refusal},
};

/// The most that one line can cost, so that an order of [`crate::input::LINES_MAX`] of them never overflows.
const LINE_AMOUNT_MAX_MINOR: i64 = 1_000_000_000_000_000;

/// What other modules know of a checkout.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) skus: Vec<SkuSnapshot>,
    /// The buyer's contacts that are needed, and the sellers.
    pub(crate) parties: Parties,
}

/// The contacts that a checkout names, each once.
pub(crate) fn contacts_wanted(submit: &Submit, draft: &Draft) -> Vec<ContactId> {
    let places = draft.lines.iter().filter_map(|draft| place_of(submit, draft));
    let contacts: BTreeSet<ContactId> = places
        .filter_map(|place| match place {
            Place::Contact(contact_id) => Some(*contact_id),
            Place::Typed(_) => None,
        })
        .collect();
    contacts.into_iter().collect()
}

/// Whether a line goes to the buyer's default contact.
pub(crate) fn wants_default_contact(submit: &Submit, draft: &Draft) -> bool {
    draft.lines.iter().any(|line| place_of(submit, line).is_none())
}

/// Checks every line.
///
/// # Errors
/// Everything that is wrong, each by the line it is in.
pub(crate) fn validate(submit: &Submit, draft: &Draft, known: &Known) -> Result<Vec<GoodLine>, Vec<Refusal>> {
    let skus: HashMap<SkuId, &SkuSnapshot> = known.skus.iter().map(|sku| (sku.sku_id, sku)).collect();
    let mut refusals = Vec::new();
    let mut lines = Vec::with_capacity(draft.lines.len());
    for draft in &draft.lines {
        let sku = good_sku(submit.buyer_id, draft, &skus, &known.parties);
        let address = good_address(submit, draft, known);
        match (sku, address) {
            (Ok(sku), Ok(address)) => lines.push(GoodLine {
                item_id: draft.item_id,
                field: draft.field.clone(),
                quantity: draft.line.quantity,
                sku: sku.clone(),
                address,
            }),
            (sku, address) => refusals.extend(sku.err().into_iter().chain(address.err())),
        }
    }
    let currencies: HashSet<Currency> = lines.iter().map(|line| line.sku.unit_price.currency).collect();
    if currencies.len() > 1 {
        let message = "The lines are priced in different currencies; check them out one currency at a time.";
        refusals.push(Refusal::at("lines", ErrorCode::CurrenciesMixed, message));
    }
    if draft.is_transport_disabled {
        let message = "This transport option is not offered at the moment. Choose another.";
        refusals.push(Refusal::at("transportOption", ErrorCode::TransportOptionDisabled, message));
    }
    if refusals.is_empty() { Ok(lines) } else { Err(refusals) }
}

fn good_sku<'a>(
    buyer_id: AccountId,
    draft: &DraftLine,
    skus: &HashMap<SkuId, &'a SkuSnapshot>,
    parties: &Parties,
) -> Result<&'a SkuSnapshot, Refusal> {
    let refusal = |code, message: String| Refusal { code, message, field: path(draft.field.as_deref(), "skuId") };
    let sku_id = draft.line.sku_id;
    let Some(sku) = skus.get(&sku_id) else {
        return Err(refusal(ErrorCode::SkuNotFound, format!("There is no SKU {sku_id}.")));
    };
    if !sku.enabled {
        return Err(refusal(ErrorCode::SkuNotOnSale, format!("“{}” is not on sale.", sku.product_name)));
    }
    if sku.seller_id == buyer_id {
        return Err(refusal(ErrorCode::OwnProduct, format!("“{}” is your own product.", sku.product_name)));
    }
    if !parties.sellers.iter().any(|seller| seller.account_id == sku.seller_id && !seller.suspended) {
        let message = format!("The seller of “{}” cannot sell at the moment.", sku.product_name);
        return Err(refusal(ErrorCode::SellerSuspended, message));
    }
    let amount = sku.unit_price.times(i64::from(draft.line.quantity));
    if !amount.is_ok_and(|amount| amount.amount_minor <= LINE_AMOUNT_MAX_MINOR) {
        let message = format!("So many of “{}” cost more than can be counted.", sku.product_name);
        return Err(refusal(ErrorCode::QuantityOutOfRange, message));
    }
    Ok(sku)
}

fn good_address(submit: &Submit, draft: &DraftLine, known: &Known) -> Result<Address, Refusal> {
    let field = if draft.line.place.is_some() { draft.field.as_deref() } else { None };
    match place_of(submit, draft) {
        Some(Place::Typed(address)) => Ok(address.clone()),
        Some(Place::Contact(contact_id)) => known
            .parties
            .contacts
            .iter()
            .find(|contact| contact.contact_id == Some(*contact_id))
            .map(|contact| addresses::of_contact(contact.clone()))
            .ok_or_else(|| Refusal {
                code: ErrorCode::ContactNotFound,
                message: "You have no such contact.".to_owned(),
                field: Some(path(field, "contactId").unwrap_or_else(|| "contactId".to_owned())),
            }),
        None => known.parties.default_contact.clone().map(addresses::of_contact).ok_or_else(|| {
            Refusal::at("contactId", ErrorCode::AddressMissing, "Say where it goes: you have no default contact.")
        }),
    }
}

fn place_of<'a>(submit: &'a Submit, draft: &'a DraftLine) -> Option<&'a Place> {
    draft.line.place.as_ref().or(submit.place.as_ref())
}

fn path(line: Option<&str>, field: &str) -> Option<String> {
    line.map(|line| format!("{line}.{field}"))
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use contracts::account::{AccountSummary, Contact};
    use kernel::{CheckoutId, Money, OrderItemId, ProductId};

    use super::*;
    use crate::checkout::request::{Line, Source};

    fn sku() -> SkuSnapshot {
        SkuSnapshot {
            sku_id: SkuId::new(),
            product_id: ProductId::new(),
            product_name: "Áo dài".to_owned(),
            variant_label: String::new(),
            seller_id: AccountId::new(),
            category_path: vec![],
            unit_price: Money::new(100, Currency::VND),
            weight_grams: 300,
            enabled: true,
        }
    }

    fn seller(account_id: AccountId) -> AccountSummary {
        AccountSummary { account_id, name: "Lan".to_owned(), currency: Currency::VND, suspended: false }
    }

    fn contact() -> Contact {
        Contact {
            contact_id: Some(ContactId::new()),
            full_name: "An".to_owned(),
            phone: "+84901234567".to_owned(),
            address: "1 Le Loi".to_owned(),
            latitude: None,
            longitude: None,
        }
    }

    /// A checkout of one unit of each SKU to the default contact.
    fn checkout(skus: &[SkuSnapshot]) -> (Submit, Draft, Known) {
        let submit = Submit {
            checkout_id: CheckoutId::new(),
            buyer_id: AccountId::new(),
            source: Source::Cart,
            place: None,
            transport_option: "table-rate".to_owned(),
            codes: vec![],
            note: None,
        };
        let lines = skus.iter().enumerate().map(|(index, sku)| DraftLine {
            item_id: OrderItemId::new(),
            field: Some(format!("lines.{index}")),
            line: Line { sku_id: sku.sku_id, quantity: 1, place: None },
        });
        let draft = Draft { now: Utc::now(), lines: lines.collect(), is_transport_disabled: false };
        let known = Known {
            skus: skus.to_vec(),
            parties: Parties {
                contacts: vec![],
                default_contact: Some(contact()),
                sellers: skus.iter().map(|sku| seller(sku.seller_id)).collect(),
            },
        };
        (submit, draft, known)
    }

    fn codes(refused: Result<Vec<GoodLine>, Vec<Refusal>>) -> Vec<(ErrorCode, String)> {
        let refusals = refused.err().unwrap_or_default();
        refusals.into_iter().map(|refusal| (refusal.code, refusal.field.unwrap_or_default())).collect()
    }

    #[test]
    fn a_good_checkout_passes() {
        let (submit, draft, known) = checkout(&[sku(), sku()]);
        assert_eq!(validate(&submit, &draft, &known).unwrap().len(), 2);
    }

    #[test]
    fn a_carrier_that_is_switched_off_is_refused() {
        let (submit, draft, known) = checkout(&[sku()]);
        let refused = validate(&submit, &Draft { is_transport_disabled: true, ..draft }, &known);
        assert_eq!(codes(refused), [(ErrorCode::TransportOptionDisabled, "transportOption".to_owned())]);
    }

    #[test]
    fn every_bad_line_is_named() {
        let (mut submit, draft, mut known) = checkout(&[sku(), sku(), sku(), sku(), sku()]);
        known.skus[0].enabled = false;
        submit.buyer_id = known.skus[1].seller_id;
        known.skus[2].unit_price = Money::new(LINE_AMOUNT_MAX_MINOR, Currency::VND);
        let mut many = draft.clone();
        many.lines[2].line.quantity = 2;
        known.skus.remove(3);
        known.parties.sellers[4].suspended = true;
        let expected = [
            (ErrorCode::SkuNotOnSale, "lines.0.skuId".to_owned()),
            (ErrorCode::OwnProduct, "lines.1.skuId".to_owned()),
            (ErrorCode::QuantityOutOfRange, "lines.2.skuId".to_owned()),
            (ErrorCode::SkuNotFound, "lines.3.skuId".to_owned()),
            (ErrorCode::SellerSuspended, "lines.4.skuId".to_owned()),
        ];
        assert_eq!(codes(validate(&submit, &many, &known)), expected);
    }

    #[test]
    fn one_checkout_has_one_currency() {
        let dollars = SkuSnapshot { unit_price: Money::new(1, Currency::USD), ..sku() };
        let (submit, draft, known) = checkout(&[sku(), dollars]);
        assert_eq!(codes(validate(&submit, &draft, &known)), [(ErrorCode::CurrenciesMixed, "lines".to_owned())]);
    }

    #[test]
    fn a_contact_must_be_the_buyers() {
        let (mut submit, draft, mut known) = checkout(&[sku()]);
        let own = contact();
        submit.place = own.contact_id.map(Place::Contact);
        assert_eq!(contacts_wanted(&submit, &draft), own.contact_id.into_iter().collect::<Vec<_>>());
        assert!(!wants_default_contact(&submit, &draft));
        let refused = codes(validate(&submit, &draft, &known));
        assert_eq!(refused, [(ErrorCode::ContactNotFound, "contactId".to_owned())]);
        known.parties.contacts.push(own.clone());
        assert_eq!(validate(&submit, &draft, &known).unwrap()[0].address.contact_id, own.contact_id);
    }

    #[test]
    fn without_any_address_nothing_is_bought() {
        let (submit, draft, mut known) = checkout(&[sku()]);
        known.parties.default_contact = None;
        assert!(wants_default_contact(&submit, &draft));
        assert_eq!(codes(validate(&submit, &draft, &known))[0].0, ErrorCode::AddressMissing);
    }
}
