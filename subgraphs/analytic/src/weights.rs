//! How much each kind of interaction is worth, and who may say that it happened.

use std::{collections::HashMap, str::FromStr};

use contracts::analytic::InteractionKind;

/// Who may say that an interaction happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// Any client, also one where nobody is logged in.
    Anyone,
    /// A client where somebody is logged in: the interaction is a deed of an account.
    Member,
    /// The marketplace alone, because it is a fact of orders, reviews or favorites that a module records itself.
    Marketplace,
}

/// All kinds, with their default weights in thousandths.
pub const KINDS: [(InteractionKind, i64, Witness); 22] = [
    (InteractionKind::Purchase, 800, Witness::Marketplace),
    (InteractionKind::AddToFavorites, 600, Witness::Marketplace),
    (InteractionKind::AddToCart, 500, Witness::Member),
    (InteractionKind::WriteReview, 500, Witness::Marketplace),
    (InteractionKind::RatingHigh, 400, Witness::Marketplace),
    (InteractionKind::View, 300, Witness::Anyone),
    (InteractionKind::AskQuestion, 250, Witness::Member),
    (InteractionKind::ClickFromSearch, 200, Witness::Anyone),
    (InteractionKind::ClickFromRecommendation, 150, Witness::Anyone),
    (InteractionKind::ViewSimilarProducts, 150, Witness::Anyone),
    (InteractionKind::ClickFromCategory, 120, Witness::Anyone),
    (InteractionKind::RatingMedium, 100, Witness::Marketplace),
    (InteractionKind::ViewBounce, -100, Witness::Anyone),
    (InteractionKind::NotInterested, -300, Witness::Member),
    (InteractionKind::RemoveFromCart, -300, Witness::Member),
    (InteractionKind::HideItem, -350, Witness::Member),
    (InteractionKind::RatingLow, -500, Witness::Marketplace),
    (InteractionKind::Dislike, -500, Witness::Member),
    (InteractionKind::ReturnProduct, -600, Witness::Marketplace),
    (InteractionKind::CancelOrder, -600, Witness::Marketplace),
    (InteractionKind::RefundRequested, -700, Witness::Marketplace),
    (InteractionKind::ReportProduct, -1200, Witness::Member),
];

/// Who may say that an interaction of this kind happened.
pub fn witness(kind: InteractionKind) -> Witness {
    KINDS.iter().find(|(known, ..)| *known == kind).map_or(Witness::Marketplace, |(.., witness)| *witness)
}

/// What an interaction of each kind adds to the popularity of its product.
///
/// Weights are thousandths, so that sums are exact. The setting `ANALYTIC_WEIGHTS` overrides the defaults with a JSON
/// object, as in `{"view": 0.25, "dislike": -0.6}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights(HashMap<InteractionKind, i64>);

/// `ANALYTIC_WEIGHTS` is not usable.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// It is not an object of numbers by the names of the kinds.
    #[error("it is not a JSON object of weights by kind: {0}")]
    Json(#[from] serde_json::Error),
    /// A weight is too great or too fine.
    #[error("the weight {0} is not between -1000 and 1000 with at most three decimals")]
    Weight(f64),
}

impl Weights {
    /// The weight of a kind, in thousandths.
    pub fn milli(&self, kind: InteractionKind) -> i64 {
        self.0.get(&kind).copied().unwrap_or_default()
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self(KINDS.iter().map(|(kind, milli, _)| (*kind, *milli)).collect())
    }
}

impl FromStr for Weights {
    type Err = WeightsError;

    fn from_str(json: &str) -> Result<Self, WeightsError> {
        let overrides: HashMap<InteractionKind, f64> = serde_json::from_str(json)?;
        let mut weights = Self::default();
        for (kind, weight) in overrides {
            weights.0.insert(kind, thousandths(weight)?);
        }
        Ok(weights)
    }
}

fn thousandths(weight: f64) -> Result<i64, WeightsError> {
    let scaled = weight * 1000.0;
    let rounded = scaled.round();
    if rounded.abs() > 1_000_000.0 || (scaled - rounded).abs() > 1e-6 {
        return Err(WeightsError::Weight(weight));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the value is whole and below a million")]
    Ok(rounded as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_stands_once_in_the_table() {
        let kinds: std::collections::HashSet<_> = KINDS.iter().map(|(kind, ..)| *kind).collect();
        assert_eq!(kinds.len(), KINDS.len());
        assert_eq!(Weights::default().milli(InteractionKind::ReportProduct), -1200);
    }

    #[test]
    fn configured_weights_override_the_defaults_exactly() {
        let weights: Weights = r#"{"view": 0.125, "dislike": -0.6}"#.parse().unwrap();
        assert_eq!(weights.milli(InteractionKind::View), 125);
        assert_eq!(weights.milli(InteractionKind::Dislike), -600);
        assert_eq!(weights.milli(InteractionKind::Purchase), 800);
    }

    #[test]
    fn unusable_weights_are_refused_by_name() {
        let refused = |json: &str| json.parse::<Weights>().unwrap_err().to_string();
        assert!(refused(r#"{"stare": 1}"#).contains("stare"));
        assert!(refused(r#"{"view": 0.0001}"#).contains("0.0001"));
        assert!(refused(r#"{"view": 1e9}"#).contains("1000000000"));
        assert!(refused("[]").contains("not a JSON object"));
    }
}
