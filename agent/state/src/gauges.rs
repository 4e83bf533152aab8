// SPDX-License-Identifier: Apache-2.0

//! The numbers of this moment.

use mesos_proto::v1::TaskState;

use crate::{
    agent::{Agent, Phase},
    change::ExecutorState,
    metrics::Metrics,
};

impl Agent {
    /// The present numbers. Gauges are counted when asked for: ask when somebody wants to see
    /// them, not after every input.
    pub fn metrics(&self) -> Metrics {
        let mut metrics = Metrics {
            registered: self.phase == Phase::Running,
            frameworks_active: self.frameworks.len() as u64,
            gc_path_removals_pending: self.gc.pending(),
            ..self.counters
        };
        for executor in self.frameworks.values().flat_map(|framework| framework.executors.values())
        {
            match executor.state {
                ExecutorState::Registering => metrics.executors_registering += 1,
                ExecutorState::Running => metrics.executors_running += 1,
                ExecutorState::Terminating => metrics.executors_terminating += 1,
                ExecutorState::Terminated => {}
            }
            metrics.tasks_staging += executor.queued.len() as u64;
            for live in executor.launched.values() {
                match live.task.state() {
                    TaskState::TaskStaging => metrics.tasks_staging += 1,
                    TaskState::TaskStarting => metrics.tasks_starting += 1,
                    TaskState::TaskRunning => metrics.tasks_running += 1,
                    TaskState::TaskKilling => metrics.tasks_killing += 1,
                    TaskState::TaskFinished
                    | TaskState::TaskFailed
                    | TaskState::TaskKilled
                    | TaskState::TaskError
                    | TaskState::TaskLost
                    | TaskState::TaskDropped
                    | TaskState::TaskUnreachable
                    | TaskState::TaskGone
                    | TaskState::TaskGoneByOperator
                    | TaskState::TaskUnknown => {}
                }
            }
        }
        metrics
    }
}
