// SPDX-License-Identifier: Apache-2.0

//! Resources drawn from a small universe, so that kinds often coincide.

use proptest::prelude::*;

use super::{Resources, proto};

/// What may follow the value of a resource of any name.
const METADATA: [&str; 9] = [
    "",
    r#","reservations":[{"type":"STATIC","role":"web"}]"#,
    r#","reservations":[{"type":"DYNAMIC","role":"web","principal":"ops"}]"#,
    r#","reservations":[{"type":"DYNAMIC","role":"web","labels":{"labels":[{"key":"a"},{"key":"b","value":"1"}]}}]"#,
    r#","reservations":[{"type":"STATIC","role":"web"},{"type":"DYNAMIC","role":"web/front"}]"#,
    r#","allocation_info":{"role":"web"}"#,
    r#","allocation_info":{"role":"web/front"},"reservations":[{"type":"STATIC","role":"web"}]"#,
    r#","revocable":{}"#,
    r#","provider_id":{"value":"p1"}"#,
];

/// What may follow the value of a disk besides.
const DISKS: [&str; 7] = [
    r#","disk":{"source":{"type":"PATH","path":{"root":"/a"}}}"#,
    r#","disk":{"source":{"type":"MOUNT","mount":{"root":"/m"}}}"#,
    r#","disk":{"source":{"type":"BLOCK","id":"b1"}}"#,
    r#","disk":{"source":{"type":"RAW","profile":"fast"}}"#,
    r#","disk":{"source":{"type":"RAW","id":"r1"}}"#,
    r#","disk":{"persistence":{"id":"v1"},"volume":{"mode":"RW","container_path":"data"}}"#,
    r#","disk":{"persistence":{"id":"v2","principal":"ops"}}"#,
];

fn scalar_of(name: &'static str) -> impl Strategy<Value = String> {
    (1..50_u32).prop_map(move |thousandths| {
        let value = f64::from(thousandths) / 1000.0;
        format!(r#""name":"{name}","type":"SCALAR","scalar":{{"value":{value}}}"#)
    })
}

fn metadata() -> impl Strategy<Value = &'static str> {
    prop::sample::select(METADATA.as_slice())
}

/// One amount, plain or not, but never shared.
fn scalar() -> impl Strategy<Value = String> {
    let name = prop::sample::select(["cpus", "mem", "gpus", "disk", "bricks"].as_slice());
    let amount = (name.prop_flat_map(scalar_of), metadata())
        .prop_map(|(value, metadata)| format!("{{{value}{metadata}}}"));
    let disk = (scalar_of("disk"), metadata(), prop::sample::select(DISKS.as_slice()))
        .prop_map(|(value, metadata, disk)| format!("{{{value}{metadata}{disk}}}"));
    prop_oneof![3 => amount, 2 => disk]
}

/// Some ports or some words.
fn other() -> impl Strategy<Value = String> {
    let ranges = prop::collection::vec((0..20_u64, 0..4_u64), 1..4).prop_map(|ranges| {
        let mut taken = std::collections::BTreeMap::new();
        for (begin, length) in ranges {
            taken.entry(begin * 5).or_insert(begin * 5 + length);
        }
        let ranges: Vec<String> = taken
            .iter()
            .map(|(begin, end)| format!(r#"{{"begin":{begin},"end":{end}}}"#))
            .collect();
        let ranges = ranges.join(",");
        format!(r#""name":"ports","type":"RANGES","ranges":{{"range":[{ranges}]}}"#)
    });
    let words = prop::sample::subsequence(vec!["a", "b", "c", "d"], 1..4);
    let set =
        words.prop_map(|items| format!(r#""name":"tags","type":"SET","set":{{"item":{items:?}}}"#));
    (prop_oneof![ranges, set], metadata())
        .prop_map(|(value, metadata)| format!("{{{value}{metadata}}}"))
}

fn collected(one: impl Strategy<Value = String>) -> impl Strategy<Value = Resources> {
    prop::collection::vec(one, 0..6).prop_map(|jsons| {
        let protos: Vec<_> = jsons.iter().map(|json| proto(json)).collect();
        Resources::validated(&protos).expect("what is generated is valid")
    })
}

/// Amounts and disks: adding and subtracting them loses nothing.
pub(super) fn scalars() -> impl Strategy<Value = Resources> {
    collected(scalar())
}

/// Amounts, disks, numbers and words.
pub(super) fn anything() -> impl Strategy<Value = Resources> {
    collected(prop_oneof![2 => scalar(), 1 => other()])
}
