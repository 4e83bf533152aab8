// SPDX-License-Identifier: Apache-2.0

//! Takes up an agent's former life.

use std::sync::Arc;

use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_flags::duration;
use mesos_proto::v1::{DrainConfig, Task, task_status::Reason};

use super::{
    RecoveredContainer, RecoveredExecutor, RecoveredFramework, RecoveredState, RecoveredTask,
    compatible,
};
use crate::{
    agent::{Agent, Phase},
    change::{Change, ExecutorState, TaskRecord, TaskStage},
    command_task::{CommandTask, Former},
    executor::{ContainerState, Executor, Kind, LiveTask, Termination},
    framework::{CompletedExecutor, Framework},
    input::ContainerExit,
    key::ContainerId,
    launch::{new_executor, surroundings},
    output::{Output, Store},
    paths,
    status_updates::uuid_of,
    task_state::{self, is_terminal},
    timers::Timer,
};

impl Agent {
    pub(crate) fn recover(&mut self, now: Time, mut state: RecoveredState) {
        for error in std::mem::take(&mut state.errors) {
            self.counters.recovery_errors += 1;
            self.outbox.error(format!("Recovery: {error}"));
        }
        for leftover in std::mem::take(&mut state.leftovers) {
            self.outbox.warn(format!("Recovery: {leftover}"));
        }
        for (path, modified) in std::mem::take(&mut state.garbage) {
            self.gc.schedule(path, modified + self.config.gc_delay);
        }
        for (path, good) in std::mem::take(&mut state.repairs) {
            self.outbox.store(path, Store::Replace(good));
        }
        self.checkpointed_resources = std::mem::take(&mut state.checkpointed_resources);
        if !self.keep_identity(&state) {
            return;
        }
        let mut ended = Vec::new();
        for framework in std::mem::take(&mut state.frameworks) {
            self.recover_framework(now, framework, &mut state, &mut ended);
        }
        for container in state.containers.into_keys() {
            self.outbox.warn(format!("Destroying container {container}, which nobody claims"));
            self.outbox.push(Output::Destroy { container });
        }
        for (container, exit) in ended {
            self.container_exited(now, &container, exit);
        }
        self.wait_for_executors(now, state.drain);
    }

    /// Takes up the former id. False if the process must end.
    fn keep_identity(&mut self, state: &RecoveredState) -> bool {
        let Some(old) = &state.agent else { return true };
        let policy = self.config.reconfiguration_policy;
        match compatible::conflict(policy, old, &self.config.info) {
            Some(why) if !state.rebooted => {
                let reason = format!(
                    "Incompatible agent info detected: {why}. To keep the agent id, undo the \
                     change or use a more permissive --reconfiguration_policy. To start as a new \
                     agent: rm -f {}. This ensures that the agent does not recover old live \
                     executors.",
                    paths::latest_agent(&self.meta)
                );
                self.outbox.push(Output::Exit { reason, failed: true });
                return false;
            }
            // After a reboot nothing is left to recover, and a new id does no harm.
            Some(why) => self.outbox.warn(format!("Starting as a new agent: {why}")),
            None => self.info.id = old.id.clone(),
        }
        true
    }

    fn recover_framework(
        &mut self,
        now: Time,
        recovered: RecoveredFramework,
        state: &mut RecoveredState,
        ended: &mut Vec<(ContainerId, ContainerExit)>,
    ) {
        if self.info.id.is_none() {
            return;
        }
        let framework = Framework::new(recovered.info, recovered.pid);
        let framework_id = framework.id();
        self.outbox.change(Change::Framework(framework.record()));
        self.frameworks.insert(framework_id.clone(), framework);
        for executor in recovered.executors {
            if executor.completed {
                self.recover_history(now, &framework_id, executor);
                continue;
            }
            let container = executor.container.clone();
            let found = state.containers.remove(&container).filter(|_| !state.rebooted);
            self.recover_executor(now, &framework_id, executor, found.as_ref());
            match found {
                Some(RecoveredContainer::Running { .. }) => {}
                Some(RecoveredContainer::Exited(exit)) => ended.push((container, exit)),
                None => ended.push((container, ContainerExit::default())),
            }
        }
        self.remove_framework_if_idle(now, &framework_id);
    }

