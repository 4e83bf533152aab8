// SPDX-License-Identifier: Apache-2.0

//! Our messages are those of the published jar `org.apache.mesos:mesos:1.11.0`.
//!
//! `tests/data/mesos-1.11.0-jar-descriptors.txt` lists every message and enum
//! the jar holds, field by field. The v1 ones must be ours by name, in the
//! same order (JSON is written in it). The v0 ones must have the bytes of
//! ours: same numbers, labels, types and defaults, once `slave` reads `agent`.

use std::{collections::BTreeMap, fmt::Write};

use crate::descriptor::{Default, ENUMS, Field, Kind, Label, MESSAGES};

const JAR: &str = include_str!("../../tests/data/mesos-1.11.0-jar-descriptors.txt");

/// Heading (`message …`, `enum …`) → lines.
type Listing = BTreeMap<String, Vec<String>>;

fn jar() -> Listing {
    let mut listing = Listing::new();
    let mut heading = "";
    for line in JAR.lines() {
        match line.strip_prefix("  ") {
            Some(member) => listing.get_mut(heading).unwrap().push(member.to_owned()),
            None => {
                heading = line;
                listing.insert(line.to_owned(), Vec::new());
            }
        }
    }
    listing
}

fn ours() -> Listing {
    let mut listing = Listing::new();
    for message in MESSAGES {
        let fields = message.fields.iter().map(describe).collect();
        listing.insert(format!("message {}", message.name), fields);
    }
    for enumeration in ENUMS {
        let values = enumeration.values.iter().map(|(name, number)| format!("{name} {number}"));
        listing.insert(format!("enum {}", enumeration.name), values.collect());
    }
    listing
}

fn describe(field: &Field) -> String {
    let label = match field.label {
        Label::Optional => "optional",
        Label::Required => "required",
        Label::Repeated => "repeated",
        Label::Map => "map",
    };
    let kind = match (field.label, field.kind) {
        (Label::Map, Kind::Message(entry)) => kind_name(entry.fields[1].kind),
        (_, kind) => kind_name(kind),
    };
    let mut line = format!("{} {label} {kind} {}", field.number, field.name);
    match field.default {
        None => {}
        Some(Default::Bool(value)) => write!(line, " = {value}").unwrap(),
        Some(Default::Integer(value)) => write!(line, " = {value}").unwrap(),
        Some(Default::Double(value)) => write!(line, " = {value}").unwrap(),
        Some(Default::String(value) | Default::Enum(value)) => {
            write!(line, " = {value}").unwrap();
        }
    }
    if field.deprecated {
        line.push_str(" deprecated");
    }
    line
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "bool",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint32 => "uint32",
        Kind::Uint64 => "uint64",
        Kind::Double => "double",
        Kind::String => "string",
        Kind::Bytes => "bytes",
        Kind::Enum(enumeration) => enumeration.name,
        Kind::Message(message) => message.name,
    }
}

#[test]
fn every_v1_message_and_enum_of_the_jar_is_ours_field_by_field() {
    let ours = ours();
    let mut compared = 0;
    for (heading, members) in jar() {
        if heading.contains(" mesos.v1.") {
            let mut of_ours = ours.get(&heading).cloned().unwrap_or_default();
            of_ours
                .retain(|member| member != ONLY_IN_V0 || heading != "message mesos.v1.AgentInfo");
            assert_eq!(of_ours, members, "{heading}");
            compared += 1;
        }
    }
    let of_v1 = ours.keys().filter(|heading| heading.contains(" mesos.v1.")).count();
    assert_eq!(compared, of_v1, "declared here, but not in the jar");
}

/// The field of `AgentInfo` that v0 has and v1 has not.
const ONLY_IN_V0: &str = "7 optional bool checkpoint";

/// What v0 has otherwise; everything else is equal.
const KNOWN_DIFFERENCES: [&str; 7] = [
    // v1 never got this name; a v1 client sees a capability without a type.
    "enum mesos.MasterInfo.Capability.Type: QUOTA_V2 3",
    // Ours has it without the default, so that v1 JSON does not show it unset.
    "message mesos.SlaveInfo: 7 optional bool checkpoint = false",
    "message mesos.SlaveInfo: v1 has 7 optional bool checkpoint",
    // Deprecated in v1 only.
    "message mesos.scheduler.Response: \
     2 optional mesos.v1.scheduler.Response.ReconcileOperations reconcile_operations",
    "message mesos.scheduler.Response: \
     v1 has 2 optional mesos.v1.scheduler.Response.ReconcileOperations reconcile_operations \
     deprecated",
    "message mesos.scheduler.Response.ReconcileOperations: \
     1 repeated mesos.v1.OperationStatus operation_statuses",
    "message mesos.scheduler.Response.ReconcileOperations: \
     v1 has 1 repeated mesos.v1.OperationStatus operation_statuses deprecated",
];

/// A line or heading of v0 in the words of v1.
fn in_v1_words(text: &str) -> String {
    text.replace("Slave", "Agent")
        .replace("SLAVE", "AGENT")
        .replace("slave", "agent")
        .replace(" mesos.", " mesos.v1.")
        .replace("v1.v1.", "v1.")
}

/// The message or enum of ours that has the bytes of this one of v0.
fn counterpart(heading: &str) -> String {
    // The one whose numbers are not those of v1 is declared by itself.
    match heading {
        "message mesos.scheduler.Call" | "message mesos.scheduler.Call.Subscribe" => {
            heading.to_owned()
        }
        _ => in_v1_words(heading),
    }
}

fn sorted(mut members: Vec<String>) -> Vec<String> {
    members.sort();
    members
}

#[test]
fn every_v0_message_and_enum_of_the_jar_has_the_bytes_of_ours() {
    let ours = ours();
    let mut different = Vec::new();
    for (heading, members) in jar() {
        if heading.contains(" mesos.v1.") {
            continue;
        }
        let renamed = sorted(members.iter().map(|member| in_v1_words(member)).collect());
        let Some(of_ours) = ours.get(&counterpart(&heading)) else {
            different.push(format!("{heading}: not in v1"));
            continue;
        };
        let of_v1 = sorted(of_ours.iter().map(|member| in_v1_words(member)).collect());
        for member in renamed.iter().filter(|member| !of_v1.contains(member)) {
            different.push(format!("{heading}: {member}"));
        }
        for member in of_v1.iter().filter(|member| !renamed.contains(member)) {
            different.push(format!("{heading}: v1 has {member}"));
        }
    }
    assert_eq!(different, KNOWN_DIFFERENCES);
}
