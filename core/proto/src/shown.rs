// SPDX-License-Identifier: Apache-2.0

//! What `/state` and its kin show of an encoded task or status, found without
//! decoding it: strings stay where they are, messages stay encoded.
//!
//! Of a field that is there twice the last one counts, where decoding would make one of two
//! messages: those who come here have looked whether each is there once (`plain`), or have encoded
//! it themselves.

use std::collections::BTreeMap;

use crate::{
    partial::{each_field, state_of, text_of},
    v1,
    wire::Raw,
};

/// What a task shows besides its ids, name, state, resources and statuses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShownTask<'a> {
    /// How much it may use beyond its resources.
    pub limits: BTreeMap<&'a str, f64>,
    /// The user that it runs as.
    pub user: Option<&'a str>,
    /// Encoded [`v1::Labels`].
    pub labels: Option<&'a [u8]>,
    /// An encoded [`v1::DiscoveryInfo`].
    pub discovery: Option<&'a [u8]>,
    /// An encoded [`v1::ContainerInfo`].
    pub container: Option<&'a [u8]>,
    /// An encoded [`v1::HealthCheck`].
    pub health_check: Option<&'a [u8]>,
}

impl<'a> ShownTask<'a> {
    /// Looks into an encoded [`v1::Task`].
    #[must_use]
    pub fn of(task: &'a [u8]) -> Self {
        let mut shown = ShownTask::default();
        each_field(task, |number, raw, _| match (number, raw) {
            (11, Raw::Bytes(labels)) => shown.labels = Some(labels),
            (12, Raw::Bytes(discovery)) => shown.discovery = Some(discovery),
            (13, Raw::Bytes(container)) => shown.container = Some(container),
            (14, Raw::Bytes(user)) => shown.user = Some(text_of(user)),
            (15, Raw::Bytes(health_check)) => shown.health_check = Some(health_check),
            (17, Raw::Bytes(entry)) => shown.limits.extend([limit_of(entry)]),
            (_, Raw::Varint(_) | Raw::Fixed64(_) | Raw::Bytes(_) | Raw::Other) => {}
        });
        shown
    }
}

/// What a status shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownStatus<'a> {
    /// The state.
    pub state: v1::TaskState,
    /// When it was made.
    pub timestamp: f64,
    /// Whether the task is healthy.
    pub healthy: Option<bool>,
    /// Encoded [`v1::Labels`].
    pub labels: Option<&'a [u8]>,
    /// An encoded [`v1::ContainerStatus`].
    pub container_status: Option<&'a [u8]>,
}

impl<'a> ShownStatus<'a> {
    /// Looks into an encoded [`v1::TaskStatus`].
    #[must_use]
    pub fn of(status: &'a [u8]) -> Self {
        let mut shown = ShownStatus {
            state: v1::TaskState::TaskStaging,
            timestamp: 0.0,
            healthy: None,
            labels: None,
            container_status: None,
        };
        each_field(status, |number, raw, _| match (number, raw) {
            (2, Raw::Varint(value)) => shown.state = state_of(value).unwrap_or(shown.state),
            (6, Raw::Fixed64(bits)) => shown.timestamp = f64::from_bits(bits),
            (8, Raw::Varint(value)) => shown.healthy = Some(value != 0),
            (12, Raw::Bytes(labels)) => shown.labels = Some(labels),
            (13, Raw::Bytes(container)) => shown.container_status = Some(container),
            (_, Raw::Varint(_) | Raw::Fixed64(_) | Raw::Bytes(_) | Raw::Other) => {}
        });
        shown
    }
}

/// Shows key and value of each of the encoded [`v1::Labels`].
pub fn each_label<'a>(labels: &'a [u8], mut show: impl FnMut(&'a str, Option<&'a str>)) {
    each_field(labels, |number, raw, _| {
        let (1, Raw::Bytes(label)) = (number, raw) else { return };
        let (mut key, mut value) = ("", None);
        each_field(label, |number, raw, _| match (number, raw) {
            (1, Raw::Bytes(text)) => key = text_of(text),
            (2, Raw::Bytes(text)) => value = Some(text_of(text)),
            (_, Raw::Varint(_) | Raw::Fixed64(_) | Raw::Bytes(_) | Raw::Other) => {}
        });
        show(key, value);
    });
}