    fn recover_executor(
        &mut self,
        now: Time,
        framework_id: &str,
        recovered: RecoveredExecutor,
        found: Option<&RecoveredContainer>,
    ) {
        let agent_id = self.agent_id();
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        let container = recovered.container.clone();
        let executor_id = recovered.info.executor_id.value.clone();
        let info = Arc::new(recovered.info);
        let mut executor = new_executor(&self.config, &agent_id, &framework.info, info, &container);
        executor.ever_sent_task = true;
        (executor.container_state, executor.pid) = match found {
            Some(RecoveredContainer::Running { pid }) => (ContainerState::Running, Some(*pid)),
            Some(RecoveredContainer::Exited(_)) | None => {
                (ContainerState::Gone, last_pid(&recovered.tasks))
            }
        };
        let launch = recovered.tasks.iter().find_map(|task| task.launch.clone());
        if recovered.generated_for_command_task
            && let Some(task) = launch
        {
            let around = surroundings(&self.config, &agent_id, &executor, &task);
            let command = CommandTask::new(Arc::new(task), &framework.info, around);
            executor.kind = Kind::Command(Box::new(command));
            executor.state = ExecutorState::Running;
        }
        self.containers.insert(container.clone(), (framework_id.to_owned(), executor_id.clone()));
        self.outbox.change(Change::Executor(executor.record()));
        framework.executors.insert(executor_id, executor);
        let mut former = Former::default();
        for task in recovered.tasks {
            former = Former {
                started: task.updates.first().map(|it| Time::from_secs_f64(it.timestamp)),
                last: task.updates.last().map(|update| update.status.clone()),
                kill: task.kill,
            };
            self.recover_task(framework_id, &container, task);
        }
        self.resume_command_task(now, &container, former);
    }

    fn recover_task(
        &mut self,
        framework_id: &str,
        container: &ContainerId,
        recovered: RecoveredTask,
    ) {
        if trial::has(Defect::RecoveryForgetsTask) {
            return;
        }
        let key = self.next_task_key();
        let agent_id = self.agent_id();
        let meta = self.meta.clone();
        let task_id = recovered.task.task_id.value.clone();
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        let Some((_, executor_id)) = self.containers.get(container) else { return };
        let Some(executor) = framework.executors.get_mut(executor_id) else { return };
        let path = executor.run(&meta, &agent_id).task_updates(&task_id);
        executor.launched.insert(task_id.clone(), LiveTask { key, task: Arc::new(recovered.task) });
        let mut pending = Vec::new();
        let mut ended = false;
        for update in recovered.updates {
            executor.update_task(&update.status);
            if recovered.acknowledged.contains(&uuid_of(&update)) {
                ended |= is_terminal(update.status.state());
            } else {
                pending.push(update);
            }
        }
        let record = if ended {
            executor.complete(&task_id).map(|(record, _)| record)
        } else {
            if trial::has(Defect::RecoveryForgetsUpdates) {
                pending.clear();
            }
            let stream = (framework_id.to_owned(), task_id.clone());
            self.updates.recover(stream, Some(path), pending, recovered.acknowledged);
            framework.owners.insert(task_id.clone(), executor_id.clone());
            executor.task_record(&task_id)
        };
        self.outbox.change_task(record);
    }

    /// Lets a command task go on that is not over; if its container has ended, it is told next.
    fn resume_command_task(&mut self, now: Time, container: &ContainerId, former: Former) {
        let Some(executor) = self.executor_in(container) else { return };
        let live = !executor.launched.is_empty();
        if let Kind::Command(task) = &mut executor.kind
            && live
        {
            task.resumed(now, former);
            self.run_command_task(now, container);
        }
    }

