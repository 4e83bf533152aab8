// SPDX-License-Identifier: Apache-2.0

//! A recorded case as a list of moments.

use serde_json::Value;

/// Something that happened, in order.
#[derive(Clone, Debug)]
pub enum Moment {
    /// A POST to the scheduler API; `stream` tells SUBSCRIBEs apart.
    Call { exchange: usize, body: Value, headers: Value, response: Value },
    /// An event on the stream of a SUBSCRIBE.
    Event { exchange: usize, record: Value },
    /// The client closed the stream of a SUBSCRIBE.
    Closed { exchange: usize },
    /// The stream ended because the operator tore the framework down.
    TornDown { exchange: usize },
}

/// A case.
#[derive(Clone, Debug)]
pub struct Case {
    pub moments: Vec<(u64, Moment)>,
    /// `--resources`, `--attributes` of each agent.
    pub agents: Vec<(String, String)>,
}

impl Case {
    pub fn parse(text: &str) -> Case {
        let case: Value = serde_json::from_str(text).expect("a golden is JSON");
        let mut moments = Vec::new();
        let exchanges = case["exchanges"].as_array().cloned().unwrap_or_default();
        for (exchange, it) in exchanges.iter().enumerate() {
            add(exchange, it, &exchanges, &mut moments);
        }
        moments.sort_by_key(|(at, order, _)| (*at, *order));
        let flag_lists = |key: &str| -> Vec<Value> {
            let lists = case[key].as_array().cloned().unwrap_or_default();
            match lists.first() {
                Some(Value::Array(_)) => lists,
                Some(_) => vec![Value::Array(lists)],
                None => Vec::new(),
            }
        };
        let lists = ["agent_flags", "other_agent_flags"].into_iter().flat_map(flag_lists);
        let agents = lists.map(|flags| {
            let flags = flags.as_array().cloned().unwrap_or_default();
            let flag = |name: &str| {
                let texts = flags.iter().filter_map(Value::as_str);
                texts.filter_map(|flag| flag.strip_prefix(name)).next().unwrap_or("").to_owned()
            };
            (flag("--resources="), flag("--attributes="))
        });
        let agents = agents.collect();
        let moments = moments.into_iter().map(|(at, _, moment)| (at, moment)).collect();
        Case { moments, agents }
    }
}

fn add(exchange: usize, it: &Value, all: &[Value], moments: &mut Vec<(u64, (usize, u8), Moment)>) {
    let at = it["at_ms"].as_u64().unwrap_or(0);
    if it["action"].as_str().is_some_and(|action| action.contains("closes the event stream")) {
        moments.push((at, (exchange, 0), Moment::Closed { exchange: exchange - 1 }));
    }
    let request = &it["request"];
    let path = request["path"].as_str().unwrap_or_default();
    let is_call = request["method"] == "POST" && path == "/api/v1/scheduler";
    if !is_call || !request["body"].is_object() || it["response"].is_null() {
        return;
    }
    let (body, headers) = (request["body"].clone(), request["headers"].clone());
    let response = it["response"].clone();
    moments.push((at, (exchange, 0), Moment::Call { exchange, body, headers, response }));
    let events = it["events"].as_array().cloned().unwrap_or_default();
    let mut last = at;
    for event in events {
        last = event["ms"].as_u64().unwrap_or(last);
        let record = event["record"].clone();
        let is_first = record["type"] == "SUBSCRIBED";
        let order = if is_first { (exchange, 1) } else { (usize::MAX, 0) };
        moments.push((last, order, Moment::Event { exchange, record }));
    }
    if it["ended_by"].as_str().is_some_and(|by| by.starts_with("capture program")) {
        // At the latest before the next framework comes.
        let later = all[exchange + 1..].iter().filter(|it| it["events"].is_array());
        let next = later.filter_map(|it| it["at_ms"].as_u64()).find(|next| *next > last);
        moments.push((next.unwrap_or(u64::MAX), (0, 0), Moment::TornDown { exchange }));
    }
}
