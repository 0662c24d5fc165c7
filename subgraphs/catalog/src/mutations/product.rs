//! Creating and changing products.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use contracts::common::{ATTACH, Attach, AttachOutcome, EntityKind, EntityRef};
use kernel::{OperationId, ProductId, ResourceId};
use service_kit::{Error, Result, SignedIn, Viewer};

use super::{images_refused, platform};
use crate::{
    error::{Problems, UserError},
    loaders::loaders_of,
    queries::database,
    store::product::{category_not_found, product_delete, product_not_found, product_set_enabled, product_update},
    types::{
        Product,
        inputs::{CreateProductInput, UpdateProductInput, check_idempotency_key, check_images},
    },
    workflows::edit_product::{CREATE, CreateOutcome, CreateProduct},
};

/// Which product to put on sale or to take off.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct SetProductEnabledInput {
    /// The product, which belongs to the viewer.
    pub product_id: ProductId,
    /// Whether it is offered.
    pub enabled: bool,
}

/// The images of a product.
#[derive(InputObject, Debug, Clone)]
pub struct SetProductImagesInput {
    /// The product, which belongs to the viewer.
    pub product_id: ProductId,
    /// All its images in order, at most 20; the first is the one on the product's card.
    pub image_ids: Vec<ResourceId>,
    /// 1–64 characters that the client makes up: the same key again gives the first answer and changes nothing.
    pub idempotency_key: String,
}

/// Which product to delete.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct DeleteProductInput {
    /// The product, which belongs to the viewer.
    pub product_id: ProductId,
}

/// The answer to a mutation of a product.
macro_rules! product_payload {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(SimpleObject, Debug, Clone)]
        pub struct $name {
            /// The product as it is now. Null when the mutation was refused.
            pub product: Option<Product>,
            /// Why the mutation was refused; empty when it was not.
            pub user_errors: Vec<UserError>,
        }

        impl $name {
            fn refused(user_errors: Vec<UserError>) -> Self {
                Self { product: None, user_errors }
            }

            async fn of(ctx: &Context<'_>, product_id: ProductId) -> Result<Self> {
                let product = loaders_of(ctx)?.load_one(product_id).await?.map(Product);
                Ok(Self { product, user_errors: Vec::new() })
            }
        }
    };
}

product_payload! {
    /// The answer to `createProduct`.
    CreateProductPayload
}

product_payload! {
    /// The answer to `updateProduct`.
    UpdateProductPayload
}

product_payload! {
    /// The answer to `setProductEnabled`.
    SetProductEnabledPayload
}

product_payload! {
    /// The answer to `setProductImages`.
    SetProductImagesPayload
}

/// The answer to `deleteProduct`.
#[derive(SimpleObject, Debug, Clone)]
pub struct DeleteProductPayload {
    /// The product that is deleted now. Null when the mutation was refused.
    pub product_id: Option<ProductId>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// Mutations of products.
#[derive(Debug, Default)]
pub struct ProductMutations;

#[Object]
impl ProductMutations {
    /// Creates a product of the viewer with its SKUs, and their stock, which is empty. It is on offer at once. Codes:
    /// `TEXT_INVALID`, `LIST_TOO_LONG`, `DUPLICATE`, `PRICE_INVALID`, `CURRENCY_MIXED`, `PACKAGE_INVALID`,
    /// `SKU_MISSING`, `FEATURED_INVALID`, `CATEGORY_NOT_FOUND`, `IMAGE_NOT_USABLE`.
    #[graphql(guard = "SignedIn")]
    async fn create_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product and its SKUs.")] input: CreateProductInput,
    ) -> Result<CreateProductPayload> {
        let viewer = Viewer::of(ctx)?;
        check_idempotency_key(&input.idempotency_key)?;
        let (product, skus) = match input.checked() {
            Ok(checked) => checked,
            Err(problems) => return Ok(CreateProductPayload::refused(problems)),
        };
        let operation_id = OperationId::derive(viewer.account_id, "create product", &input.idempotency_key);
        let image_ids = input.image_ids.clone();
        let request = CreateProduct { operation_id, seller_id: viewer.account_id, product, skus, image_ids };
        match CREATE.at_ingress(&platform(ctx)?.ingress, operation_id.to_string(), request).await? {
            CreateOutcome::Created(product_id) => CreateProductPayload::of(ctx, product_id).await,
            CreateOutcome::NoSuchCategory => Ok(CreateProductPayload::refused(vec![category_not_found()])),
            CreateOutcome::ImagesRefused(refused) => {
                Ok(CreateProductPayload::refused(images_refused(&input.image_ids, &refused)))
            }
        }
    }

