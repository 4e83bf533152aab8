// SPDX-License-Identifier: Apache-2.0

//! The operator API.

use http::{Method, StatusCode};
use serde_json::json;

use crate::{agent::Agent, daemon::Daemon, scheduler::Scheduler};

const PATH: &str = "/api/v1";

#[tokio::test]
async fn facts_are_told_in_both_encodings() {
    let master = Daemon::start().await;
    let healthy = master.post(PATH, json!({"type": "GET_HEALTH"})).await;
    assert_eq!(healthy.text(), r#"{"type":"GET_HEALTH","get_health":{"healthy":true}}"#);
    let protobuf =
        [("content-type", "application/x-protobuf"), ("accept", "application/x-protobuf")];
    let binary = master.send(Method::POST, PATH, &protobuf, "\u{8}\u{1}".into()).await;
    assert_eq!(&binary.body[..], [8, 1, 18, 2, 8, 1]);
    let version = master.post(PATH, json!({"type": "GET_VERSION"})).await.json();
    assert_eq!(version["get_version"]["version_info"]["version"], "1.11.0");
    let info = master.post("/master/api/v1", json!({"type": "GET_MASTER"})).await.json();
    assert_eq!(info["get_master"]["master_info"]["id"], master.id.as_str());
    let metrics = json!({"type": "GET_METRICS", "get_metrics": {}});
    let metrics = master.post(PATH, metrics).await.json();
    assert!(metrics["get_metrics"]["metrics"].as_array().is_some_and(|list| list.len() > 100));
}

#[tokio::test]
async fn empty_lists_are_shown() {
    let master = Daemon::start().await;
    let tasks = master.post(PATH, json!({"type": "GET_TASKS"})).await;
    let expected = concat!(
        r#"{"type":"GET_TASKS","get_tasks":"#,
        r#"{"tasks":[],"unreachable_tasks":[],"completed_tasks":[]}}"#
    );
    assert_eq!(tasks.text(), expected);
    let state = master.post(PATH, json!({"type": "GET_STATE"})).await.json();
    assert_eq!(state["get_state"]["get_agents"], json!({"agents": [], "recovered_agents": []}));
}

#[tokio::test]
async fn a_framework_is_torn_down() {
    let master = Daemon::start().await;
    let mut scheduler = Scheduler::plain(&master).await;
    let teardown =
        |id: &str| json!({"type": "TEARDOWN", "teardown": {"framework_id": {"value": id}}});
    let unknown = master.post(PATH, teardown("made-up")).await;
    let expected = (StatusCode::BAD_REQUEST, "No framework found with specified ID");
    assert_eq!((unknown.status, unknown.text()), expected);
    let done = master.post(PATH, teardown(&scheduler.framework_id)).await;
    assert_eq!((done.status, done.text()), (StatusCode::OK, ""));
    while scheduler.next_or_end().await.is_some() {}
    let frameworks = master.post(PATH, json!({"type": "GET_FRAMEWORKS"})).await.json();
    assert_eq!(frameworks["get_frameworks"]["frameworks"], json!([]));
    let completed = &frameworks["get_frameworks"]["completed_frameworks"][0];
    assert_eq!(completed["framework_info"]["name"], "golden");
}

#[tokio::test]
async fn agents_and_frameworks_are_told_in_full() {
    let master = Daemon::start().await;
    let (agent, id) = Agent::registered(&master).await;
    let mut scheduler = Scheduler::plain(&master).await;
    scheduler.expect("OFFERS").await;
    let state = master.post(PATH, json!({"type": "GET_STATE"})).await.json();
    let told = &state["get_state"]["get_agents"]["agents"][0];
    assert_eq!(told["agent_info"]["id"]["value"], id.as_str());
    assert_eq!(told["agent_info"]["resources"][0].get("role"), None);
    assert_eq!(told["total_resources"][0]["role"], "*");
    assert_eq!(told["pid"], agent.upid.to_string());
    let framework = &state["get_state"]["get_frameworks"]["frameworks"][0];
    assert_eq!(framework.get("unregistered_time"), None);
    let offer = &framework["offers"][0];
    assert_eq!(offer["url"]["path"], "/slave(1)");
    assert_eq!(offer["attributes"][0]["name"], "rack");
}

#[tokio::test]
async fn an_agent_is_marked_gone() {
    let master = Daemon::start().await;
    let (mut agent, id) = Agent::registered(&master).await;
    let gone = |id: &str| json!({"type": "MARK_AGENT_GONE", "mark_agent_gone": {"agent_id": {"value": id}}});
    let unknown = master.post(PATH, gone("made-up")).await;
    let expected = (StatusCode::NOT_FOUND, "Agent 'made-up' not found");
    assert_eq!((unknown.status, unknown.text()), expected);
    assert_eq!(master.post(PATH, gone(&id)).await.status, StatusCode::OK);
    let _: mesos_proto::internal::ShutdownMessage = agent.expect().await;
    let agents = master.post(PATH, json!({"type": "GET_AGENTS"})).await;
    let expected = r#"{"type":"GET_AGENTS","get_agents":{"agents":[],"recovered_agents":[]}}"#;
    assert_eq!(agents.text(), expected);
}

#[tokio::test]
async fn what_is_not_there_is_refused_with_a_text() {
    let master = Daemon::start().await;
    let cases = [
        (json!({"type": "GET_WEIGHTS"}), 501, "GET_WEIGHTS is not supported yet"),
        (
            json!({"type": "TEARDOWN"}),
            400,
            "Failed to validate master::Call: Expecting 'teardown' to be present",
        ),
        (
            json!({"type": "TEARDOWN", "teardown": {}}),
            400,
            "Failed to convert JSON into Call protobuf: Missing required fields: \
             teardown.framework_id",
        ),
        (json!({}), 400, "Failed to validate master::Call: Expecting 'type' to be present"),
    ];
    for (call, status, text) in cases {
        let answer = master.post(PATH, call).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (status, text));
    }
    let get = master.get(PATH).await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
}
