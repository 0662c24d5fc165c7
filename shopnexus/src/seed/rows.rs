//! All rows, and how they get into the database.

use std::io::{IsTerminal, stderr};
use std::time::Instant;

use contracts::analytic::Sale;
use entities::catalog;
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
};

use super::accounts::People;
use super::categories::Categories;
use super::pictures::Picture;
use super::products::Offer;
use super::promotions::Promotions;
use super::purchases::Purchase;
use super::reviews::Reviews;
use super::stock::Stock;
use crate::say;

/// So many rows go in by one statement: few enough for the 65,535 parameters that a statement may have.
const BATCH: usize = 400;

/// Everything that is inserted.
pub(super) struct Rows {
    pub(super) people: People,
    pub(super) categories: Categories,
    pub(super) offers: Vec<Offer>,
    pub(super) purchases: Vec<Purchase>,
    pub(super) reviews: Reviews,
    pub(super) stock: Stock,
    pub(super) promotions: Promotions,
    pub(super) pictures: Vec<Picture>,
}

impl Rows {
    /// How many things there are to write, as far as progress is concerned.
    pub(super) fn count(&self) -> usize {
        self.offers.len() + self.purchases.len() + self.stock.history.len()
    }

    /// What was sold.
    pub(super) fn sales(&self) -> Vec<Sale> {
        self.purchases.iter().map(Purchase::sale).collect()
    }

    /// What is there now, in one sentence.
    pub(super) fn summary(&self) -> String {
        format!(
            "{} accounts, {} products in {} SKUs, {} delivered orders, {} reviews, {} promotions",
            self.people.all().count(),
            self.offers.len(),
            self.stock.stocks.len(),
            self.purchases.len(),
            self.reviews.rows.len(),
            self.promotions.rows.len(),
        )
    }

    /// Inserts everything, what is referred to before what refers to it.
    pub(super) async fn insert(self, txn: &DatabaseTransaction, progress: &Progress) -> Result<(), DbErr> {
        progress.step("accounts and categories");
        insert(txn, self.people.all().map(|person| person.account.clone())).await?;
        insert(txn, self.people.all().map(|person| person.contact.clone())).await?;
        insert(txn, self.categories.rows).await?;
        progress.step("products");
        products_insert(txn, self.offers, progress).await?;
        insert(txn, self.reviews.ratings).await?;
        let (resources, attachments): (Vec<_>, Vec<_>) =
            self.pictures.into_iter().map(|picture| (picture.resource, picture.attachment)).unzip();
        insert(txn, resources).await?;
        insert(txn, attachments).await?;
        insert(txn, self.promotions.rows).await?;
        insert(txn, self.promotions.targets).await?;
        progress.step("stock");
        let changes = self.stock.history.len();
        insert(txn, self.stock.operations).await?;
        insert(txn, self.stock.stocks).await?;
        insert(txn, self.stock.reservations).await?;
        insert(txn, self.stock.history).await?;
        progress.advance(changes);
        progress.step("orders and reviews");
        purchases_insert(txn, self.purchases, progress).await?;
        insert(txn, self.reviews.rows).await
    }
}

async fn products_insert(txn: &DatabaseTransaction, offers: Vec<Offer>, progress: &Progress) -> Result<(), DbErr> {
    let mut tags: Vec<String> = offers.iter().flat_map(|offer| offer.product.tags.clone()).collect();
    tags.sort_unstable();
    tags.dedup();
    insert(txn, tags.into_iter().map(|name| catalog::tag::ActiveModel { name: Set(name), ..Default::default() }))
        .await?;
    let count = offers.len();
    let indexes: Vec<_> = offers
        .iter()
        .map(|offer| catalog::product_index::ActiveModel { product_id: Set(offer.product.id), ..Default::default() })
        .collect();
    let (products, skus): (Vec<_>, Vec<_>) = offers.into_iter().map(|offer| (offer.product, offer.skus)).unzip();
    insert(txn, products).await?;
    insert(txn, skus.into_iter().flatten()).await?;
    insert(txn, indexes).await?;
    progress.advance(count);
    Ok(())
}

async fn purchases_insert(
    txn: &DatabaseTransaction,
    mut purchases: Vec<Purchase>,
    progress: &Progress,
) -> Result<(), DbErr> {
    while !purchases.is_empty() {
        let rest = purchases.split_off(purchases.len().min(BATCH));
        let batch = std::mem::replace(&mut purchases, rest);
        let count = batch.len();
        insert(txn, batch.iter().map(|purchase| purchase.checkout.clone())).await?;
        insert(txn, batch.iter().map(|purchase| purchase.order.clone())).await?;
        insert(txn, batch.iter().map(|purchase| purchase.item.clone())).await?;
        insert(txn, batch.iter().flat_map(|purchase| purchase.item_events.clone())).await?;
        insert(txn, batch.iter().flat_map(|purchase| purchase.order_events.clone())).await?;
        insert(txn, batch.iter().map(|purchase| purchase.shipment.clone())).await?;
        insert(txn, batch.iter().flat_map(|purchase| purchase.shipment_events.clone())).await?;
        insert(txn, batch.iter().map(|purchase| purchase.payment.clone())).await?;
        insert(txn, batch.iter().map(|purchase| purchase.payment_order.clone())).await?;
        insert(txn, batch.iter().flat_map(|purchase| purchase.payment_events.clone())).await?;
        insert(txn, batch.into_iter().flat_map(|purchase| purchase.ledger)).await?;
        progress.advance(count);
    }
    Ok(())
}

async fn insert<Row, Active>(txn: &DatabaseTransaction, rows: impl IntoIterator<Item = Row>) -> Result<(), DbErr>
where
    Row: IntoActiveModel<Active>,
    Active: ActiveModelTrait + ActiveModelBehavior + Send,
{
    let mut rows = rows.into_iter().map(Row::into_active_model).peekable();
    while rows.peek().is_some() {
        let batch: Vec<Active> = rows.by_ref().take(BATCH).collect();
        Active::Entity::insert_many(batch).exec_without_returning(txn).await?;
    }
    Ok(())
}

/// How far it is: a bar on a terminal, lines elsewhere.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    begun: Instant,
}

impl Progress {
    /// Begins, with so many things to do.
    pub(super) fn begin(things: usize) -> Self {
        let style =
            ProgressStyle::with_template("  {bar:32.cyan} {percent:>3} %  {msg}").expect("the template is sound");
        let bar = stderr().is_terminal().then(|| {
            ProgressBar::new(u64::try_from(things).unwrap_or(u64::MAX)).with_style(style).with_message("pictures")
        });
        Self { bar, begun: Instant::now() }
    }

    /// Says what comes next.
    pub(super) fn step(&self, name: &'static str) {
        match &self.bar {
            Some(bar) => bar.set_message(name),
            None => say::step(&format!("{:>5.1} s  {name}", self.begun.elapsed().as_secs_f32())),
        }
    }

    /// So many more things are done.
    pub(super) fn advance(&self, things: usize) {
        if let Some(bar) = &self.bar {
            bar.inc(u64::try_from(things).unwrap_or(u64::MAX));
        }
    }

    /// Everything is done.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
