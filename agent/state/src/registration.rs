// SPDX-License-Identifier: Apache-2.0

//! Finding a master, being accepted by it, and noticing when it is gone.
//!
//! The agent registers after a random part of the back-off factor, and again and again until it
//! is accepted: after a random part of twice the factor, four times, and so on up to a minute.
//!
//! It asks the detector anew when no ping came for as long as the master said, and when the
//! master says that it takes the agent for disconnected. A broken connection to the master makes
//! it register again at once, which Apache's agent does not do: with a fixed master address that
//! one notices a restarted master only by missing pings.
//!
//! In Mesos: `Slave::detected`, `doReliableRegistration`, `registered`, `ping`.

use std::time::Duration;

use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_proto::{
    internal::{
        ExitedExecutorMessage, MasterSlaveConnection, RegisterSlaveMessage, ReregisterSlaveMessage,
        UpdateSlaveMessage, archive, update_slave_message,
    },
    v1::{AgentInfo, ExecutorInfo, FrameworkInfo, Task, Uuid, agent_info::Capability},
};

use crate::{
    agent::{Agent, Phase},
    change::ExecutorState,
    config::{DEFAULT_MASTER_PING_TIMEOUT, REGISTER_RETRY_INTERVAL_MAX},
    output::{Output, ToMaster},
    timers::{Timer, TimerKey},
    wire_form,
};

/// What the agent knows of its master.
#[derive(Debug, Default)]
pub(crate) struct Registration {
    /// `master@ip:port`.
    pub(crate) master: Option<String>,
    backoff: Duration,
    register: Option<TimerKey>,
    ping: Option<TimerKey>,
    ping_timeout: Option<Duration>,
    /// Ends of executors that were told while no master had accepted the agent: one that
    /// takes it back by an older report has ignored them. No executor starts meanwhile,
    /// so there are no more than there were executors.
    pub(crate) exits: Vec<ExitedExecutorMessage>,
}

impl Agent {
    pub(crate) fn master_detected(&mut self, now: Time, master: Option<String>) {
        self.lose_master();
        if let Some(old) = self.registration.master.take()
            && Some(&old) != master.as_ref()
        {
            self.outbox.push(Output::Unlink { pid: old });
        }
        match &master {
            None => self.outbox.info("Lost leading master".to_owned()),
            Some(pid) => self.outbox.info(format!("New master detected at {pid}")),
        }
        self.registration.master = master;
        self.schedule_registration(now);
        self.publish_agent();
    }

    pub(crate) fn master_link_broken(&mut self, now: Time, pid: &str) {
        if self.registration.master.as_deref() != Some(pid) || self.phase != Phase::Running {
            return;
        }
        self.outbox.warn(format!("The connection to the master {pid} broke; registering again"));
        self.lose_master();
        self.schedule_registration(now);
        self.publish_agent();
    }

    /// Asks the detector anew; until it answers there is no master.
    pub(crate) fn redetect(&mut self) {
        self.lose_master();
        if let Some(old) = self.registration.master.take() {
            self.outbox.push(Output::Unlink { pid: old });
        }
        self.outbox.push(Output::Detect);
        self.publish_agent();
    }

    pub(crate) fn ping_missing(&mut self, _now: Time) {
        self.registration.ping = None;
        if self.registration.master.is_none()
            || self.phase == Phase::Terminating
            || trial::has(Defect::MissingPingsIgnored)
        {
            return;
        }
        let timeout = self.registration.ping_timeout.unwrap_or(DEFAULT_MASTER_PING_TIMEOUT);
        self.outbox.warn(format!("No pings from master received within {}s", timeout.as_secs()));
        self.redetect();
    }

    /// The master has shown that it is there.
    pub(crate) fn expect_ping(&mut self, now: Time) {
        self.timers.cancel(self.registration.ping.take());
        let timeout = self.registration.ping_timeout.unwrap_or(DEFAULT_MASTER_PING_TIMEOUT);
        self.registration.ping = Some(self.timers.set(now + timeout, Timer::PingMissing));
    }

    pub(crate) fn set_ping_timeout(&mut self, connection: Option<&MasterSlaveConnection>) {
        let seconds = connection.and_then(|connection| connection.total_ping_timeout_seconds);
        self.registration.ping_timeout = seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .filter(|timeout| !timeout.is_zero());
    }

    /// A master has accepted the agent.
    pub(crate) fn accepted(&mut self, now: Time) {
        self.timers.cancel(self.registration.register.take());
        trial::reached("agent", "disconnected | running");
        self.phase = Phase::Running;
        for exit in std::mem::take(&mut self.registration.exits) {
            self.tell_master(ToMaster::ExitedExecutor(exit));
        }
        self.updates.resume(now);
        self.expect_ping(now);
        self.publish_agent();
    }

    /// Tells the master about resources and operations, as after every registration.
    pub(crate) fn send_update(&mut self) {
        let message = UpdateSlaveMessage {
            agent_id: self.info.id.clone().unwrap_or_default(),
            update_oversubscribed_resources: Some(false),
            operations: Some(update_slave_message::Operations::default()),
            resource_version_uuid: Some(Uuid { value: self.resource_version.clone() }),
            resource_providers: Some(update_slave_message::ResourceProviders::default()),
            ..UpdateSlaveMessage::default()
        };
        self.tell_master(ToMaster::UpdateSlave(message));
    }