    /// Changes a product of the viewer. Codes: `PRODUCT_NOT_FOUND`, `TEXT_INVALID`, `LIST_TOO_LONG`,
    /// `CATEGORY_NOT_FOUND`. The product of somebody else answers `FORBIDDEN`.
    #[graphql(guard = "SignedIn")]
    async fn update_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateProductInput,
    ) -> Result<UpdateProductPayload> {
        let viewer = Viewer::of(ctx)?;
        let change = match input.checked() {
            Ok(change) => change,
            Err(problems) => return Ok(UpdateProductPayload::refused(problems)),
        };
        match product_update(database(ctx)?, viewer.account_id, input.product_id, change).await? {
            Ok(()) => UpdateProductPayload::of(ctx, input.product_id).await,
            Err(refusal) => Ok(UpdateProductPayload::refused(vec![refusal])),
        }
    }

    /// Puts a product of the viewer on sale, or takes it off without deleting it. Code: `PRODUCT_NOT_FOUND`. The
    /// product of somebody else answers `FORBIDDEN`.
    #[graphql(guard = "SignedIn")]
    async fn set_product_enabled(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which product, and how.")] input: SetProductEnabledInput,
    ) -> Result<SetProductEnabledPayload> {
        let viewer = Viewer::of(ctx)?;
        match product_set_enabled(database(ctx)?, viewer.account_id, input.product_id, input.enabled).await? {
            Ok(()) => SetProductEnabledPayload::of(ctx, input.product_id).await,
            Err(refusal) => Ok(SetProductEnabledPayload::refused(vec![refusal])),
        }
    }

    /// Replaces the images of a product of the viewer, all of them or none. Codes: `PRODUCT_NOT_FOUND`,
    /// `LIST_TOO_LONG`, `DUPLICATE`, `IMAGE_NOT_USABLE`. The product of somebody else answers `FORBIDDEN`.
    #[graphql(guard = "SignedIn")]
    async fn set_product_images(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which product, and its images.")] input: SetProductImagesInput,
    ) -> Result<SetProductImagesPayload> {
        let viewer = Viewer::of(ctx)?;
        check_idempotency_key(&input.idempotency_key)?;
        let mut problems = Problems::default();
        check_images(&mut problems, &input.image_ids);
        if let Err(problems) = problems.none_or(()) {
            return Ok(SetProductImagesPayload::refused(problems));
        }
        match loaders_of(ctx)?.load_one(input.product_id).await? {
            None => return Ok(SetProductImagesPayload::refused(vec![product_not_found()])),
            Some(product) if product.seller_id != viewer.account_id => return Err(Error::Forbidden),
            Some(_) => {}
        }
        let operation_id = OperationId::derive(viewer.account_id, "set product images", &input.idempotency_key);
        let entity = EntityRef { kind: EntityKind::Product, id: input.product_id.uuid() };
        let attach = Attach { entity, owner_id: viewer.account_id, resource_ids: input.image_ids.clone() };
        match ATTACH.at_ingress(&platform(ctx)?.ingress, operation_id.to_string(), attach).await? {
            AttachOutcome::Attached => SetProductImagesPayload::of(ctx, input.product_id).await,
            AttachOutcome::Refused(refused) => {
                Ok(SetProductImagesPayload::refused(images_refused(&input.image_ids, &refused)))
            }
        }
    }

    /// Deletes a product of the viewer with its SKUs: they vanish from the graph, also for who has them in a cart or
    /// among the favorites. What was ordered stays ordered. Code: `PRODUCT_NOT_FOUND`. The product of somebody else
    /// answers `FORBIDDEN`.
    #[graphql(guard = "SignedIn")]
    async fn delete_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which product.")] input: DeleteProductInput,
    ) -> Result<DeleteProductPayload> {
        let viewer = Viewer::of(ctx)?;
        Ok(match product_delete(database(ctx)?, viewer.account_id, input.product_id).await? {
            Ok(()) => DeleteProductPayload { product_id: Some(input.product_id), user_errors: Vec::new() },
            Err(refusal) => DeleteProductPayload { product_id: None, user_errors: vec![refusal] },
        })
    }
}
