// SPDX-License-Identifier: Apache-2.0

//! Tests of the codec on its own; `goldens` replays what Apache Mesos sent,
//! `connections` runs [`Peers`](crate::Peers) against real sockets.

mod connections;
mod goldens;

use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;

use crate::{Envelope, Incoming, Upid, classify};

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    lines
        .iter()
        .map(|(name, value)| {
            let name = http::HeaderName::from_bytes(name.as_bytes()).expect("a header name");
            (name, HeaderValue::from_str(value).expect("a header value"))
        })
        .collect()
}

#[test]
fn process_addresses_parse_and_print() {
    for text in ["slave(1)@127.0.0.1:5260", "master@[::1]:5050", "@0.0.0.0:0"] {
        let upid: Upid = text.parse().expect("a process address");
        assert_eq!(upid.to_string(), text);
    }
    for text in ["", "master", "master@", "master@localhost:5050", "master@1.2.3.4:99999"] {
        assert!(text.parse::<Upid>().is_err(), "{text}");
    }
}

#[test]
fn a_process_that_would_break_a_request_to_it_is_refused() {
    for id in ["a b", "a HTTP/1.1\r\nX: y", "a/b", "a?b", "a#b", "ä"] {
        let parsed = format!("{id}@1.2.3.4:5051").parse::<Upid>();
        assert!(matches!(parsed, Err(crate::UpidError::BadProcess(_))), "{id}: {parsed:?}");
    }
}

#[test]
fn either_header_makes_a_post_a_message() {
    let sender = "scheduler(1)@127.0.0.1:5299";
    let expected = Incoming::Message(Envelope {
        to: "master".to_owned(),
        name: "mesos.internal.X".to_owned(),
        from: sender.parse().ok(),
    });
    let agent = format!("libprocess/{sender}");
    for lines in [
        vec![("libprocess-from", sender)],
        vec![("user-agent", agent.as_str())],
        vec![("user-agent", "curl/8"), ("libprocess-from", sender)],
    ] {
        let found = classify(&Method::POST, "/master/mesos.internal.X", &headers(&lines));
        assert_eq!(found, expected, "{lines:?}");
    }
}

#[test]
fn everything_else_is_left_to_the_router() {
    let from = headers(&[("libprocess-from", "a@1.2.3.4:5")]);
    assert_eq!(classify(&Method::GET, "/health", &from), Incoming::NotAMessage);
    let curl = headers(&[("user-agent", "curl/8")]);
    assert_eq!(classify(&Method::POST, "/api/v1", &curl), Incoming::NotAMessage);
}

#[test]
fn malformed_paths_are_refused_and_escapes_decoded() {
    let from = headers(&[("libprocess-from", "nonsense")]);
    for path in ["*", "", "/%", "/%4/x", "/%zz/x", "/%ff/x"] {
        let found = classify(&Method::POST, path, &from);
        assert!(matches!(found, Incoming::Malformed(_)), "{path}: {found:?}");
    }
    let expected =
        Incoming::Message(Envelope { to: "slave(1)".to_owned(), name: String::new(), from: None });
    assert_eq!(classify(&Method::POST, "/slave%281%29", &from), expected);
}

proptest! {
    #[test]
    fn no_path_or_sender_panics(path in "\\PC*", sender in "[ -~]*") {
        let from = headers(&[("libprocess-from", &sender)]);
        classify(&Method::POST, &path, &from);
    }

    #[test]
    fn process_addresses_never_panic(text in ".*") {
        let _ = text.parse::<Upid>();
    }
}
