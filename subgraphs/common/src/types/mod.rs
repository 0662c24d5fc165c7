//! What clients see of files and options.

mod exchange_rate;
mod place;
mod sku;

pub use exchange_rate::ExchangeRate;
pub use place::Place;
pub use sku::Sku;

use async_graphql::{ComplexObject, Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use contracts::common::{EntityKind, EntityRef};
use entities::common::{
    resource::{self, ResourceState},
    service_option,
};
use kernel::{AccountId, CommentId, ProductId, RefundId, ResourceId};
use service_kit::{Error, Result, Viewer, graphql::BigInt};
use uuid::Uuid;

use crate::{
    files::{Files, pictures::Variant},
    loaders::Loaders,
};

/// A file. Once it is complete it never changes, and anybody who knows its id may see it; before, only its owner.
pub struct Resource(resource::Model);

impl From<resource::Model> for Resource {
    fn from(row: resource::Model) -> Self {
        Self(row)
    }
}

impl Resource {
    /// The resource, if the viewer may see it.
    pub(crate) fn visible(row: resource::Model, viewer: Option<&Viewer>) -> Option<Self> {
        let visible =
            row.state == ResourceState::Complete || viewer.is_some_and(|viewer| viewer.account_id == row.owner_id);
        visible.then_some(Self(row))
    }
}

/// A file. Once it is complete it never changes, and anybody who knows its id may see it; before, only its owner.
#[Object]
impl Resource {
    /// Stable for ever.
    async fn id(&self) -> ResourceId {
        self.0.id
    }

    /// A name for people.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// What it is, proven by its content once it is complete. Null for a file that stays on another site.
    async fn mime_type(&self) -> Option<&str> {
        self.0.mime_type.as_deref()
    }

    /// Its size in bytes. Null for a file that stays on another site.
    async fn size_bytes(&self) -> Option<BigInt> {
        self.0.size_bytes.map(BigInt)
    }

    /// Its SHA-256 in hexadecimal. Null for a file that stays on another site.
    async fn checksum_sha256(&self) -> Option<&str> {
        self.0.checksum_sha256.as_deref()
    }

    /// Where a browser finds it. While it is pending, and should it ever be missing, a placeholder is shown there.
    async fn url(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A small version of a picture; the file itself when left out, and when it is no picture or \
                          stays on another site.")]
        variant: Option<ImageVariant>,
    ) -> String {
        let urls = &ctx.data_unchecked::<Files>().urls;
        match variant {
            Some(variant) => urls.of_variant(&self.0, variant.into()),
            None => urls.of(&self.0),
        }
    }

    /// Whether its bytes have been checked.
    async fn complete(&self) -> bool {
        self.0.state == ResourceState::Complete
    }

    /// When it was announced.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// A small version of a picture. It is made when it is first asked for.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Variant")]
pub enum ImageVariant {
    /// At most 160 pixels on its longer side.
    Thumbnail,
    /// At most 480 pixels on its longer side.
    Card,
}

/// A product, of the catalog.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Product {
    /// Stable for ever.
    pub id: ProductId,
}

#[ComplexObject]
impl Product {
    /// Its images in the seller's order; the first is the one for its card. Empty when it has none.
    async fn images(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 50; 10 when left out.")] first: Option<i32>,
    ) -> Result<Vec<Resource>> {
        first_attached(ctx, EntityKind::Product, self.id.uuid(), first).await
    }
}

/// A review or a reply, of the catalog.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Comment {
    /// Stable for ever.
    pub id: CommentId,
}

#[ComplexObject]
impl Comment {
    /// The images its author attached, in order. Empty when there are none.
    async fn images(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 50; 10 when left out.")] first: Option<i32>,
    ) -> Result<Vec<Resource>> {
        first_attached(ctx, EntityKind::Comment, self.id.uuid(), first).await
    }
}

/// A refund, of the order module, which decides who finds it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Refund {
    /// Stable for ever.
    pub id: RefundId,
}

