// SPDX-License-Identifier: Apache-2.0

//! The numbers an agent keeps for `/metrics/snapshot`.

/// Gauges and counters; names are those of Mesos after `slave/`. Resources are not among them:
/// the shell knows totals and, from the records, what is used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metrics {
    /// Gauge: 1 while a master has accepted the agent.
    pub registered: bool,
    /// Gauge: frameworks with executors here.
    pub frameworks_active: u64,
    /// Gauge: executors by state.
    pub executors_registering: u64,
    /// Gauge.
    pub executors_running: u64,
    /// Gauge.
    pub executors_terminating: u64,
    /// Counter: executors that ended.
    pub executors_terminated: u64,
    /// Counter.
    pub container_launch_errors: u64,
    /// Gauge: how old a sandbox may get at the present disk usage, in seconds.
    pub executor_directory_max_allowed_age_secs: f64,
    /// Gauge: tasks by state.
    pub tasks_staging: u64,
    /// Gauge.
    pub tasks_starting: u64,
    /// Gauge.
    pub tasks_running: u64,
    /// Gauge.
    pub tasks_killing: u64,
    /// Counter: tasks by how they ended.
    pub tasks_finished: u64,
    /// Counter.
    pub tasks_failed: u64,
    /// Counter.
    pub tasks_killed: u64,
    /// Counter.
    pub tasks_lost: u64,
    /// Counter.
    pub tasks_gone: u64,
    /// Counter: messages between frameworks and executors.
    pub valid_framework_messages: u64,
    /// Counter.
    pub invalid_framework_messages: u64,
    /// Counter: status updates taken or refused.
    pub valid_status_updates: u64,
    /// Counter.
    pub invalid_status_updates: u64,
    /// Counter: things recovery had to leave out.
    pub recovery_errors: u64,
    /// Gauge: how long recovery took; `None` until it is done.
    pub recovery_time_secs: Option<f64>,
    /// Counter: removals by garbage collection.
    pub gc_path_removals_succeeded: u64,
    /// Counter.
    pub gc_path_removals_failed: u64,
    /// Gauge: paths waiting for their time.
    pub gc_path_removals_pending: u64,
}