    /// An executor that had ended, with all its tasks, is history from the start.
    fn recover_history(&mut self, now: Time, framework_id: &str, recovered: RecoveredExecutor) {
        let agent_id = self.agent_id();
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        let container = recovered.container;
        let info = Arc::new(recovered.info);
        let mut executor = new_executor(&self.config, &agent_id, &framework.info, info, &container);
        executor.state = ExecutorState::Terminated;
        self.outbox.change(Change::Executor(executor.record()));
        let mut tasks = Vec::new();
        for task in recovered.tasks {
            let key = crate::key::TaskKey(self.next_task);
            self.next_task += 1;
            let task = Arc::new(replay(task));
            let stage = TaskStage::Completed;
            let record =
                TaskRecord { key, container: container.clone(), stage, task: task.clone() };
            self.outbox.change_task(Some(record));
            tasks.push((key, task));
        }
        framework.completed.push_back(CompletedExecutor { container: container.clone(), tasks });
        let framework_id = framework_id.to_owned();
        let completed = Change::ExecutorCompleted { framework_id: framework_id.clone(), container };
        self.outbox.change(completed);
        while framework.completed.len() > self.config.max_completed_executors_per_framework {
            let Some(oldest) = framework.completed.pop_front() else { break };
            let (framework_id, container) = (framework_id.clone(), oldest.container);
            self.outbox.change(Change::ExecutorForgotten { framework_id, container });
        }
        for root in [&self.config.work_dir, &self.meta] {
            let path = executor.run(root, &agent_id).executor();
            self.gc.schedule(path, now + self.config.gc_delay);
        }
    }

    /// Custom executors have a little time to subscribe again.
    fn wait_for_executors(&mut self, now: Time, drain: Option<DrainConfig>) {
        if self.config.recover_cleanup {
            return self.clean_up(now);
        }
        if let Some(drain) = drain {
            self.start_draining(now, drain);
            self.finish_draining();
        }
        if self.has_absent_executor() {
            let timeout = self.config.executor_reregistration_timeout;
            self.timers.set(now + timeout, Timer::Recovery);
            self.publish_agent();
        } else {
            self.finish_recovery(now);
        }
    }

    /// An executor has come back; the agent need not wait any longer than for the last one.
    pub(crate) fn executor_came_back(&mut self, now: Time) {
        if self.phase == Phase::Recovering && !self.has_absent_executor() {
            self.finish_recovery(now);
        }
    }

    /// Those that have not come back are given up.
    pub(crate) fn recovery_window_over(&mut self, now: Time) {
        if self.phase != Phase::Recovering {
            return;
        }
        let timeout = duration::format(self.config.executor_reregistration_timeout);
        let mut lost = Vec::new();
        for framework in self.frameworks.values_mut() {
            let state = task_state::gone(&framework.info);
            for executor in framework.executors.values_mut().filter(|executor| is_absent(executor))
            {
                executor.state = ExecutorState::Terminating;
                executor.pending_termination = Some(Termination {
                    state,
                    reason: Reason::ExecutorReregistrationTimeout,
                    message: format!("Executor did not reregister within {timeout}"),
                });
                lost.push(executor.container.clone());
            }
        }
        for container in lost {
            self.outbox.warn(format!("Killing un-reregistered executor in container {container}"));
            self.publish_executor(&container);
            self.destroy(now, &container);
        }
        self.finish_recovery(now);
    }

    fn finish_recovery(&mut self, now: Time) {
        self.outbox.info("Finished recovery".to_owned());
        trial::reached("agent", "recovering | disconnected");
        self.phase = Phase::Disconnected;
        self.counters.recovery_time_secs = Some(now.since(self.recovery_began).as_secs_f64());
        self.schedule_registration(now);
        self.publish_agent();
    }

    /// `--recover=cleanup`: ends everything, and then the agent.
    fn clean_up(&mut self, now: Time) {
        self.phase = Phase::Terminating;
        let frameworks: Vec<String> = self.frameworks.keys().cloned().collect();
        for framework_id in frameworks {
            self.end_framework(now, &framework_id);
        }
        self.exit_if_done();
    }

    fn has_absent_executor(&self) -> bool {
        let mut executors = self.frameworks.values().flat_map(|fw| fw.executors.values());
        executors.any(is_absent)
    }
}

fn is_absent(executor: &Executor) -> bool {
    !executor.is_command() && executor.state == ExecutorState::Registering
}

/// The process that the executor's updates have named so far.
fn last_pid(tasks: &[RecoveredTask]) -> Option<u32> {
    let updates = tasks.iter().flat_map(|task| task.updates.iter().rev());
    updates.filter_map(|update| update.status.container_status.as_ref()?.executor_pid).next()
}

/// A task with all its updates applied.
fn replay(recovered: RecoveredTask) -> Task {
    let mut task = recovered.task;
    for update in recovered.updates {
        task.state = update.status.state;
        task.statuses.push(update.status);
    }
    task
}
