// SPDX-License-Identifier: Apache-2.0

//! Counters and gauges, as plain numbers named like Mesos's metrics.

use std::collections::BTreeMap;

use mesos_proto::v1::{
    TaskState, TaskStatus,
    task_status::{Reason, Source},
};

use crate::master::Master;

/// What happened since the master started; `master/<field>` unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are named like the metrics")]
pub struct Metrics {
    pub messages_register_framework: u64,
    pub messages_reregister_framework: u64,
    pub messages_launch_tasks: u64,
    pub messages_decline_offers: u64,
    pub messages_revive_offers: u64,
    pub messages_suppress_offers: u64,
    pub messages_kill_task: u64,
    pub messages_reconcile_tasks: u64,
    pub messages_reconcile_operations: u64,
    pub messages_resource_request: u64,
    pub messages_framework_to_executor: u64,
    pub messages_status_update_acknowledgement: u64,
    pub messages_operation_status_update_acknowledgement: u64,
    pub messages_register_slave: u64,
    pub messages_reregister_slave: u64,
    pub messages_unregister_slave: u64,
    pub messages_status_update: u64,
    pub messages_operation_status_update: u64,
    pub messages_executor_to_framework: u64,
    pub messages_exited_executor: u64,
    pub messages_update_slave: u64,
    pub valid_status_updates: u64,
    pub invalid_status_updates: u64,
    pub valid_status_update_acknowledgements: u64,
    pub invalid_status_update_acknowledgements: u64,
    pub valid_framework_to_executor_messages: u64,
    pub invalid_framework_to_executor_messages: u64,
    pub valid_executor_to_framework_messages: u64,
    pub invalid_executor_to_framework_messages: u64,
    pub invalid_operation_status_updates: u64,
    pub invalid_operation_status_update_acknowledgements: u64,
    pub slave_registrations: u64,
    pub slave_reregistrations: u64,
    pub slave_removals: u64,
    /// `master/slave_removals/reason_unhealthy`.
    pub slave_removals_reason_unhealthy: u64,
    /// `master/slave_removals/reason_unregistered`.
    pub slave_removals_reason_unregistered: u64,
    /// `master/slave_removals/reason_registered`.
    pub slave_removals_reason_registered: u64,
    pub recovery_slave_removals: u64,
    pub slave_unreachable_scheduled: u64,
    pub slave_unreachable_canceled: u64,
    pub slave_unreachable_completed: u64,
    pub tasks_finished: u64,
    pub tasks_failed: u64,
    pub tasks_killed: u64,
    pub tasks_lost: u64,
    pub tasks_error: u64,
    pub tasks_dropped: u64,
    pub tasks_gone: u64,
    pub tasks_gone_by_operator: u64,
    /// `master/operations/error`.
    pub operations_error: u64,
    /// `allocator/mesos/allocation_runs`.
    pub allocation_runs: u64,
    /// `master/task_<state>/source_<source>/reason_<reason>`, in lower case and
    /// with the v0 names (`slave`), which appear when they first happen.
    pub task_states: BTreeMap<String, u64>,
    /// A gauge: tasks that are there, by state.
    pub(crate) tasks: [u64; 14],
    /// A gauge: tasks on unreachable agents.
    pub(crate) tasks_unreachable: u64,
    /// A gauge: offers that are there.
    pub(crate) outstanding_offers: u64,
}

/// What is there now; `master/<field>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named like the metrics")]
pub struct Gauges {
    pub slaves_active: u64,
    pub slaves_inactive: u64,
    pub slaves_connected: u64,
    pub slaves_disconnected: u64,
    pub slaves_unreachable: u64,
    pub frameworks_active: u64,
    pub frameworks_inactive: u64,
    pub frameworks_connected: u64,
    pub frameworks_disconnected: u64,
    pub outstanding_offers: u64,
    pub tasks_staging: u64,
    pub tasks_starting: u64,
    pub tasks_running: u64,
    pub tasks_killing: u64,
    pub tasks_unreachable: u64,
}

impl Gauges {
    pub(crate) fn new(master: &Master) -> Self {
        let metrics = &master.metrics;
        let tasks = |state: TaskState| metrics.tasks[index(state)];
        let mut gauges = Gauges {
            slaves_unreachable: master.agents.unreachable.len() as u64,
            outstanding_offers: metrics.outstanding_offers,
            tasks_staging: tasks(TaskState::TaskStaging),
            tasks_starting: tasks(TaskState::TaskStarting),
            tasks_running: tasks(TaskState::TaskRunning),
            tasks_killing: tasks(TaskState::TaskKilling),
            tasks_unreachable: metrics.tasks_unreachable,
            ..Default::default()
        };
        for (_, agent) in master.agents.registered.iter() {
            *pick(agent.record.active, &mut gauges.slaves_active, &mut gauges.slaves_inactive) += 1;
            let (yes, no) = (&mut gauges.slaves_connected, &mut gauges.slaves_disconnected);
            *pick(agent.record.connected, yes, no) += 1;
        }
        for (_, framework) in master.frameworks.registered.iter() {
            let (yes, no) = (&mut gauges.frameworks_active, &mut gauges.frameworks_inactive);
            *pick(framework.record.active, yes, no) += 1;
            let (yes, no) = (&mut gauges.frameworks_connected, &mut gauges.frameworks_disconnected);
            *pick(framework.record.connected, yes, no) += 1;
        }
        gauges
    }
}

fn pick<'a>(condition: bool, yes: &'a mut u64, no: &'a mut u64) -> &'a mut u64 {
    if condition { yes } else { no }
}

fn index(state: TaskState) -> usize {
    i32::from(state) as usize
}

impl Master {
    /// Keeps the numbers of tasks by state.
    pub(crate) fn gauge_task(&mut self, before: Option<TaskState>, after: Option<TaskState>) {
        if let Some(state) = before {
            self.metrics.tasks[index(state)] -= 1;
        }
        if let Some(state) = after {
            self.metrics.tasks[index(state)] += 1;
        }
    }
}

impl Metrics {
    /// Counts a status that ends a task, or the attempt to launch one.
    pub(crate) fn task_ended(&mut self, status: &TaskStatus) {
        let state = status.state();
        match state {
            TaskState::TaskFinished => self.tasks_finished += 1,
            TaskState::TaskFailed => self.tasks_failed += 1,
            TaskState::TaskKilled => self.tasks_killed += 1,
            TaskState::TaskLost => self.tasks_lost += 1,
            TaskState::TaskError => self.tasks_error += 1,
            TaskState::TaskDropped => self.tasks_dropped += 1,
            TaskState::TaskGone => self.tasks_gone += 1,
            TaskState::TaskGoneByOperator => self.tasks_gone_by_operator += 1,
            TaskState::TaskStarting
            | TaskState::TaskStaging
            | TaskState::TaskRunning
            | TaskState::TaskKilling
            | TaskState::TaskUnreachable
            | TaskState::TaskUnknown => {}
        }
        if let Some(reason) = status.reason.and_then(|reason| Reason::try_from(reason).ok()) {
            let source = match status.source() {
                Source::Master => "source_master",
                Source::Agent => "source_slave",
                Source::Executor => "source_executor",
            };
            let state = state.as_str_name().to_ascii_lowercase();
            let reason = reason.as_str_name().to_ascii_lowercase().replace("agent", "slave");
            let key = format!("master/{state}/{source}/{reason}");
            *self.task_states.entry(key).or_default() += 1;
        }
    }
}
