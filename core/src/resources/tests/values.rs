// SPDX-License-Identifier: Apache-2.0

//! Scalars, ranges and sets against simple models of them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn numbers() -> impl Strategy<Value = (Ranges, BTreeSet<u64>)> {
    prop::collection::vec((0..60_u64, 0..8_u64), 0..8).prop_map(|ranges| {
        let ranges: Vec<Range> = ranges
            .into_iter()
            .map(|(begin, length)| Range { begin, end: begin + length })
            .collect();
        let model = ranges.iter().flat_map(|range| range.begin..=range.end).collect();
        (Ranges::new(ranges), model)
    })
}

fn words() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set("[a-e]{1,2}", 0..6)
}

proptest! {
    #[test]
    fn ranges_behave_like_sets_of_numbers(
        (a, model_a) in numbers(),
        (b, model_b) in numbers(),
    ) {
        let check = |ranges: &Ranges, model: BTreeSet<u64>| {
            prop_assert_eq!(ranges.numbers().collect::<BTreeSet<_>>(), model.clone());
            prop_assert_eq!(ranges.len(), model.len() as u64);
            for pair in ranges.as_slice().windows(2) {
                prop_assert!(pair[0].end + 1 < pair[1].begin, "{} is not coalesced", ranges);
            }
            Ok(())
        };
        check(&a, model_a.clone())?;
        check(&a.union(&b), &model_a | &model_b)?;
        check(&a.difference(&b), &model_a - &model_b)?;
        prop_assert_eq!(a.contains(&b), model_a.is_superset(&model_b));
        prop_assert!(a.union(&b).contains(&b));
        prop_assert_eq!(a == b, model_a == model_b);
    }

    #[test]
    fn sets_behave_like_sets_of_words(a in words(), b in words()) {
        let (set_a, set_b) = (Set::new(&a), Set::new(&b));
        prop_assert_eq!(set_a.union(&set_b), Set::new(&a | &b));
        prop_assert_eq!(set_a.difference(&set_b), Set::new(&a - &b));
        prop_assert_eq!(set_a.contains(&set_b), a.is_superset(&b));
        prop_assert_eq!(set_a.len(), a.len());
    }

    #[test]
    fn scalars_survive_the_round_trip_through_doubles(
        thousandths in -1_000_000_000_000_000..1_000_000_000_000_000_i64,
    ) {
        let scalar = Scalar::from_thousandths(thousandths);
        prop_assert_eq!(Scalar::from_f64(scalar.as_f64()), scalar);
    }

    #[test]
    fn scalars_print_what_they_are(thousandths in any::<i64>()) {
        let scalar = Scalar::from_thousandths(thousandths);
        let printed: f64 = scalar.to_string().parse().expect("a number is printed");
        let error = (printed - scalar.as_f64()).abs();
        prop_assert!(error <= scalar.as_f64().abs() * 1e-14, "{}", scalar);
    }
}

#[test]
fn ranges_reach_to_the_ends_of_64_bits() {
    let all = Ranges::single(0, u64::MAX);
    assert_eq!(all.len(), u64::MAX);
    assert_eq!(all.union(&all), all);
    assert!(all.difference(&all).is_empty());
    let ends = all.difference(&Ranges::single(1, u64::MAX - 1));
    assert_eq!(ends.to_string(), format!("[0-0, {0}-{0}]", u64::MAX));
    assert_eq!(ends.union(&Ranges::single(1, u64::MAX - 1)), all);
}

#[test]
fn scalars_are_rounded_to_three_decimals_away_from_zero() {
    for (value, printed) in [
        (1.0, "1"),
        (0.001, "0.001"),
        (0.0004, "0"),
        (0.0005, "0.001"),
        (-0.0005, "-0.001"),
        (0.12345, "0.123"),
        (2.55, "2.55"),
        (1.9999, "2"),
        (f64::NAN, "0"),
        (0.0, "0"),
        (-1.5, "-1.5"),
        (999_999_999_999.999, "999999999999.999"),
        (1e12, "1000000000000"),
        (123_456_789_012_345.6, "123456789012346"),
        (1e15, "1e+15"),
        (1.5e15, "1.5e+15"),
    ] {
        assert_eq!(Scalar::from_f64(value).to_string(), printed, "{value}");
    }
}

#[test]
fn sums_of_tenths_are_exact() {
    let tenth = Scalar::from_f64(0.1);
    let sum: Scalar = std::iter::repeat_n(tenth, 3).sum();
    assert_eq!(sum.as_f64(), 0.3);
    let large = Scalar::from_thousandths(i64::MAX);
    assert_eq!(large + tenth, large);
}
