// SPDX-License-Identifier: Apache-2.0

//! Drives the command tasks of an agent: hands them what happened, does what they want done.

use mesos_core::time::Time;
use mesos_proto::v1::ExecutorId;

use super::{Effect, KillNote};
use crate::{
    agent::Agent,
    change::ExecutorState,
    executor::{ContainerState, Kind},
    input::ProbeOutcome,
    key::{ContainerId, ProbeKey},
    output::Output,
    timers::Timer,
};

impl Agent {
    pub(crate) fn probe_finished(
        &mut self,
        now: Time,
        container: &ContainerId,
        probe: ProbeKey,
        outcome: &ProbeOutcome,
    ) {
        if let Some(executor) = self.executor_in(container)
            && let Kind::Command(task) = &mut executor.kind
        {
            task.probe_finished(now, probe, outcome);
            self.run_command_task(now, container);
        }
    }

    pub(crate) fn wake_command_task(&mut self, now: Time, container: &ContainerId) {
        if let Some(executor) = self.executor_in(container)
            && let Kind::Command(task) = &mut executor.kind
        {
            executor.wake = None;
            task.wake(now);
            self.run_command_task(now, container);
        }
    }

    /// Checkpoints that a task is being killed, for a framework that checkpoints. Nothing waits
    /// for it: a kill that is lost with the machine has the scheduler to ask for it again.
    fn note_kill(&mut self, container: &ContainerId, note: &KillNote) {
        let (meta, agent_id) = (self.meta.clone(), self.agent_id());
        let Some(executor) = self.executor_in(container).filter(|it| it.checkpoint) else { return };
        let Some(task_id) = executor.launched.keys().next() else { return };
        let path = executor.run(&meta, &agent_id).task_kill(task_id);
        self.outbox.store_text(path, &note.text());
    }

    /// Does what a command task wants done; nothing more to a container that is gone, and nothing
    /// at all once its executor is over.
    pub(crate) fn run_command_task(&mut self, now: Time, container: &ContainerId) {
        while let Some(executor) = self.executor_in(container) {
            let Kind::Command(task) = &mut executor.kind else { return };
            if executor.state == ExecutorState::Terminated {
                return;
            }
            let gone = executor.container_state == ContainerState::Gone;
            let Some(effect) = task.poll_effect() else {
                let at = task.poll_timeout();
                let old = executor.wake.take();
                self.timers.cancel(old);
                let key = at.map(|at| self.timers.set(at, Timer::CommandTask(container.clone())));
                if let Some(executor) = self.executor_in(container) {
                    executor.wake = key;
                }
                return;
            };
            let framework_id = executor.framework_id.clone();
            let executor_id = ExecutorId { value: executor.id.clone() };
            match effect {
                Effect::Update(mut status) => {
                    status.executor_id = Some(executor_id);
                    status.timestamp = Some(now.as_secs_f64());
                    status.uuid = Some(self.new_uuid());
                    self.executor_status(now, &framework_id, *status, container);
                }
                Effect::Signal(_) | Effect::Probe { .. } if gone => {}
                Effect::Signal(signal) => {
                    self.outbox.push(Output::Signal { container: container.clone(), signal });
                }
                Effect::Note(note) => self.note_kill(container, &note),
                Effect::Destroy => self.destroy(now, container),
                Effect::Probe { probe, what, timeout } => {
                    let container = container.clone();
                    self.outbox.push(Output::RunProbe { container, probe, what, timeout });
                }
            }
        }
    }
}
