//! Everything that can be found out about a checkout before anything is reserved for it.

use std::collections::BTreeSet;

use contracts::{
    account::{PARTIES, PartiesWanted},
    catalog::SKUS,
    promotion::{PRICES, QuotedLine},
};
use kernel::AccountId;
use sea_orm::DatabaseConnection;
use service_kit::{Platform, Result};

use crate::{
    checkout::{
        request::{Answer, Begun, Draft, GoodLine, Ready, Submit, price_request},
        store,
        validate::{Known, contacts_wanted, validate, wants_default_contact},
    },
    error::{ErrorCode, Refusal},
    providers::switches::Switches,
};

/// Reads what a checkout is about and asks the other modules about it. What comes of it may be tried; or there is an
/// answer already, because it was given before or something speaks against the checkout.
///
/// # Errors
/// A module that is asked is away: nothing has happened, and the same key may be used again.
pub(crate) async fn prepare(
    platform: &Platform,
    db: &DatabaseConnection,
    switches: &Switches,
    submit: Submit,
) -> Result<Result<Ready, Answer>> {
    let is_transport_disabled = switches.is_off(&submit.transport_option).await?;
    let draft = match store::checkout_begin(db, &submit, is_transport_disabled).await? {
        Begun::Answered(answer) => return Ok(Err(answer)),
        Begun::Drafted(draft) => draft,
    };
    let refusals = if draft.lines.is_empty() {
        vec![Refusal::at("fromCart", ErrorCode::CartEmpty, "Your cart is empty.")]
    } else {
        match validate(&submit, &draft, &ask(platform, &submit, &draft).await?) {
            Ok(lines) => {
                let is_promoted = is_promoted(platform, &submit, &lines).await?;
                return Ok(Ok(Ready { submit, now: draft.now, lines, is_promoted }));
            }
            Err(refusals) => refusals,
        }
    };
    // The same key again is to give this answer, whatever changes meanwhile.
    Ok(Err(store::checkout_refuse(db, &submit, &Answer::refused(refusals)).await?))
}

/// Whether promotions have a say. Without any, nothing has to be counted: one hop fewer.
async fn is_promoted(platform: &Platform, submit: &Submit, lines: &[GoodLine]) -> Result<bool> {
    // Whether a code is good is for the counting to say.
    if !submit.codes.is_empty() {
        return Ok(true);
    }
    let quote = platform.peers.read(&PRICES, &price_request(submit, lines)).await?;
    let is_touched = |line: &QuotedLine| {
        !(line.applied.is_empty() && line.cashback.is_empty() && line.shipping_promotion_ids.is_empty())
    };
    Ok(quote.lines.iter().any(is_touched))
}

/// Asks the other modules for what validation has to know.
async fn ask(platform: &Platform, submit: &Submit, draft: &Draft) -> Result<Known> {
    let sku_ids: BTreeSet<_> = draft.lines.iter().map(|line| line.line.sku_id).collect();
    let skus = platform.peers.read(&SKUS, &sku_ids.into_iter().collect()).await?;
    let seller_ids: BTreeSet<AccountId> = skus.iter().map(|sku| sku.seller_id).collect();
    let wanted = PartiesWanted {
        buyer_id: submit.buyer_id,
        contact_ids: contacts_wanted(submit, draft),
        default_contact: wants_default_contact(submit, draft),
        seller_ids: seller_ids.into_iter().collect(),
    };
    let parties = platform.peers.read(&PARTIES, &wanted).await?;
    Ok(Known { skus, parties })
}
