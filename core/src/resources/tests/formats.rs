// SPDX-License-Identifier: Apache-2.0

//! The three formats of reservations.

use proptest::prelude::*;

use super::{
    convert::{RefinedReservation, downgrade, upgrade},
    generate::anything,
    *,
};

fn format(json: &str) -> String {
    mesos_proto::json::to_json(&proto(json))
}

#[test]
fn each_format_is_upgraded_to_the_stack() {
    let base = r#""name":"cpus","type":"SCALAR","scalar":{"value":1}"#;
    for (old, new) in [
        (r#","role":"*""#, ""),
        ("", ""),
        (r#","role":"a""#, r#","reservations":[{"type":"STATIC","role":"a"}]"#),
        (
            r#","role":"a","reservation":{"principal":"p","labels":{"labels":[{"key":"k"}]}}"#,
            r#","reservations":[{"type":"DYNAMIC","role":"a","principal":"p","labels":{"labels":[{"key":"k"}]}}]"#,
        ),
        (
            r#","role":"a","reservations":[{"type":"STATIC","role":"a"}]"#,
            r#","reservations":[{"type":"STATIC","role":"a"}]"#,
        ),
    ] {
        let mut resource = proto(&format!("{{{base}{old}}}"));
        upgrade(&mut resource);
        let expected = proto(&format!("{{{base}{new}}}"));
        assert_eq!(resource, expected, "{old}");
        assert_eq!(Resources::from_proto(&[resource]).to_proto(), [expected]);
    }
}

#[test]
fn refined_reservations_are_not_downgraded() {
    let json = r#"{"name":"cpus","type":"SCALAR","scalar":{"value":1},
        "reservations":[{"type":"STATIC","role":"a"},{"type":"DYNAMIC","role":"a/b"}]}"#;
    let mut resource = proto(json);
    assert_eq!(downgrade(&mut resource), Err(RefinedReservation));
    assert_eq!(mesos_proto::json::to_json(&resource), format(json));
    let resources = resources(&[json]);
    assert_eq!(resources.to_pre_refinement(), Err(RefinedReservation));
    assert_eq!(resources.to_endpoint(), resources.to_proto());
}

#[test]
fn the_endpoint_format_says_both() {
    let resources = resources(&[
        r#"{"name":"cpus","type":"SCALAR","scalar":{"value":1}}"#,
        r#"{"name":"mem","type":"SCALAR","scalar":{"value":1},"role":"a","reservation":{"principal":"p"}}"#,
    ]);
    let endpoint: Vec<String> =
        resources.to_endpoint().iter().map(mesos_proto::json::to_json).collect();
    let expected = [
        format(r#"{"name":"cpus","type":"SCALAR","scalar":{"value":1},"role":"*"}"#),
        format(
            r#"{"name":"mem","type":"SCALAR","scalar":{"value":1},"role":"a",
                "reservation":{"principal":"p"},
                "reservations":[{"type":"DYNAMIC","role":"a","principal":"p"}]}"#,
        ),
    ];
    assert_eq!(endpoint, expected);
}

proptest! {
    #[test]
    fn every_format_reads_back_as_it_was_written(a in anything()) {
        let proto = a.to_proto();
        prop_assert_eq!(Resources::from_proto(&proto).to_proto(), proto.clone());
        prop_assert_eq!(Resources::from_proto(&a.to_endpoint()).to_proto(), proto.clone());
        let refined = a.iter().any(Resource::has_refined_reservations);
        match a.to_pre_refinement() {
            Ok(old) => {
                prop_assert!(!refined);
                prop_assert_eq!(Resources::validated(&old), Ok(a));
                prop_assert_eq!(Resources::from_proto(&old).to_proto(), proto);
            }
            Err(RefinedReservation) => prop_assert!(refined),
        }
    }
}
