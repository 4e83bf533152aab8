// SPDX-License-Identifier: Apache-2.0

//! Tests of the endpoints' JSON.

use std::collections::BTreeMap;

use mesos_core::resources::Resources;
use mesos_proto::v1;

use super::{attributes, executor, object, reserved_by_role, resources, task};

fn text(out: Vec<u8>) -> String {
    String::from_utf8(out).expect("JSON is text")
}

fn parsed(resources: &str) -> Resources {
    Resources::parse(resources, "*").expect("resources")
}

#[test]
fn members_are_separated_and_escaped() {
    let mut out = Vec::new();
    object(&mut out, |object| {
        object.text("a\"b", "tab\tnew\nline \\ \u{1} é");
        object.number("whole", 4.0);
        object.number("time", 1_795_402_646.279_216);
        object.number("huge", 1e18);
        object.number("infinite", f64::INFINITY);
        object.integer("port", -1);
        object.boolean("yes", true);
        object.texts("list", ["x", "y"]);
        object.object("empty", |_| {});
    });
    assert_eq!(
        text(out),
        concat!(
            r#"{"a\"b":"tab\tnew\nline \\ \u0001 é","whole":4.0,"time":1795402646.279216,"#,
            r#""huge":1000000000000000000.0,"infinite":0.0,"port":-1,"yes":true,"#,
            r#""list":["x","y"],"empty":{}}"#
        )
    );
}

#[test]
fn strings_are_escaped_as_in_all_other_json() {
    let mut out = Vec::new();
    object(&mut out, |object| object.text("a", "\u{8}\u{c}\u{1f}\u{7f}"));
    assert_eq!(text(out), "{\"a\":\"\\b\\f\\u001F\u{7f}\"}");
}

#[test]
fn numbers_have_the_digits_they_need_and_a_fraction() {
    let cases = [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (-4.0, "-4.0"),
        (0.1, "0.1"),
        (1_700_000_000.0, "1700000000.0"),
        (999_999_999_999_999.0, "999999999999999.0"),
        (1e15, "1000000000000000.0"),
        (9_007_199_254_740_993.0, "9007199254740992.0"),
        (1e18, "1000000000000000000.0"),
        (f64::NAN, "0.0"),
    ];
    for (value, expected) in cases {
        let mut out = Vec::new();
        object(&mut out, |object| object.number("n", value));
        assert_eq!(text(out), format!("{{\"n\":{expected}}}"));
    }
}

#[test]
fn resources_are_flat_and_always_have_the_usual_four() {
    let mut out = Vec::new();
    resources(&parsed("cpus:0.3;ports:[31000-32000]"), &mut out);
    let expected = r#"{"disk":0.0,"mem":0.0,"gpus":0.0,"cpus":0.3,"ports":"[31000-32000]"}"#;
    assert_eq!(text(out), expected);
}

#[test]
fn reservations_are_listed_by_role() {
    let mut out = Vec::new();
    reserved_by_role(&parsed("cpus:1;cpus(web):0.75;mem(web):128"), &mut out);
    let expected = r#"{"web":{"disk":0.0,"mem":128.0,"gpus":0.0,"cpus":0.75}}"#;
    assert_eq!(text(out), expected);
}

#[test]
fn attributes_are_an_object() {
    let parsed = mesos_core::attributes::parse("rack:r1;size:4").expect("attributes");
    let mut out = Vec::new();
    attributes(&parsed, &mut out);
    assert_eq!(text(out), r#"{"rack":"r1","size":4.0}"#);
}

#[test]
fn a_task_looks_as_in_a_recorded_state() {
    let id = |value: &str| v1::ContainerId { value: value.to_owned(), parent: None };
    let mut resource = parsed("mem:32").to_proto();
    resource[0].allocation_info =
        Some(v1::resource::AllocationInfo { role: Some("web".to_owned()) });
    let status = v1::TaskStatus {
        state: v1::TaskState::TaskRunning.into(),
        timestamp: Some(1_795_402_646.5),
        healthy: Some(true),
        message: Some("not shown".to_owned()),
        container_status: Some(v1::ContainerStatus {
            container_id: Some(id("c")),
            executor_pid: Some(7),
            network_infos: vec![v1::NetworkInfo {
                ip_addresses: vec![v1::network_info::IpAddress {
                    ip_address: Some("127.0.0.1".to_owned()),
                    protocol: Some(v1::network_info::Protocol::IPv4.into()),
                }],
                ..Default::default()
            }],
            ..Default::default()
        }),
        ..Default::default()
    };
    let labels = v1::Labels {
        labels: vec![v1::Label { key: "tier".to_owned(), value: Some("front".to_owned()) }],
    };
    let record = v1::Task {
        task_id: v1::TaskId { value: "t".to_owned() },
        name: "golden".to_owned(),
        framework_id: v1::FrameworkId { value: "F".to_owned() },
        agent_id: v1::AgentId { value: "S0".to_owned() },
        state: v1::TaskState::TaskRunning.into(),
        resources: resource,
        limits: BTreeMap::from([("mem".to_owned(), v1::value::Scalar { value: 64.0 })]),
        statuses: vec![status],
        labels: Some(labels),
        ..Default::default()
    };
    let mut out = Vec::new();
    task(&record, &mut out);
    assert_eq!(
        text(out),
        concat!(
            r#"{"id":"t","name":"golden","framework_id":"F","executor_id":"","slave_id":"S0","#,
            r#""state":"TASK_RUNNING","resources":{"disk":0.0,"mem":32.0,"gpus":0.0,"cpus":0.0},"#,
            r#""limits":{"mem":64.0},"role":"web","statuses":[{"state":"TASK_RUNNING","#,
            r#""timestamp":1795402646.5,"container_status":{"container_id":{"value":"c"},"#,
            r#""network_infos":[{"ip_addresses":[{"protocol":"IPv4","ip_address":"127.0.0.1"}]}]},"#,
            r#""healthy":true}],"labels":[{"key":"tier","value":"front"}]}"#
        )
    );
}

#[test]
fn an_executor_has_its_lists_even_when_empty() {
    let info = v1::ExecutorInfo {
        executor_id: v1::ExecutorId { value: "default-1".to_owned() },
        framework_id: Some(v1::FrameworkId { value: "F".to_owned() }),
        r#type: Some(v1::executor_info::Type::Default.into()),
        ..Default::default()
    };
    let mut out = Vec::new();
    object(&mut out, |object| executor(object, &info));
    assert_eq!(
        text(out),
        concat!(
            r#"{"executor_id":"default-1","name":"","framework_id":"F","#,
            r#""command":{"argv":[],"uris":[]},"#,
            r#""resources":{"disk":0.0,"mem":0.0,"gpus":0.0,"cpus":0.0},"type":"DEFAULT"}"#
        )
    );
}
