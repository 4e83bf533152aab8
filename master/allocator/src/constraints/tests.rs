// SPDX-License-Identifier: Apache-2.0

use mesos_proto::v1::{self, scheduler::OfferConstraints};

use super::{ConstraintLimits, Constraints};

fn compile(json: &str) -> Result<Constraints, String> {
    let constraints: OfferConstraints = mesos_proto::json::from_json(json.as_bytes()).unwrap();
    Constraints::compile(&constraints, ConstraintLimits::default()).map_err(|e| e.to_string())
}

fn agent() -> v1::AgentInfo {
    mesos_proto::json::from_json(
        br#"{"hostname":"h1","attributes":[
              {"name":"rack","type":"TEXT","text":{"value":"r7"}},
              {"name":"rack","type":"TEXT","text":{"value":"second"}},
              {"name":"speed","type":"SCALAR","scalar":{"value":3}}],
            "domain":{"fault_domain":{"region":{"name":"eu"},"zone":{"name":"eu-1"}}}}"#,
    )
    .unwrap()
}

fn holds(selector: &str, predicate: &str) -> bool {
    let json = format!(
        r#"{{"role_constraints":{{"a":{{"groups":[{{"attribute_constraints":[
            {{"selector":{selector},"predicate":{predicate}}}]}}]}}}}}}"#
    );
    !compile(&json).unwrap().excludes("a", &agent())
}

