//! Money that belongs to no payment goes back.
//!
//! It reads what is held, asks VNPay whether it really has it, has it given back by a request whose identity stays the
//! same until it is answered, and records what came of it. After a refusal, or silence, the same handler comes again
//! later, as that of refunds does. What VNPay refuses too often stays where administrators see it.

use contracts::Call;
use kernel::StrayPaymentId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::{
    payment::stray::{self, Came, Next, Vouched},
    providers::Providers,
    refund::Rules,
};

/// Gives back money that belongs to no payment.
pub(crate) const GIVE_BACK: Call<StrayPaymentId, ()> = Call::new("StrayPayments", "give_back");

/// The durable handler of stray payments.
pub(crate) struct StrayPayments {
    pub(crate) db: DatabaseConnection,
    pub(crate) providers: Providers,
    /// When, and how often, VNPay is asked again: as for refunds.
    pub(crate) rules: Rules,
}

#[restate_sdk::service(name = "StrayPayments", client_visibility = "pub(crate)")]
impl StrayPayments {
    /// Gives back money that belongs to no payment.
    #[handler]
    async fn give_back(
        &self,
        ctx: Context<'_>,
        Json(stray_id): Json<StrayPaymentId>,
    ) -> Result<Json<()>, HandlerError> {
        let attempt = step!(ctx, "read what is held", stray::attempt_begin(&self.db, stray_id))?;
        let Some(attempt) = attempt else { return Ok(Json(())) };
        let vouched = step!(ctx, "ask whether it is there", stray::attempt_ask(&self.providers, &attempt))?;
        let came = match vouched {
            Vouched::Has(amount) => {
                let asking = stray::attempt_make(&self.db, &self.providers, &attempt, amount);
                Came::Answered { amount, answer: step!(ctx, "ask to give it back", asking)? }
            }
            Vouched::Nothing => Came::NotThere,
            Vouched::Unsaid => Came::Unsaid,
        };
        let recording = stray::attempt_record(&self.db, self.rules.attempts, &attempt, &came);
        if step!(ctx, "record what came of it", recording)? == Next::Later {
            GIVE_BACK.send_after(&ctx, self.rules.retry, stray_id);
        }
        Ok(Json(()))
    }
}
