// SPDX-License-Identifier: Apache-2.0

//! Tests of the views without an engine.

use std::sync::Arc;

use mesos_core::{resources::Resources, time::Time};
use mesos_master_state::{AgentFate, AgentKey, AgentRecord, Change, FrameworkKey, FrameworkRecord};
use mesos_proto::v1;

use super::{Bounds, Cluster};

const BOUNDS: Bounds = Bounds { completed_frameworks: 2, completed_tasks: 2 };

fn agent(key: u32) -> Change {
    let id = format!("S{key}");
    Change::Agent(Arc::new(AgentRecord {
        key: AgentKey(key),
        id: id.as_str().into(),
        info: Arc::new(v1::AgentInfo { id: Some(v1::AgentId { value: id }), ..Default::default() }),
        pid: "slave(1)@127.0.0.1:5051".into(),
        version: "1.11.0".to_owned(),
        capabilities: Vec::new(),
        total: Resources::parse("cpus:4", "*").expect("resources"),
        registered_time: Time::EPOCH,
        reregistered_time: None,
        connected: true,
        active: true,
    }))
}

fn framework(key: u32) -> Arc<FrameworkRecord> {
    Arc::new(FrameworkRecord {
        key: FrameworkKey(key),
        id: format!("F{key}").into(),
        info: Arc::default(),
        offer_constraints: Arc::default(),
        roles: vec!["*".to_owned()],
        suppressed_roles: Vec::new(),
        active: true,
        connected: true,
        recovered: false,
        registered_time: Time::EPOCH,
        reregistered_time: Time::EPOCH,
        unregistered_time: None,
    })
}

#[test]
fn a_snapshot_does_not_change_with_the_cluster() {
    let mut cluster = Cluster::new(BOUNDS);
    cluster.apply(agent(0));
    let before = cluster.snapshot();
    cluster.apply(Change::AgentUsage {
        agent: AgentKey(0),
        used: Resources::parse("cpus:1", "*").expect("resources"),
        offered: Resources::default(),
    });
    let after = cluster.snapshot();
    assert_ne!(before.version, after.version);
    assert!(before.agents.get(&AgentKey(0)).expect("an agent").used.is_empty());
    assert_eq!(after.agents.get(&AgentKey(0)).expect("an agent").used.len(), 1);
    assert_eq!(cluster.snapshot().version, after.version);
}

#[test]
fn an_agent_is_on_one_list_at_a_time() {
    let mut cluster = Cluster::new(BOUNDS);
    let info =
        v1::AgentInfo { id: Some(v1::AgentId { value: "S0".to_owned() }), ..Default::default() };
    let counts = |cluster: &Cluster| {
        let snapshot = cluster.snapshot();
        (snapshot.recovered.len(), snapshot.agents.len(), snapshot.unreachable)
    };
    cluster.apply(Change::AgentRecovered(Arc::new(info)));
    assert_eq!(counts(&cluster), (1, 0, 0));
    cluster.apply(agent(0));
    assert_eq!(counts(&cluster), (0, 1, 0));
    let (agent_id, to) = (Arc::from("S0"), AgentFate::Unreachable);
    cluster.apply(Change::AgentRemoved { agent: Some(AgentKey(0)), agent_id, to });
    assert_eq!(counts(&cluster), (0, 0, 1));
    cluster.apply(agent(1));
    assert_eq!(counts(&cluster), (0, 1, 1));
    cluster.apply(Change::AgentsPruned { unreachable: vec![Arc::from("S0")], gone: Vec::new() });
    assert_eq!(counts(&cluster), (0, 1, 0));
}

#[test]
fn the_oldest_completed_framework_is_forgotten() {
    let mut cluster = Cluster::new(BOUNDS);
    for key in 0..4 {
        cluster.apply(Change::Framework(framework(key)));
        cluster.apply(Change::FrameworkCompleted(framework(key)));
    }
    let snapshot = cluster.snapshot();
    assert!(snapshot.frameworks.is_empty());
    let ids: Vec<&str> = snapshot.completed.iter().map(|view| &*view.record.id).collect();
    assert_eq!(ids, ["F2", "F3"]);
}

#[test]
fn changes_of_entities_that_are_gone_are_harmless() {
    let mut cluster = Cluster::new(BOUNDS);
    let nothing = Resources::default();
    cluster.apply(Change::AgentUsage {
        agent: AgentKey(7),
        used: nothing.clone(),
        offered: nothing.clone(),
    });
    cluster.apply(Change::FrameworkUsage {
        framework: FrameworkKey(7),
        used: nothing.clone(),
        offered: nothing,
    });
    cluster.apply(Change::FrameworkCompleted(framework(7)));
    let snapshot = cluster.snapshot();
    assert!(snapshot.agents.is_empty() && snapshot.completed.is_empty());
}
