// SPDX-License-Identifier: Apache-2.0

//! What the state machine counts, and what is zero because it does not happen.

use mesos_master_state::{Gauges, Metrics};

use super::Values;

/// Adds fields under their own names.
macro_rules! named {
    ($values:ident, $prefix:literal, $from:ident, [$($field:ident),* $(,)?]) => {
        $( $values.insert(concat!($prefix, stringify!($field)).to_owned(), $from.$field as f64); )*
    };
}

/// Operations that have a family of metrics of their own.
const OPERATIONS: [&str; 8] = [
    "create",
    "create_disk",
    "destroy",
    "destroy_disk",
    "grow_volume",
    "reserve",
    "shrink_volume",
    "unreserve",
];
/// What each family counts.
const OPERATION_STATES: [&str; 9] = [
    "dropped",
    "error",
    "failed",
    "finished",
    "gone_by_operator",
    "pending",
    "recovering",
    "total",
    "unreachable",
];
/// Names of Mesos that nothing adds to here.
const ZEROS: [&str; 15] = [
    "allocator/event_queue_dispatches",
    "allocator/mesos/event_queue_dispatches",
    "master/dropped_messages",
    "master/event_queue_dispatches",
    "master/event_queue_http_requests",
    "master/event_queue_messages",
    "master/http_cache_hits",
    "master/messages_authenticate",
    "master/messages_deactivate_framework",
    "master/messages_unregister_framework",
    "master/operator_event_stream_subscribers",
    "master/valid_operation_status_update_acknowledgements",
    "master/valid_operation_status_updates",
    "registrar/registry_size_bytes",
    "registrar/state_fetch_ms",
];

/// Adds all counters.
pub(super) fn add(values: &mut Values, metrics: &Metrics) {
    for name in ZEROS {
        values.insert(name.to_owned(), 0.0);
    }
    for state in OPERATION_STATES {
        values.insert(format!("master/operations/{state}"), 0.0);
        for operation in OPERATIONS {
            values.insert(format!("master/operations/{operation}/{state}"), 0.0);
        }
    }
    messages(values, metrics);
    named!(
        values,
        "master/",
        metrics,
        [
            slave_registrations,
            slave_reregistrations,
            slave_removals,
            recovery_slave_removals,
            slave_unreachable_scheduled,
            slave_unreachable_canceled,
            slave_unreachable_completed,
            tasks_finished,
            tasks_failed,
            tasks_killed,
            tasks_lost,
            tasks_error,
            tasks_dropped,
            tasks_gone,
            tasks_gone_by_operator,
        ]
    );
    let others = [
        ("master/slave_removals/reason_unhealthy", metrics.slave_removals_reason_unhealthy),
        ("master/slave_removals/reason_unregistered", metrics.slave_removals_reason_unregistered),
        ("master/slave_removals/reason_registered", metrics.slave_removals_reason_registered),
        // The names that unreachable agents had when they were still shut down.
        ("master/slave_shutdowns_scheduled", metrics.slave_unreachable_scheduled),
        ("master/slave_shutdowns_canceled", metrics.slave_unreachable_canceled),
        ("master/slave_shutdowns_completed", metrics.slave_unreachable_completed),
        ("master/operations/error", metrics.operations_error),
        ("allocator/mesos/allocation_runs", metrics.allocation_runs),
    ];
    for (name, value) in others {
        values.insert(name.to_owned(), value as f64);
    }
    for (name, value) in &metrics.task_states {
        values.insert(format!("master/{name}"), *value as f64);
    }
}

fn messages(values: &mut Values, metrics: &Metrics) {
    named!(
        values,
        "master/",
        metrics,
        [
            messages_register_framework,
            messages_reregister_framework,
            messages_launch_tasks,
            messages_decline_offers,
            messages_revive_offers,
            messages_suppress_offers,
            messages_kill_task,
            messages_reconcile_tasks,
            messages_reconcile_operations,
            messages_resource_request,
            messages_framework_to_executor,
            messages_status_update_acknowledgement,
            messages_operation_status_update_acknowledgement,
            messages_register_slave,
            messages_reregister_slave,
            messages_unregister_slave,
            messages_status_update,
            messages_operation_status_update,
            messages_executor_to_framework,
            messages_exited_executor,
            messages_update_slave,
            valid_status_updates,
            invalid_status_updates,
            valid_status_update_acknowledgements,
            invalid_status_update_acknowledgements,
            valid_framework_to_executor_messages,
            invalid_framework_to_executor_messages,
            valid_executor_to_framework_messages,
            invalid_executor_to_framework_messages,
            invalid_operation_status_updates,
            invalid_operation_status_update_acknowledgements,
        ]
    );
}

/// Adds what is there now.
pub(super) fn add_gauges(values: &mut Values, gauges: &Gauges) {
    named!(
        values,
        "master/",
        gauges,
        [
            slaves_active,
            slaves_inactive,
            slaves_connected,
            slaves_disconnected,
            slaves_unreachable,
            frameworks_active,
            frameworks_inactive,
            frameworks_connected,
            frameworks_disconnected,
            outstanding_offers,
            tasks_staging,
            tasks_starting,
            tasks_running,
            tasks_killing,
            tasks_unreachable,
        ]
    );
}
