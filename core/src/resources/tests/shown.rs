// SPDX-License-Identifier: Apache-2.0

//! Resources as `/state` shows them.

use super::{model::Member, *};

fn shown(resources: &Resources) -> String {
    let members = model::members(resources).map(|(name, member)| match member {
        Member::Number(amount) => format!("{name}={amount}"),
        Member::Text(text) => format!("{name}='{text}'"),
    });
    members.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_usual_kinds_are_always_shown() {
    assert_eq!(shown(&Resources::new()), "disk=0 mem=0 gpus=0 cpus=0");
}

#[test]
fn amounts_are_summed_and_sets_are_text() {
    let resources = parsed("ports:[1-2];tags:{b,a};cpus:1;cpus(web):0.5;bricks:3;ports(web):[4-5]");
    assert_eq!(
        shown(&resources),
        "disk=0 mem=0 gpus=0 cpus=1.5 bricks=3 ports='[1-2, 4-5]' tags='{a, b}'"
    );
}

#[test]
fn revocable_kinds_have_a_name_of_their_own() {
    let revocable = r#"{"name":"cpus","type":"SCALAR","scalar":{"value":2},"revocable":{}}"#;
    let resources = parsed("cpus:1") + &resources(&[revocable]);
    assert_eq!(shown(&resources), "disk=0 mem=0 gpus=0 cpus=1 cpus_revocable=2");
}
