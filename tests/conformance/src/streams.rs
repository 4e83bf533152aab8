// SPDX-License-Identifier: Apache-2.0

//! An open event stream: what was recorded of it and what has come so far.

use crate::{compare::differences, http1::Connection, names::Names};
use anyhow::{Context, Result, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use mesos_proto::v1;
use prost::Message;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Shutdown, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// How the records of a stream are encoded, and what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// JSON text.
    Json,
    /// `mesos.v1.scheduler.Event` in protobuf.
    SchedulerEvents,
    /// `mesos.v1.executor.Event` in protobuf.
    ExecutorEvents,
}

#[derive(Default)]
struct Received {
    records: Vec<Value>,
    /// Set once the stream has ended; an error if it did so in the middle.
    end: Option<std::result::Result<(), String>>,
}

/// One stream of a case.
pub struct Stream {
    /// Which exchange opened it.
    pub exchange: usize,
    /// The header `Mesos-Stream-Id`; empty where there is none.
    pub id: String,
    /// The recorded events.
    pub recorded: Vec<Value>,
    received: Arc<Mutex<Received>>,
    socket: TcpStream,
    /// Whether we closed it ourselves.
    pub closed_here: bool,
}

impl Stream {
    /// Reads the body of an answer as a stream, in a thread of its own.
    pub fn read(
        exchange: usize,
        id: String,
        recorded: Vec<Value>,
        connection: Connection,
        kind: Records,
    ) -> Result<Stream> {
        let socket = connection.socket()?;
        let recorded =
            recorded.into_iter().map(|e| decode_recorded(kind, e)).collect::<Result<_>>()?;
        connection.wait_for_ever()?;
        let received = Arc::new(Mutex::new(Received::default()));
        let sink = Arc::clone(&received);
        thread::spawn(move || {
            let end = pump(connection, kind, &sink).map_err(|e| format!("{e:#}"));
            sink.lock().expect("no thread panics with the lock").end = Some(end);
        });
        Ok(Stream { exchange, id, recorded, received, socket, closed_here: false })
    }

