//! The account, as a stranger and as its owner see it.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use entities::account::{account, block, follow};
use kernel::AccountId;
use sea_orm::DatabaseConnection;
use service_kit::{
    Error, Result, Viewer,
    graphql::{CurrencyCode, List, Page, Rows, list, wants_total},
};

use super::{BlockedAccount, Contact, Favorite, FeedEntry, Notification, NotificationChannel, PaymentMethod, Session};
use crate::{
    countries,
    loaders::Loaders,
    sessions::own,
    store::{self, FollowCounts},
};

/// A country, with what follows from it.
#[derive(SimpleObject, Debug, Clone)]
pub struct Country {
    /// The two-letter code of ISO 3166-1, as in `VN`.
    pub code: String,
    /// The currency that the prices of its accounts are in.
    pub currency: CurrencyCode,
    /// The calling code with a plus, as in `+84`. Null where nobody lives.
    pub calling_code: Option<String>,
}

impl From<&countries::Country> for Country {
    fn from(country: &countries::Country) -> Self {
        Self {
            code: country.code.to_owned(),
            currency: CurrencyCode(country.currency),
            calling_code: country.calling_code.map(|code| format!("+{code}")),
        }
    }
}

/// How a person describes their gender.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "account::Gender")]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither of the two.
    Other,
}

/// One account that somebody follows.
#[derive(SimpleObject)]
pub struct Follow {
    /// The account that is followed.
    pub account: Account,
    /// Since when.
    pub followed_at: DateTime<Utc>,
}

/// A person or a shop; it buys and sells alike.
///
/// Fields that only the account itself may read are null for everybody else, with an error `FORBIDDEN` (or
/// `UNAUTHENTICATED`) beside the data.
#[derive(Debug, Clone)]
pub struct Account(pub Arc<account::Model>);

impl From<account::Model> for Account {
    fn from(row: account::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A person or a shop; it buys and sells alike.
///
/// Fields that only the account itself may read are null for everybody else, with an error `FORBIDDEN` (or
/// `UNAUTHENTICATED`) beside the data.
#[Object]
impl Account {
    /// Its id.
    async fn id(&self) -> AccountId {
        self.0.id
    }

    /// The name that others see.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the account says of itself; may be empty.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// The two-letter code of its country, of ISO 3166-1.
    async fn country(&self) -> &str {
        &self.0.country
    }

    /// The currency of its country: the one its prices are in.
    async fn currency(&self) -> Result<CurrencyCode> {
        let country = countries::find(&self.0.country).ok_or_else(|| Error::broken("accounts have known countries"))?;
        Ok(CurrencyCode(country.currency))
    }

    /// When it was registered.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// How many accounts follow it.
    async fn follower_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(count(self.follow_counts(ctx).await?.followers))
    }

    /// How many accounts it follows.
    async fn following_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(count(self.follow_counts(ctx).await?.following))
    }

    /// Whether the viewer follows it. Null when nobody is logged in.
    async fn is_followed(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        let Some(viewer) = Viewer::maybe(ctx) else { return Ok(None) };
        let pair = (viewer.account_id, self.0.id);
        Ok(Some(Loaders::of(ctx)?.following.load_one(pair).await?.is_some()))
    }

    /// The accounts it follows, the newest first. For the account itself.
    async fn following(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Option<List<Follow>>> {
        own(ctx, self.0.id)?;
        let page = Page::read(first, after)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = store::follow_list(db, self.0.id, &page, wants_total(ctx)).await?;
        let ids: Vec<AccountId> = rows.rows.iter().map(|row| row.followed_id).collect();
        let accounts = Loaders::of(ctx)?.accounts.load_many(ids).await?;
        let found = |id| accounts.get(&id).cloned().map(Account);
        let pairs = rows.rows.into_iter().filter_map(|row| found(row.followed_id).map(|account| (row, account)));
        let rows = Rows { rows: pairs.collect(), total: rows.total };
        let position = |(row, _): &(follow::Model, Account)| (row.created_at, row.followed_id);
        Ok(Some(list(&page, rows, position, |(row, account)| Follow { account, followed_at: row.created_at })))
    }

    /// New products of those it follows, the newest first. For the account itself.
    async fn feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Option<List<FeedEntry>>> {
        own(ctx, self.0.id)?;
        let page = Page::read(first, after)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = store::feed_list(db, self.0.id, &page, wants_total(ctx)).await?;
        Ok(Some(list(&page, rows, |row| (row.published_at, row.product_id), FeedEntry::from)))
    }

    /// Whether the viewer blocks it. Null when nobody is logged in.
    async fn is_blocked(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        let Some(viewer) = Viewer::maybe(ctx) else { return Ok(None) };
        let pair = (viewer.account_id, self.0.id);
        Ok(Some(Loaders::of(ctx)?.blocks.load_one(pair).await?.is_some()))
    }

    /// The accounts it blocks, the newest first. For the account itself.
    async fn blocked_accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Option<List<BlockedAccount>>> {
        own(ctx, self.0.id)?;
        let page = Page::read(first, after)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = store::block_list(db, self.0.id, &page, wants_total(ctx)).await?;
        let ids: Vec<AccountId> = rows.rows.iter().map(|row| row.blocked_id).collect();
        let accounts = Loaders::of(ctx)?.accounts.load_many(ids).await?;
        let found = |id| accounts.get(&id).cloned().map(Account);
        let pairs = rows.rows.into_iter().filter_map(|row| found(row.blocked_id).map(|account| (row, account)));
        let rows = Rows { rows: pairs.collect(), total: rows.total };
        let position = |(row, _): &(block::Model, Account)| (row.created_at, row.blocked_id);
        Ok(Some(list(&page, rows, position, |(row, account)| BlockedAccount { account, blocked_at: row.created_at })))
    }

    /// What it pays with, oldest first; exactly one is the default. For the account itself.
    async fn payment_methods(&self, ctx: &Context<'_>) -> Result<Option<Vec<PaymentMethod>>> {
        own(ctx, self.0.id)?;
        let rows = store::payment_method_list(ctx.data_unchecked::<DatabaseConnection>(), vec![self.0.id]).await?;
        Ok(Some(rows.into_iter().map(PaymentMethod).collect()))
    }

    /// By which ways notifications reach it. For the account itself.
    async fn notification_channels(&self, ctx: &Context<'_>) -> Result<Option<Vec<NotificationChannel>>> {
        own(ctx, self.0.id)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let (email, sms) = store::notification_wishes(db, self.0.id).await?;
        let mut channels = vec![NotificationChannel::InApp];
        channels.extend(email.then_some(NotificationChannel::Email));
        channels.extend(sms.then_some(NotificationChannel::Sms));
        Ok(Some(channels))
    }

    /// What it logs in with, as its owner writes it. For the account itself. Null when it has none.
    async fn username(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        own(ctx, self.0.id)?;
        Ok(self.0.username.as_deref())
    }

    /// Its email address. For the account itself. Null when it has none.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        own(ctx, self.0.id)?;
        Ok(self.0.email.as_deref())
    }

