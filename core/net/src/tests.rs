// SPDX-License-Identifier: Apache-2.0

//! Tests without sockets; `sockets` runs server and client against each other.

mod lanes;
mod limits;
mod sockets;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::{Body, MediaType, Query, Reply, Router, client::Endpoint, gzip, media};

fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_str(value).expect("a header value"));
    headers
}

fn body_text(reply: Reply) -> String {
    match reply.body {
        Body::Fragments(fragments) => {
            String::from_utf8(fragments.iter().flatten().copied().collect()).expect("text")
        }
        Body::Stream(_) => panic!("a stream"),
    }
}

#[test]
fn a_path_of_many_parts_costs_its_length_and_not_its_square() {
    let router = Router::new("master").add("master", "api/v1", ()).add("master", "state", ());
    let long = "/x".repeat(30_000);
    let start = std::time::Instant::now();
    for _ in 0..100 {
        assert!(router.find(&long).is_none());
        assert!(router.find(&format!("/api/v1{long}")).is_some());
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn content_types_are_compared_exactly() {
    let json = headers(header::CONTENT_TYPE, "application/json");
    assert_eq!(media::content_type(&json).expect("accepted"), MediaType::Json);
    let missing = media::content_type(&HeaderMap::new()).expect_err("refused");
    assert_eq!(missing.status, StatusCode::BAD_REQUEST);
    assert_eq!(body_text(missing), "Expecting 'Content-Type' to be present");
    for value in ["application/json; charset=utf-8", "application/JSON", "text/plain", ""] {
        let reply = media::content_type(&headers(header::CONTENT_TYPE, value));
        let refused = reply.expect_err("refused");
        assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{value}");
    }
}

#[test]
fn json_is_preferred_whenever_it_is_acceptable() {
    let cases = [
        ("application/json", Some(MediaType::Json)),
        ("*/*", Some(MediaType::Json)),
        ("application/*", Some(MediaType::Json)),
        ("application/x-protobuf", Some(MediaType::Protobuf)),
        ("application/x-protobuf, application/json;q=0.5", Some(MediaType::Json)),
        ("application/json;q=0, application/x-protobuf", Some(MediaType::Protobuf)),
        ("text/html, APPLICATION/JSON;q=0.5", Some(MediaType::Json)),
        ("text/html", None),
        ("application/recordio", None),
    ];
    for (value, expected) in cases {
        let found = media::accept(&headers(header::ACCEPT, value)).ok();
        assert_eq!(found, expected, "{value}");
    }
    assert_eq!(media::accept(&HeaderMap::new()).ok(), Some(MediaType::Json));
}

#[test]
fn gzip_is_used_only_when_asked_for() {
    let cases = [
        ("gzip", true),
        ("gzip, deflate", true),
        ("*", true),
        ("gzip;q=0", false),
        ("gzip;q=0.0, *", false),
        ("deflate", false),
        ("identity", false),
        ("x-gzip", false),
    ];
    for (value, expected) in cases {
        let found = gzip::is_accepted(&headers(header::ACCEPT_ENCODING, value));
        assert_eq!(found, expected, "{value}");
    }
    assert!(!gzip::is_accepted(&HeaderMap::new()));
}

#[test]
fn a_compressed_bomb_is_refused_at_the_bound() {
    let zeros = Bytes::from(vec![0; 1 << 20]);
    let bomb = gzip::compress(std::slice::from_ref(&zeros)).expect("compressed");
    assert_eq!(gzip::decompress(&bomb, 1 << 20, |_| Ok(())).expect("fits"), zeros);
    assert!(gzip::decompress(&bomb, (1 << 20) - 1, |_| Ok(())).is_err());
    assert!(gzip::decompress(b"no gzip", 100, |_| Ok(())).is_err());
}

#[test]
fn queries_are_decoded_or_refused() {
    let query = Query::parse("a=1&b=%20x+y&c&a=2&&d=e=f").expect("well-formed");
    assert_eq!(query.get("a"), Some("2"));
    assert_eq!(query.get("b"), Some(" x y"));
    assert_eq!(query.get("c"), Some(""));
    assert_eq!(query.get("d"), Some("e=f"));
    assert_eq!(query.get("e"), None);
    for text in ["a=%zz", "a=%", "a=%4", "%ff=1"] {
        assert!(Query::parse(text).is_err(), "{text}");
    }
}

#[test]
fn paths_reach_endpoints_as_in_mesos() {
    let router = Router::new("master")
        .add("master", "", "index")
        .add("master", "state", "state")
        .add("master", "api/v1", "operator")
        .add("master", "api/v1/scheduler", "scheduler")
        .add("metrics", "snapshot", "metrics")
        .add("version", "", "version")
        .add("slave(1)", "state", "agent state");
    let cases = [
        ("/", Some("index")),
        ("//", Some("index")),
        ("/master", Some("index")),
        ("/master/", Some("index")),
        ("/state", Some("state")),
        ("/state/", Some("state")),
        ("//state", Some("state")),
        ("/master/state", Some("state")),
        ("/state.json", None),
        ("/State", None),
        ("/state%20", None),
        ("/%73tate", None),
        ("/api/v1/", Some("operator")),
        ("/api/v1/operator", Some("operator")),
        ("/api/v1/scheduler/x", Some("scheduler")),
        ("/master/api/v1/scheduler", Some("scheduler")),
        ("/api", None),
        ("/api/v0", None),
        ("/api/v1.json", None),
        ("/metrics", None),
        ("/metrics/snapshot/", Some("metrics")),
        ("/version", Some("version")),
        ("/master/version", None),
        ("/slave(1)/state", Some("agent state")),
        ("/slave%281%29/state", Some("agent state")),
        ("/slave/state", None),
        ("/..", None),
        ("/static/../../etc/passwd", None),
        ("/%", None),
    ];
    for (path, expected) in cases {
        assert_eq!(router.find(path).copied(), expected, "{path}");
    }
}

#[test]
fn replies_have_mesos_texts() {
    let refused = Reply::method_not_allowed(&["POST"], &Method::GET);
    assert_eq!(refused.header(&header::ALLOW), Some(&HeaderValue::from_static("POST")));
    assert_eq!(
        body_text(refused),
        "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'."
    );
    assert_eq!(body_text(Reply::not_found()), "404 Not Found.");
    assert!(Reply::empty(StatusCode::ACCEPTED).headers.is_empty());
}

#[test]
fn jsonp_wraps_the_answer() {
    for (query, expected) in [("jsonp=a.b", "a.b({})"), ("jsonp", "({})"), ("x=y", "{}")] {
        let query = Query::parse(query).expect("well-formed");
        assert_eq!(body_text(Reply::json(&query, Bytes::from_static(b"{}"))), expected);
    }
}

#[test]
fn bodies_become_messages_or_mesos_texts() {
    type Call = mesos_proto::v1::scheduler::Call;
    let json = media::decode::<Call>(MediaType::Json, br#"{"type":"REVIVE"}"#);
    let call = json.expect("a call");
    let bytes = media::encode(MediaType::Protobuf, &call);
    assert_eq!(media::decode::<Call>(MediaType::Protobuf, &bytes).expect("a call"), call);
    let cases: [(MediaType, &[u8], &str); 3] = [
        (MediaType::Protobuf, b"\xff", "Failed to parse body into Call protobuf"),
        (
            MediaType::Json,
            b"[]",
            "Failed to convert JSON into Call protobuf: Expecting a JSON object",
        ),
        (MediaType::Json, b"", "Failed to parse body into JSON: syntax error at line 1 near: "),
    ];
    for (media, body, text) in cases {
        let refused = media::decode::<Call>(media, body).expect_err("refused");
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(body_text(refused), text);
    }
}

#[test]
fn endpoints_parse_and_print() {
    for text in ["http://master:5050", "https://10.0.0.1:443", "http://[::1]:5050"] {
        let endpoint: Endpoint = text.parse().expect("an endpoint");
        assert_eq!(endpoint.to_string(), text);
    }
    let endpoint: Endpoint = "master:5050/".parse().expect("an endpoint");
    assert_eq!(endpoint.to_string(), "http://master:5050");
    for text in ["", "master", ":5050", "ftp://master:1", "master:x", "zk://h:1/mesos"] {
        assert!(text.parse::<Endpoint>().is_err(), "{text}");
    }
}
