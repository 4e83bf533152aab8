// SPDX-License-Identifier: Apache-2.0

//! `/metrics/snapshot`: a flat object, sorted by name.
//!
//! Counters count since the process started. Reading them blocks nothing, so
//! the parameter `timeout` is accepted and never needed.

use std::collections::BTreeMap;

use bytes::Bytes;
use mesos_agent_state::Metrics;
use mesos_core::resources::Resources;
use mesos_net::model::object;

use super::{Sources, system};

pub(super) fn body(sources: &Sources) -> Bytes {
    let snapshot = sources.latest.get();
    let mut values: BTreeMap<String, f64> = BTreeMap::new();
    let (total, used) = (snapshot.total(), snapshot.allocated());
    for name in ["cpus", "disk", "gpus", "mem"] {
        resource(&mut values, name, &total, &used);
    }
    let mut add = |name: &str, value: f64| values.insert(name.to_owned(), value);
    for (name, value) in machine(&snapshot.metrics).into_iter().chain(system::metrics()) {
        add(name, value);
    }
    let uptime = sources.clock.now().since(sources.clock.started());
    add("slave/uptime_secs", uptime.as_secs_f64());
    if let Some(seconds) = snapshot.metrics.recovery_time_secs {
        add("slave/recovery_time_secs", seconds);
    }
    let counters = sources.containerizer.metrics();
    for (name, value) in [
        ("containerizer/fetcher/cache_size_total_bytes", sources.fetcher_cache_size.0),
        ("containerizer/fetcher/cache_size_used_bytes", 0),
        ("containerizer/fetcher/task_fetches_failed", counters.fetches_failed()),
        ("containerizer/fetcher/task_fetches_succeeded", counters.fetches_succeeded()),
        ("containerizer/mesos/container_destroy_errors", counters.destroy_errors()),
        // Of parts that are not there yet; dashboards expect the names.
        ("containerizer/mesos/provisioner/bind/remove_rootfs_errors", 0),
        ("containerizer/mesos/provisioner/remove_container_errors", 0),
        ("resource_provider_manager/events/disconnect", 0),
        ("resource_provider_manager/events/subscribe", 0),
        ("resource_provider_manager/subscribed", 0),
        ("slave/executors_preempted", 0),
    ] {
        add(name, value as f64);
    }
    let mut out = Vec::new();
    object(&mut out, |object| {
        values.iter().for_each(|(name, value)| object.number(name, *value));
    });
    out.into()
}

/// The three gauges of one resource, and the same of what is revocable.
fn resource(values: &mut BTreeMap<String, f64>, name: &str, total: &Resources, used: &Resources) {
    for (infix, revocable) in [("", false), ("revocable_", true)] {
        let sum = |resources: &Resources| -> f64 {
            let wanted = resources.filter(|resource| {
                resource.name().as_str() == name && resource.is_revocable() == revocable
            });
            wanted.quantities().iter().map(|(_, amount)| amount.as_f64()).sum()
        };
        let (total, used) = (sum(total), sum(used));
        let percent = if total > 0.0 { used / total } else { 0.0 };
        values.insert(format!("slave/{name}_{infix}percent"), percent);
        values.insert(format!("slave/{name}_{infix}total"), total);
        values.insert(format!("slave/{name}_{infix}used"), used);
    }
}

/// The numbers of the state machine.
fn machine(metrics: &Metrics) -> Vec<(&'static str, f64)> {
    let counts = [
        ("gc/path_removals_failed", metrics.gc_path_removals_failed),
        ("gc/path_removals_pending", metrics.gc_path_removals_pending),
        ("gc/path_removals_succeeded", metrics.gc_path_removals_succeeded),
        ("slave/container_launch_errors", metrics.container_launch_errors),
        ("slave/executors_registering", metrics.executors_registering),
        ("slave/executors_running", metrics.executors_running),
        ("slave/executors_terminated", metrics.executors_terminated),
        ("slave/executors_terminating", metrics.executors_terminating),
        ("slave/frameworks_active", metrics.frameworks_active),
        ("slave/invalid_framework_messages", metrics.invalid_framework_messages),
        ("slave/invalid_status_updates", metrics.invalid_status_updates),
        ("slave/recovery_errors", metrics.recovery_errors),
        ("slave/registered", u64::from(metrics.registered)),
        ("slave/tasks_failed", metrics.tasks_failed),
        ("slave/tasks_finished", metrics.tasks_finished),
        ("slave/tasks_gone", metrics.tasks_gone),
        ("slave/tasks_killed", metrics.tasks_killed),
        ("slave/tasks_killing", metrics.tasks_killing),
        ("slave/tasks_lost", metrics.tasks_lost),
        ("slave/tasks_running", metrics.tasks_running),
        ("slave/tasks_staging", metrics.tasks_staging),
        ("slave/tasks_starting", metrics.tasks_starting),
        ("slave/valid_framework_messages", metrics.valid_framework_messages),
        ("slave/valid_status_updates", metrics.valid_status_updates),
    ];
    let mut values: Vec<_> = counts.map(|(name, count)| (name, count as f64)).into();
    let age = metrics.executor_directory_max_allowed_age_secs;
    values.push(("slave/executor_directory_max_allowed_age_secs", age));
    values
}
