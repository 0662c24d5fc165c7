//! Who may do what: every root field as a stranger without a token, as somebody else, as the party it concerns, and as
//! an administrator.
//!
//! The table is complete by construction: a root field that it does not name fails the test, so that a new field is
//! decided upon, not forgotten.

mod parties;
mod probe;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Client, Reply};

use crate::stage::{administrator, marketplace};
use parties::Parties;
use probe::{RootField, Schema, Values};

/// Who may use a root field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Anybody.
    Public,
    /// Any account, on what is its own.
    SignedIn,
    /// Administrators.
    Admin,
    /// The seller whom the object belongs to. For everybody else it does not exist, and so below.
    Seller,
    /// The buyer whom the object belongs to.
    Buyer,
}

use Access::{Admin, Buyer, Public, Seller, SignedIn};

/// Every root field. Of the objects of one party, what ends them stands last.
const ACCESS: &[(&str, Access)] = &[
    ("Query.account", Public),
    ("Query.categories", Public),
    ("Query.category", Public),
    ("Query.countries", Public),
    ("Query.me", Public),
    ("Query.product", Public),
    ("Query.products", Public),
    ("Query.promotion", Public),
    ("Query.resource", Public),
    ("Query.searchProducts", Public),
    ("Query.searchSuggestions", Public),
    ("Query.serviceOptions", Public),
    ("Query.tags", Public),
    ("Query.trendingProducts", Public),
    ("Query.convert", Public),
    ("Query.exchangeRate", Public),
    ("Query.paymentMethodProviders", Public),
    ("Mutation.logIn", Public),
    ("Mutation.refreshSession", Public),
    ("Mutation.register", Public),
    ("Mutation.requestPasswordReset", Public),
    ("Mutation.resetPassword", Public),
    ("Mutation.trackInteractions", Public),
    ("Query.recommendedProducts", SignedIn),
    ("Mutation.addFavorite", SignedIn),
    ("Mutation.changePassword", SignedIn),
    ("Mutation.checkout", SignedIn),
    ("Mutation.clearCart", SignedIn),
    ("Mutation.createContact", SignedIn),
    ("Mutation.createProduct", SignedIn),
    ("Mutation.createPromotion", SignedIn),
    ("Mutation.createReview", SignedIn),
    ("Mutation.createUpload", SignedIn),
    ("Mutation.followAccount", SignedIn),
    ("Mutation.logOut", SignedIn),
    ("Mutation.logOutEverywhere", SignedIn),
    ("Mutation.markNotificationsRead", SignedIn),
    ("Mutation.openConversation", SignedIn),
    ("Mutation.removeFavorite", SignedIn),
    ("Mutation.replyToComment", SignedIn),
    ("Mutation.setAvatar", SignedIn),
    ("Mutation.setCartItem", SignedIn),
    ("Mutation.unfollowAccount", SignedIn),
    ("Mutation.updateProfile", SignedIn),
    ("Mutation.voteOnComment", SignedIn),
    ("Mutation.addPaymentMethod", SignedIn),
    ("Mutation.blockAccount", SignedIn),
    ("Mutation.unblockAccount", SignedIn),
    ("Mutation.reportAccount", SignedIn),
    ("Mutation.requestVerification", SignedIn),
    ("Mutation.confirmVerification", SignedIn),
    ("Mutation.setNotificationChannels", SignedIn),
    ("Mutation.requestPayout", SignedIn),
    ("Query.geocode", SignedIn),
    ("Query.placeSuggestions", SignedIn),
    ("Query.reverseGeocode", SignedIn),
    ("Subscription.unreadMessageCountChanged", SignedIn),
    ("Subscription.incomingItemsChanged", SignedIn),
    ("Subscription.myOrdersChanged", SignedIn),
    ("Subscription.notificationReceived", SignedIn),
    ("Query.platformPromotions", Admin),
    ("Query.accountReports", Admin),
    ("Query.disputes", Admin),
    ("Query.requestedPayouts", Admin),
    ("Mutation.decideDispute", Admin),
    ("Mutation.decidePayout", Admin),
    ("Mutation.resolveAccountReport", Admin),
    ("Mutation.sendAnnouncement", Admin),
    ("Mutation.createCategory", Admin),
    ("Mutation.reinstateAccount", Admin),
    ("Mutation.rotateSigningKey", Admin),
    ("Mutation.setServiceOption", Admin),
    ("Mutation.suspendAccount", Admin),
    ("Mutation.addSku", Seller),
    ("Mutation.updateSku", Seller),
    ("Mutation.setProductImages", Seller),
    ("Mutation.setProductEnabled", Seller),
    ("Mutation.updateProduct", Seller),
    ("Mutation.importStock", Seller),
    ("Mutation.adjustStock", Seller),
    ("Mutation.setLowStockThreshold", Seller),
    ("Mutation.setPromotionEnabled", Seller),
    ("Mutation.updatePromotion", Seller),
    ("Query.shipmentLabel", Seller),
    ("Mutation.quoteTransport", Seller),
    ("Mutation.confirmItems", Seller),
    ("Mutation.rejectItems", Seller),
    ("Mutation.acceptRefund", Seller),
    ("Mutation.declineRefund", Seller),
    ("Mutation.confirmRefundReceipt", Seller),
    ("Mutation.deleteProduct", Seller),
    ("Query.conversation", Buyer),
    ("Query.order", Buyer),
    ("Query.payment", Buyer),
    ("Query.refund", Buyer),
    ("Subscription.conversationActivity", Buyer),
    ("Mutation.setTyping", Buyer),
    ("Mutation.requestRefund", Buyer),
    ("Mutation.editRefund", Buyer),
    ("Mutation.withdrawRefund", Buyer),
    ("Mutation.disputeRefund", Buyer),
    ("Subscription.messageReceived", Buyer),
    ("Subscription.orderStatusChanged", Buyer),
    ("Mutation.sendMessage", Buyer),
    ("Mutation.markConversationRead", Buyer),
    ("Mutation.payOrders", Buyer),
    ("Mutation.cancelOrder", Buyer),
    ("Mutation.cancelItems", Buyer),
    ("Mutation.completeUpload", Buyer),
    ("Mutation.updateContact", Buyer),
    ("Mutation.setDefaultContact", Buyer),
    ("Mutation.deleteContact", Buyer),
    ("Mutation.setDefaultPaymentMethod", Buyer),
    ("Mutation.removePaymentMethod", Buyer),
    ("Mutation.revokeSession", Buyer),
];

