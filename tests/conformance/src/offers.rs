// SPDX-License-Identifier: Apache-2.0

//! Which present offer stands for a recorded one.
//!
//! Our master offers freed resources at once, Apache's at its next tick, so the
//! number and the moments of offers differ by design. A request that names a
//! recorded offer is sent with a present one of the same resources. Where ours
//! has them in several offers, or still offered to another framework, those
//! offers are declined without a filter, upon which the master offers anew.

use crate::{compare::differences, names::Names, streams::Stream};
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
    /// Unless `equal_only`, an offer of other resources of that agent will do.
    pub fn find(
        &mut self,
        id: &str,
        streams: &[Stream],
        names: &mut Names,
        equal_only: bool,
    ) -> bool {
        let Some((stream, recorded)) = recorded_offer(streams, id) else { return false };
        let wanted = names.translate_value(&recorded);
        let candidates: Vec<Value> = self
            .live(stream)
            .into_iter()
            .filter(|o| o["allocation_info"] == wanted["allocation_info"] && same_agent(o, &wanted))
            .collect();
        let differing =
            |o: &Value| differences(names, &recorded["resources"], &o["resources"]).len();
        let Some(best) = candidates.into_iter().min_by_key(differing) else { return false };
        if equal_only && !same_resources(&wanted, &best) {
            return false;
        }
        let new = best["id"]["value"].as_str().unwrap_or_default();
        self.used.insert(new.to_owned());
        names.learn(&recorded, &best);
        names.note(id, new);
        true
    }

    /// The unanswered offers of one stream.
    pub fn live(&self, stream: &Stream) -> Vec<Value> {
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
        live.retain(|o| !self.used.contains(o["id"]["value"].as_str().unwrap_or_default()));
        live
    }

    /// Notes that an offer has been answered.
    pub fn answered(&mut self, offer: &Value) {
        self.used.insert(offer["id"]["value"].as_str().unwrap_or_default().to_owned());
    }
}

fn same_agent(a: &Value, b: &Value) -> bool {
    a["url"]["address"] == b["url"]["address"]
}

fn same_resources(a: &Value, b: &Value) -> bool {
    let sorted = |offer: &Value| {
        let mut texts: Vec<String> =
            offer["resources"].as_array().into_iter().flatten().map(sorted_text).collect();
        texts.sort();
        texts
    };
    sorted(a) == sorted(b)
}

/// JSON text with sorted keys, so that equal values have equal texts.
fn sorted_text(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut parts: Vec<String> =
                map.iter().map(|(k, v)| format!("{k}:{}", sorted_text(v))).collect();
            parts.sort();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(sorted_text).collect::<Vec<_>>().join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
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
