// SPDX-License-Identifier: Apache-2.0

//! The unversioned endpoints.

use std::{collections::BTreeSet, fs, path::Path};

use http::{Method, StatusCode};
use serde_json::Value;

use crate::{agent::Agent, daemon::Daemon, scheduler::Scheduler};

#[tokio::test]
async fn small_endpoints_answer_as_mesos_does() {
    let master = Daemon::with(&["--registry=in_memory", "--cluster=east"]).await;
    for path in ["/health", "/master/health", "/health/", "//health"] {
        let answer = master.get(path).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""), "{path}");
    }
    for path in ["/nope", "/master/version", "/state.json", "/redirect/x", "/%73tate", "/metrics"] {
        let answer = master.get(path).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::NOT_FOUND, "404 Not Found."));
    }
    let redirect = master.get("/redirect").await;
    assert_eq!(redirect.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(redirect.headers["location"], format!("//{}", master.address).as_str());

    let version = master.get("/version").await.json();
    assert_eq!(version["version"], "1.11.0");
    let flags = master.get("/flags").await.json();
    assert_eq!(flags["flags"]["agent_reregister_timeout"], "10mins");
    assert_eq!(flags["flags"]["cluster"], "east");
    let jsonp = master.get("/version?jsonp=cb").await;
    assert_eq!(jsonp.headers["content-type"], "text/javascript");
    assert!(jsonp.text().starts_with("cb({\"build_date\":"));
    let put = master.send(Method::PUT, "/state", &[], "x".into()).await;
    assert_eq!(put.status, StatusCode::OK);
}

#[tokio::test]
async fn state_has_the_keys_that_apache_mesos_has() {
    let master = Daemon::start().await;
    let (_agent, agent_id) = Agent::registered(&master).await;
    let mut scheduler = Scheduler::plain(&master).await;
    scheduler.expect("OFFERS").await;
    let state = master.get("/state").await.json();

    assert_eq!(state["id"], master.id.as_str());
    assert_eq!(state["leader"], format!("master@{}", master.address));
    assert_eq!(state["activated_slaves"], 1.0);
    let agent = &state["slaves"][0];
    assert_eq!(agent["id"], agent_id.as_str());
    assert_eq!(agent["attributes"], serde_json::json!({"rack": "r1", "size": 4.0}));
    assert_eq!(agent["resources"]["ports"], "[31000-32000]");
    assert_eq!(agent["offered_resources"]["cpus"], 4.0);
    let framework = &state["frameworks"][0];
    assert_eq!(framework.get("pid"), None);
    assert_eq!(framework["role"], "*");
    assert_eq!(framework["offers"][0]["allocation_info"], serde_json::json!({"role": "*"}));
    for (ours, of_apache) in [(agent, "agent"), (framework, "framework"), (&state, "state")] {
        let keys: BTreeSet<&str> =
            ours.as_object().expect("an object").keys().map(String::as_str).collect();
        for key in keys_of_apache(of_apache) {
            assert!(keys.contains(key), "{of_apache} lacks {key}");
        }
    }
}

/// The keys of a plain agent, a plain framework and the top of the recorded
/// answers of Apache Mesos 1.11.0.
fn keys_of_apache(what: &str) -> &'static [&'static str] {
    match what {
        "agent" => &[
            "id",
            "hostname",
            "port",
            "attributes",
            "pid",
            "registered_time",
            "resources",
            "used_resources",
            "offered_resources",
            "reserved_resources",
            "unreserved_resources",
            "active",
            "deactivated",
            "version",
            "capabilities",
        ],
        "framework" => &[
            "id",
            "name",
            "used_resources",
            "offered_resources",
            "capabilities",
            "hostname",
            "webui_url",
            "active",
            "connected",
            "recovered",
            "user",
            "failover_timeout",
            "checkpoint",
            "registered_time",
            "unregistered_time",
            "resources",
            "role",
            "tasks",
            "unreachable_tasks",
            "completed_tasks",
            "offers",
            "executors",
            "offer_constraints",
        ],
        _ => &[
            "version",
            "build_date",
            "build_time",
            "build_user",
            "start_time",
            "elected_time",
            "id",
            "pid",
            "hostname",
            "capabilities",
            "activated_slaves",
            "deactivated_slaves",
            "unreachable_slaves",
            "leader",
            "leader_info",
            "flags",
            "slaves",
            "recovered_slaves",
            "frameworks",
            "completed_frameworks",
            "orphan_tasks",
            "unregistered_frameworks",
        ],
    }
}

