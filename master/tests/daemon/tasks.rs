// SPDX-License-Identifier: Apache-2.0

//! The life of a task through real sockets.

use http::StatusCode;
use mesos_proto::{internal, v1::TaskState};
use mesos_wire::WireMessage;
use serde_json::json;

use crate::{agent::Agent, daemon::Daemon, scheduler::Scheduler};

#[tokio::test]
async fn an_agent_is_answered_pinged_and_offered() {
    let master = Daemon::start().await;
    let (mut agent, id) = Agent::registered(&master).await;
    assert_eq!(id, format!("{}-S0", master.id));
    let ping = agent.next().await;
    assert_eq!(ping.envelope.name, internal::PingSlaveMessage::NAME);
    let observer = ping.envelope.from.expect("a sender");
    assert_eq!(observer.id, "slave-observer(1)");

    let mut scheduler = Scheduler::plain(&master).await;
    let offers = scheduler.expect("OFFERS").await;
    let offer = &offers["offers"]["offers"][0];
    assert_eq!(offer["agent_id"]["value"], id);
    assert_eq!(offer["hostname"], "127.0.0.1");
}

#[tokio::test]
async fn a_task_runs_from_offer_to_completed() {
    let master = Daemon::start().await;
    let (mut agent, agent_id) = Agent::registered(&master).await;
    let mut scheduler = Scheduler::plain(&master).await;
    let offers = scheduler.expect("OFFERS").await;
    let offer_id = offers["offers"]["offers"][0]["id"].clone();
    let task = json!({
        "name": "golden-task",
        "task_id": {"value": "t"},
        "agent_id": {"value": agent_id},
        "resources": [
            {"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.1}},
            {"name": "mem", "type": "SCALAR", "scalar": {"value": 32.0}},
        ],
        "command": {"value": "true"},
    });
    let accept = json!({
        "offer_ids": [offer_id],
        "operations": [{"type": "LAUNCH", "launch": {"task_infos": [task]}}],
    });
    let accepted = scheduler.call(&master, "ACCEPT", accept).await;
    assert_eq!((accepted.status, accepted.text()), (StatusCode::ACCEPTED, ""));

    let run: internal::RunTaskMessage = agent.expect().await;
    assert_eq!(run.task.task_id.value, "t");
    assert_eq!(run.pid.as_deref(), Some("@0.0.0.0:0"));
    let state = master.get("/state").await.json();
    let tasks = &state["frameworks"][0]["tasks"];
    assert_eq!(tasks[0]["state"], "TASK_STAGING");
    assert_eq!(tasks[0]["executor_id"], "");
    assert_eq!(state["slaves"][0]["used_resources"]["mem"], 32.0);

    let ids = (scheduler.framework_id.clone(), agent_id.clone());
    for (task_state, name) in
        [(TaskState::TaskRunning, "TASK_RUNNING"), (TaskState::TaskFinished, "TASK_FINISHED")]
    {
        agent.update(&ids.0, &ids.1, "t", task_state);
        let update = scheduler.expect("UPDATE").await["update"]["status"].clone();
        assert_eq!(update["state"], name);
        let acknowledge = json!({
            "agent_id": {"value": agent_id},
            "task_id": {"value": "t"},
            "uuid": update["uuid"],
        });
        let answer = scheduler.call(&master, "ACKNOWLEDGE", acknowledge).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        let _: internal::StatusUpdateAcknowledgementMessage = agent.expect().await;
    }
    let state = master.get("/state").await.json();
    let framework = &state["frameworks"][0];
    assert_eq!(framework["tasks"], json!([]));
    assert_eq!(framework["completed_tasks"][0]["state"], "TASK_FINISHED");
    assert_eq!(framework["completed_tasks"][0]["statuses"][0]["state"], "TASK_RUNNING");
    assert_eq!(state["slaves"][0]["used_resources"]["mem"], 0.0);
    let tasks = master.get("/tasks?task_id=t&limit=1").await.json();
    assert_eq!(tasks["tasks"][0]["state"], "TASK_FINISHED");
    assert_eq!(master.get("/tasks?offset=1").await.text(), r#"{"tasks":[]}"#);
    assert_eq!(master.get("/tasks?limit=0").await.text(), r#"{"tasks":[]}"#);
    let summary = master.get("/state-summary").await.json();
    assert_eq!(summary["slaves"][0]["TASK_FINISHED"], 1);
    assert_eq!(summary["frameworks"][0]["slave_ids"], json!([agent_id]));
    let metrics = master.get("/metrics/snapshot").await.json();
    assert_eq!(metrics["master/tasks_finished"], 1.0);
    let prefix = format!("master/frameworks/golden/{}", scheduler.framework_id);
    let metric = |name: &str| metrics[&format!("{prefix}/{name}")].as_f64();
    assert_eq!(metric("calls/accept"), Some(1.0));
    assert_eq!(metric("calls/acknowledge"), Some(2.0));
    assert_eq!(metric("offers/accepted"), Some(1.0));
    assert_eq!(metric("operations/launch"), Some(1.0));
    assert_eq!(metric("events/update"), Some(2.0));
    assert_eq!(metric("tasks/terminal/task_finished"), Some(1.0));
}

#[tokio::test]
async fn an_agent_that_vanishes_is_disconnected_and_its_offers_rescinded() {
    let master = Daemon::start().await;
    let (agent, _) = Agent::registered(&master).await;
    let mut scheduler = Scheduler::plain(&master).await;
    scheduler.expect("OFFERS").await;
    drop(agent);
    scheduler.expect("RESCIND").await;
    let state = master.get("/state").await.json();
    assert_eq!(state["slaves"][0]["active"], false);
    assert_eq!(state["deactivated_slaves"], 1.0);
}
