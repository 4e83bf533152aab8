// SPDX-License-Identifier: Apache-2.0

//! Every message that Apache Mesos 1.11.0 sent in a recorded conversation is
//! read as its receiver would and written as its sender would.

use std::{fs, net::SocketAddr, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use crate::{Envelope, Incoming, Upid, classify, message};

struct Recorded {
    head: String,
    name: String,
    body: Vec<u8>,
}

/// All messages of all recordings, without the ones no longer in our tables.
fn recorded() -> Vec<Recorded> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/goldens/wire");
    let mut messages = Vec::new();
    for entry in fs::read_dir(folder).expect("the recordings") {
        let text = fs::read_to_string(entry.expect("a file").path()).expect("a recording");
        let case: Value = serde_json::from_str(&text).expect("JSON");
        for wire in case["wire"].as_array().into_iter().flatten() {
            let Some(name) = wire["message"].as_str() else {
                continue;
            };
            let body = wire["body_base64"].as_str().unwrap_or_default();
            messages.push(Recorded {
                head: wire["head"].as_str().expect("a head").to_owned(),
                name: name.to_owned(),
                body: BASE64.decode(body).expect("base64"),
            });
        }
    }
    assert!(messages.len() > 100, "only {} messages", messages.len());
    messages
}

/// The path and headers of a request's head.
fn parse_head(head: &str) -> (String, HeaderMap) {
    let mut lines = [httparse::EMPTY_HEADER; 16];
    let mut request = httparse::Request::new(&mut lines);
    request.parse(head.as_bytes()).expect("a request head");
    let mut headers = HeaderMap::new();
    for line in request.headers.iter() {
        headers.append(
            HeaderName::from_bytes(line.name.as_bytes()).expect("a header name"),
            HeaderValue::from_bytes(line.value).expect("a header value"),
        );
    }
    (request.path.expect("a path").to_owned(), headers)
}

fn envelope(head: &str) -> Envelope {
    let (path, headers) = parse_head(head);
    match classify(&Method::POST, &path, &headers) {
        Incoming::Message(envelope) => envelope,
        other @ (Incoming::NotAMessage | Incoming::Malformed(_)) => panic!("{head}: {other:?}"),
    }
}

/// Authentication of v0 drivers and agents is not spoken yet, and the v0
/// scheduler driver's calls are read by the scheduler API.
fn is_ours(name: &str) -> bool {
    !name.contains(".Authenticat") && name.starts_with("mesos.internal.")
}

#[test]
fn every_recorded_head_names_receiver_message_and_sender() {
    for message in recorded() {
        let envelope = envelope(&message.head);
        assert_eq!(envelope.name, message.name);
        let from = envelope.from.expect("a sender").to_string();
        assert!(message.head.contains(&format!("\r\nLibprocess-From: {from}\r\n")));
        assert!(message.head.starts_with(&format!("POST /{}/", envelope.to)));
    }
}

#[test]
fn every_recorded_message_is_in_the_table_and_keeps_its_bytes() {
    for message in recorded().iter().filter(|message| is_ours(&message.name)) {
        let recoded = message::recode(&message.name, &message.body)
            .unwrap_or_else(|| panic!("{} is not in the table", message.name))
            .expect("a valid body");
        assert_eq!(recoded.len(), message.body.len(), "{}", message.name);
    }
}

#[test]
fn every_recorded_request_is_written_as_apache_writes_it() {
    let nowhere: SocketAddr = "0.0.0.0:0".parse().expect("an address");
    for message in recorded().iter().filter(|message| is_ours(&message.name)) {
        let envelope = envelope(&message.head);
        let from = envelope.from.expect("a sender");
        let to = Upid::new(envelope.to, nowhere);
        let request = message::request(&message.name, &message.body, &from, &to)
            .unwrap_or_else(|| panic!("{} is not in the table", message.name));
        let head_end = request
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .expect("the end of the head");
        assert_eq!(
            String::from_utf8_lossy(&request[..head_end + 4]),
            message.head,
            "{}",
            message.name
        );
        let payload = &request[head_end + 4..];
        if message.body.is_empty() {
            assert!(payload.is_empty());
        } else {
            let body_length = message.body.len();
            let size = format!("{body_length:x}\r\n");
            assert!(payload.starts_with(size.as_bytes()));
            assert!(payload.ends_with(b"\r\n0\r\n\r\n"));
            assert_eq!(payload.len(), size.len() + body_length + 7);
        }
    }
}
