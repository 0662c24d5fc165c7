//! What a part of an amount is worth, to the minor unit.

/// What `part` of `whole` equal shares of an amount are worth, rounded half-up; all of it for all of them.
///
/// Taken again and again of what remains, the portions add up to exactly the amount, in whatever order and with
/// whatever is given back in between: who takes the last share takes the rest.
pub fn portion(amount_minor: i64, part: i64, whole: i64) -> i64 {
    if part >= whole {
        return amount_minor;
    }
    if part <= 0 {
        return 0;
    }
    let (amount, part, whole) = (i128::from(amount_minor), i128::from(part), i128::from(whole));
    let rounded = (2 * amount * part + whole).div_euclid(2 * whole);
    i64::try_from(rounded).expect("a part of an amount is never more than the amount")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_round_up_and_the_rest_comes_last() {
        assert_eq!([portion(100, 1, 3), portion(67, 1, 2), portion(33, 1, 1)], [33, 34, 33]);
        assert_eq!(portion(1, 1, 2), 1);
        assert_eq!(portion(0, 1, 2), 0);
    }

    proptest! {
        #[test]
        fn a_portion_is_never_more_than_the_whole(amount in 0_i64.., part in 0_i64..1_000, more in 1_i64..1_000) {
            let portion = portion(amount, part, part + more);
            prop_assert!((0..=amount).contains(&portion));
        }

        #[test]
        fn portions_add_up_whatever_is_given_back(
            amount in 0_i64..=i64::MAX / 2,
            units in 1_i64..=999,
            steps in proptest::collection::vec((any::<bool>(), 1_i64..=400, any::<prop::sample::Index>()), 1..40),
        ) {
            let mut live: Vec<(i64, i64)> = Vec::new();
            let held = |live: &[(i64, i64)]| live.iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
            for (takes, wanted, which) in steps {
                let (held_units, held_minor) = held(&live);
                if takes && held_units < units {
                    let part = wanted.min(units - held_units);
                    live.push((part, portion(amount - held_minor, part, units - held_units)));
                } else if !live.is_empty() {
                    live.swap_remove(which.index(live.len()));
                }
                let (held_units, held_minor) = held(&live);
                prop_assert!((0..=amount).contains(&held_minor));
                prop_assert!(held_units < units || held_minor == amount);
            }
            let (held_units, held_minor) = held(&live);
            live.push((units - held_units, portion(amount - held_minor, units - held_units, units - held_units)));
            prop_assert_eq!(held(&live).1, amount);
        }
    }
}
