//! What this module adds to an account: all of it is the account's own business.

use async_graphql::{ComplexObject, Context, SimpleObject};
use kernel::{AccountId, OrderItemId, RefundId};
use sea_orm::DatabaseConnection;
use service_kit::{
    Error, Result, Viewer,
    graphql::{List, Page, list, wants_total},
};
use uuid::Uuid;

use crate::{
    cart::{self, types::Cart},
    desk::{
        self,
        types::{IncomingFilter, IncomingGroup, IncomingSort},
    },
    items::{
        self,
        types::{OrderItem, OrderItemFilter, OrderItemSort},
    },
    ledger::types::Ledger,
    orders::{
        self,
        store::Listed,
        types::{Order, OrderFilter, OrderSort, Side},
    },
    payment::{self, types::PaymentCredit},
    refund::{
        self,
        store::Whose,
        types::{Refund, RefundFilter},
    },
    subscriptions::OrderRole,
};

/// A person or a shop.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Account {
    /// Id.
    pub id: AccountId,
}

#[ComplexObject]
impl Account {
    /// What the account means to buy. Only the account itself may see it; anybody else gets `FORBIDDEN`.
    async fn cart(&self, ctx: &Context<'_>) -> Result<Cart> {
        let db = self.authorise(ctx)?;
        Ok(Cart { items: cart::store::cart_list(db, self.id).await? })
    }

    /// The account's orders as a buyer. Only the account itself may see them; anybody else gets
    /// `FORBIDDEN`.
    async fn purchases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which orders; all unless told.")] filter: Option<OrderFilter>,
        #[graphql(desc = "In which order; newest first unless told.")] sort: Option<OrderSort>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins, from a list that was sorted alike.")] after: Option<
            String,
        >,
    ) -> Result<List<Order>> {
        self.orders(ctx, (Side::Buyer, sort), filter, first, after).await
    }

    /// The account's orders as a seller. Only the account itself may see them; anybody else gets
    /// `FORBIDDEN`.
    async fn sales(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which orders; all unless told.")] filter: Option<OrderFilter>,
        #[graphql(desc = "In which order; newest first unless told.")] sort: Option<OrderSort>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins, from a list that was sorted alike.")] after: Option<
            String,
        >,
    ) -> Result<List<Order>> {
        self.orders(ctx, (Side::Seller, sort), filter, first, after).await
    }

    /// The items that the account has checked out: the pending ones unless the filter names other states. Only the account
    /// itself may see them; anybody else gets `FORBIDDEN`.
    async fn purchased_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which items; the pending ones unless told.")] filter: Option<OrderItemFilter>,
        #[graphql(desc = "In which order; newest first unless told.")] sort: Option<OrderItemSort>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<OrderItem>> {
        self.items(ctx, items::store::Whose::Buyer(self.id), (filter, sort), (first, after)).await
    }

    /// The items that others have checked out of the account's products: the pending ones unless the filter names other
    /// states. Only the account itself may see them; anybody else gets `FORBIDDEN`.
    async fn sold_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which items; the pending ones unless told.")] filter: Option<OrderItemFilter>,
        #[graphql(desc = "In which order; newest first unless told.")] sort: Option<OrderItemSort>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<OrderItem>> {
        self.items(ctx, items::store::Whose::Seller(self.id), (filter, sort), (first, after)).await
    }

    /// The pending items that wait for the account as a seller, in groups that can become one order: same buyer, same
    /// address, same currency. Only the account itself may see them; anybody else gets `FORBIDDEN`.
    async fn incoming_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which groups; all unless told.")] filter: Option<IncomingFilter>,
        #[graphql(desc = "In which order; the group that waits longest first unless told.")] sort: Option<IncomingSort>,
        #[graphql(desc = "How many groups, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins, from a list that was sorted alike.")] after: Option<
            String,
        >,
    ) -> Result<List<IncomingGroup>> {
        let db = self.authorise(ctx)?;
        let page = Page::<desk::store::Position>::read(first, after)?;
        let wanted = (&filter.unwrap_or_default(), sort.unwrap_or_default());
        let rows = desk::store::incoming_list(db, self.id, wanted, &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |group| (group.paid_minor, group.first_item_id), IncomingGroup))
    }

    /// What the account earned and was charged as a seller. Only the account itself may see it; anybody else gets
    /// `FORBIDDEN`.
    async fn ledger(&self, ctx: &Context<'_>) -> Result<Ledger> {
        self.authorise(ctx)?;
        Ok(Ledger(self.id))
    }

    /// The refunds of the account's purchases, or of its sales, newest first. Only the account itself may see them;
    /// anybody else gets `FORBIDDEN`.
    async fn refunds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As the one who buys, or as the one who sells.")] role: OrderRole,
        #[graphql(desc = "Which refunds; all unless told.")] filter: Option<RefundFilter>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Refund>> {
        let db = self.authorise(ctx)?;
        let page = Page::<RefundId>::read(first, after)?;
        let whose = match role {
            OrderRole::Buyer => Whose::Buyer(self.id),
            OrderRole::Seller => Whose::Seller(self.id),
        };
        let statuses = filter.unwrap_or_default().statuses.unwrap_or_default();
        let statuses: Vec<_> = statuses.into_iter().map(Into::into).collect();
        let rows = refund::store::refunds_list(db, whose, &statuses, &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |row| row.id, Refund))
    }

    /// Money of the account that was captured and pays no order, newest first. Only the account itself may see it;
    /// anybody else gets `FORBIDDEN`.
    async fn payment_credits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<PaymentCredit>> {
        let db = self.authorise(ctx)?;
        let page = Page::<Uuid>::read(first, after)?;
        let rows = payment::store::credit_list_by_buyer(db, self.id, &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |row| row.id, PaymentCredit))
    }
}

impl Account {
    /// The database, for the account itself and for nobody else.
    pub(crate) fn authorise<'a>(&self, ctx: &Context<'a>) -> Result<&'a DatabaseConnection> {
        if Viewer::of(ctx)?.account_id == self.id { Ok(ctx.data_unchecked()) } else { Err(Error::Forbidden) }
    }

    async fn orders(
        &self,
        ctx: &Context<'_>,
        (side, sort): (Side, Option<OrderSort>),
        filter: Option<OrderFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Order>> {
        let db = self.authorise(ctx)?;
        let page = Page::<orders::store::Position>::read(first, after)?;
        let filter = filter.unwrap_or_default();
        let listed = Listed { account_id: self.id, side, filter: &filter, sort: sort.unwrap_or_default() };
        let rows = orders::store::orders_list(db, listed, &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |row| (row.total_minor, row.id), Order))
    }

    async fn items(
        &self,
        ctx: &Context<'_>,
        whose: items::store::Whose,
        (filter, sort): (Option<OrderItemFilter>, Option<OrderItemSort>),
        (first, after): (Option<i32>, Option<String>),
    ) -> Result<List<OrderItem>> {
        let db = self.authorise(ctx)?;
        let page = Page::<OrderItemId>::read(first, after)?;
        let wanted = (&filter.unwrap_or_default(), sort.unwrap_or_default());
        let rows = items::store::items_list(db, whose, wanted, &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |row| row.id, OrderItem))
    }
}
