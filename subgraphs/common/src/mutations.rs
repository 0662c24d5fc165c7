//! What can be changed.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use contracts::common::{Attach, AttachOutcome, EntityKind, EntityRef};
use sea_orm::DatabaseConnection;
use service_kit::{Admin, Result, SignedIn, Viewer};

use crate::{
    error::{ErrorCode, UserError},
    files::Files,
    store,
    types::{
        Account, CompleteUploadInput, CreateUploadInput, Resource, ServiceOption, SetAvatarInput, SetServiceOptionInput,
    },
    uploads::{self, Announced},
};

/// The mutation root.
pub struct Mutation;

/// Where to put the bytes.
#[derive(SimpleObject)]
pub struct CreateUploadPayload {
    /// Where to `PUT` the bytes, with no header of ours. Whoever has this URL can do so until it expires.
    pub upload_url: Option<String>,
    /// When the URL expires.
    pub expires_at: Option<DateTime<Utc>>,
    /// The resource it will be, once `completeUpload` has checked the bytes.
    pub resource: Option<Resource>,
    /// What is wrong with the input; empty on success.
    pub user_errors: Vec<UserError>,
}

/// What became of the bytes.
#[derive(SimpleObject)]
pub struct CompleteUploadPayload {
    /// The file. Null when `userErrors` says what is wrong with it.
    pub resource: Option<Resource>,
    /// What is wrong with the bytes that arrived; empty on success.
    pub user_errors: Vec<UserError>,
}

/// What became of the picture.
#[derive(SimpleObject)]
pub struct SetAvatarPayload {
    /// The viewer's account. Null when `userErrors` says what is wrong.
    pub account: Option<Account>,
    /// What is wrong with the input; empty on success.
    pub user_errors: Vec<UserError>,
}

/// What became of the decision.
#[derive(SimpleObject)]
pub struct SetServiceOptionPayload {
    /// The option as it is now. Null when `userErrors` says what is wrong.
    pub service_option: Option<ServiceOption>,
    /// What is wrong with the input; empty on success.
    pub user_errors: Vec<UserError>,
}

/// The mutation root.
#[Object]
impl Mutation {
    /// Announces a file: put its bytes to `uploadUrl`, then call `completeUpload`.
    #[graphql(guard = "SignedIn")]
    async fn create_upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] input: CreateUploadInput,
    ) -> Result<CreateUploadPayload> {
        let (files, owner_id) = (ctx.data_unchecked::<Files>(), Viewer::of(ctx)?.account_id);
        let announced = Announced {
            file_name: input.file_name,
            mime_type: input.mime_type,
            size_bytes: input.size_bytes.0,
            checksum_sha256: input.checksum_sha256,
        };
        Ok(match uploads::announce(ctx.data_unchecked(), files, owner_id, announced).await? {
            Ok((row, expires_at)) => CreateUploadPayload {
                upload_url: Some(files.urls.upload(&files.signer, row.id, expires_at)),
                expires_at: Some(expires_at),
                resource: Some(row.into()),
                user_errors: Vec::new(),
            },
            Err(user_errors) => CreateUploadPayload { upload_url: None, expires_at: None, resource: None, user_errors },
        })
    }

    /// Checks the size, the type by content and the checksum of the bytes that have arrived. What is not as announced is
    /// discarded. `NOT_FOUND` on a resource of somebody else.
    #[graphql(guard = "SignedIn")]
    async fn complete_upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The upload.")] input: CompleteUploadInput,
    ) -> Result<CompleteUploadPayload> {
        let (files, owner_id) = (ctx.data_unchecked::<Files>(), Viewer::of(ctx)?.account_id);
        Ok(match uploads::complete(ctx.data_unchecked(), files, owner_id, input.resource_id).await? {
            Ok(row) => CompleteUploadPayload { resource: Some(row.into()), user_errors: Vec::new() },
            Err(error) => CompleteUploadPayload { resource: None, user_errors: vec![error] },
        })
    }

    /// Sets or removes the picture the viewer shows to others.
    #[graphql(guard = "SignedIn")]
    async fn set_avatar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The picture.")] input: SetAvatarInput,
    ) -> Result<SetAvatarPayload> {
        let account_id = Viewer::of(ctx)?.account_id;
        let command = Attach {
            entity: EntityRef { kind: EntityKind::Account, id: account_id.uuid() },
            owner_id: account_id,
            resource_ids: input.resource_id.into_iter().collect(),
        };
        Ok(match store::attach(ctx.data_unchecked::<DatabaseConnection>(), &command).await? {
            AttachOutcome::Attached => {
                SetAvatarPayload { account: Some(Account { id: account_id }), user_errors: Vec::new() }
            }
            AttachOutcome::Refused(_) => {
                let rule = "the viewer has no finished upload of this id";
                let error = UserError::at("resourceId", ErrorCode::ResourceNotUsable, rule);
                SetAvatarPayload { account: None, user_errors: vec![error] }
            }
        })
    }

    /// Switches a service option on or off, or moves it in its category. For administrators.
    #[graphql(guard = "Admin")]
    async fn set_service_option(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: SetServiceOptionInput,
    ) -> Result<SetServiceOptionPayload> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        Ok(match store::option_set(db, &input.id, input.enabled, input.position).await? {
            Some(row) => SetServiceOptionPayload { service_option: Some(ServiceOption(row)), user_errors: Vec::new() },
            None => {
                let error = UserError::at("id", ErrorCode::UnknownOption, "no service option has this id");
                SetServiceOptionPayload { service_option: None, user_errors: vec![error] }
            }
        })
    }
}
