// SPDX-License-Identifier: Apache-2.0

//! The recorded conversations, read from their files.

use anyhow::{Context, Result};
use serde_json::Value;
use std::{fs, path::Path};

/// One recorded conversation.
pub struct Case {
    /// `area/name`, as the file is called.
    pub name: String,
    /// The file's content.
    pub value: Value,
}

/// One step of a conversation: a request with its answer, or something done outside HTTP.
#[derive(Clone, Copy)]
pub struct Exchange<'a>(pub &'a Value);

impl Case {
    /// Reads every case of one area, by name.
    pub fn read_area(goldens: &Path, area: &str) -> Result<Vec<Case>> {
        let mut cases = Vec::new();
        for entry in fs::read_dir(goldens.join(area))? {
            let path = entry?.path();
            let stem =
                path.file_stem().and_then(|s| s.to_str()).context("a file without a name")?;
            let text = fs::read(&path)?;
            let value = serde_json::from_slice(&text)
                .with_context(|| format!("{} is not JSON", path.display()))?;
            cases.push(Case { name: format!("{area}/{stem}"), value });
        }
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(cases)
    }

    /// The master's command line.
    pub fn master_flags(&self) -> Vec<&str> {
        strings(&self.value["master_flags"])
    }

    /// The command line of each agent.
    pub fn agent_flags(&self) -> Vec<Vec<&str>> {
        let others = self.value["other_agent_flags"].as_array().into_iter().flatten();
        let all = std::iter::once(&self.value["agent_flags"]).chain(others);
        all.map(strings).filter(|flags| !flags.is_empty()).collect()
    }

    /// The steps in order.
    pub fn exchanges(&self) -> Vec<Exchange<'_>> {
        self.value["exchanges"]
            .as_array()
            .map(|a| a.iter().map(Exchange).collect())
            .unwrap_or_default()
    }

    /// Whether Apache Mesos itself aborted in this conversation.
    pub fn crashes_apache_mesos(&self) -> bool {
        self.value.get("crash").is_some()
    }
}

impl<'a> Exchange<'a> {
    /// Milliseconds since the start of the case.
    pub fn at_ms(self) -> f64 {
        self.0["at_ms"].as_f64().unwrap_or(0.0)
    }

    /// What was done outside HTTP, if this is not a request.
    pub fn action(self) -> Option<&'a str> {
        self.0["action"].as_str()
    }

    /// The daemon that the request went to: `master`, `agent`, `agent0` or `agent1`.
    pub fn to(self) -> &'a str {
        self.0["to"].as_str().unwrap_or("master")
    }

    /// What is special about the request.
    pub fn note(self) -> &'a str {
        self.0["note"].as_str().unwrap_or("")
    }

    /// The request.
    pub fn request(self) -> &'a Value {
        &self.0["request"]
    }

    /// The recorded answer; null when there was none.
    pub fn response(self) -> &'a Value {
        &self.0["response"]
    }

    /// The recorded events, if the answer was a stream.
    pub fn events(self) -> Option<&'a Vec<Value>> {
        self.0["events"].as_array()
    }

    /// Whether the answer was a stream of records.
    pub fn is_stream(self) -> bool {
        self.response()["body_encoding"] == "recordio" && self.events().is_some()
    }

    /// Whether the server ended the stream.
    pub fn is_closed_by_server(self) -> bool {
        self.0.get("closed_by_server_ms").is_some()
    }
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().map(|a| a.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}
