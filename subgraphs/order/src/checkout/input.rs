//! The input of a checkout, and the rules that need nobody else's knowledge.

use async_graphql::InputObject;
use entities::order::Address;
use kernel::{AccountId, CheckoutId, ContactId, SkuId};
use service_kit::graphql::trimmed;

use crate::{
    checkout::request::{Line, Place, Source, Submit},
    error::{ErrorCode, Refusal},
    input::{LINES_MAX, operation_id, optional_text},
};

/// The most characters of a note to the seller.
const NOTE_MAX: usize = 500;
/// The most codes of one checkout.
pub(crate) const CODES_MAX: usize = 20;
/// The most characters of a code.
const CODE_MAX: usize = 64;

/// What to check out.
#[derive(InputObject, Debug, Clone)]
pub struct CheckoutInput {
    /// What to buy, at most 100 lines. With `fromCart` it may be left out, which means the whole cart.
    #[graphql(default)]
    pub lines: Vec<CheckoutLineInput>,
    /// Whether to take the SKUs of this checkout out of the cart. Leave it false for "buy now".
    #[graphql(default)]
    pub from_cart: bool,
    /// A contact of the viewer where lines go that name no place. When there is neither this nor `address`, it is the
    /// viewer's default contact.
    pub contact_id: Option<ContactId>,
    /// An address where lines go that name no place. Give this or `contactId`, not both.
    pub address: Option<OrderAddressInput>,
    /// The id of a transport option, as `serviceOptions` lists them.
    pub transport_option: String,
    /// Promotion codes, at most 20. A code that cannot be used refuses the checkout, so that nobody pays more than the
    /// cart showed.
    #[graphql(default)]
    pub codes: Vec<String>,
    /// A note to the sellers, at most 500 characters.
    pub note: Option<String>,
    /// Names this checkout, 1–64 characters: the same key again gives the first answer and buys nothing twice.
    pub idempotency_key: String,
}

/// One line of a checkout.
#[derive(InputObject, Debug, Clone)]
pub struct CheckoutLineInput {
    /// The SKU.
    pub sku_id: SkuId,
    /// How many: 1–999.
    pub quantity: i32,
    /// A contact of the viewer where this line goes.
    pub contact_id: Option<ContactId>,
    /// An address where this line goes. Give this or `contactId`, not both.
    pub address: Option<OrderAddressInput>,
}

/// An address that is no contact.
#[derive(InputObject, Debug, Clone)]
pub struct OrderAddressInput {
    /// Who receives the parcel, 1–100 characters.
    pub full_name: String,
    /// In E.164 form, as in `+84901234567`.
    pub phone: String,
    /// The address on one line, 1–500 characters.
    pub address: String,
    /// Degrees north, when known.
    pub latitude: Option<f64>,
    /// Degrees east, when known.
    pub longitude: Option<f64>,
}

/// Reads the input of a checkout.
///
/// # Errors
/// What is wrong with it, each by the field it is in.
pub(crate) fn read(
    buyer_id: AccountId,
    input: CheckoutInput,
    is_transport_option: impl Fn(&str) -> bool,
) -> Result<Submit, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let operation = keep(&mut refusals, operation_id(buyer_id, "checkout", &input.idempotency_key));
    let place = keep(&mut refusals, place("", input.contact_id, input.address)).flatten();
    let note = keep(&mut refusals, optional_text("note", input.note.as_deref(), NOTE_MAX)).flatten();
    let codes = keep(&mut refusals, codes(&input.codes));
    if !is_transport_option(&input.transport_option) {
        let message = "Nobody offers this transport option.";
        refusals.push(Refusal::at("transportOption", ErrorCode::TransportOptionUnknown, message));
    }
    if input.lines.len() > LINES_MAX || (input.lines.is_empty() && !input.from_cart) {
        let message = format!("A checkout has between 1 and {LINES_MAX} lines.");
        refusals.push(Refusal::at("lines", ErrorCode::LineCountOutOfRange, message));
    }
    let lines: Vec<Option<Line>> = input
        .lines
        .into_iter()
        .take(LINES_MAX)
        .enumerate()
        .map(|(index, input)| keep(&mut refusals, line(&format!("lines.{index}"), input)))
        .collect();
    let lines: Option<Vec<Line>> = lines.into_iter().collect();
    match (operation, codes, lines) {
        (Some(operation), Some(codes), Some(lines)) if refusals.is_empty() => Ok(Submit {
            checkout_id: CheckoutId(operation.uuid()),
            buyer_id,
            source: if lines.is_empty() { Source::Cart } else { Source::Lines { lines, from_cart: input.from_cart } },
            place,
            transport_option: input.transport_option,
            codes,
            note,
        }),
        _ => Err(refusals),
    }
}

fn keep<T>(refusals: &mut Vec<Refusal>, read: Result<T, Refusal>) -> Option<T> {
    read.map_err(|refusal| refusals.push(refusal)).ok()
}

