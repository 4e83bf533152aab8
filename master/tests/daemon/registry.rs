// SPDX-License-Identifier: Apache-2.0

//! What a restarted master remembers, and masters that do not start.

use mesos_proto::{internal, v1};
use serde_json::json;

use crate::{
    agent::Agent,
    daemon::{Daemon, flags},
    scheduler::Scheduler,
};

#[tokio::test]
async fn agents_and_frameworks_come_back_under_their_ids() {
    let folder = tempfile::tempdir().expect("a folder");
    let work_dir = format!("--work_dir={}", folder.path().display());
    let first = Daemon::with(&[&work_dir]).await;
    let (agent, agent_id) = Agent::registered(&first).await;
    let info = json!({"user": "root", "name": "golden", "failover_timeout": 1000.0});
    let scheduler = Scheduler::subscribe(&first, info.clone()).await;
    let framework_id = scheduler.framework_id.clone();
    drop((agent, scheduler));
    first.stop().await;

    let second = Daemon::with(&[&work_dir]).await;
    let state = second.get("/state").await.json();
    assert_eq!(state["recovered_slaves"][0]["id"], agent_id.as_str());
    assert_eq!(state["slaves"], json!([]));

    let mut agent = Agent::start(&second).await;
    let mut agent_info = agent.info();
    agent_info.id = Some(v1::AgentId { value: agent_id.clone() });
    agent.send(&internal::ReregisterSlaveMessage {
        agent: agent_info,
        version: Some("1.11.0".to_owned()),
        ..Default::default()
    });
    let answer: internal::SlaveReregisteredMessage = agent.expect().await;
    assert_eq!(answer.agent_id.value, agent_id);

    let mut info = info;
    info["id"] = json!({"value": framework_id});
    let scheduler = Scheduler::subscribe(&second, info).await;
    assert_eq!(scheduler.framework_id, framework_id);
    let state = second.get("/state").await.json();
    assert_eq!(state["recovered_slaves"], json!([]));
    assert_eq!(state["slaves"][0]["id"], agent_id.as_str());
    assert_ne!(second.id, agent_id.rsplit_once("-S").expect("an agent id").0);
}

#[tokio::test]
async fn flags_that_promise_too_much_are_refused() {
    let memory = "--registry=in_memory";
    let cases: [(&[&str], &str); 9] = [
        (&[memory, "--zk=zk://localhost:2181/mesos"], "flag '--zk': several masters"),
        (&[memory, "--acls={}"], "flag '--acls': authentication and authorization are not"),
        (&[memory, "--authenticate_agents"], "flag '--authenticate_agents': authentication"),
        (&[memory, "--modules=x"], "flag '--modules': modules are shared libraries"),
        (&[memory, "--role_sorter=random"], "flag '--role_sorter': 'random' is not available"),
        (&[memory, "--agent_ping_timeout=1hrs"], "flag '--agent_ping_timeout': must be from"),
        (&[memory, "--weights=a"], "flag '--weights': 'a' is no weight"),
        (&[memory, "--agent_removal_rate_limit=1/x"], "flag '--agent_removal_rate_limit': "),
        (&[], "flag '--work_dir': is required to keep the registry"),
    ];
    for (arguments, text) in cases {
        let mut all = vec!["--ip=127.0.0.1", "--port=0"];
        all.extend(arguments);
        let error = match mesos_master::start(flags(&all)).await {
            Ok(_) => panic!("{arguments:?} was accepted"),
            Err(error) => error.to_string(),
        };
        assert!(error.starts_with(text), "{error}");
    }
}

#[tokio::test]
async fn a_taken_port_and_a_damaged_registry_are_named() {
    let first = Daemon::start().await;
    let port = format!("--port={}", first.address.port());
    let taken = flags(&["--ip=127.0.0.1", "--registry=in_memory", &port]);
    let error = mesos_master::start(taken).await.err().expect("refused").to_string();
    assert!(error.starts_with(&format!("cannot listen on {}", first.address)), "{error}");

    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("registry.redb"), [7; 9000]).expect("written");
    let work_dir = format!("--work_dir={}", folder.path().display());
    let damaged = flags(&["--ip=127.0.0.1", "--port=0", &work_dir]);
    let error = mesos_master::start(damaged).await.err().expect("refused").to_string();
    assert!(error.contains("is damaged"), "{error}");
}
