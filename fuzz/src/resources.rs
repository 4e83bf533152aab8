// SPDX-License-Identifier: Apache-2.0

//! Resources as operators write them, and sums and differences of them.
//!
//! Two texts with a new line between them. What is taken is printed and taken
//! again; the laws of the algebra hold between the two.

use mesos_core::{
    attributes,
    resources::{Quantities, Resource, Resources, Scalar, Value},
};

/// Parses both lines of `data`.
pub fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (left, right) = text.split_once('\n').unwrap_or((text, text));
    if let Ok(quantities) = Quantities::parse(left) {
        let printed = quantities.to_string();
        assert!(quantities.contains(&quantities), "{printed} is not contained in itself");
    }
    if let Ok(attributes) = attributes::parse(left) {
        assert!(attributes::all_same(&attributes, &attributes));
        attributes.iter().for_each(|attribute| drop(attributes::shown(attribute)));
    }
    let role = right.split(['(', ')']).nth(1).unwrap_or("*");
    let parsed = [Resources::parse(left, "*"), Resources::parse(right, role)];
    for resources in parsed.iter().flatten() {
        check_forms(resources);
    }
    let [Ok(left), Ok(right)] = parsed else { return };
    check_laws(&left, &right);
    if is_exact(&left) && is_exact(&right) {
        check_exact_laws(&left, &right);
    }
}

/// Amounts of more than this may lose thousandths on their way through a double.
const CARRIED_MAX: Scalar = Scalar::from_thousandths(1 << 51);

/// All forms of resources say the same.
fn check_forms(resources: &Resources) {
    if !resources.iter().all(is_carried) {
        return;
    }
    assert_eq!(Resources::from_proto(&resources.to_proto()), *resources);
    assert_eq!(Resources::from_proto(&resources.to_endpoint()), *resources);
    if let Ok(old) = resources.to_pre_refinement() {
        assert_eq!(Resources::from_proto(&old), *resources);
    }
    let plain: Resources = resources.iter().map(Resource::stripped).collect();
    if !plain.is_empty() && plain.iter().all(is_readable) {
        let text = plain.to_string();
        assert_eq!(Resources::parse(&text, "*"), Ok(plain), "printed as {text}");
    }
}

/// Amounts of more than this are not printed to the last digit.
const PRINTED_MAX: Scalar = Scalar::from_thousandths(999_999_999_999_999);

/// Whether protobuf and JSON have this amount to the last thousandth.
fn is_carried(resource: &Resource) -> bool {
    match resource.value() {
        Value::Scalar(amount) => *amount <= CARRIED_MAX,
        Value::Ranges(_) | Value::Set(_) => true,
    }
}

/// Names and words may hold what separates them in the text: JSON has no such limits.
fn is_readable(resource: &Resource) -> bool {
    let separators = [':', ';', '(', ')', '[', ']', '{', '}', ',', '<', '>', '"', '\\'];
    let plain = |text: &str| {
        !text.is_empty()
            && !text.contains(separators)
            && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
    };
    let value = match resource.value() {
        Value::Set(set) => set.iter().all(plain),
        Value::Scalar(amount) => *amount <= PRINTED_MAX,
        Value::Ranges(_) => true,
    };
    plain(resource.name().as_str()) && value
}

fn check_laws(left: &Resources, right: &Resources) {
    let sum = left + right;
    assert_eq!(sum, right + left, "{left} + {right} depends on the order");
    assert!(sum.contains(left) && sum.contains(right), "{sum} lacks {left} or {right}");
    assert!((left - left).is_empty(), "something is left of {left}");
    assert!(left.contains(left) && left.contains(&Resources::new()));
    assert_eq!(left == right, left.contains(right) && right.contains(left));
    let rest = left - right;
    assert!(left.contains(&rest), "{left} - {right} = {rest}");
    for result in [&sum, &rest, &left.to_unreserved(), &left.allocated("x")] {
        for (index, resource) in result.iter().enumerate() {
            assert!(!resource.is_empty(), "something empty in {result}");
            let earlier = &result.as_slice()[..index];
            let merged = |other: &Resource| other.same_kind(resource) && !other.is_indivisible();
            assert!(!earlier.iter().any(merged), "twice in {result}");
        }
    }
    assert_eq!(&left.reserved() + &left.unreserved(), *left);
    assert_eq!(left.unallocated().allocated("x").unallocated(), left.unallocated());
}

/// Whether adding something and taking it away again loses nothing: not so with
/// ranges and words, of which a sum holds each once.
fn is_exact(resources: &Resources) -> bool {
    resources.iter().all(|resource| matches!(resource.value(), Value::Scalar(_)))
}

fn check_exact_laws(left: &Resources, right: &Resources) {
    let sum = left + right;
    assert_eq!(&sum - right, *left, "{left} + {right} - {right}");
    assert_eq!(sum.quantities(), left.quantities() + &right.quantities());
    assert_eq!((&sum - left).quantities(), right.quantities());
    assert!((left - &sum).is_empty());
    assert_eq!(left.shrink_to(&left.quantities()), *left);
    assert!(right.quantities().contains(&left.shrink_to(&right.quantities()).quantities()));
}