    /// Sends to the master, if there is one.
    pub(crate) fn tell_master(&mut self, message: ToMaster) {
        if let Some(master) = &self.registration.master {
            self.outbox.send(master, message);
        }
    }

    /// The timer says to register, for the first time or again.
    pub(crate) fn register(&mut self, now: Time) {
        self.registration.register = None;
        let Some(master) = self.registration.master.clone() else { return };
        match self.phase {
            Phase::Disconnected => {}
            Phase::Recovering | Phase::Running | Phase::Terminating => return,
        }
        self.outbox.push(Output::Link { pid: master.clone() });
        let message = if self.info.id.is_none() {
            ToMaster::Register(self.register_message())
        } else {
            ToMaster::Reregister(self.reregister_message())
        };
        self.outbox.send(&master, message);
        self.registration.backoff = self.registration.backoff.min(REGISTER_RETRY_INTERVAL_MAX);
        let pause = self.rng.duration_below(self.registration.backoff);
        self.registration.backoff *= 2;
        self.registration.register = Some(self.timers.set(now + pause, Timer::Register));
    }

    pub(crate) fn schedule_registration(&mut self, now: Time) {
        self.timers.cancel(self.registration.register.take());
        if self.registration.master.is_none() || self.phase != Phase::Disconnected {
            return;
        }
        let factor = self.config.registration_backoff_factor;
        self.registration.backoff = factor * 2;
        let pause = self.rng.duration_below(factor);
        self.registration.register = Some(self.timers.set(now + pause, Timer::Register));
    }

    fn lose_master(&mut self) {
        self.timers.cancel(self.registration.register.take());
        self.timers.cancel(self.registration.ping.take());
        self.updates.pause();
        if self.phase == Phase::Running {
            trial::reached("agent", "running | disconnected");
            self.phase = Phase::Disconnected;
        }
    }

    fn register_message(&self) -> RegisterSlaveMessage {
        let mut checkpointed_resources = self.checkpointed_resources.clone();
        wire_form::downgrade(&mut checkpointed_resources);
        RegisterSlaveMessage {
            agent: self.info_for_master(),
            version: Some(self.config.version.clone()),
            checkpointed_resources,
            agent_capabilities: self.capabilities(),
            resource_version_uuid: Some(Uuid { value: self.resource_version.clone() }),
        }
    }

    fn reregister_message(&self) -> ReregisterSlaveMessage {
        let mut checkpointed_resources = self.checkpointed_resources.clone();
        wire_form::downgrade(&mut checkpointed_resources);
        ReregisterSlaveMessage {
            agent: self.info_for_master(),
            tasks: self.tasks_for_master(),
            executor_infos: self.executors_for_master(),
            completed_frameworks: self.history_for_master(),
            version: Some(self.config.version.clone()),
            checkpointed_resources,
            frameworks: self.frameworks.values().map(|fw| FrameworkInfo::clone(&fw.info)).collect(),
            agent_capabilities: self.capabilities(),
            resource_version_uuid: Some(Uuid { value: self.resource_version.clone() }),
        }
    }

    /// The agent's description as masters and checkpoints have it: an agent always checkpoints.
    pub(crate) fn info_for_master(&self) -> AgentInfo {
        let mut info = self.info.clone();
        info.checkpoint = Some(true);
        wire_form::downgrade(&mut info.resources);
        info
    }

    fn capabilities(&self) -> Vec<Capability> {
        let capability = |kind: &_| {
            let mut capability = Capability::default();
            capability.set_type(*kind);
            capability
        };
        self.config.capabilities.iter().map(capability).collect()
    }

    fn tasks_for_master(&self) -> Vec<Task> {
        let executors = self.frameworks.values().flat_map(|framework| framework.executors.values());
        let tasks = executors.flat_map(|executor| {
            let live = executor.launched.values().chain(executor.terminated.values());
            live.map(|task| &task.task).chain(executor.queued.values().map(|task| &task.task))
        });
        tasks.map(|task| task_for_master(task)).collect()
    }

    fn executors_for_master(&self) -> Vec<ExecutorInfo> {
        let executors = self.frameworks.values().flat_map(|framework| framework.executors.values());
        executors
            .filter(|executor| !executor.is_command())
            .filter(|executor| executor.state != ExecutorState::Terminated)
            .map(|executor| {
                let mut info = ExecutorInfo::clone(&executor.info);
                wire_form::downgrade(&mut info.resources);
                info
            })
            .collect()
    }

    fn history_for_master(&self) -> Vec<archive::Framework> {
        let of = |framework: &crate::framework::CompletedFramework| archive::Framework {
            framework_info: FrameworkInfo::clone(&framework.info),
            pid: framework.pid.clone(),
            tasks: framework
                .completed
                .iter()
                .flat_map(|executor| &executor.tasks)
                .map(|(_, task)| task_for_master(task))
                .collect(),
        };
        self.completed_frameworks.iter().map(of).collect()
    }
}

fn task_for_master(task: &Task) -> Task {
    let mut task = task.clone();
    wire_form::downgrade(&mut task.resources);
    task
}