/// What a root field said to somebody.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// It needs a token.
    Unauthenticated,
    /// Not with this account.
    Forbidden,
    /// For this account there is no such thing.
    NotFound,
    /// It was let in, whatever came of it.
    LetIn,
}

impl Answer {
    fn of(reply: &Reply) -> Self {
        let payload = reply.data.as_object().and_then(|data| data.values().next());
        let refusal = payload.and_then(|payload| payload["userErrors"][0]["code"].as_str());
        match reply.code().or(refusal) {
            Some("UNAUTHENTICATED") => Self::Unauthenticated,
            Some("FORBIDDEN") => Self::Forbidden,
            Some(code) if code.ends_with("NOT_FOUND") => Self::NotFound,
            None if payload.is_some_and(Value::is_null) => Self::NotFound,
            _ => Self::LetIn,
        }
    }
}

/// Calls a root field and tells what it said. A subscription says nothing when it lets somebody in.
async fn ask(client: &Client, schema: &Schema, field: &RootField, values: &Values) -> Answer {
    let operation = schema.operation(field, values);
    if !field.name.starts_with("Subscription.") {
        return Answer::of(&client.send(&operation, json!({})).await);
    }
    let mut stream = client.subscribe(&operation, json!({})).await;
    match tokio::time::timeout(Duration::from_secs(3), stream.next()).await {
        Err(_) | Ok(Ok(_)) => Answer::LetIn,
        Ok(Err(end)) => {
            let says = |code: &str| end.to_string().contains(&format!("\"{code}\""));
            match () {
                () if says("UNAUTHENTICATED") => Answer::Unauthenticated,
                () if says("FORBIDDEN") => Answer::Forbidden,
                () if says("NOT_FOUND") => Answer::NotFound,
                () => panic!("{operation} ended with {end:#}"),
            }
        }
    }
}