fn line(path: &str, input: CheckoutLineInput) -> Result<Line, Refusal> {
    if !(1..=999).contains(&input.quantity) {
        let message = "The quantity lies between 1 and 999.";
        return Err(Refusal::at(format!("{path}.quantity"), ErrorCode::QuantityOutOfRange, message));
    }
    let place = place(&format!("{path}."), input.contact_id, input.address)?;
    Ok(Line { sku_id: input.sku_id, quantity: input.quantity, place })
}

fn place(
    prefix: &str,
    contact_id: Option<ContactId>,
    address: Option<OrderAddressInput>,
) -> Result<Option<Place>, Refusal> {
    match (contact_id, address) {
        (None, None) => Ok(None),
        (Some(contact_id), None) => Ok(Some(Place::Contact(contact_id))),
        (None, Some(address)) => read_address(&format!("{prefix}address"), address).map(Place::Typed).map(Some),
        (Some(_), Some(_)) => {
            let message = "Give a contact or an address, not both.";
            Err(Refusal::at(format!("{prefix}address"), ErrorCode::AddressInvalid, message))
        }
    }
}

fn read_address(path: &str, input: OrderAddressInput) -> Result<Address, Refusal> {
    let refusal = |field: &str, rule: &str| {
        Refusal::at(format!("{path}.{field}"), ErrorCode::AddressInvalid, format!("`{field}`: {rule}."))
    };
    let full_name = trimmed(&input.full_name, 1..=100).map_err(|rule| refusal("fullName", &rule))?;
    let address = trimmed(&input.address, 1..=500).map_err(|rule| refusal("address", &rule))?;
    let phone: String = input.phone.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    let digits = phone.strip_prefix('+').unwrap_or_default();
    if !(7..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refusal("phone", "it is in E.164 form, as in +84901234567"));
    }
    let within = |value: Option<f64>, limit: f64| value.is_none_or(|value| value.abs() <= limit);
    if !within(input.latitude, 90.0) {
        return Err(refusal("latitude", "it lies between -90 and 90"));
    }
    if !within(input.longitude, 180.0) {
        return Err(refusal("longitude", "it lies between -180 and 180"));
    }
    let OrderAddressInput { latitude, longitude, .. } = input;
    Ok(Address { contact_id: None, full_name, phone, address, latitude, longitude })
}

fn codes(codes: &[String]) -> Result<Vec<String>, Refusal> {
    if codes.len() > CODES_MAX {
        let message = format!("A checkout takes at most {CODES_MAX} codes.");
        return Err(Refusal::at("codes", ErrorCode::CodeRejected, message));
    }
    let read = codes.iter().enumerate().map(|(index, code)| {
        trimmed(code, 1..=CODE_MAX)
            .map_err(|rule| Refusal::at(format!("codes.{index}"), ErrorCode::TextInvalid, format!("A code: {rule}.")))
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input() -> CheckoutInput {
        CheckoutInput {
            lines: vec![CheckoutLineInput { sku_id: SkuId::new(), quantity: 1, contact_id: None, address: None }],
            from_cart: false,
            contact_id: None,
            address: None,
            transport_option: "table-rate".to_owned(),
            codes: vec![],
            note: None,
            idempotency_key: "k".to_owned(),
        }
    }

    fn fields(input: CheckoutInput) -> Vec<String> {
        match read(AccountId::new(), input, |option| option == "table-rate") {
            Ok(_) => vec![],
            Err(refusals) => refusals.into_iter().filter_map(|refusal| refusal.field).collect(),
        }
    }

    #[test]
    fn a_good_input_is_taken() {
        assert!(fields(input()).is_empty());
        assert!(fields(CheckoutInput { lines: vec![], from_cart: true, ..input() }).is_empty());
    }

    #[test]
    fn everything_wrong_is_named_by_its_field_at_once() {
        let mut bad = input();
        bad.idempotency_key = String::new();
        bad.transport_option = "by-camel".to_owned();
        bad.codes = vec!["  ".to_owned()];
        bad.note = Some("x".repeat(501));
        bad.lines[0].quantity = 1000;
        let expected = ["idempotencyKey", "note", "codes.0", "transportOption", "lines.0.quantity"];
        assert_eq!(fields(bad), expected);
    }

    #[test]
    fn nothing_to_buy_is_refused() {
        assert_eq!(fields(CheckoutInput { lines: vec![], ..input() }), ["lines"]);
        let line = input().lines.remove(0);
        assert_eq!(fields(CheckoutInput { lines: vec![line; 101], ..input() }), ["lines"]);
    }

    #[test]
    fn a_place_is_a_contact_or_an_address() {
        let address = OrderAddressInput {
            full_name: "An".to_owned(),
            phone: "+84 90 123 45 67".to_owned(),
            address: "1 Le Loi".to_owned(),
            latitude: None,
            longitude: None,
        };
        let typed = CheckoutInput { address: Some(address.clone()), ..input() };
        assert!(fields(typed.clone()).is_empty());
        assert_eq!(fields(CheckoutInput { contact_id: Some(ContactId::new()), ..typed }), ["address"]);
        let mut phoned = input();
        phoned.lines[0].address = Some(OrderAddressInput { phone: "0901234567".to_owned(), ..address });
        assert_eq!(fields(phoned), ["lines.0.address.phone"]);
    }
}
