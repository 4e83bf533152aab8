// SPDX-License-Identifier: Apache-2.0

//! Which present offer stands for a recorded one.
//!
//! Our master offers freed resources at once, Apache's at its next tick, so the
//! number and the moments of offers differ by design. A request that names a
//! recorded offer is sent with a present one of the same agent and role.

use crate::{names::Names, streams::Stream};
use serde_json::Value;
use std::collections::BTreeSet;

/// Which offers have been used in requests.
#[derive(Default)]
pub struct Offers {
    used: BTreeSet<String>,
}

impl Offers {
    /// Recorded offer ids in `body` that have no present counterpart yet.
    pub fn unknown(&self, body: &Value, streams: &[Stream], names: &Names) -> Vec<String> {
        let mut ids = Vec::new();
        collect_ids(body, &mut ids);
        ids.retain(|id| !names.knows(id) && recorded_offer(streams, id).is_some());
        ids
    }

    /// Finds and notes a present offer for the recorded one; false if none is there yet.
    pub fn find(&mut self, id: &str, streams: &[Stream], names: &mut Names) -> bool {
        let Some((stream, recorded)) = recorded_offer(streams, id) else { return false };
        let Some(present) = self.counterpart(stream, &recorded, names) else { return false };
        let new = present["id"]["value"].as_str().unwrap_or_default();
        self.used.insert(new.to_owned());
        names.learn(&recorded, &present);
        names.note(id, new);
        true
    }

    fn counterpart(&self, stream: &Stream, recorded: &Value, names: &Names) -> Option<Value> {
        let wanted = names.translate_value(recorded);
        let mut live: Vec<Value> = Vec::new();
        for record in stream.present() {
            match record["type"].as_str() {
                Some("OFFERS") => {
                    live.extend(record["offers"]["offers"].as_array().cloned().unwrap_or_default());
                }
                Some("RESCIND") => {
                    let gone = &record["rescind"]["offer_id"];
                    live.retain(|o| &o["id"] != gone);
                }
                _ => {}
            }
        }
        live.into_iter().rev().find(|offer| {
            let fresh = !self.used.contains(offer["id"]["value"].as_str().unwrap_or_default());
            let same_role = offer["allocation_info"] == wanted["allocation_info"];
            let same_agent = offer["url"]["address"] == wanted["url"]["address"];
            fresh && same_role && same_agent
        })
    }
}

fn recorded_offer<'a>(streams: &'a [Stream], id: &str) -> Option<(&'a Stream, Value)> {
    streams.iter().find_map(|stream| {
        stream.recorded.iter().find_map(|event| {
            let offers = event["record"]["offers"]["offers"].as_array()?;
            let offer = offers.iter().find(|o| o["id"]["value"] == id)?;
            Some((stream, offer.clone()))
        })
    })
}

fn collect_ids(value: &Value, ids: &mut Vec<String>) {
    match value {
        Value::String(text) if is_offer_id(text) => ids.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|v| collect_ids(v, ids)),
        Value::Object(map) => map.values().for_each(|v| collect_ids(v, ids)),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn is_offer_id(text: &str) -> bool {
    text.rsplit_once("-O")
        .is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}
