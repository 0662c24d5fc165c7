//! Changing the catalog: sellers their products, buyers their reviews, administrators the tree.

mod category;
mod moderation;
mod price;
mod product;
mod review;
mod sku;

pub use category::CategoryMutations;
pub use moderation::ModerationMutations;
pub use price::PriceMutations;
pub use product::ProductMutations;
pub use review::ReviewMutations;
pub use sku::SkuMutations;

use async_graphql::Context;
use kernel::ResourceId;
use service_kit::{Error, Platform, Result};

use crate::error::{ErrorCode, UserError};

/// The platform of the process, for calls of durable handlers.
fn platform<'a>(ctx: &Context<'a>) -> Result<&'a Platform> {
    ctx.data_opt().ok_or_else(|| Error::broken("a schema without its platform"))
}

/// What a mutation answers when images cannot be attached.
fn images_refused(asked: &[ResourceId], refused: &[ResourceId]) -> Vec<UserError> {
    let places = asked.iter().enumerate().filter(|(_, id)| refused.contains(id));
    let message = "This image does not exist, is not uploaded to its end, or is not yours.";
    places.map(|(index, _)| UserError::at(format!("imageIds.{index}"), ErrorCode::ImageNotUsable, message)).collect()
}
