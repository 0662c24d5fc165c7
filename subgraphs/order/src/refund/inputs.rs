//! What clients say about refunds, and the rules it must keep.

use async_graphql::{Enum, InputObject};
use kernel::{AccountId, OperationId, OrderId, OrderItemId, RefundId, ResourceId};

use super::{
    command::{Condition, ConfirmReceipt, EditRefund, Move, MoveRefund, Party, RequestRefund, Wish},
    types::ReturnMethod,
};
use crate::{
    error::{ErrorCode, Refusal},
    input::{LINES_MAX, operation_id, text},
};

/// The most characters of a reason or a note.
const TEXT_MAX: usize = 1000;
/// The most images of a refund.
const IMAGES_MAX: usize = 10;

/// Units of an item to give back.
#[derive(InputObject, Debug, Clone)]
pub struct RefundLineInput {
    /// The item, of the order; each item once.
    pub item_id: OrderItemId,
    /// How many units, at most its `refundableQuantity`.
    pub quantity: i32,
    /// Which units, for a SKU whose units have serials; may be left out when all that are left go back.
    pub serials: Option<Vec<String>>,
}

/// Asks for a refund.
#[derive(InputObject, Debug, Clone)]
pub struct RequestRefundInput {
    /// The order: the viewer's own purchase, paid and not yet sent, or delivered not too long ago.
    pub order_id: OrderId,
    /// What goes back, at most 100 items.
    pub lines: Vec<RefundLineInput>,
    /// Why, 1–1000 characters.
    pub reason: String,
    /// Images that show what is wrong: complete resources of the viewer, at most 10.
    pub image_ids: Option<Vec<ResourceId>>,
    /// How the goods go back, if they have to.
    pub method: ReturnMethod,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// Changes a refund. What is left out stays.
#[derive(InputObject, Debug, Clone)]
pub struct EditRefundInput {
    /// The refund: the viewer's own, pending.
    pub refund_id: RefundId,
    /// What goes back instead, at most 100 items.
    pub lines: Option<Vec<RefundLineInput>>,
    /// Why, 1–1000 characters.
    pub reason: Option<String>,
    /// The images instead, at most 10; none when it is empty.
    pub image_ids: Option<Vec<ResourceId>>,
    /// How the goods go back.
    pub method: Option<ReturnMethod>,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// Withdraws a refund.
#[derive(InputObject, Debug, Clone)]
pub struct WithdrawRefundInput {
    /// The refund: the viewer's own, pending.
    pub refund_id: RefundId,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// Accepts a refund.
#[derive(InputObject, Debug, Clone)]
pub struct AcceptRefundInput {
    /// The refund: of a sale of the viewer, pending.
    pub refund_id: RefundId,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// Declines a refund.
#[derive(InputObject, Debug, Clone)]
pub struct DeclineRefundInput {
    /// The refund: of a sale of the viewer, pending.
    pub refund_id: RefundId,
    /// Why, 1–1000 characters.
    pub reason: String,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// The condition in which the units of an item came back.
#[derive(InputObject, Debug, Clone)]
pub struct ReturnedLineInput {
    /// The item, of the refund.
    pub item_id: OrderItemId,
    /// How many units can be sold again.
    pub sellable_quantity: i32,
    /// How many cannot. Together they are the units of the refund.
    pub damaged_quantity: i32,
    /// Which units are damaged, for a SKU whose units have serials.
    pub damaged_serials: Option<Vec<String>>,
}

/// Confirms that goods are back.
#[derive(InputObject, Debug, Clone)]
pub struct ConfirmRefundReceiptInput {
    /// The refund: of a sale of the viewer, accepted.
    pub refund_id: RefundId,
    /// The condition of every item of the refund.
    pub lines: Vec<ReturnedLineInput>,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// Disputes that a refund was declined.
#[derive(InputObject, Debug, Clone)]
pub struct DisputeRefundInput {
    /// The refund: the viewer's own, declined not too long ago.
    pub refund_id: RefundId,
    /// Why, 1–1000 characters.
    pub reason: String,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// For whom a dispute is decided.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeOutcome {
    /// The refund is accepted.
    ForBuyer,
    /// The refund is rejected, for good.
    ForSeller,
}

/// Decides a dispute.
#[derive(InputObject, Debug, Clone)]
pub struct DecideDisputeInput {
    /// The refund, disputed.
    pub refund_id: RefundId,
    /// For whom.
    pub outcome: DisputeOutcome,
    /// What both parties are told, 1–1000 characters.
    pub note: String,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

impl RequestRefundInput {
    /// What the buyer commands.
    pub(crate) fn read(self, buyer_id: AccountId) -> Result<RequestRefund, Refusal> {
        Ok(RequestRefund {
            operation_id: operation_id(buyer_id, "requestRefund", &self.idempotency_key)?,
            buyer_id,
            order_id: self.order_id,
            wishes: wishes(self.lines)?,
            reason: text("reason", &self.reason, TEXT_MAX)?,
            image_ids: images(self.image_ids.unwrap_or_default())?,
            method: self.method.into(),
        })
    }
}

impl EditRefundInput {
    /// What the buyer commands.
    pub(crate) fn read(self, buyer_id: AccountId) -> Result<EditRefund, Refusal> {
        Ok(EditRefund {
            operation_id: operation_id(buyer_id, "editRefund", &self.idempotency_key)?,
            buyer_id,
            refund_id: self.refund_id,
            wishes: self.lines.map(wishes).transpose()?,
            reason: self.reason.map(|reason| text("reason", &reason, TEXT_MAX)).transpose()?,
            image_ids: self.image_ids.map(images).transpose()?,
            method: self.method.map(Into::into),
        })
    }
}

impl ConfirmRefundReceiptInput {
    /// What the seller commands.
    pub(crate) fn read(self, seller_id: AccountId) -> Result<ConfirmReceipt, Refusal> {
        count("lines", self.lines.len(), LINES_MAX)?;
        let condition = |line: ReturnedLineInput| Condition {
            item_id: line.item_id,
            sellable: line.sellable_quantity,
            damaged: line.damaged_quantity,
            damaged_serials: line.damaged_serials.unwrap_or_default(),
        };
        Ok(ConfirmReceipt {
            operation_id: operation_id(seller_id, "confirmRefundReceipt", &self.idempotency_key)?,
            seller_id,
            refund_id: self.refund_id,
            conditions: self.lines.into_iter().map(condition).collect(),
        })
    }
}

/// A party's answer, with what it says.
pub(crate) struct Said<'a> {
    /// The mutation, which names the operation together with the key.
    pub(crate) mutation: &'a str,
    pub(crate) key: &'a str,
    pub(crate) refund_id: RefundId,
    /// The input field of what is said, and the text; `None` for an answer without words.
    pub(crate) text: Option<(&'a str, &'a str)>,
}

impl Said<'_> {
    /// What the party commands.
    pub(crate) fn read(self, by: Party, answer: Move) -> Result<MoveRefund, Refusal> {
        let account_id = by.actor().unwrap_or(AccountId(OperationId::new().uuid()));
        Ok(MoveRefund {
            operation_id: operation_id(account_id, self.mutation, self.key)?,
            refund_id: self.refund_id,
            by,
            answer,
            note: self.text.map(|(field, words)| text(field, words, TEXT_MAX)).transpose()?,
        })
    }
}

fn wishes(lines: Vec<RefundLineInput>) -> Result<Vec<Wish>, Refusal> {
    count("lines", lines.len(), LINES_MAX)?;
    let wish = |line: RefundLineInput| Wish {
        item_id: line.item_id,
        quantity: line.quantity,
        serials: line.serials.unwrap_or_default(),
    };
    Ok(lines.into_iter().map(wish).collect())
}

fn count(field: &str, count: usize, most: usize) -> Result<(), Refusal> {
    if (1..=most).contains(&count) {
        Ok(())
    } else {
        let message = format!("Name between 1 and {most} items.");
        Err(Refusal::at(field, ErrorCode::LineCountOutOfRange, message))
    }
}

fn images(mut ids: Vec<ResourceId>) -> Result<Vec<ResourceId>, Refusal> {
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(*id));
    if ids.len() <= IMAGES_MAX {
        Ok(ids)
    } else {
        let message = format!("A refund has at most {IMAGES_MAX} images.");
        Err(Refusal::at("imageIds", ErrorCode::ImageInvalid, message))
    }
}
