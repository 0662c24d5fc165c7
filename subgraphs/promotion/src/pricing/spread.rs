//! Dividing an amount to the minor unit.

/// Divides `amount` in proportion to `weights`, exactly: the parts add up to the amount. The units that rounding leaves
/// go to the largest remainders, the first of equals. No part is more than its weight; an amount beyond the sum of the
/// weights is cut to it. Nothing here is negative.
pub(super) fn spread(amount: i64, weights: &[i64]) -> Vec<i64> {
    let total: i128 = weights.iter().copied().map(i128::from).sum();
    if total <= i128::from(amount) {
        return weights.to_vec();
    }
    let exact = |weight: &i64| i128::from(amount) * i128::from(*weight);
    let mut parts: Vec<i64> = weights
        .iter()
        .map(|weight| i64::try_from(exact(weight) / total).expect("a part is not more than its weight"))
        .collect();
    let left = amount - parts.iter().sum::<i64>();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|index| (-(exact(&weights[*index]) % total), *index));
    // Fewer units are left than there are remainders above zero, so that no part comes to exceed its weight.
    for index in by_remainder.into_iter().take(usize::try_from(left).unwrap_or_default()) {
        parts[index] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::spread;

    #[test]
    fn what_rounding_leaves_goes_to_the_largest_remainders() {
        assert_eq!(spread(100, &[1, 1, 1]), [1, 1, 1]);
        assert_eq!(spread(10, &[10, 10, 10]), [4, 3, 3]);
        assert_eq!(spread(10, &[50, 25, 25]), [5, 3, 2]);
        assert_eq!(spread(5, &[]), [0_i64; 0]);
    }

    proptest! {
        #[test]
        fn the_parts_add_up_and_never_exceed_their_weights(
            amount in 0..=i64::MAX,
            weights in prop::collection::vec(0..=i64::MAX / 64, 0..40),
        ) {
            let parts = spread(amount, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), amount.min(weights.iter().sum()));
            prop_assert!(parts.iter().zip(&weights).all(|(part, weight)| (0..=*weight).contains(part)));
        }
    }
}