    /// Closes our end.
    pub fn close(&mut self) {
        self.closed_here = true;
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// The records that have come so far.
    pub fn present(&self) -> Vec<Value> {
        self.received.lock().expect("no thread panics with the lock").records.clone()
    }

    /// Whether an executor was told to shut down; its agent may then close the stream
    /// as soon as the executor has ended.
    pub fn is_shut_down(&self) -> bool {
        self.present().last().is_some_and(|r| r["type"] == "SHUTDOWN")
    }

    /// How the stream ended, if it has.
    pub fn end(&self) -> Option<std::result::Result<(), String>> {
        self.received.lock().expect("no thread panics with the lock").end.clone()
    }

    /// Learns the ids of all records that correspond so far.
    pub fn learn(&self, names: &mut Names) {
        let present = groups(&self.present());
        for (key, recorded) in groups(&self.recorded) {
            let Some(present) = present.get(&key) else { continue };
            for (old, new) in recorded.iter().zip(present) {
                names.learn(old, new);
            }
        }
    }

    /// Which recorded events before `until_ms` have not come yet.
    pub fn awaited(&self, until_ms: f64) -> Vec<String> {
        let present = groups(&self.present());
        let due: Vec<Value> = self
            .recorded
            .iter()
            .filter(|e| e["ms"].as_f64().unwrap_or(0.0) < until_ms)
            .cloned()
            .collect();
        groups(&due)
            .into_iter()
            .filter_map(|(key, due)| {
                let come = present.get(&key).map_or(0, Vec::len);
                (come < due.len()).then(|| format!("{key}: {come} of {} came", due.len()))
            })
            .collect()
    }

    /// Whether a recorded update is named so.
    pub fn has_recorded_update(&self, uuid: &str) -> bool {
        self.recorded.iter().any(|e| e["record"]["update"]["status"]["uuid"] == uuid)
    }

    /// Whether an update named so has come.
    pub fn has_update(&self, uuid: &str) -> bool {
        self.present().iter().any(|r| r["update"]["status"]["uuid"] == uuid)
    }

    /// Compares all that came with all that was recorded.
    pub fn differences(&self, names: &Names) -> Vec<String> {
        let mut found = Vec::new();
        let mut present = groups(&self.present());
        for (key, recorded) in groups(&self.recorded) {
            let present = present.remove(&key).unwrap_or_default();
            if recorded.len() != present.len() {
                let shown = serde_json::to_string(&present).unwrap_or_default();
                found.push(format!(
                    "{key}: recorded {}, came {}: {shown}",
                    recorded.len(),
                    present.len()
                ));
            }
            for (index, (old, new)) in recorded.iter().zip(&present).enumerate() {
                let lines = differences(names, old, new);
                found.extend(lines.into_iter().map(|l| format!("{key} #{index}{l}")));
            }
        }
        for (key, records) in present {
            let shown = serde_json::to_string(&records).unwrap_or_default();
            found.push(format!("{key}: not recorded, but {shown}"));
        }
        found
    }
}

/// Events by what they are about, each list in order. Heartbeats and offers may
/// come at any time and are left out, and so are updates sent again.
fn groups(records: &[Value]) -> BTreeMap<String, Vec<Value>> {
    let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for record in records {
        let record = record.get("record").unwrap_or(record);
        let kind = record["type"].as_str().unwrap_or("");
        let key = match kind {
            "HEARTBEAT" | "OFFERS" | "RESCIND" => continue,
            "UPDATE" => {
                let status = &record["update"]["status"];
                let task = status["task_id"]["value"].as_str().unwrap_or("");
                if let Some(uuid) = status["uuid"].as_str()
                    && !seen.insert(format!("{task} {uuid}"))
                {
                    continue;
                }
                format!("UPDATE {task}")
            }
            "UPDATE_OPERATION_STATUS" => {
                let status = &record["update_operation_status"]["status"];
                if let Some(uuid) = status["uuid"]["value"].as_str()
                    && !seen.insert(format!("operation {uuid}"))
                {
                    continue;
                }
                format!("{kind} {}", status["operation_id"]["value"].as_str().unwrap_or(""))
            }
            _ => kind.to_owned(),
        };
        groups.entry(key).or_default().push(record.clone());
    }
    groups
}

fn pump(mut connection: Connection, kind: Records, sink: &Mutex<Received>) -> Result<()> {
    while let Some(chunk) = connection.read_chunk()? {
        let at = chunk.iter().position(|&b| b == b'\n').context("a chunk without a length line")?;
        let length: usize = std::str::from_utf8(&chunk[..at])?.parse()?;
        let record = &chunk[at + 1..];
        if record.len() != length {
            bail!("a chunk holds {} bytes after a length line of {length}", record.len());
        }
        let value = decode(kind, record)?;
        sink.lock().expect("no thread panics with the lock").records.push(value);
    }
    Ok(())
}

/// Records of protobuf are decoded here as they are when they come, so that both
/// show unset fields alike.
fn decode_recorded(kind: Records, mut event: Value) -> Result<Value> {
    if let (Some(bytes), true) = (event["base64"].as_str(), kind != Records::Json) {
        event["record"] = decode(kind, &base64_bytes(bytes)?)?;
    }
    Ok(event)
}

fn decode(kind: Records, record: &[u8]) -> Result<Value> {
    let json = match kind {
        Records::Json => return Ok(serde_json::from_slice(record)?),
        Records::SchedulerEvents => {
            mesos_proto::json::to_json(&v1::scheduler::Event::decode(record)?)
        }
        Records::ExecutorEvents => {
            mesos_proto::json::to_json(&v1::executor::Event::decode(record)?)
        }
    };
    Ok(serde_json::from_str(&json)?)
}

/// The bytes of a base64 text of a case.
pub fn base64_bytes(text: &str) -> Result<Vec<u8>> {
    Ok(STANDARD.decode(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn updates_are_grouped_by_task_and_counted_once() {
        let update = |task: &str, uuid: &str| json!({"type": "UPDATE", "update": {"status": {"task_id": {"value": task}, "uuid": uuid}}});
        let records = [
            update("a", "1"),
            json!({"type": "HEARTBEAT"}),
            update("b", "2"),
            update("a", "1"),
            update("a", "3"),
        ];
        let groups = groups(&records);
        assert_eq!(groups["UPDATE a"].len(), 2);
        assert_eq!(groups["UPDATE b"].len(), 1);
        assert_eq!(groups.len(), 2);
    }
}
