//! Rules that an input must keep before the database is asked.

use std::collections::HashSet;

use contracts::inventory::StockRef;
use entities::inventory::stock;
use kernel::{PromotionId, SkuId};
use service_kit::graphql::trimmed;
use uuid::Uuid;

use crate::error::{ErrorCode, UserError};

/// The most units of one import.
const UNITS_MAX: i64 = 1_000_000;
/// The most units of one import when each has a serial.
const SERIALS_MAX: i64 = 100_000;

/// How many units come in, and with which serials: the given ones, or generated ones where the stock requires them.
pub(super) fn units(
    quantity: Option<i64>,
    serials: Vec<String>,
    stock: &stock::Model,
) -> Result<(i64, Vec<String>), UserError> {
    let named = i64::try_from(serials.len()).unwrap_or(i64::MAX);
    let quantity = quantity.unwrap_or(named);
    let most = if stock.requires_serials { SERIALS_MAX } else { UNITS_MAX };
    if !(1..=most).contains(&quantity) {
        return Err(quantity_invalid("quantity", format!("An import has between 1 and {most} units.")));
    }
    match (stock.requires_serials, serials.is_empty()) {
        (false, true) => Ok((quantity, Vec::new())),
        (false, false) => Err(serials_not_used()),
        (true, true) => Ok((quantity, (0..quantity).map(|_| generated()).collect())),
        (true, false) if quantity != named => {
            Err(quantity_invalid("quantity", format!("It is {quantity}, and {named} serials are given.")))
        }
        (true, false) => Ok((quantity, checked(serials)?)),
    }
}

/// The trimmed reason of a correction and the serials that it takes out.
pub(super) fn correction(
    delta: i64,
    reason: &str,
    serials: Vec<String>,
    stock: &stock::Model,
) -> Result<(String, Vec<String>), UserError> {
    if delta == 0 || delta.unsigned_abs() > UNITS_MAX.unsigned_abs() {
        return Err(quantity_invalid("delta", format!("A correction changes between 1 and {UNITS_MAX} units.")));
    }
    let reason = trimmed(reason, 1..=200)
        .map_err(|rule| UserError::at("reason", ErrorCode::StockReasonInvalid, format!("Say why: {rule}.")))?;
    if !stock.requires_serials {
        return if serials.is_empty() { Ok((reason, Vec::new())) } else { Err(serials_not_used()) };
    }
    if delta > 0 {
        let message = "Units of this SKU have serials: add them by `importStock`.";
        return Err(UserError::at("delta", ErrorCode::SerialsRequired, message));
    }
    if usize::try_from(delta.unsigned_abs()) != Ok(serials.len()) {
        let message = format!("Name the {} units that are taken out.", delta.unsigned_abs());
        return Err(UserError::at("serials", ErrorCode::SerialsRequired, message));
    }
    Ok((reason, checked(serials)?))
}

/// A threshold of low stock.
pub(super) fn threshold(threshold: i64) -> Result<(), UserError> {
    if (0..=UNITS_MAX).contains(&threshold) {
        return Ok(());
    }
    let message = format!("The threshold lies between 0 and {UNITS_MAX}.");
    Err(UserError::at("threshold", ErrorCode::StockThresholdInvalid, message))
}

/// What a command is about: a SKU or a promotion.
pub(super) fn of(sku_id: Option<SkuId>, promotion_id: Option<PromotionId>) -> Result<StockRef, UserError> {
    match (sku_id, promotion_id) {
        (Some(id), None) => Ok(StockRef::Sku(id)),
        (None, Some(id)) => Ok(StockRef::Promotion(id)),
        _ => {
            Err(UserError::at("skuId", ErrorCode::StockReferenceInvalid, "Give exactly one of skuId and promotionId."))
        }
    }
}

/// The serials, trimmed, all of them decent and different.
///
/// There may be a hundred thousand of them, so they are trimmed where they are.
fn checked(mut serials: Vec<String>) -> Result<Vec<String>, UserError> {
    for serial in &mut serials {
        let trimmed = serial.trim();
        if trimmed.len() < serial.len() {
            *serial = trimmed.to_owned();
        }
    }
    let mut seen = HashSet::with_capacity(serials.len());
    for (position, serial) in serials.iter().enumerate() {
        if !(1..=64).contains(&serial.chars().count()) || serial.chars().any(char::is_control) {
            let message = "A serial has between 1 and 64 characters, and no control characters.";
            return Err(UserError::at(format!("serials.{position}"), ErrorCode::SerialInvalid, message));
        }
        if !seen.insert(serial.as_str()) {
            let message = format!("`{serial}` is given twice.");
            return Err(UserError::at(format!("serials.{position}"), ErrorCode::SerialRepeated, message));
        }
    }
    drop(seen);
    Ok(serials)
}

/// A serial for a unit whose maker gave it none: 16 characters, random.
fn generated() -> String {
    let (random, _) = Uuid::new_v4().as_u64_pair();
    format!("{random:016X}")
}

fn quantity_invalid(field: &str, message: String) -> UserError {
    UserError::at(field, ErrorCode::StockQuantityInvalid, message)
}

fn serials_not_used() -> UserError {
    UserError::at("serials", ErrorCode::SerialsNotUsed, "Units of this SKU have no serials.")
}