    /// Whether the email address has been proved. For the account itself.
    async fn email_verified(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        own(ctx, self.0.id)?;
        Ok(Some(self.0.email_verified_at.is_some()))
    }

    /// Its phone number in E.164 form. For the account itself. Null when it has none.
    async fn phone(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        own(ctx, self.0.id)?;
        Ok(self.0.phone.as_deref())
    }

    /// Whether the phone number has been proved. For the account itself.
    async fn phone_verified(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        own(ctx, self.0.id)?;
        Ok(Some(self.0.phone_verified_at.is_some()))
    }

    /// Gender. For the account itself. Null when it was not told.
    async fn gender(&self, ctx: &Context<'_>) -> Result<Option<Gender>> {
        own(ctx, self.0.id)?;
        Ok(self.0.gender.map(Gender::from))
    }

    /// Date of birth. For the account itself. Null when it was not told.
    async fn date_of_birth(&self, ctx: &Context<'_>) -> Result<Option<NaiveDate>> {
        own(ctx, self.0.id)?;
        Ok(self.0.date_of_birth)
    }

    /// Whether it is an administrator. For the account itself.
    async fn is_admin(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        own(ctx, self.0.id)?;
        Ok(Some(self.0.is_admin))
    }

    /// When an administrator suspended it. For administrators. Null when it is not suspended.
    async fn suspended_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        if !Viewer::of(ctx)?.admin {
            return Err(Error::Forbidden);
        }
        Ok(self.0.suspended_at)
    }

    /// Why an administrator suspended it. For administrators. Null when it is not suspended.
    async fn suspension_reason(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        if !Viewer::of(ctx)?.admin {
            return Err(Error::Forbidden);
        }
        Ok(self.0.suspension_reason.as_deref())
    }

    /// Where it is logged in, the session used last first. For the account itself.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Option<Vec<Session>>> {
        let viewer = own(ctx, self.0.id)?;
        let rows = store::session_list(ctx.data_unchecked::<DatabaseConnection>(), self.0.id, Utc::now()).await?;
        Ok(Some(rows.into_iter().map(|row| Session::of(row, viewer)).collect()))
    }

    /// Its shipping addresses, oldest first; exactly one of them is the default. For the account itself.
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Option<Vec<Contact>>> {
        own(ctx, self.0.id)?;
        let rows = Loaders::of(ctx)?.contacts.load_one(self.0.id).await?.unwrap_or_default();
        Ok(Some(rows.into_iter().map(Contact::from).collect()))
    }

    /// The products it has marked, newest first. For the account itself.
    async fn favorites(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Option<List<Favorite>>> {
        own(ctx, self.0.id)?;
        let page = Page::read(first, after)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = store::favorite_list(db, self.0.id, &page, wants_total(ctx)).await?;
        Ok(Some(list(&page, rows, |row| (row.created_at, row.product_id), Favorite::from)))
    }

    /// What it has been told, newest first. For the account itself.
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
        #[graphql(desc = "Whether to leave out what has been read.", default)] unread_only: bool,
    ) -> Result<Option<List<Notification>>> {
        own(ctx, self.0.id)?;
        let page = Page::read(first, after)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = store::notification_list(db, self.0.id, unread_only, &page, wants_total(ctx)).await?;
        Ok(Some(list(&page, rows, |row| row.sequence, Notification)))
    }

    /// How many notifications it has not read. For the account itself.
    async fn unread_notification_count(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        own(ctx, self.0.id)?;
        Ok(Some(count(Loaders::of(ctx)?.unread.load_one(self.0.id).await?.unwrap_or(0))))
    }
}

impl Account {
    async fn follow_counts(&self, ctx: &Context<'_>) -> Result<FollowCounts> {
        Ok(Loaders::of(ctx)?.follow_counts.load_one(self.0.id).await?.unwrap_or_default())
    }
}

fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
