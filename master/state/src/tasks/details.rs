// SPDX-License-Identifier: Apache-2.0

//! What a task shows of its TaskInfo, encoded without copying it first.

use mesos_proto::v1;
use prost::encoding::{btree_map, message, string};

/// Appends the fields of an encoded [`v1::Task`] that come from a TaskInfo as they are.
pub(super) fn encode(info: &v1::TaskInfo, bytes: &mut Vec<u8>) {
    string::encode(1, &info.name, bytes);
    if let Some(labels) = &info.labels {
        message::encode(11, labels, bytes);
    }
    if let Some(discovery) = &info.discovery {
        message::encode(12, discovery, bytes);
    }
    if let Some(container) = &info.container {
        message::encode(13, container, bytes);
    }
    if let Some(user) = user_of(info) {
        string::encode(14, user, bytes);
    }
    if let Some(check) = &info.health_check {
        message::encode(15, check, bytes);
    }
    if let Some(policy) = &info.kill_policy {
        message::encode(16, policy, bytes);
    }
    btree_map::encode(
        string::encode,
        string::encoded_len,
        message::encode,
        message::encoded_len,
        17,
        &info.limits,
        bytes,
    );
}

/// The user that the task asks to run as, shown in `/state` like Mesos does.
fn user_of(info: &v1::TaskInfo) -> Option<&String> {
    let executor = info.executor.as_ref().and_then(|executor| executor.command.as_ref());
    info.command.as_ref().or(executor).and_then(|command| command.user.as_ref())
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn a_task_shows_what_its_info_says() {
        let labels = v1::Labels {
            labels: vec![v1::Label { key: "k".to_owned(), value: Some("v".to_owned()) }],
        };
        let limits = [("cpus".to_owned(), v1::value::Scalar { value: 2.0 })];
        let info = v1::TaskInfo {
            name: "n".to_owned(),
            labels: Some(labels),
            discovery: Some(v1::DiscoveryInfo { name: Some("d".to_owned()), ..Default::default() }),
            container: Some(v1::ContainerInfo::default()),
            health_check: Some(v1::HealthCheck::default()),
            kill_policy: Some(v1::KillPolicy::default()),
            command: Some(v1::CommandInfo { user: Some("u".to_owned()), ..Default::default() }),
            limits: limits.into(),
            ..Default::default()
        };
        let mut bytes = Vec::new();
        encode(&info, &mut bytes);
        let task = v1::Task::decode(&*bytes).unwrap();
        let expected = v1::Task {
            name: info.name,
            labels: info.labels,
            discovery: info.discovery,
            container: info.container,
            health_check: info.health_check,
            kill_policy: info.kill_policy,
            user: Some("u".to_owned()),
            limits: info.limits,
            ..Default::default()
        };
        assert_eq!(task, expected);
    }
}
