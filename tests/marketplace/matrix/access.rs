//! The table of root fields: who may use each, and what each of the six who ask is told.

use super::Answer::{self, Forbidden, LetIn, NotFound, Unauthenticated};

/// Who asks. They ask in this order: whoever may end something does so when everybody else has been refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Nobody: there is no token.
    Anonymous,
    /// An account that an administrator has suspended, with the token that it had.
    Suspended,
    /// An account that has nothing to do with any of it.
    Stranger,
    /// An administrator who is a party of nothing.
    Administrator,
    /// The other one of the sale or of the conversation: the seller of what is the buyer's, and the other way round.
    OtherParty,
    /// Whom it belongs to. Where nothing belongs to anybody it is the buyer.
    Owner,
}

impl Who {
    /// All six, in the order in which they ask.
    pub(super) const ALL: [Self; 6] =
        [Self::Anonymous, Self::Suspended, Self::Stranger, Self::Administrator, Self::OtherParty, Self::Owner];
}

/// Who may use a root field. To be an administrator opens nothing that does not name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Anybody, but for a token that is worth nothing; and so below.
    Public,
    /// Anybody, about the account that asks: null for who has none.
    Oneself,
    /// Any account, for itself.
    SignedIn,
    /// Any account, for itself; its session is over then.
    Leaving,
    /// Administrators.
    Admin,
    /// The seller of something that everybody sees. Others are told that they may not, since it is no secret.
    Shopkeeper,
    /// The buyer who wrote something that everybody sees. Others are told that they may not.
    Author,
    /// The seller whom something belongs to. For everybody else it does not exist; and so below.
    Seller,
    /// The buyer whom something belongs to.
    Buyer,
    /// The buyer whom something belongs to, and administrators: how orders are paid is not the seller's business.
    BuyerAndAdmins,
    /// The two of a conversation. Administrators do not read along.
    Both,
    /// The two of a sale, and administrators, who decide its disputes.
    BothAndAdmins,
    /// The buyer whom a file belongs to that is not complete. Until it is, it does not exist for anybody else, with or
    /// without a token.
    Unfinished,
}

use Access::{
    Admin, Author, Both, BothAndAdmins, Buyer, BuyerAndAdmins, Leaving, Oneself, Public, Seller, Shopkeeper, SignedIn,
    Unfinished,
};

impl Access {
    /// What a root field tells somebody.
    pub(super) fn tells(self, who: Who) -> Answer {
        // In the order of `Who`: anonymous, suspended, stranger, administrator, other party, owner.
        let answers = match self {
            Public => [LetIn, Unauthenticated, LetIn, LetIn, LetIn, LetIn],
            Oneself => [NotFound, Unauthenticated, LetIn, LetIn, LetIn, LetIn],
            SignedIn | Leaving => [Unauthenticated, Unauthenticated, LetIn, LetIn, LetIn, LetIn],
            Admin => [Unauthenticated, Unauthenticated, Forbidden, LetIn, Forbidden, Forbidden],
            Shopkeeper | Author => [Unauthenticated, Unauthenticated, Forbidden, Forbidden, Forbidden, LetIn],
            Seller | Buyer => [Unauthenticated, Unauthenticated, NotFound, NotFound, NotFound, LetIn],
            BuyerAndAdmins => [Unauthenticated, Unauthenticated, NotFound, LetIn, NotFound, LetIn],
            Both => [Unauthenticated, Unauthenticated, NotFound, NotFound, LetIn, LetIn],
            BothAndAdmins => [Unauthenticated, Unauthenticated, NotFound, LetIn, LetIn, LetIn],
            Unfinished => [NotFound, Unauthenticated, NotFound, NotFound, NotFound, LetIn],
        };
        answers[who as usize]
    }

    /// Whether the owner is the seller.
    pub(super) fn is_of_the_seller(self) -> bool {
        matches!(self, Shopkeeper | Seller)
    }
}

