// SPDX-License-Identifier: Apache-2.0

use crate::{
    descriptor::MESSAGES,
    google,
    json::{JsonError, MAX_DEPTH, from_json, list_from_json, parse, to_json},
    v1::{
        self,
        scheduler::{Call, call},
    },
};

fn refusal(text: &str) -> String {
    from_json::<Call>(text.as_bytes()).unwrap_err().to_string()
}

fn refusals_match(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(refusal(text), *expected, "{text}");
    }
}

#[test]
fn text_that_is_not_json_is_refused_in_mesos_words() {
    refusals_match(&[
        ("{", "Failed to parse body into JSON: syntax error at line 1 near: "),
        ("", "Failed to parse body into JSON: syntax error at line 1 near: "),
        (
            "{\"type\":\"SUBSCRIBE\"",
            "Failed to parse body into JSON: syntax error at line 1 near: ",
        ),
        (
            "{\"type\":\"SUBSCRIBE\",}",
            "Failed to parse body into JSON: syntax error at line 1 near: }",
        ),
        (
            "{'type':'SUBSCRIBE'}",
            "Failed to parse body into JSON: syntax error at line 1 near: 'type':'SUBSCRIBE'}",
        ),
        (
            "{\"type\":\"SUBSCRIBE\"} trailing",
            "Failed to parse body into JSON: \
             Parsed JSON included non-whitespace trailing characters:  trailing",
        ),
        ("é", "Failed to parse body into JSON: syntax error at line 1 near: é"),
    ]);
}

#[test]
fn the_place_of_a_syntax_error_is_where_mesos_sees_it() {
    for (text, expected) in [
        ("[1,\n2,\n  x]", "syntax error at line 3 near: x]"),
        ("[1\n", "syntax error at line 1 near: "),
        ("nul1", "syntax error at line 1 near: 1"),
        ("[tru]", "syntax error at line 1 near: ]"),
        ("[1-2]", "syntax error at line 1 near: ]"),
        ("[-]", "syntax error at line 1 near: ]"),
        ("[1e]", "syntax error at line 1 near: ]"),
        ("[1e999]", "Value out of range"),
        ("\"a\tb\"", "syntax error at line 1 near: b\""),
        ("\"\\x1\"", "syntax error at line 1 near: 1\""),
        ("\"\\u12g4\"", "syntax error at line 1 near: g4\""),
        ("\"\\udc00x\"", "syntax error at line 1 near: x\""),
        ("\"\\ud800x\"", "syntax error at line 1 near: x\""),
        ("\"\\ud800\\u0041x\"", "syntax error at line 1 near: x\""),
        ("\"abc", "syntax error at line 1 near: "),
        ("1 ", "Parsed JSON included non-whitespace trailing characters: "),
        ("[] ]", "Parsed JSON included non-whitespace trailing characters:  ]"),
    ] {
        assert_eq!(parse(text.as_bytes()).unwrap_err(), expected, "{text}");
    }
    let not_utf8 = parse(b"[\n\"\xff\"]").unwrap_err();
    assert_eq!(not_utf8, "string at line 2 is not valid UTF-8");
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    let error = parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err();
    assert!(error.starts_with("syntax error at line 1 near: ]"), "{error}");
    assert!(parse("[".repeat(1_000_000).as_bytes()).is_err());
    // Within the bound of JSON, but deeper than the binary form may be.
    let parents =
        "{\"value\":\"c\",\"parent\":".repeat(150) + "{\"value\":\"c\"}" + &"}".repeat(150);
    let error = from_json::<v1::ContainerId>(parents.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("recursion limit"), "{error}");
}

