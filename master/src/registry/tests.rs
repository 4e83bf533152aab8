// SPDX-License-Identifier: Apache-2.0

//! Tests of the stores.

use std::{fs, sync::Arc, sync::mpsc, time::Duration};

use mesos_core::time::Time;
use mesos_master_state::{FrameworkEntry, RegistryChange, RegistrySnapshot, WriteKey};
use mesos_proto::v1;

use super::{DiskStore, MemoryStore, Outcome, Store, StoreError, start};

fn agent(id: &str) -> Arc<v1::AgentInfo> {
    Arc::new(v1::AgentInfo {
        id: Some(v1::AgentId { value: id.to_owned() }),
        hostname: format!("{id}.example"),
        ..Default::default()
    })
}

fn framework(id: &str, failover_deadline: Option<Time>) -> Arc<FrameworkEntry> {
    let info = v1::FrameworkInfo {
        id: Some(v1::FrameworkId { value: id.to_owned() }),
        user: "nobody".to_owned(),
        name: "test".to_owned(),
        ..Default::default()
    };
    Arc::new(FrameworkEntry { info, failover_deadline })
}

/// At least one change of every kind.
fn changes() -> Vec<RegistryChange> {
    let time = Time::from_nanos(1_795_402_029_263_281_900);
    let id = str::to_owned;
    vec![
        RegistryChange::AdmitAgent { info: agent("S0") },
        RegistryChange::AdmitAgent { info: agent("S1") },
        RegistryChange::AdmitAgent { info: agent("S2") },
        RegistryChange::AdmitAgent { info: agent("S3") },
        RegistryChange::UpdateAgent { info: agent("S0") },
        RegistryChange::MarkUnreachable { agent_id: id("S0"), since: time },
        RegistryChange::MarkReachable { info: agent("S0") },
        RegistryChange::MarkUnreachable { agent_id: id("S1"), since: time },
        RegistryChange::MarkGone { agent_id: id("S2"), since: time },
        RegistryChange::RemoveAgent { agent_id: id("S3") },
        RegistryChange::MarkGone { agent_id: id("S4"), since: time },
        RegistryChange::MarkUnreachable { agent_id: id("S5"), since: time },
        RegistryChange::Prune { unreachable: vec![id("S5")], gone: vec![id("S4")] },
        RegistryChange::PutFramework { framework: framework("F0", None) },
        RegistryChange::PutFramework { framework: framework("F0", Some(time)) },
        RegistryChange::PutFramework { framework: framework("F1", None) },
        RegistryChange::CompleteFramework { framework_id: id("F1"), since: time },
        RegistryChange::CompleteFramework { framework_id: id("F2"), since: time },
        RegistryChange::PruneFrameworks { framework_ids: vec![id("F2")] },
    ]
}

#[test]
fn what_is_on_disk_is_what_the_changes_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut expected = RegistrySnapshot::default();
    for change in &changes() {
        let mut store = DiskStore::open(folder.path()).expect("a registry");
        assert_eq!(store.load().expect("readable"), expected);
        store.apply(&[change]).expect("written");
        expected.apply(change);
    }
    let mut store = DiskStore::open(folder.path()).expect("a registry");
    assert_eq!(store.load().expect("readable"), expected);
    assert_eq!(expected.admitted.len() + expected.unreachable.len() + expected.gone.len(), 3);
}

#[test]
fn a_damaged_registry_is_an_error_that_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("registry.redb"), b"this is no registry at all").expect("written");
    let error = DiskStore::open(folder.path()).map(|mut store| store.load());
    let text = match error {
        Err(error) | Ok(Err(error)) => error.to_string(),
        Ok(Ok(_)) => panic!("nonsense was read"),
    };
    assert!(text.contains("is damaged") && text.contains("move it away"), "{text}");
}

#[test]
fn a_truncated_registry_is_an_error_not_a_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = DiskStore::open(folder.path()).expect("a registry");
    store.load().expect("readable");
    store.apply(&changes().iter().collect::<Vec<_>>()).expect("written");
    drop(store);
    let path = folder.path().join("registry.redb");
    let bytes = fs::read(&path).expect("the file");
    fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
    let result = DiskStore::open(folder.path()).map(|mut store| store.load());
    assert!(matches!(
        result,
        Err(StoreError::Damaged { .. } | StoreError::Open { .. })
            | Ok(Err(StoreError::Damaged { .. }))
    ));
}

#[test]
fn two_masters_cannot_share_a_registry() {
    let folder = tempfile::tempdir().expect("a folder");
    let _first = DiskStore::open(folder.path()).expect("a registry");
    let second = DiskStore::open(folder.path()).expect_err("taken");
    assert!(second.to_string().ends_with("another master uses it"), "{second}");
}

#[test]
fn writes_are_reported_in_order() {
    let (reports, outcomes) = mpsc::channel();
    let writer = start(MemoryStore, move |outcome| reports.send(outcome).is_ok());
    let (writer, thread) = writer.expect("a thread");
    for number in 1..=100 {
        writer.store(WriteKey(number), vec![RegistryChange::AdmitAgent { info: agent("S0") }]);
    }
    for number in 1..=100 {
        let outcome = outcomes.recv_timeout(Duration::from_secs(20)).expect("a report");
        assert!(matches!(outcome, Outcome::Stored { write, .. } if write == WriteKey(number)));
    }
    drop(writer);
    thread.join().expect("ended");
}

#[test]
fn a_store_that_fails_is_reported() {
    struct Full;
    impl Store for Full {
        fn load(&mut self) -> Result<RegistrySnapshot, StoreError> {
            Ok(RegistrySnapshot::default())
        }

        fn apply(&mut self, _changes: &[&RegistryChange]) -> Result<(), StoreError> {
            Err(StoreError::Write("no space left".to_owned()))
        }
    }
    let (reports, outcomes) = mpsc::channel();
    let (writer, _) = start(Full, move |outcome| reports.send(outcome).is_ok()).expect("a thread");
    writer.store(WriteKey(1), vec![RegistryChange::RemoveAgent { agent_id: "S0".to_owned() }]);
    let outcome = outcomes.recv_timeout(Duration::from_secs(20)).expect("a report");
    let reason = "cannot write to the registry: no space left".to_owned();
    assert_eq!(outcome, Outcome::Failed { write: WriteKey(1), reason });
}
