// SPDX-License-Identifier: Apache-2.0

//! Compares the messages between our master and our agent with the recorded ones.
//!
//! Only what crosses the wire between a master and an agent is compared. Our
//! command tasks have no executor process, so the messages that Apache's agent
//! and its command executor exchange have no counterpart.

use crate::{compare::differences, names::Names, streams::base64_bytes, tap::Tapped};
use anyhow::{Result, anyhow};
use mesos_proto::internal as wire;
use prost::Message;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A message of the wire, decoded.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Its name without the package.
    pub name: String,
    /// Request line and headers.
    pub head: String,
    /// Its content.
    pub value: Value,
}

/// The recorded messages between master and agent, in order.
pub fn recorded(entries: &[Value]) -> Result<Vec<Decoded>> {
    let between = |e: &&Value| {
        let (from, to) = (e["from"].as_str(), e["to"].as_str());
        matches!((from, to), (Some("master"), Some("agent")) | (Some("agent"), Some("master")))
    };
    let messages = entries.iter().filter(|e| e["kind"] == "message").filter(between);
    messages
        .filter_map(|e| Some((e["message"].as_str()?, e)))
        .map(|(message, entry)| {
            let body = base64_bytes(entry["body_base64"].as_str().unwrap_or_default())?;
            let head = entry["head"].as_str().unwrap_or_default().to_owned();
            decode(message, head, &body)
        })
        .collect()
}

/// The messages that a tap noted, decoded.
pub fn present(noted: &[Tapped]) -> Result<Vec<Decoded>> {
    noted
        .iter()
        .filter_map(|t| Some((t.message()?, t)))
        .map(|(message, tapped)| decode(message, tapped.head.clone(), &tapped.body))
        .collect()
}

/// Learns the ids of all messages that correspond.
pub fn learn(names: &mut Names, recorded: &[Decoded], present: &[Decoded]) {
    let present = by_kind(present);
    for (kind, recorded) in by_kind(recorded) {
        let Some(present) = present.get(&kind) else { continue };
        for (old, new) in recorded.iter().zip(present) {
            names.learn(&old.value, &new.value);
        }
    }
}

/// Which recorded messages have not been seen yet.
pub fn awaited(recorded: &[Decoded], present: &[Decoded]) -> Vec<String> {
    let present = by_kind(present);
    by_kind(recorded)
        .into_iter()
        .filter_map(|(kind, due)| {
            let come = present.get(&kind).map_or(0, Vec::len);
            (come < due.len()).then(|| format!("wire: {kind}: {come} of {} came", due.len()))
        })
        .collect()
}

/// What is unequal, one line each.
pub fn compare(names: &Names, recorded: &[Decoded], present: &[Decoded]) -> Vec<String> {
    let mut found = Vec::new();
    let mut present = by_kind(present);
    for (kind, recorded) in by_kind(recorded) {
        let present = present.remove(&kind).unwrap_or_default();
        if recorded.len() != present.len() {
            found.push(format!(
                "wire: {kind}: recorded {}, came {}",
                recorded.len(),
                present.len()
            ));
        }
        for (index, (old, new)) in recorded.iter().zip(&present).enumerate() {
            let wanted = names.translate(&old.head);
            if wanted != new.head {
                found.push(format!(
                    "wire: {kind} #{index}: head: recorded {wanted:?}, but {:?}",
                    new.head
                ));
            }
            let lines = differences(names, &old.value, &new.value);
            found.extend(lines.into_iter().map(|l| format!("wire: {kind} #{index}{l}")));
        }
    }
    for (kind, messages) in present {
        found.push(format!("wire: {kind}: {} not recorded: {}", messages.len(), messages[0].value));
    }
    found
}

/// Messages by name and subject. Pings go on for ever and at their own pace:
/// of them only the first is kept. Updates sent again count once.
fn by_kind(messages: &[Decoded]) -> BTreeMap<String, Vec<Decoded>> {
    let mut kinds: BTreeMap<String, Vec<Decoded>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for message in messages {
        let task = match message.name.as_str() {
            "StatusUpdateMessage" => &message.value["update"]["status"]["task_id"]["value"],
            _ => &message.value["task_id"]["value"],
        };
        let kind =
            format!("{} {}", message.name, task.as_str().unwrap_or_default()).trim_end().to_owned();
        let is_repeated = match message.name.as_str() {
            "PingSlaveMessage" | "PongSlaveMessage" => !seen.insert(kind.clone()),
            "StatusUpdateMessage" => {
                !seen.insert(format!("{kind} {}", message.value["update"]["uuid"]))
            }
            _ => false,
        };
        if !is_repeated {
            kinds.entry(kind).or_default().push(message.clone());
        }
    }
    kinds
}

fn decode(message: &str, head: String, body: &[u8]) -> Result<Decoded> {
    let name = message.trim_start_matches("mesos.internal.").to_owned();
    let json = to_json(&name, body)?;
    Ok(Decoded { value: serde_json::from_str(&json)?, name, head })
}

macro_rules! decoders {
    ($($name:ident),* $(,)?) => {
        fn to_json(name: &str, body: &[u8]) -> Result<String> {
            match name {
                $(stringify!($name) => Ok(mesos_proto::json::to_json(&wire::$name::decode(body)?)),)*
                other => Err(anyhow!("no message between master and agent is called '{other}'")),
            }
        }
    };
}

decoders!(
    AcknowledgeOperationStatusMessage,
    ApplyOperationMessage,
    CheckpointResourcesMessage,
    DrainSlaveMessage,
    ExecutorToFrameworkMessage,
    ExitedExecutorMessage,
    FrameworkToExecutorMessage,
    KillTaskMessage,
    PingSlaveMessage,
    PongSlaveMessage,
    ReconcileOperationsMessage,
    RegisterSlaveMessage,
    ReregisterSlaveMessage,
    RunTaskGroupMessage,
    RunTaskMessage,
    ShutdownExecutorMessage,
    ShutdownFrameworkMessage,
    ShutdownMessage,
    SlaveRegisteredMessage,
    SlaveReregisteredMessage,
    StatusUpdateAcknowledgementMessage,
    StatusUpdateMessage,
    UnregisterSlaveMessage,
    UpdateFrameworkMessage,
    UpdateOperationStatusMessage,
    UpdateSlaveMessage,
);
