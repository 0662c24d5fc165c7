//! Shipping addresses.

use async_graphql::{Context, Object};
use sea_orm::DatabaseConnection;
use service_kit::{Platform, Result, SignedIn, Viewer};

use crate::{
    contacts,
    types::{
        Contact, CreateContactInput, CreateContactPayload, DeleteContactInput, DeleteContactPayload,
        SetDefaultContactInput, SetDefaultContactPayload, UpdateContactInput, UpdateContactPayload,
    },
    workflows::locate_contact,
};

/// Mutations of shipping addresses.
pub struct ContactMutations;

#[Object]
impl ContactMutations {
    /// Writes a shipping address. The first of an account becomes its default. A position that is left out is looked for,
    /// and shows soon after when somebody knows the address.
    #[graphql(guard = "SignedIn")]
    async fn create_contact(&self, ctx: &Context<'_>, input: CreateContactInput) -> Result<CreateContactPayload> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        Ok(match contacts::create(db, Viewer::of(ctx)?.account_id, input).await? {
            Ok(contact) => {
                locate_contact::send(ctx.data_unchecked::<Platform>(), &contact).await;
                Contact::from(contact).into()
            }
            Err(problems) => problems.into(),
        })
    }

    /// Changes a shipping address. What is left out stays; orders that were placed keep the address they had. A new
    /// address loses the position of the old one, and its own is looked for.
    #[graphql(guard = "SignedIn")]
    async fn update_contact(&self, ctx: &Context<'_>, input: UpdateContactInput) -> Result<UpdateContactPayload> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        Ok(match contacts::update(db, Viewer::of(ctx)?.account_id, input).await? {
            Ok(contact) => {
                locate_contact::send(ctx.data_unchecked::<Platform>(), &contact).await;
                Contact::from(contact).into()
            }
            Err(problems) => problems.into(),
        })
    }

    /// Deletes a shipping address. When it was the default, the oldest other becomes it.
    #[graphql(guard = "SignedIn")]
    async fn delete_contact(&self, ctx: &Context<'_>, input: DeleteContactInput) -> Result<DeleteContactPayload> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        Ok(match contacts::delete(db, Viewer::of(ctx)?.account_id, input.id).await? {
            Ok(id) => id.into(),
            Err(error) => error.into(),
        })
    }

    /// Makes a shipping address the default, in the place of another.
    #[graphql(guard = "SignedIn")]
    async fn set_default_contact(
        &self,
        ctx: &Context<'_>,
        input: SetDefaultContactInput,
    ) -> Result<SetDefaultContactPayload> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        Ok(match contacts::make_default(db, Viewer::of(ctx)?.account_id, input.id).await? {
            Ok(contact) => Contact::from(contact).into(),
            Err(error) => error.into(),
        })
    }
}