#[ComplexObject]
impl Refund {
    /// The images by which its buyer shows what is wrong, in order. Empty when there are none.
    async fn images(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 50; 10 when left out.")] first: Option<i32>,
    ) -> Result<Vec<Resource>> {
        first_attached(ctx, EntityKind::Refund, self.id.uuid(), first).await
    }
}

/// An account; the account module says who it is.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Account {
    /// Stable for ever.
    pub id: AccountId,
}

#[ComplexObject]
impl Account {
    /// The picture it shows to others. Null when it has set none.
    async fn avatar(&self, ctx: &Context<'_>) -> Result<Option<Resource>> {
        let files = attached(ctx, EntityKind::Account, self.id.uuid()).await?;
        Ok(files.into_iter().next().map(Resource))
    }
}

async fn first_attached(ctx: &Context<'_>, kind: EntityKind, id: Uuid, first: Option<i32>) -> Result<Vec<Resource>> {
    let most = usize::try_from(first.unwrap_or(10))
        .ok()
        .filter(|first| (1..=50).contains(first))
        .ok_or_else(|| Error::bad_input("first", "it lies between 1 and 50"))?;
    Ok(attached(ctx, kind, id).await?.into_iter().take(most).map(Resource).collect())
}

async fn attached(ctx: &Context<'_>, kind: EntityKind, id: Uuid) -> Result<Vec<resource::Model>> {
    Ok(Loaders::of(ctx)?.attachments.load_one(EntityRef { kind, id }).await?.unwrap_or_default())
}

/// A provider that can be selected: a way to pay, a way to ship, and so on.
pub struct ServiceOption(pub(crate) service_option::Model);

/// A provider that can be selected: a way to pay, a way to ship, and so on.
#[Object]
impl ServiceOption {
    /// Stable and unique, as in `vnpay-qr`; what other mutations take as `method` or `transportOption`.
    async fn id(&self) -> &str {
        &self.0.id
    }

    /// What it is for.
    async fn category(&self) -> ServiceOptionCategory {
        self.0.category.into()
    }

    /// The vendor, as in `vnpay`.
    async fn provider(&self) -> &str {
        &self.0.provider
    }

    /// A name for people.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// A sentence for people.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Its place in its category; lower comes first.
    async fn position(&self) -> i32 {
        self.0.chosen_position.unwrap_or(self.0.registered_position)
    }

    /// Whether it may be selected.
    async fn enabled(&self) -> bool {
        self.0.enabled
    }
}

/// What a service option is for.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "service_option::Category")]
pub enum ServiceOptionCategory {
    /// A way to pay.
    Payment,
    /// A way to ship.
    Transport,
    /// A place for files.
    ObjectStore,
    /// A source of vectors for search.
    Embedding,
    /// A source of coordinates.
    Geocoding,
}

/// A file to upload.
#[derive(InputObject)]
pub struct CreateUploadInput {
    /// A name for people, 1 to 255 characters; not a path.
    pub file_name: String,
    /// `image/jpeg`, `image/png`, `image/webp`, `image/gif`, `application/pdf` or `video/mp4`.
    pub mime_type: String,
    /// How many bytes it has.
    pub size_bytes: BigInt,
    /// SHA-256 of its bytes in hexadecimal.
    pub checksum_sha256: String,
}

/// An upload whose bytes have been put.
#[derive(InputObject)]
pub struct CompleteUploadInput {
    /// The resource that `createUpload` answered with.
    pub resource_id: ResourceId,
}

/// The picture an account shows to others.
#[derive(InputObject)]
pub struct SetAvatarInput {
    /// A complete upload of the viewer. Null removes the picture.
    pub resource_id: Option<ResourceId>,
}

/// What an administrator decides about a service option. What is left out stays as it is.
#[derive(InputObject)]
pub struct SetServiceOptionInput {
    /// The option.
    pub id: String,
    /// Whether it may be selected.
    pub enabled: Option<bool>,
    /// Its place in its category; lower comes first.
    pub position: Option<i32>,
}
