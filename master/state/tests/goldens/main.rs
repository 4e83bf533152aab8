// SPDX-License-Identifier: Apache-2.0

//! Conversations recorded from Apache Mesos, held with the state machine alone:
//! no socket, no clock, and the agent says what it said then.
//!
//! What is compared: status and body of every call, and every event but OFFERS
//! and HEARTBEAT, whose moments are ours to choose.

mod case;
mod replay;

use std::path::Path;

/// Where the recorded cases are.
const FOLDER: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance/goldens/scheduler-api");

/// What differs on purpose, or is not there yet, with the reason.
const DIFFERENT: &[(&str, &str)] = &[
    ("accept-offers-of-two-agents", "the agents are offered in another order"),
    ("agent-unreachable", "the agent's process is killed; see `agents.rs` of the unit tests"),
    ("http-stream-id", "has no SUBSCRIBE of its own"),
    ("invalid-create-destroy", "operations that make sense are not supported yet"),
    ("invalid-launch-group", "an empty LAUNCH_GROUP starts no executor here"),
    ("invalid-reserve", "operations that make sense are not supported yet"),
    ("inverse-offers", "maintenance is not supported yet"),
    ("master-restart-reregister", "the master is restarted; see `failover.rs`"),
    ("operation-status-not-acknowledged", "operations are not supported yet"),
    ("operations-framework-without-principal", "operations are not supported yet"),
    ("operations-with-feedback", "operations are not supported yet"),
    ("subscribe-content-type-variants", "content types are the shell's matter"),
    ("subscribe-role-and-roles", "duplicate roles are listed in another order"),
    ("task-id-reused-at-once-ends-agent", "Mesos's agent aborts, and is lost"),
];

#[test]
fn the_scheduler_api_answers_as_recorded() {
    let mut files: Vec<_> = std::fs::read_dir(Path::new(FOLDER))
        .expect("the goldens are part of the repository")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    assert!(files.len() > 50, "the goldens are there");
    let mut report = String::new();
    for path in files {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let text = std::fs::read_to_string(&path).expect("a golden can be read");
        let case = case::Case::parse(&text);
        let differences = replay::replay(&case);
        let known = DIFFERENT.iter().find(|(known, _)| *known == name);
        if differences.is_empty() == known.is_some() {
            report += &format!("== {name}\n{}\n", differences.join("\n"));
        }
    }
    assert!(report.is_empty(), "{report}");
}
