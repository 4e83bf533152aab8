// SPDX-License-Identifier: Apache-2.0

//! What offer operations do.

use mesos_proto::v1::offer::Operation;

use super::{operation::conversions, *};

fn operation(json: &str) -> Operation {
    mesos_proto::json::from_json(json.as_bytes()).expect("the JSON is well-formed")
}

/// Applies the operation to the resources.
fn apply(total: &Resources, json: &str) -> String {
    match total.apply_operation(&operation(json)) {
        Ok(after) => after.to_string(),
        Err(error) => format!("error: {error}"),
    }
}

const RESERVED: &str = r#"{"name":"disk","type":"SCALAR","scalar":{"value":4},
    "reservations":[{"type":"DYNAMIC","role":"web"}]}"#;
const VOLUME: &str = r#"{"name":"disk","type":"SCALAR","scalar":{"value":4},
    "reservations":[{"type":"DYNAMIC","role":"web"}],
    "disk":{"persistence":{"id":"v"},"volume":{"mode":"RW","container_path":"d"}}}"#;
const SHARED: &str = r#"{"name":"disk","type":"SCALAR","scalar":{"value":4},
    "reservations":[{"type":"DYNAMIC","role":"web"}],"shared":{},
    "disk":{"persistence":{"id":"v"},"volume":{"mode":"RW","container_path":"d"}}}"#;

#[test]
fn reserving_and_unreserving_are_opposites() {
    let reserve = format!(r#"{{"type":"RESERVE","reserve":{{"resources":[{RESERVED}]}}}}"#);
    let unreserve = format!(r#"{{"type":"UNRESERVE","unreserve":{{"resources":[{RESERVED}]}}}}"#);
    let total = parsed("disk:10");
    let after = total.apply_operation(&operation(&reserve)).expect("there is enough");
    assert_eq!(after.to_string(), "disk:6; disk(reservations: [(DYNAMIC,web)]):4");
    assert_eq!(apply(&after, &unreserve), "disk:10");
    assert_eq!(
        apply(&total, &unreserve),
        "error: disk:10 does not contain disk(reservations: [(DYNAMIC,web)]):4"
    );
    assert_eq!(apply(&parsed("disk:1"), &reserve), "error: disk:1 does not contain disk:4");
}

#[test]
fn a_reservation_moves_from_a_named_source() {
    let other = RESERVED.replace("web", "ads");
    let move_it = format!(
        r#"{{"type":"RESERVE","reserve":{{"source":[{RESERVED}],"resources":[{other}]}}}}"#
    );
    assert_eq!(apply(&resources(&[RESERVED]), &move_it), "disk(reservations: [(DYNAMIC,ads)]):4");
}

#[test]
fn unreserved_resources_cannot_be_the_goal_of_a_reservation() {
    let reserve = r#"{"type":"RESERVE","reserve":{"resources":[
        {"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}}"#;
    assert_eq!(apply(&parsed("cpus:4"), reserve), "error: Resource cpus:1 is not reserved");
}

#[test]
fn creating_and_destroying_a_volume_are_opposites() {
    let create = format!(r#"{{"type":"CREATE","create":{{"volumes":[{VOLUME}]}}}}"#);
    let destroy = format!(r#"{{"type":"DESTROY","destroy":{{"volumes":[{VOLUME}]}}}}"#);
    let total = resources(&[RESERVED]);
    let after = total.apply_operation(&operation(&create)).expect("there is enough");
    assert_eq!(after.to_string(), "disk(reservations: [(DYNAMIC,web)])[v:d]:4");
    assert_eq!(apply(&after, &destroy), "disk(reservations: [(DYNAMIC,web)]):4");
}

#[test]
fn a_shared_volume_is_destroyed_with_its_last_copy_only() {
    let destroy = format!(r#"{{"type":"DESTROY","destroy":{{"volumes":[{SHARED}]}}}}"#);
    let one = resources(&[SHARED]);
    assert_eq!(apply(&one, &destroy), "disk(reservations: [(DYNAMIC,web)]):4");
    assert!(
        apply(&(&one + &one), &destroy)
            .ends_with("cannot be removed due to additional shared copies")
    );
}

#[test]
fn a_volume_grows_by_free_disk_and_shrinks_to_it() {
    let addition = RESERVED.replace(r#""value":4"#, r#""value":2"#);
    let grow = format!(
        r#"{{"type":"GROW_VOLUME","grow_volume":{{"volume":{VOLUME},"addition":{addition}}}}}"#
    );
    let total = resources(&[RESERVED, VOLUME]);
    assert_eq!(
        apply(&total, &grow),
        "disk(reservations: [(DYNAMIC,web)]):2; disk(reservations: [(DYNAMIC,web)])[v:d]:6"
    );
    let shrink = format!(
        r#"{{"type":"SHRINK_VOLUME","shrink_volume":{{"volume":{VOLUME},"subtract":{{"value":1}}}}}}"#
    );
    assert_eq!(
        apply(&total, &shrink),
        "disk(reservations: [(DYNAMIC,web)]):5; disk(reservations: [(DYNAMIC,web)])[v:d]:3"
    );
}

#[test]
fn what_is_no_operation_on_resources_is_refused() {
    for (json, expected) in [
        (r#"{"type":"LAUNCH"}"#, "Operation not supported"),
        (r#"{}"#, "Unknown operation"),
        (
            r#"{"type":"RESERVE"}"#,
            "A RESERVE operation must have the Offer.Operation.reserve field set",
        ),
    ] {
        let error = conversions(&operation(json)).expect_err("it has no conversions");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn checkpointed_resources_replace_what_they_were_made_from() {
    let declared = parsed("disk:10;cpus:4");
    let checkpointed = resources(&[VOLUME]);
    assert_eq!(
        declared.apply_checkpointed(&checkpointed).map(|total| total.to_string()),
        Ok("disk:6; cpus:4; disk(reservations: [(DYNAMIC,web)])[v:d]:4".to_owned())
    );
    let error = parsed("disk:1").apply_checkpointed(&checkpointed).expect_err("too little");
    assert_eq!(error.to_string(), "Incompatible agent resources: disk:1 does not contain disk:4");
    let error = declared.apply_checkpointed(&parsed("cpus:1")).expect_err("nothing to remember");
    assert_eq!(error.to_string(), "Unexpected checkpointed resources cpus:1");
}