/// One entry of a task's `limits`, a map of [`v1::value::Scalar`]s.
fn limit_of(entry: &[u8]) -> (&str, f64) {
    let (mut name, mut amount) = ("", 0.0);
    each_field(entry, |number, raw, _| match (number, raw) {
        (1, Raw::Bytes(text)) => name = text_of(text),
        (2, Raw::Bytes(scalar)) => each_field(scalar, |number, raw, _| {
            if let (1, Raw::Fixed64(bits)) = (number, raw) {
                amount = f64::from_bits(bits);
            }
        }),
        (_, Raw::Varint(_) | Raw::Fixed64(_) | Raw::Bytes(_) | Raw::Other) => {}
    });
    (name, amount)
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    fn labels() -> v1::Labels {
        let label = |value: Option<&str>| v1::Label {
            key: "k".to_owned(),
            value: value.map(str::to_owned),
        };
        v1::Labels { labels: vec![label(Some("v")), label(Some("")), label(None)] }
    }

    #[test]
    fn a_task_shows_what_it_has() {
        let limit = |value| v1::value::Scalar { value };
        let task = v1::Task {
            name: "n".to_owned(),
            limits: [("mem".to_owned(), limit(1.5)), (String::new(), limit(0.0))].into(),
            user: Some("u".to_owned()),
            labels: Some(labels()),
            discovery: Some(v1::DiscoveryInfo::default()),
            container: Some(v1::ContainerInfo::default()),
            health_check: Some(v1::HealthCheck::default()),
            ..Default::default()
        };
        let (labels, discovery) = (labels().encode_to_vec(), task.discovery.encoded());
        let (container, health_check) = (task.container.encoded(), task.health_check.encoded());
        let expected = ShownTask {
            limits: [("", 0.0), ("mem", 1.5)].into(),
            user: Some("u"),
            labels: Some(&labels),
            discovery: Some(&discovery),
            container: Some(&container),
            health_check: Some(&health_check),
        };
        assert_eq!(ShownTask::of(&task.encode_to_vec()), expected);
        assert_eq!(ShownTask::of(&[]), ShownTask::default());
    }

    trait Encoded {
        fn encoded(&self) -> Vec<u8>;
    }

    impl<M: Message> Encoded for Option<M> {
        fn encoded(&self) -> Vec<u8> {
            self.as_ref().map(Message::encode_to_vec).unwrap_or_default()
        }
    }

    #[test]
    fn a_status_shows_what_it_has() {
        let status = v1::TaskStatus {
            state: v1::TaskState::TaskRunning.into(),
            timestamp: Some(1.5),
            healthy: Some(false),
            labels: Some(labels()),
            container_status: Some(v1::ContainerStatus::default()),
            message: Some("not shown".to_owned()),
            ..Default::default()
        };
        let expected = ShownStatus {
            state: v1::TaskState::TaskRunning,
            timestamp: 1.5,
            healthy: Some(false),
            labels: Some(&labels().encode_to_vec()),
            container_status: Some(&[]),
        };
        assert_eq!(ShownStatus::of(&status.encode_to_vec()), expected);
        let nothing = ShownStatus::of(&[]);
        assert_eq!(nothing.state, v1::TaskStatus::default().state());
        assert_eq!((nothing.timestamp, nothing.labels), (0.0, None));
    }

    #[test]
    fn labels_have_keys_and_maybe_values() {
        let mut found = Vec::new();
        let encoded = labels().encode_to_vec();
        each_label(&encoded, |key, value| found.push((key, value)));
        assert_eq!(found, [("k", Some("v")), ("k", Some("")), ("k", None)]);
    }
}
