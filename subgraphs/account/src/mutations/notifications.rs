//! Notifications: reading them, how they come, and announcements.

use async_graphql::{Context, Object};
use chrono::{TimeDelta, Utc};
use contracts::account::{NOTIFY_AT, NotificationKind, Notify, NotifyAt};
use kernel::{NotificationId, OperationId};
use sea_orm::DatabaseConnection;
use serde_json::json;
use service_kit::{Admin, Error, Platform, Result, SignedIn, Viewer};

use super::recovery::check_key;
use crate::{
    delivery::{Delivery, Medium},
    error::{ErrorCode, Problems, UserError},
    store,
    types::{
        Account, MarkNotificationsReadInput, MarkNotificationsReadPayload, NotificationChannel, SendAnnouncementInput,
        SendAnnouncementPayload, SetNotificationChannelsInput, SetNotificationChannelsPayload,
    },
};

/// Mutations of notifications.
pub struct NotificationMutations;

#[Object]
impl NotificationMutations {
    /// Marks notifications of the viewer as read, some or all.
    #[graphql(guard = "SignedIn")]
    async fn mark_notifications_read(
        &self,
        ctx: &Context<'_>,
        input: MarkNotificationsReadInput,
    ) -> Result<MarkNotificationsReadPayload> {
        let viewer = Viewer::of(ctx)?;
        if input.ids.is_some() == input.all {
            let message = "Give either `ids` or `all`.";
            return Ok(UserError::at("ids", ErrorCode::SelectionInvalid, message).into());
        }
        if input.ids.as_ref().is_some_and(|ids| ids.len() > 100) {
            return Ok(UserError::at("ids", ErrorCode::ListTooLong, "At most 100 at a time.").into());
        }
        let db = ctx.data_unchecked::<DatabaseConnection>();
        store::notifications_read(db, viewer.account_id, input.ids).await?;
        let account = store::account_fetch(db, viewer.account_id).await?.ok_or(Error::Unauthenticated)?;
        Ok(Account::from(account).into())
    }

    /// Chooses by which ways notifications reach the viewer besides the inbox, which always gets them. An email address
    /// or a phone number has to be proved first.
    #[graphql(guard = "SignedIn")]
    async fn set_notification_channels(
        &self,
        ctx: &Context<'_>,
        input: SetNotificationChannelsInput,
    ) -> Result<SetNotificationChannelsPayload> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let viewer = Viewer::of(ctx)?;
        let account = store::account_fetch(db, viewer.account_id).await?.ok_or(Error::Unauthenticated)?;
        let delivery = ctx.data_unchecked::<Delivery>();
        let (email, sms) = [NotificationChannel::Email, NotificationChannel::Sms]
            .map(|channel| input.channels.contains(&channel))
            .into();
        let checks = [
            (email, Medium::Email, account.email_verified_at.is_some(), "email address"),
            (sms, Medium::Sms, account.phone_verified_at.is_some(), "phone number"),
        ];
        for (wanted, medium, proved, what) in checks {
            if wanted && !proved {
                let message = format!("Prove your {what} first.");
                return Ok(UserError::at("channels", ErrorCode::AddressNotVerified, message).into());
            }
            if wanted && !delivery.reaches(medium) {
                let message = "This marketplace sends nothing by this way.";
                return Ok(UserError::at("channels", ErrorCode::ChannelUnavailable, message).into());
            }
        }
        store::notification_wishes_set(db, viewer.account_id, email, sms).await?;
        Ok(Account::from(account).into())
    }

    /// Tells accounts something in the name of the marketplace, now or at a time to come. Accounts that do not exist are
    /// passed over. For administrators.
    #[graphql(guard = "Admin")]
    async fn send_announcement(
        &self,
        ctx: &Context<'_>,
        input: SendAnnouncementInput,
    ) -> Result<SendAnnouncementPayload> {
        check_key(&input.idempotency_key)?;
        let mut problems = Problems::default();
        let title = problems.text("title", &input.title, 1..=100);
        let content = problems.text("content", &input.content, 1..=2000);
        if !(1..=100).contains(&input.account_ids.len()) {
            problems.keep::<()>("accountIds", ErrorCode::ListTooLong, Err("Between 1 and 100 accounts at a time."));
        }
        let now = Utc::now();
        let deliver_at = input.deliver_at.unwrap_or(now);
        if input.deliver_at.is_some_and(|at| at < now - TimeDelta::minutes(1) || at > now + TimeDelta::days(366)) {
            let rule = "The time lies between now and a year from now.";
            problems.keep::<()>("deliverAt", ErrorCode::TimeInvalid, Err(rule));
        }
        let (title, content) = match problems.none_or(title.zip(content)) {
            Ok(texts) => texts,
            Err(problems) => return Ok(problems.into()),
        };
        let viewer = Viewer::of(ctx)?;
        let operation = OperationId::derive(viewer.account_id, "announce", &input.idempotency_key);
        let ingress = &ctx.data_unchecked::<Platform>().ingress;
        for account_id in &input.account_ids {
            let one = operation.child(account_id);
            let notify = Notify {
                notification_id: NotificationId(one.uuid()),
                account_id: *account_id,
                kind: NotificationKind::Announcement,
                title: title.clone(),
                content: content.clone(),
                metadata: json!({}),
            };
            NOTIFY_AT.send_at_ingress(ingress, one.to_string(), NotifyAt { notify, deliver_at }).await?;
        }
        Ok(deliver_at.into())
    }
}