#[test]
fn json_that_is_not_a_call_is_refused_in_mesos_words() {
    const CONVERT: &str = "Failed to convert JSON into Call protobuf: ";
    for (text, expected) in [
        ("null", "Expecting a JSON object"),
        ("[]", "Expecting a JSON object"),
        ("\"SUBSCRIBE\"", "Expecting a JSON object"),
        ("1", "Expecting a JSON object"),
        (r#"{"type":1}"#, "Not expecting a JSON number for field 'type'"),
        (
            r#"{"type":"SUBSCRIBE","subscribe":{}}"#,
            "Missing required fields: subscribe.framework_info",
        ),
        (r#"{"subscribe":[]}"#, "Not expecting a JSON array for field 'subscribe'"),
        (r#"{"subscribe":"x"}"#, "Not expecting a JSON string for field 'subscribe'"),
        (
            r#"{"subscribe":{"framework_info":{"roles":["a"]}}}"#,
            "Missing required fields: \
             subscribe.framework_info.user, subscribe.framework_info.name",
        ),
        (r#"{"framework_id":{"value":1}}"#, "Not expecting a JSON number for field 'value'"),
        (r#"{"framework_id":{"value":{}}}"#, "Not expecting a JSON object for field 'value'"),
        (r#"{"framework_id":{"value":true}}"#, "Not expecting a JSON boolean for field 'value'"),
        (r#"{"framework_id":{}}"#, "Missing required fields: framework_id.value"),
        (
            r#"{"acknowledge":{"uuid":"***"}}"#,
            "Failed to base64 decode bytes field 'uuid': Invalid character '*'",
        ),
        (r#"{"reconcile":{"tasks":{}}}"#, "Missing required fields: reconcile.tasks[0].task_id"),
        (
            r#"{"decline":{"filters":{"refuse_seconds":"a"}}}"#,
            "Failed to parse 'a' as a JSON number for field 'refuse_seconds': \
             syntax error at line 1 near: a",
        ),
        (
            r#"{"decline":{"filters":{"refuse_seconds":"true"}}}"#,
            "Failed to parse 'true' as a JSON number for field 'refuse_seconds': \
             Unexpected JSON type parsed",
        ),
        // Members are looked at in the order of their keys, not of the text.
        (r#"{"type":2,"accept":"x"}"#, "Not expecting a JSON string for field 'accept'"),
    ] {
        assert_eq!(refusal(text), format!("{CONVERT}{expected}"), "{text}");
    }
}

#[test]
fn reading_is_as_lenient_as_mesos() {
    let call: Call = from_json(
        br#"{"type":"DECLINE","slave_id":{"value":7},"framework_id":{"value":"f"},
             "decline":{"offer_ids":{"value":"o"},"filters":{"refuse_seconds":"2.5"}},
             "accept":null, "type":"REVIVE", "revive":{"roles":"a"}}"#,
    )
    .unwrap();
    assert_eq!(call.r#type(), call::Type::Revive);
    let decline = call.decline.unwrap();
    assert_eq!(decline.offer_ids, [v1::OfferId { value: "o".into() }]);
    assert_eq!(decline.filters.unwrap().refuse_seconds, Some(2.5));
    assert_eq!(call.accept, None);
    assert_eq!(call.revive.unwrap().roles, ["a"]);
    // An unknown name, or a number, of an optional enum leaves it unset.
    assert_eq!(from_json::<Call>(br#"{"type":"NEW"}"#).unwrap().r#type, None);
    let list: Vec<v1::TaskId> = list_from_json(br#"[{"value":"a"},{"value":"b"}]"#).unwrap();
    assert_eq!(list.len(), 2);
    let error = list_from_json::<v1::TaskId>(b"{}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "Failed to convert JSON into TaskID protobuf: Expecting a JSON array"
    );
}

#[test]
fn an_unknown_name_of_a_required_enum_is_refused() {
    let error = from_json::<v1::TaskStatus>(br#"{"task_id":{"value":"t"},"state":"TASK_NEW"}"#);
    let reason = "Failed to find enum for 'TASK_NEW'".to_owned();
    assert_eq!(error, Err(JsonError::Convert { message: "TaskStatus", reason }));
}

#[test]
fn numbers_are_cut_to_their_field() {
    let port = |text: &str| {
        let json = format!(r#"{{"ip":"1","port":{text}}}"#);
        from_json::<v1::Address>(json.as_bytes()).unwrap().port
    };
    assert_eq!(port("5050"), 5050);
    assert_eq!(port("5050.9"), 5050);
    assert_eq!(port("\"5050\""), 5050);
    assert_eq!(port("4294967297"), 1);
    assert_eq!(port("1e300"), i32::MAX);
    let nanoseconds = |text: &str| {
        let json = format!(r#"{{"nanoseconds":{text}}}"#);
        from_json::<v1::DurationInfo>(json.as_bytes()).unwrap().nanoseconds
    };
    assert_eq!(nanoseconds("9223372036854775807"), i64::MAX);
    assert_eq!(nanoseconds("-9223372036854775808"), i64::MIN);
}

#[test]
fn base64_is_read_leniently() {
    let data = |text: &str| {
        let json = format!(r#"{{"value":"{text}"}}"#);
        from_json::<v1::Uuid>(json.as_bytes()).unwrap().value
    };
    assert_eq!(data("aGVsbG8="), "hello");
    assert_eq!(data("aGVsbG8"), "hello");
    assert_eq!(data("aGVs\\nbG8 = ignored *"), "hello");
    assert_eq!(data("aGVsbG"), "hell");
    assert_eq!(data("aGVsb"), "hel");
    assert_eq!(data(""), "");
}

#[test]
fn writing_follows_the_order_of_declaration_and_shows_defaults() {
    let info = v1::FrameworkInfo { user: "root".into(), name: "n".into(), ..Default::default() };
    assert_eq!(
        to_json(&info),
        r#"{"user":"root","name":"n","failover_timeout":0.0,"checkpoint":false}"#
    );
    assert_eq!(to_json(&v1::Filters::default()), r#"{"refuse_seconds":5.0}"#);
    assert_eq!(to_json(&google::protobuf::Duration { seconds: 10, nanos: 0 }), r#"{"seconds":10}"#);
}

#[test]
fn an_enum_value_without_a_name_is_left_out() {
    let capability = v1::framework_info::Capability { r#type: Some(4711) };
    assert_eq!(to_json(&capability), "{}");
}

#[test]
fn doubles_are_spelled_as_mesos_spells_them() {
    for (value, expected) in [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (4.0, "4.0"),
        (0.01, "0.01"),
        (1_795_398_587.845_02, "1795398587.84502"),
        (1e20, "100000000000000000000.0"),
        (1.25e17, "125000000000000000.0"),
        (123_456_789_012_345_680.0, "123456789012345680.0"),
        (1e21, "1e21"),
        (1.5e300, "1.5e300"),
        (0.000_001, "0.000001"),
        (0.000_001_25, "0.00000125"),
        (1e-7, "1e-7"),
        (-1.25e-9, "-1.25e-9"),
        (f64::INFINITY, "\"Infinity\""),
        (f64::NEG_INFINITY, "\"-Infinity\""),
    ] {
        let scalar = v1::value::Scalar { value };
        assert_eq!(to_json(&scalar), format!(r#"{{"value":{expected}}}"#));
    }
}

#[test]
fn strings_are_escaped() {
    let id = v1::TaskId { value: "a\"b\\c/d\u{8}\u{c}\n\r\t\u{1}\u{7f}é".into() };
    let text = r#"{"value":"a\"b\\c/d\b\f\n\r\t\u0001"#.to_owned() + "\u{7f}é\"}";
    assert_eq!(to_json(&id), text);
    let read: v1::TaskId = from_json(text.as_bytes()).unwrap();
    assert_eq!(read, id);
    let read: v1::TaskId = from_json(br#"{"value":"\/\u00e9\ud83e\udd80"}"#).unwrap();
    assert_eq!(read.value, "/é🦀");
}

#[test]
fn what_is_special_is_escaped_wherever_it_is() {
    for length in 1..40 {
        for place in 0..length {
            let mut value = "é".repeat(length / 2) + &"x".repeat(length % 2);
            let place = (0..=place).rev().find(|at| value.is_char_boundary(*at)).unwrap_or(0);
            value.insert(place, '\u{1f}');
            let expected = format!("{{\"value\":\"{}\"}}", value.replace('\u{1f}', "\\u001F"));
            assert_eq!(to_json(&v1::TaskId { value }), expected);
        }
    }
}

#[test]
fn names_of_fields_need_no_escaping() {
    let is_plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    for message in MESSAGES {
        for field in message.fields {
            assert!(is_plain(field.name), "{}: '{}'", message.name, field.name);
        }
    }
}
