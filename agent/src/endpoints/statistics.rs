// SPDX-License-Identifier: Apache-2.0

//! `/monitor/statistics`.

use std::sync::Arc;

use bytes::Bytes;
use mesos_net::model::{Object, array};
use mesos_proto::v1::ResourceStatistics;

use super::Sources;
use crate::views::ExecutorView;

pub(super) async fn body(sources: Arc<Sources>) -> Bytes {
    let measured = measure(sources).await;
    let mut out = Vec::new();
    array(&mut out, |array| {
        for (executor, statistics) in &measured {
            array.object(|object| {
                describe(object, executor);
                object.message("statistics", statistics);
            });
        }
    });
    out.into()
}

/// The executors that run, with what they use. Reads `/proc`, on a thread that may block.
pub(super) async fn measure(sources: Arc<Sources>) -> Vec<(Arc<ExecutorView>, ResourceStatistics)> {
    let measured = tokio::task::spawn_blocking(move || {
        let snapshot = sources.latest.get();
        let executors = snapshot.frameworks.values().flat_map(|framework| &framework.executors);
        executors
            .filter_map(|executor| {
                let now = sources.clock.now().as_secs_f64();
                let usage = sources.containerizer.usage(&executor.record.container, now)?;
                Some((executor.clone(), usage))
            })
            .collect()
    });
    measured.await.unwrap_or_default()
}

/// Adds the members that say which executor it is.
pub(super) fn describe(object: &mut Object<'_>, executor: &ExecutorView) {
    let info = &executor.record.info;
    object.text("executor_id", &info.executor_id.value);
    object.text("executor_name", info.name());
    object.text("framework_id", &executor.record.framework_id);
    object.text("source", info.source());
}
