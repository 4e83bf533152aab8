// SPDX-License-Identifier: Apache-2.0

//! Quantities against a map from names to amounts.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

type Model = BTreeMap<&'static str, i64>;

const NAMES: [&str; 7] = ["cpus", "mem", "disk", "gpus", "ports", "bricks", "zebras"];

fn amounts() -> impl Strategy<Value = Model> {
    prop::collection::btree_map(prop::sample::select(NAMES.as_slice()), 0..5_i64, 0..NAMES.len())
}

fn quantities(model: &Model) -> Quantities {
    model
        .iter()
        .map(|(name, amount)| (Name::new(name), Scalar::from_thousandths(*amount)))
        .collect()
}

fn combine(a: &Model, b: &Model, combine: impl Fn(i64, i64) -> i64) -> Model {
    NAMES
        .iter()
        .map(|name| {
            let get = |model: &Model| model.get(name).copied().unwrap_or(0);
            (*name, combine(get(a), get(b)))
        })
        .collect()
}

proptest! {
    #[test]
    fn quantities_behave_like_a_map(a in amounts(), b in amounts()) {
        let (qa, qb) = (quantities(&a), quantities(&b));
        prop_assert_eq!(qa.clone() + &qb, quantities(&combine(&a, &b, |a, b| a + b)));
        prop_assert_eq!(qa.clone() - &qb, quantities(&combine(&a, &b, |a, b| (a - b).max(0))));
        prop_assert_eq!(qa.min(&qb), quantities(&combine(&a, &b, i64::min)));
        let contained = combine(&a, &b, |a, b| i64::from(a >= b)).values().all(|enough| *enough == 1);
        prop_assert_eq!(qa.contains(&qb), contained);
        prop_assert_eq!(qa.is_empty(), a.values().all(|amount| *amount == 0));
        let listed: Vec<&str> = qa.iter().map(|(name, _)| name.as_str()).collect();
        let expected: Vec<&str> =
            a.iter().filter(|(_, amount)| **amount > 0).map(|(name, _)| *name).collect();
        prop_assert_eq!(listed, expected);
    }
}

#[test]
fn quantities_are_parsed_and_printed_like_mesos() {
    let quantities = Quantities::parse("mem:32;cpus: 0.01;x:0;  y :1").expect("well-formed");
    assert_eq!(quantities.to_string(), "cpus:0.01; mem:32; y:1");
    assert_eq!(Quantities::new().to_string(), "{}");
    for (text, expected) in [
        ("cpus", "Failed to parse 'cpus': missing or extra ':'"),
        ("a:1:2", "Failed to parse 'a:1:2': missing or extra ':'"),
        ("ports:[1-2]", "Failed to parse '[1-2]' to quantity: only scalar values are allowed"),
        (
            "cpus:-1",
            "Failed to parse '-1' to quantity: Invalid scalar value '-1':Negative values not \
             supported",
        ),
    ] {
        let error = Quantities::parse(text).expect_err("the text is malformed");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn numbers_and_words_are_counted() {
    let resources = parsed("cpus:1;ports:[1-10, 21-30];tags:{a,b}");
    let counted = resources.counted_quantities();
    assert_eq!(counted.to_string(), "cpus:1; ports:20; tags:2");
    assert_eq!(resources.quantities().to_string(), "cpus:1");
    let wanted = |text| Quantities::parse(text).expect("well-formed");
    assert!(resources.contains_quantities(&wanted("ports:20;tags:2")));
    assert!(!resources.contains_quantities(&wanted("ports:21")));
    assert!(!resources.contains_quantities(&wanted("gpus:1")));
}
