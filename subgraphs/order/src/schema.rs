//! The roots of the module's graph and its entities.

use async_graphql::{Context, MergedObject, Object, Schema, SchemaBuilder};
use kernel::{AccountId, OrderId, OrderItemId, PaymentId, RefundId};
use service_kit::{Result, Viewer};

use crate::{
    account::Account,
    cart::mutations::CartMutations,
    checkout::mutations::CheckoutMutations,
    desk::mutations::DeskMutations,
    items::{mutations::ItemMutations, types::OrderItem},
    loaders::Loaders,
    orders::{queries::OrderQueries, types::Order},
    payment::{mutations::PaymentMutations, queries::PaymentQueries, types::Payment},
    payout::{mutations::PayoutMutations, queries::PayoutQueries},
    refund::{mutations::RefundMutations, queries::RefundQueries, types::Refund},
    shipment::queries::ShipmentQueries,
    subscriptions::Subscription,
};

/// The schema, without data.
pub fn build() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .enable_federation()
        .enable_subscription_in_federation()
}

/// The query root.
#[derive(MergedObject, Default)]
pub struct Query(OrderQueries, PaymentQueries, RefundQueries, PayoutQueries, ShipmentQueries, Entities);

/// The mutation root.
#[derive(MergedObject, Default)]
pub struct Mutation(
    CartMutations,
    CheckoutMutations,
    ItemMutations,
    DeskMutations,
    PaymentMutations,
    RefundMutations,
    PayoutMutations,
);

/// What other modules refer to. An entity that the viewer may not see is as if it were not there.
#[derive(Default)]
pub struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn account_entity(&self, id: AccountId) -> Option<Account> {
        Some(Account { id })
    }

    #[graphql(entity)]
    async fn order_entity(&self, ctx: &Context<'_>, id: OrderId) -> Result<Option<Order>> {
        let Some(viewer) = Viewer::maybe(ctx) else { return Ok(None) };
        let order = Loaders::of(ctx)?.orders.load_one(id).await?.map(Order);
        Ok(order.filter(|order| order.is_visible_to(viewer)))
    }

    #[graphql(entity)]
    async fn order_item_entity(&self, ctx: &Context<'_>, id: OrderItemId) -> Result<Option<OrderItem>> {
        let Some(viewer) = Viewer::maybe(ctx) else { return Ok(None) };
        let item = Loaders::of(ctx)?.items.load_one(id).await?.map(OrderItem);
        Ok(item.filter(|item| item.is_visible_to(viewer)))
    }

    #[graphql(entity)]
    async fn refund_entity(&self, ctx: &Context<'_>, id: RefundId) -> Result<Option<Refund>> {
        let Some(viewer) = Viewer::maybe(ctx) else { return Ok(None) };
        let refund = Loaders::of(ctx)?.refunds.load_one(id).await?.map(Refund);
        Ok(refund.filter(|refund| refund.is_visible_to(viewer)))
    }

    #[graphql(entity)]
    async fn payment_entity(&self, ctx: &Context<'_>, id: PaymentId) -> Result<Option<Payment>> {
        let Some(viewer) = Viewer::maybe(ctx) else { return Ok(None) };
        let payment = Loaders::of(ctx)?.payments.load_one(id).await?.map(Payment);
        Ok(payment.filter(|payment| payment.is_visible_to(viewer)))
    }
}