/// The root fields with this access, in the order of the table.
fn with<'a>(fields: &'a [RootField], access: &'a [Access]) -> impl Iterator<Item = &'a RootField> {
    let names = ACCESS.iter().filter(move |(_, of)| access.contains(of)).map(|(name, _)| *name);
    names.filter_map(|name| fields.iter().find(|field| field.name == name))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_names_every_root_field_and_no_other() {
    let stack = marketplace().await;
    let fields = Schema::ask(&stack.client()).await.root_fields();
    let there: BTreeSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let named: BTreeSet<&str> = ACCESS.iter().map(|(name, _)| *name).collect();
    assert_eq!(there.difference(&named).collect::<Vec<_>>(), Vec::<&&str>::new(), "who may use these is not decided");
    assert_eq!(named.difference(&there).collect::<Vec<_>>(), Vec::<&&str>::new(), "these are not there");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_without_a_token_is_refused_by_everything_that_is_not_public() {
    let stack = marketplace().await;
    let client = stack.client();
    let schema = Schema::ask(&client).await;
    let mut wrong = Vec::new();
    for field in with(&schema.root_fields(), &[SignedIn, Admin, Seller, Buyer]) {
        let answer = ask(&client, &schema, field, &Values::new()).await;
        if answer != Answer::Unauthenticated {
            wrong.push(format!("{}: {answer:?}", field.name));
        }
    }
    assert!(wrong.is_empty(), "not refused by\n{}", wrong.join("\n"));
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_may_do_everything_with_what_is_its_own() {
    let stack = marketplace().await;
    let schema = Schema::ask(&stack.client()).await;
    let mut wrong = Vec::new();
    for field in with(&schema.root_fields(), &[SignedIn]) {
        // Each with an account of its own: some of these end the session.
        let member = stack.member("anyone").await;
        let answer = ask(&member.client, &schema, field, &Values::new()).await;
        if matches!(answer, Answer::Unauthenticated | Answer::Forbidden) {
            wrong.push(format!("{}: {answer:?}", field.name));
        }
    }
    assert!(wrong.is_empty(), "refused by\n{}", wrong.join("\n"));
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_administrators_refuses_everybody_else() {
    let stack = marketplace().await;
    let schema = Schema::ask(&stack.client()).await;
    let member = stack.member("anyone").await;
    let admin = administrator(stack).await;
    let mut wrong = Vec::new();
    for field in with(&schema.root_fields(), &[Admin]) {
        let answer = ask(&member.client, &schema, field, &Values::new()).await;
        if answer != Answer::Forbidden {
            wrong.push(format!("{} told an account {answer:?}", field.name));
        }
        let answer = ask(&admin, &schema, field, &Values::new()).await;
        if matches!(answer, Answer::Unauthenticated | Answer::Forbidden) {
            wrong.push(format!("{} told an administrator {answer:?}", field.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_a_party_does_not_exist_for_anybody_else() {
    let stack = marketplace().await;
    let schema = Schema::ask(&stack.client()).await;
    let parties = Parties::meet(stack).await;
    let stranger = stack.member("stranger").await;
    let fields = schema.root_fields();
    let mut wrong = Vec::new();
    for field in with(&fields, &[Seller, Buyer]) {
        let answer = ask(&stranger.client, &schema, field, &parties.values).await;
        if !matches!(answer, Answer::NotFound | Answer::Forbidden) {
            wrong.push(format!("{} told a stranger {answer:?}", field.name));
        }
    }
    for (access, party) in [(Seller, &parties.seller), (Buyer, &parties.buyer)] {
        for field in with(&fields, &[access]) {
            let answer = ask(&party.client, &schema, field, &parties.values).await;
            if answer != Answer::LetIn {
                wrong.push(format!("{} told its party {answer:?}", field.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    stack.assert_sound().await;
}
