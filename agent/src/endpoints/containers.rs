// SPDX-License-Identifier: Apache-2.0

//! `/containers`, with `container_id` to see one only.

use std::sync::Arc;

use bytes::Bytes;
use mesos_net::model::array;
use mesos_proto::v1::ContainerStatus;

use super::{Sources, statistics};

pub(super) async fn body(sources: Arc<Sources>, only: Option<String>) -> Bytes {
    let measured = statistics::measure(sources).await;
    let mut out = Vec::new();
    array(&mut out, |array| {
        for (executor, statistics) in &measured {
            let record = &executor.record;
            if only.as_deref().is_some_and(|only| only != record.container.as_str()) {
                continue;
            }
            let status = ContainerStatus {
                container_id: Some(record.container.to_proto()),
                executor_pid: record.pid,
                ..ContainerStatus::default()
            };
            array.object(|object| {
                object.text("container_id", record.container.as_str());
                statistics::describe(object, executor);
                object.message("statistics", statistics);
                object.message("status", &status);
            });
        }
    });
    out.into()
}