#[test]
fn every_predicate_on_every_kind_of_subject() {
    let rack = r#"{"attribute_name":"rack"}"#;
    let speed = r#"{"attribute_name":"speed"}"#;
    let none = r#"{"attribute_name":"none"}"#;
    let zone = r#"{"pseudoattribute_type":"ZONE"}"#;
    for (predicate, on_rack, on_speed, on_none, on_zone) in [
        (r#"{"exists":{}}"#, true, true, false, true),
        (r#"{"not_exists":{}}"#, false, false, true, false),
        (r#"{"text_equals":{"value":"r7"}}"#, true, true, false, false),
        (r#"{"text_not_equals":{"value":"r7"}}"#, false, true, true, true),
        (r#"{"text_matches":{"regex":"r[0-9]+"}}"#, true, true, false, false),
        (r#"{"text_matches":{"regex":"[a-z]"}}"#, false, true, false, false),
        (r#"{"text_not_matches":{"regex":"eu-.*"}}"#, true, true, true, false),
    ] {
        let got = [rack, speed, none, zone].map(|selector| holds(selector, predicate));
        assert_eq!(got, [on_rack, on_speed, on_none, on_zone], "{predicate}");
    }
}

#[test]
fn hostname_and_region_can_be_asked_for() {
    let is = |kind: &str, value: &str| {
        holds(
            &format!(r#"{{"pseudoattribute_type":"{kind}"}}"#),
            &format!(r#"{{"text_equals":{{"value":"{value}"}}}}"#),
        )
    };
    assert!(is("HOSTNAME", "h1") && is("REGION", "eu") && !is("REGION", "us"));
}

#[test]
fn groups_are_alternatives_and_their_constraints_are_not() {
    let constraint = |name: &str| {
        format!(r#"{{"selector":{{"attribute_name":"{name}"}},"predicate":{{"exists":{{}}}}}}"#)
    };
    let (rack, none) = (constraint("rack"), constraint("none"));
    let excluded = |groups: &str| {
        let json = format!(r#"{{"role_constraints":{{"a":{{"groups":[{groups}]}}}}}}"#);
        compile(&json).unwrap().excludes("a", &agent())
    };
    assert!(excluded(&format!(r#"{{"attribute_constraints":[{rack},{none}]}}"#)));
    assert!(!excluded(&format!(
        r#"{{"attribute_constraints":[{none}]}},{{"attribute_constraints":[{rack}]}}"#
    )));
}

#[test]
fn roles_without_constraints_take_any_agent() {
    let constraints = compile(
        r#"{"role_constraints":{"a":{"groups":[{"attribute_constraints":[
            {"selector":{"attribute_name":"none"},"predicate":{"exists":{}}}]}]}}}"#,
    )
    .unwrap();
    assert!(constraints.excludes("a", &agent()));
    assert!(!constraints.excludes("b", &agent()));
    assert_eq!(constraints.roles().collect::<Vec<_>>(), ["a"]);
}

/// As recorded from Apache Mesos 1.11.0.
#[test]
fn what_is_wrong_is_said_in_the_words_of_mesos() {
    let with = |constraint: &str| {
        let json = format!(
            r#"{{"role_constraints":{{"a":{{"groups":[{{"attribute_constraints":[{constraint}]}}]}}}}}}"#
        );
        compile(&json).unwrap_err()
    };
    let regex = |regex: &str| {
        with(&format!(
            r#"{{"selector":{{"attribute_name":"rack"}},"predicate":{{"text_matches":{{"regex":"{regex}"}}}}}}"#
        ))
    };
    assert_eq!(
        compile(r#"{"role_constraints":{"a":{}}}"#).unwrap_err(),
        "'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role a"
    );
    assert_eq!(
        compile(r#"{"role_constraints":{"a":{"groups":[{}]}}}"#).unwrap_err(),
        "'OfferConstraints::RoleConstraints::groups' for role acontains an empty \
         RoleConstraints::Group"
    );
    for (pattern, reason) in [
        ("[", "missing ]: ["),
        ("(a{0,100}){0,100}", "invalid repetition size: {0,100}"),
        ("a{1001}", "invalid repetition size: {1001}"),
        ("(a", "missing ): (a"),
        ("*", "no argument for repetition operator: *"),
        ("(abcdefghij){40}", "pattern too large - compile failed"),
    ] {
        assert_eq!(
            regex(pattern),
            format!(
                "A role a has an invalid 'AttributeConstraint': Failed to construct regex from \
                 pattern '{pattern}': {reason}"
            )
        );
    }
    for (constraint, reason) in [
        (
            r#"{"selector":{},"predicate":{"exists":{}}}"#,
            "Exactly one of 'AttributeConstraint::Selector::name' or \
             'AttributeConstraint::Selector::pseudoattribute_type' must be set",
        ),
        (r#"{"selector":{"attribute_name":"rack"},"predicate":{}}"#, "Unknown predicate type"),
        (
            r#"{"selector":{"pseudoattribute_type":"UNKNOWN"},"predicate":{"exists":{}}}"#,
            "Unknown pseudoattribute type",
        ),
    ] {
        let text = format!("A role a has an invalid 'AttributeConstraint': {reason}");
        assert_eq!(with(constraint), text);
    }
}

#[test]
fn a_program_may_be_limited_below_the_memory() {
    let constraints: OfferConstraints = mesos_proto::json::from_json(
        br#"{"role_constraints":{"a":{"groups":[{"attribute_constraints":[
            {"selector":{"attribute_name":"rack"},
             "predicate":{"text_matches":{"regex":"abcdefghij"}}}]}]}}}"#,
    )
    .unwrap();
    let limits = ConstraintLimits { max_program_size: 8, ..ConstraintLimits::default() };
    let error = Constraints::compile(&constraints, limits).unwrap_err().to_string();
    assert!(error.contains("Regex 'abcdefghij' is too complex: program size of "), "{error}");
    assert!(error.ends_with("is larger than maximum of 8 allowed"), "{error}");
}

#[test]
fn nesting_and_length_are_bounded() {
    for pattern in ["(".repeat(5000) + &")".repeat(5000), "a".repeat(100_000)] {
        let json = format!(
            r#"{{"role_constraints":{{"a":{{"groups":[{{"attribute_constraints":[
                {{"selector":{{"attribute_name":"rack"}},
                  "predicate":{{"text_matches":{{"regex":"{pattern}"}}}}}}]}}]}}}}}}"#
        );
        assert!(compile(&json).is_err());
    }
}
