// SPDX-License-Identifier: Apache-2.0

//! Everything that can happen in the simulated cluster.

use mesos_agent_state::{self as agent, ContainerId};
use mesos_driver::scheduler as driver;
use mesos_master_state as master;

use crate::{
    executor_host::{Deed, Place},
    faults::Fault,
    network::{Host, Route},
    packet::Packet,
};

/// One thing that happens. What is meant for one life of a process is lost on the next.
#[derive(Debug)]
pub(crate) enum Event {
    /// A packet comes to the end of its way.
    Arrive { route: Route, epoch: u64, packet: Packet },
    /// Something near a master's process: a connection closed, a timer.
    Master { master: usize, life: u64, input: Box<master::Input> },
    /// The same for an agent.
    Agent { agent: usize, life: u64, input: Box<agent::Input> },
    /// The same for a scheduler's driver.
    Driver { scheduler: usize, life: u64, input: Box<driver::Input> },
    /// A timer of a process.
    Wake { host: Host, life: u64 },
    /// A detector looks for the master and tells its process.
    Detect { host: Host, life: u64 },
    /// The oldest write that is under way becomes durable.
    RegistryStored { master: usize, life: u64 },
    /// A master that does not lead any more ends.
    Abdicate { master: usize, life: u64 },
    /// A master is elected though the former one is still up.
    Elect { master: usize },
    /// The same on an agent's disk.
    CheckpointStored { agent: usize, life: u64 },
    /// A process starts, for the first time or again.
    Start(Host),
    /// A container's process runs.
    ContainerStarts { agent: usize, container: ContainerId },
    /// A container cannot be started.
    ContainerFails { agent: usize, container: ContainerId },
    /// A container's process ends by itself or by a signal.
    ContainerEnds { agent: usize, container: ContainerId, status: i32 },
    /// An executor does something; nothing, if its process is gone.
    Executor { place: Place, deed: Deed },
    /// A framework does something on its own account.
    Tick { scheduler: usize, life: u64 },
    /// A task that an agent was told to kill should be over by now.
    KillDue { agent: usize, life: u64, container: ContainerId },
    /// What must not last is looked at.
    Audit,
    /// Something goes wrong.
    Fault,
    /// It is over.
    Recover(Fault),
    /// Nothing goes wrong any more, and frameworks finish.
    Settle,
    /// Is everything in order at last?
    Inspect,
}

impl Event {
    /// A few words for the trace; none for what is traced where it is handled.
    pub(crate) fn label(&self) -> Option<String> {
        match self {
            Event::Arrive { .. } | Event::Wake { .. } | Event::Tick { .. } | Event::Fault => None,
            Event::Executor { .. } | Event::KillDue { .. } | Event::Audit => None,
            Event::Master { master, input, .. } => Some(format!("master {master}: {input:?}")),
            Event::Abdicate { master, .. } => Some(format!("master {master} abdicates")),
            Event::Elect { master } => Some(format!("master {master} is elected")),
            Event::Agent { agent, input, .. } => {
                broken_link(input).map(|pid| format!("agent {agent}: link to {pid} broken"))
            }
            Event::Driver { scheduler, input, .. } => {
                news(input).map(|text| format!("scheduler {scheduler}: {text}"))
            }
            Event::Detect { host, .. } => Some(format!("{host:?} looks for the master")),
            Event::RegistryStored { master, .. } => Some(format!("master {master}: stored")),
            Event::CheckpointStored { .. } => None,
            Event::Start(host) => Some(format!("{host:?} starts")),
            Event::ContainerStarts { agent, container } => {
                Some(format!("agent {agent}: container {container} runs"))
            }
            Event::ContainerFails { agent, container } => {
                Some(format!("agent {agent}: container {container} fails to start"))
            }
            Event::ContainerEnds { agent, container, status } => {
                Some(format!("agent {agent}: container {container} ends with {status}"))
            }
            Event::Recover(fault) => Some(format!("over: {fault:?}")),
            Event::Settle => Some("no more faults".to_owned()),
            Event::Inspect => None,
        }
    }
}

fn broken_link(input: &agent::Input) -> Option<&str> {
    if let agent::Input::MasterLinkBroken { pid } = input { Some(pid) } else { None }
}

fn news(input: &driver::Input) -> Option<String> {
    if let driver::Input::StreamFailed { attempt, reason } = input {
        return Some(format!("stream {} failed: {reason}", attempt.0));
    }
    if let driver::Input::Handled(update) = input {
        return Some(format!("has handled an update of {}", update.task_id.value));
    }
    None
}
