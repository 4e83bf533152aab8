// SPDX-License-Identifier: Apache-2.0

//! Recorded conversations with Apache Mesos: what it refused as JSON we refuse
//! in the same words, and what it wrote as JSON we write the same.

use std::{fs, path::PathBuf};

use crate::{
    descriptor::Described,
    json::{JsonError, Value, from_json, from_value, parse, to_json},
    v1::{executor, scheduler},
};

/// Calls `check` with every exchange of an area and its path.
fn each_exchange(area: &str, mut check: impl FnMut(&str, &Value<'_>)) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("../../tests/conformance/goldens").join(area);
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read(entry.unwrap().path()).unwrap();
        let golden = parse(&text).unwrap();
        for exchange in golden.get("exchanges").and_then(Value::as_array).unwrap_or_default() {
            let path = exchange.get("request").and_then(|request| request.get("path"));
            check(path.and_then(Value::as_str).unwrap_or_default(), exchange);
        }
    }
}

/// What is wrong with a recorded request's body, if it is meant to be JSON.
fn refusal<M: Described>(exchange: &Value<'_>) -> Option<Result<M, JsonError>> {
    let request = exchange.get("request")?;
    let json = Value::String("application/json".into());
    if request.get("headers")?.get("Content-Type")? != &json {
        return None;
    }
    let body = request.get("body")?;
    match request.get("body_encoding")?.as_str()? {
        "json" => Some(from_value(body)),
        "text" => Some(from_json(body.as_str()?.as_bytes())),
        "none" => Some(from_json(b"")),
        _ => None,
    }
}

/// Compares refusals of calls to this path, and returns how many there were.
fn compare_refusals<M: Described>(area: &str, path: &str) -> usize {
    let mut refused = 0;
    each_exchange(area, |at, exchange| {
        let Some(verdict) = (at == path).then(|| refusal::<M>(exchange)).flatten() else { return };
        let answer = exchange.get("response").and_then(|response| response.get("body"));
        let answer = answer.and_then(Value::as_str).unwrap_or_default();
        let expected = ["Failed to parse body into JSON", "Failed to convert JSON"];
        let expected = expected.iter().any(|start| answer.starts_with(start)).then_some(answer);
        if let Err(error) = verdict {
            assert_eq!(Some(error.to_string().as_str()), expected, "{exchange:?}");
            refused += 1;
        } else {
            assert_eq!(expected, None, "{exchange:?}");
        }
    });
    refused
}

#[test]
fn refusals_of_calls_have_the_recorded_words() {
    let scheduler = compare_refusals::<scheduler::Call>("scheduler-api", "/api/v1/scheduler");
    assert_eq!(scheduler, 38);
    let executor = compare_refusals::<executor::Call>("executor-api", "/api/v1/executor");
    assert_eq!(executor, 9);
}

/// Writes every recorded JSON event of this path anew; returns how many there were.
fn compare_events<M: Described>(area: &str, path: &str) -> usize {
    let mut compared = 0;
    each_exchange(area, |at, exchange| {
        let headers = exchange.get("response").and_then(|response| response.get("headers"));
        let format = headers.and_then(|headers| headers.get("Content-Type"));
        // Protobuf records are shown decoded, without what they leave unset.
        if !at.ends_with(path) || format.and_then(Value::as_str) != Some("application/json") {
            return;
        }
        let events = exchange.get("events").and_then(Value::as_array).unwrap_or_default();
        for record in events.iter().filter_map(|event| event.get("record")) {
            let message: M = from_value(record).unwrap();
            let text = to_json(&message);
            assert_eq!(&parse(text.as_bytes()).unwrap(), record, "{text}");
            compared += 1;
        }
    });
    compared
}

#[test]
fn events_are_written_as_recorded() {
    assert_eq!(compare_events::<scheduler::Event>("scheduler-api", "/api/v1/scheduler"), 753);
    assert_eq!(compare_events::<executor::Event>("executor-api", "/executor"), 30);
}