#[tokio::test]
async fn metrics_have_the_names_that_apache_mesos_has() {
    let master = Daemon::start().await;
    let (_agent, _) = Agent::registered(&master).await;
    let mut scheduler = Scheduler::plain(&master).await;
    scheduler.expect("OFFERS").await;
    let metrics = master.get("/metrics/snapshot").await.json();
    let metrics = metrics.as_object().expect("an object");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/daemon/metrics.txt");
    let expected = fs::read_to_string(&file).expect("the list of names");
    let missing: Vec<&str> = expected.lines().filter(|name| !metrics.contains_key(*name)).collect();
    assert_eq!(missing, Vec::<&str>::new());
    let expected = fs::read_to_string(file.with_file_name("framework-metrics.txt"));
    let prefix = format!("master/frameworks/golden/{}", scheduler.framework_id);
    let expected = expected.expect("the list of names");
    let names = expected.lines().map(|name| format!("{prefix}/{name}"));
    let missing: Vec<String> = names.filter(|name| !metrics.contains_key(name)).collect();
    assert_eq!(missing, Vec::<String>::new());
    assert_eq!(metrics[&format!("{prefix}/calls/subscribe")], 1.0);
    assert_eq!(metrics[&format!("{prefix}/offers/sent")], 1.0);
    assert!(metrics.values().all(Value::is_number));
    assert_eq!(metrics["master/slaves_active"], 1.0);
    assert_eq!(metrics["master/cpus_total"], 4.0);
    let sorted: Vec<&String> = metrics.keys().collect();
    assert!(sorted.is_sorted());
}

#[tokio::test]
async fn parts_of_the_state_can_be_asked_for() {
    let master = Daemon::start().await;
    let idle = [
        ("/slaves", r#"{"slaves":[],"recovered_slaves":[]}"#),
        (
            "/frameworks",
            r#"{"frameworks":[],"completed_frameworks":[],"unregistered_frameworks":[]}"#,
        ),
        ("/tasks", r#"{"tasks":[]}"#),
        ("/state-summary", r#"{"hostname":"127.0.0.1","slaves":[],"frameworks":[]}"#),
    ];
    for (path, expected) in idle {
        assert_eq!(master.get(path).await.text(), expected, "{path}");
    }
    let (_agent, agent_id) = Agent::registered(&master).await;
    let mut scheduler = Scheduler::plain(&master).await;
    scheduler.expect("OFFERS").await;
    let slaves = master.get(&format!("/slaves?slave_id={agent_id}")).await.json();
    let full = &slaves["slaves"][0]["offered_resources_full"][0];
    assert_eq!(full["name"], "cpus");
    assert_eq!(full["role"], "*");
    assert_eq!(full["allocation_info"]["role"], "*");
    assert_eq!(master.get("/slaves?slave_id=").await.text(), idle[0].1);
    let frameworks = master.get("/frameworks").await.json();
    assert_eq!(frameworks["frameworks"][0]["id"], scheduler.framework_id.as_str());
    assert_eq!(master.get("/frameworks?framework_id=x").await.text(), idle[1].1);
    let summary = master.get("/state-summary").await.json();
    assert_eq!(summary["slaves"][0]["TASK_RUNNING"], 0);
    assert_eq!(summary["frameworks"][0]["slave_ids"], serde_json::json!([]));
}

#[tokio::test]
async fn explain_says_why_there_is_no_offer() {
    let master = Daemon::start().await;
    let scheduler = Scheduler::plain(&master).await;
    let path = format!("/allocator/explain?framework_id={}", scheduler.framework_id);
    let explained = master.get(&path).await.json();
    assert_eq!(explained["explanations"][0]["role"], "*");
    assert_eq!(explained["explanations"][0]["agents"], 0);
    assert_eq!(master.get("/allocator/explain").await.status, StatusCode::BAD_REQUEST);
    let unknown = master.get("/allocator/explain?framework_id=x").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn messages_to_nobody_are_not_found() {
    let master = Daemon::start().await;
    let from = [("libprocess-from", "scheduler(1)@127.0.0.1:5299")];
    let cases = [
        ("/master/mesos.internal.ResourceRequestMessage", 202),
        ("/master/mesos.internal.NoSuchMessage", 202),
        ("/master/mesos.internal.RegisterSlaveMessage", 202),
        ("/slave-observer(7)/mesos.internal.PongSlaveMessage", 202),
        ("/nobody/mesos.internal.PingSlaveMessage", 404),
        ("/%zz/mesos.internal.PingSlaveMessage", 400),
    ];
    for (path, status) in cases {
        let answer = master.send(Method::POST, path, &from, "\u{1}".into()).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
    }
    let bare = [("content-type", "x")];
    let answer = master.send(Method::POST, cases[0].0, &bare, "x".into()).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