/// Every root field, in the order in which they are asked: of the objects of one party, what ends them stands last.
pub(super) const ACCESS: &[(&str, Access)] = &[
    ("Query.account", Public),
    ("Query.categories", Public),
    ("Query.category", Public),
    ("Query.countries", Public),
    ("Query.me", Oneself),
    ("Query.product", Public),
    ("Query.products", Public),
    ("Query.promotion", Public),
    ("Query.searchProducts", Public),
    ("Query.searchSuggestions", Public),
    ("Query.serviceOptions", Public),
    ("Query.tags", Public),
    ("Query.trendingProducts", Public),
    ("Query.convert", Public),
    ("Query.exchangeRate", Public),
    ("Mutation.logIn", Public),
    ("Mutation.refreshSession", Public),
    ("Mutation.register", Public),
    ("Mutation.requestPasswordReset", Public),
    ("Mutation.resetPassword", Public),
    ("Mutation.trackInteractions", Public),
    ("Query.paymentMethodProviders", SignedIn),
    ("Query.recommendedProducts", SignedIn),
    ("Query.recentlyViewedProducts", SignedIn),
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
    ("Mutation.markNotificationsRead", SignedIn),
    ("Mutation.openConversation", SignedIn),
    ("Mutation.removeFavorite", SignedIn),
    ("Mutation.replyToComment", SignedIn),
    ("Mutation.setAvatar", SignedIn),
    ("Mutation.setCartItem", SignedIn),
    ("Mutation.unfollowAccount", SignedIn),
    ("Mutation.updateProfile", SignedIn),
    ("Mutation.voteOnComment", SignedIn),
    ("Mutation.reportComment", SignedIn),
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
    ("Mutation.deleteAccount", SignedIn),
    ("Mutation.exportAccountData", SignedIn),
    ("Mutation.logOut", Leaving),
    ("Mutation.logOutEverywhere", Leaving),
    ("Query.platformPromotions", Admin),
    ("Query.accountReports", Admin),
    ("Query.commentReports", Admin),
    ("Mutation.decideCommentReport", Admin),
    ("Mutation.updateCategory", Admin),
    ("Mutation.moveCategory", Admin),
    ("Query.disputes", Admin),
    ("Query.requestedPayouts", Admin),
    ("Query.strayPayments", Admin),
    ("Mutation.decideDispute", Admin),
    ("Mutation.decidePayout", Admin),
    ("Mutation.resolveAccountReport", Admin),
    ("Mutation.sendAnnouncement", Admin),
    ("Mutation.createCategory", Admin),
    ("Mutation.reinstateAccount", Admin),
    ("Mutation.rotateSigningKey", Admin),
    ("Mutation.setServiceOption", Admin),
    ("Mutation.suspendAccount", Admin),
    ("Mutation.editComment", Author),
    ("Mutation.addSku", Shopkeeper),
    ("Mutation.updateSku", Shopkeeper),
    ("Mutation.changePrices", Shopkeeper),
    ("Mutation.adjustStocks", Shopkeeper),
    ("Mutation.setProductImages", Shopkeeper),
    ("Mutation.setProductEnabled", Shopkeeper),
    ("Mutation.updateProduct", Shopkeeper),
    ("Mutation.importStock", Shopkeeper),
    ("Mutation.adjustStock", Shopkeeper),
    ("Mutation.setLowStockThreshold", Shopkeeper),
    ("Mutation.setPromotionEnabled", Seller),
    ("Mutation.updatePromotion", Seller),
    ("Query.shipmentLabel", Seller),
    ("Mutation.quoteTransport", Seller),
    ("Mutation.confirmItems", Seller),
    ("Mutation.rejectItems", Seller),
    ("Mutation.acceptRefund", Seller),
    ("Mutation.declineRefund", Seller),
    ("Mutation.confirmRefundReceipt", Seller),
    ("Mutation.deleteProduct", Shopkeeper),
    ("Query.conversation", Both),
    ("Query.order", BothAndAdmins),
    ("Query.payment", BuyerAndAdmins),
    ("Query.refund", BothAndAdmins),
    ("Query.resource", Unfinished),
    ("Subscription.conversationActivity", Both),
    ("Mutation.setTyping", Both),
    ("Mutation.requestRefund", Buyer),
    ("Mutation.editRefund", Buyer),
    ("Mutation.withdrawRefund", Buyer),
    ("Mutation.disputeRefund", Buyer),
    ("Subscription.messageReceived", Both),
    ("Subscription.orderStatusChanged", BothAndAdmins),
    ("Mutation.sendMessage", Both),
    ("Mutation.markConversationRead", Both),
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
