// SPDX-License-Identifier: Apache-2.0

//! The machine of an agent: its process, its disk, its containers.

use std::{collections::BTreeMap, time::Duration};

use mesos_agent_state::{
    Agent, Change, Config, ContainerId, FromMaster, Input, LaunchSpec, Output, RecoveredState,
    WriteKey,
    config::ReconfigurationPolicy,
    input::{ContainerExit, LaunchFailure, ProbeOutcome},
    output::Store,
    paths,
    recovery::{self, RecoveredContainer},
};
use mesos_core::{resources::Resources, rng::Rng, time::Time};
use mesos_driver::executor;
use mesos_proto::v1::{AgentInfo, Attribute, agent_info::capability::Type, value};

use crate::{
    container::{Container, KILLED, Phase},
    debts::Debts,
    disk::Disk,
    event::Event,
    executor_host::Conversations,
    network::Host,
    packet::{Packet, from_master},
    world::{Plan, World, master_address, master_pid},
};

/// So many updates of one task may wait for a scheduler where executors make many.
const UPDATES_MAX: usize = 4;

/// What every agent has.
const AGENT_RESOURCES: &str = "cpus:4;mem:1024;disk:10000;ports:[31000-32000]";

pub(crate) struct AgentHost {
    pub(crate) life: u64,
    pub(crate) core: Option<Agent>,
    pub(crate) wake: Option<Time>,
    config: Config,
    pub(crate) disk: Disk,
    pub(crate) containers: BTreeMap<ContainerId, Container>,
    /// How often the machine was switched on.
    boots: u32,
    pub(crate) conversations: Conversations,
    /// How far its clock is ahead of the others.
    pub(crate) ahead: Duration,
    pub(crate) debts: Debts,
}

impl AgentHost {
    pub(crate) fn new(index: usize, plan: &Plan) -> Self {
        let resources = Resources::parse(AGENT_RESOURCES, "*").expect("the text is valid");
        let info = AgentInfo {
            hostname: format!("agent-{index}"),
            port: Some(5051),
            resources: resources.to_proto(),
            // Some agents have what constraints ask for.
            attributes: if index.is_multiple_of(2) { vec![attribute("zone")] } else { Vec::new() },
            ..Default::default()
        };
        let ip = format!("10.0.1.{index}");
        let mut config = Config::new(info, &ip, 5051, "/var/lib/mesos");
        config.gc_delay = plan.gc_delay;
        if plan.bursts {
            config.pending_updates_max = UPDATES_MAX + index;
        }
        if index == 3 {
            // It has its checkpointed resources from the master, as old ones do.
            config.capabilities.retain(|it| *it != Type::ResourceProvider);
        }
        config.executor_registration_timeout = plan.executor_registration_timeout;
        config.reconfiguration_policy = ReconfigurationPolicy::Additive;
        AgentHost {
            life: 0,
            core: None,
            wake: None,
            config,
            disk: Disk::default(),
            containers: BTreeMap::new(),
            boots: 1,
            conversations: Conversations::default(),
            ahead: Duration::ZERO,
            debts: Debts::default(),
        }
    }

    /// The machine is another one, with an empty disk.
    pub(crate) fn lose_disk(&mut self) {
        self.disk.lose();
        self.debts = Debts::default();
    }

    /// The next life has one attribute more.
    pub(crate) fn reconfigure(&mut self) {
        let attributes = &mut self.config.info.attributes;
        attributes.push(attribute(&format!("added-{}", attributes.len())));
    }

    /// Ends the process. Containers that were being started either run or never will.
    pub(crate) fn kill(&mut self, now: Time, rng: &mut Rng) {
        self.core = None;
        self.wake = None;
        self.life += 1;
        self.disk.crash(now, rng);
        let damaged = std::mem::take(&mut self.debts.damaged);
        self.debts = Debts::default();
        self.debts.damaged = damaged;
        self.containers.retain(|_, container| match container.phase {
            Phase::Starting => {
                container.phase = Phase::Running;
                rng.below(2) == 0
            }
            Phase::Running | Phase::Ended(_) => true,
        });
    }

    /// What the agent finds when it comes back.
    fn recovered(&mut self, now: Time) -> RecoveredState {
        let work_dir = &self.config.work_dir;
        let boot_id = format!("boot {}", self.boots);
        let mut state = recovery::read(&self.disk, work_dir, Some(&boot_id));
        let noted = Store::Replace(boot_id.into());
        self.disk.write(now, paths::boot_id(work_dir), noted);
        for (path, content) in &state.repairs {
            self.disk.write(now, path.clone(), Store::Replace(content.clone()));
        }
        let containers = self.containers.iter().map(|(id, container)| {
            let found = match container.phase {
                Phase::Starting | Phase::Running => {
                    RecoveredContainer::Running { pid: container.pid }
                }
                Phase::Ended(status) => RecoveredContainer::Exited(ContainerExit {
                    status: Some(status),
                    limitation: None,
                }),
            };
            (id.clone(), found)
        });
        state.containers = containers.collect();
        state
    }
}

impl World {
    pub(crate) fn start_agent(&mut self, index: usize) {
        let seed = self.rng.next_u64();
        let host = &mut self.agents[index];
        let recovered = host.recovered(self.now);
        let now = self.now + host.ahead;
        host.core = Some(Agent::new(host.config.clone(), recovered, now, seed));
        self.drain_agent(index);
        self.detect_soon(Host::Agent(index));
    }

    /// Hands an input to an agent, if it is up, and does what it wants.
    pub(crate) fn agent_input(&mut self, index: usize, input: Input) {
        let host = &mut self.agents[index];
        let Some(core) = &mut host.core else { return };
        core.handle(self.now + host.ahead, input);
        self.drain_agent(index);
    }

    /// Hands an input to an agent later, unless it is another process by then.
    fn agent_input_later(&mut self, index: usize, after: Duration, input: Input) {
        let life = self.agents[index].life;
        let event = Event::Agent { agent: index, life, input: Box::new(input) };
        self.queue.push(self.now + after, event);
    }

    pub(crate) fn checkpoint_stored(&mut self, index: usize) {
        if !self.settling && self.rng.below(self.plan.checkpoint_fails_in) == 0 {
            let host = &mut self.agents[index];
            let Some((write, path)) = host.disk.fail_one() else { return };
            host.debts.damaged.insert(path.clone());
            self.excuse(&path);
            let reason = "the disk does not take it".to_owned();
            return self.agent_input(index, Input::CheckpointFailed { write, reason });
        }
        if let Some(write) = self.agents[index].disk.finish_one(self.now) {
            self.agent_input(index, Input::CheckpointStored { write });
        }
    }

    /// What is told of the tasks of a framework may be wrong once its files are.
    fn excuse(&mut self, path: &str) {
        for scheduler in &mut self.schedulers {
            let id = scheduler.app.info.id.as_ref().map(|id| id.value.as_str());
            scheduler.app.excused |= id.is_some_and(|id| path.contains(id));
        }
    }

    fn drain_agent(&mut self, index: usize) {
        while let Some(output) = self.agents[index].core.as_mut().and_then(Agent::poll_output) {
            self.agent_output(index, output);
        }
        let host = &self.agents[index];
        let (life, timeout) = (host.life, host.core.as_ref().and_then(Agent::poll_timeout));
        self.plan_wake(Host::Agent(index), life, timeout);
    }

    fn agent_output(&mut self, index: usize, output: Output) {
        if !matches!(output, Output::Log { .. }) {
            self.agents[index].debts.deeds += 1;
        }
        let soon = Duration::from_micros(50 + self.rng.below(2000));
        match output {
            Output::Detect => self.detect_soon(Host::Agent(index)),
            Output::Link { pid } => self.link(Host::Agent(index), &pid),
            Output::Unlink { pid } => self.unlink(Host::Agent(index), &pid),
            Output::ToMaster { to, message } => {
                self.agent_says(index, &message);
                let from = self.agents[index].config.pid.clone();
                let packet = Packet::ToMaster { from, to: to.clone(), message };
                self.send_wire(Host::Agent(index), &to, packet);
            }
            Output::Launch(spec) => self.launch(index, spec),
            Output::Signal { container, signal } => self.signal(index, &container, signal),
            Output::Destroy { container } => self.destroy(index, &container),
            Output::RunProbe { container, probe, .. } => {
                let outcome = self.probe_outcome();
                let input = Input::ProbeFinished { container, probe, outcome };
                self.agent_input_later(index, soon * 10, input);
            }
            Output::Checkpoint { write, path, store } => {
                self.begin_write(index, soon, write, (path, store));
            }
            Output::RemovePath { path } => {
                self.remove_path(index, &path);
                let takes = Duration::from_millis(self.rng.below(10_000));
                self.agent_input_later(index, takes, Input::PathRemoved { path });
            }
            Output::MeasureDiskUsage => {
                self.agent_input_later(index, soon, Input::DiskUsage { used: Some(0.1) });
            }
            Output::Log { level, text } => {
                self.trace.note(self.now, || format!("agent {index} log {level:?}: {text}"));
            }
            Output::Exit { reason, failed } => {
                self.trace.note(self.now, || format!("agent {index} exits ({failed}): {reason}"));
                self.crash(Host::Agent(index));
            }
            Output::Change(change) => self.agent_changes(index, &change),
            Output::UpdateContainer { .. } => {}
            Output::ExecutorAccepted { connection } => {
                self.tell_executor(index, connection, false, |attempt| {
                    executor::Input::StreamOpened { attempt }
                });
            }
            Output::ExecutorRefused { connection, status, body } => {
                self.tell_executor(index, connection, true, |attempt| {
                    executor::Input::StreamRefused { attempt, status, body }
                });
            }
            Output::ExecutorEvent { connection, event } => {
                self.executor_is_told(index, &event);
                self.tell_executor(index, connection, false, |attempt| executor::Input::Record {
                    attempt,
                    event,
                });
            }
            Output::CloseExecutor { connection } => {
                self.tell_executor(index, connection, true, |attempt| {
                    let reason = "end of stream".to_owned();
                    executor::Input::StreamFailed { attempt, reason }
                });
            }
            Output::Answer { request, status, body } => {
                self.answer_executor(index, request, status, body);
            }
        }
    }

    fn agent_changes(&mut self, index: usize, change: &Change) {
        let debts = &mut self.agents[index].debts;
        let checked = match change {
            Change::Agent(record) => {
                debts.stands(record);
                Ok(())
            }
            Change::Task(record) => debts.task(record),
            Change::Framework(_)
            | Change::FrameworkCompleted { .. }
            | Change::FrameworkForgotten { .. }
            | Change::Executor(_)
            | Change::ExecutorCompleted { .. }
            | Change::ExecutorForgotten { .. }
            | Change::TaskForgotten { .. } => Ok(()),
        };
        if let Err(text) = checked {
            self.violate(format!("agent {index}: {text}"));
        }
    }

    fn probe_outcome(&mut self) -> ProbeOutcome {
        match self.rng.below(4) {
            0 => ProbeOutcome::TimedOut,
            _ => ProbeOutcome::Exited(0),
        }
    }

    fn begin_write(
        &mut self,
        index: usize,
        takes: Duration,
        write: WriteKey,
        (path, store): (String, Store),
    ) {
        self.agent_writes(index, &path, &store);
        let host = &mut self.agents[index];
        host.disk.begin(write, path, store);
        let event = Event::CheckpointStored { agent: index, life: host.life };
        self.queue.push(self.now + takes, event);
    }

    fn remove_path(&mut self, index: usize, path: &str) {
        let host = &mut self.agents[index];
        host.disk.remove(path);
        let runtime_dir = host.config.runtime_dir.clone();
        host.containers.retain(|id, container| {
            container.is_alive() || paths::runtime(&runtime_dir, id.as_str()) != path
        });
    }

    fn launch(&mut self, index: usize, spec: Box<LaunchSpec>) {
        let id = spec.container.clone();
        if spec.command_task {
            let task = (spec.framework_id.clone(), spec.executor_id.clone());
            self.trace.note(self.now, || format!("agent {index} launches task {}", task.1));
            if !self.launched.insert(task.clone()) && !self.is_excused(&task) {
                self.violate(format!("task {} of framework {} runs twice", task.1, task.0));
            }
        }
        let pid = 100 + self.next_key() as u32;
        let container = Container::new(spec, pid, &mut self.rng);
        if self.agents[index].containers.insert(id.clone(), container).is_some() {
            self.violate(format!("agent {index} launches container {id} twice"));
        }
        let takes = Duration::from_millis(1 + self.rng.below(1500));
        let event = match self.rng.below(30) {
            0 => Event::ContainerFails { agent: index, container: id },
            _ => Event::ContainerStarts { agent: index, container: id },
        };
        self.queue.push(self.now + takes, event);
    }

    pub(crate) fn container_starts(&mut self, index: usize, id: ContainerId) {
        let Some(container) = self.agents[index].containers.get_mut(&id) else { return };
        if container.phase != Phase::Starting {
            return;
        }
        if container.doomed {
            return self.container_fails(index, id);
        }
        container.phase = Phase::Running;
        let pid = container.pid;
        let command_task = container.spec.command_task;
        if let Some(path) = container.spec.pid_checkpoint.clone() {
            let content = Store::Replace(pid.to_string().into());
            self.agents[index].disk.write(self.now, path, content);
        }
        if command_task {
            let services = self.plan.has_services;
            let (status, after) = Container::natural_end(services, &mut self.rng);
            let end = Event::ContainerEnds { agent: index, container: id.clone(), status };
            self.queue.push(self.now + after, end);
        } else {
            self.start_executor((index, id.clone()));
        }
        self.agent_input(index, Input::ContainerLaunched { container: id, pid });
    }

    pub(crate) fn container_fails(&mut self, index: usize, id: ContainerId) {
        let containers = &mut self.agents[index].containers;
        if containers.get(&id).is_none_or(|container| container.phase != Phase::Starting) {
            return;
        }
        containers.remove(&id);
        let failure = LaunchFailure::Container("it was not to be".to_owned());
        self.agent_input(index, Input::ContainerLaunchFailed { container: id, failure });
    }

    pub(crate) fn container_ends(&mut self, index: usize, id: ContainerId, status: i32) {
        let Some(container) = self.agents[index].containers.get_mut(&id) else { return };
        match container.phase {
            Phase::Ended(_) => return,
            Phase::Starting | Phase::Running => container.phase = Phase::Ended(status),
        }
        self.end_executor(&(index, id.clone()));
        let exit = ContainerExit { status: Some(status), limitation: None };
        self.agent_input(index, Input::ContainerExited { container: id, exit });
    }

    fn signal(&mut self, index: usize, id: &ContainerId, signal: i32) {
        let Some(container) = self.agents[index].containers.get_mut(id) else { return };
        container.doomed = true;
        self.trace.note(self.now, || format!("agent {index} signals {signal} to {id}"));
        if let Some((status, after)) = container.signal(signal, &mut self.rng) {
            let end = Event::ContainerEnds { agent: index, container: id.clone(), status };
            self.queue.push(self.now + after, end);
        }
    }

    fn destroy(&mut self, index: usize, id: &ContainerId) {
        self.trace.note(self.now, || format!("agent {index} destroys {id}"));
        let Some(container) = self.agents[index].containers.get_mut(id) else { return };
        container.doomed = true;
        let after = Duration::from_millis(1 + self.rng.below(100));
        let (agent, container_id) = (index, id.clone());
        let event = match container.phase {
            Phase::Starting => Event::ContainerFails { agent, container: container_id },
            Phase::Running | Phase::Ended(_) => {
                Event::ContainerEnds { agent, container: container_id, status: KILLED }
            }
        };
        self.queue.push(self.now + after, event);
    }

    /// The machine is switched off: every container ends, and nobody waits for it.
    pub(crate) fn end_containers(&mut self, index: usize) {
        let host = &mut self.agents[index];
        host.containers.clear();
        host.boots += 1;
        self.executors.retain(|(agent, _), _| *agent != index);
    }

    /// A packet for an agent's machine.
    pub(crate) fn arrives_at_agent(&mut self, index: usize, from: Host, packet: Packet) {
        let Host::Master(master) = from else { return };
        let (from, message) = match packet {
            Packet::ToAgent { message } => (master_pid(master), from_master(*message)),
            Packet::Ping { observer, message } => {
                (format!("{observer}@{}", master_address(master)), FromMaster::Ping(message))
            }
            Packet::ToMaster { .. }
            | Packet::Subscribe { .. }
            | Packet::Call { .. }
            | Packet::Answer { .. }
            | Packet::Opened { .. }
            | Packet::Refused { .. }
            | Packet::Event { .. }
            | Packet::End { .. } => unreachable!("not for an agent: {}", packet.label()),
        };
        self.agent_hears(index, from, message);
    }
}

/// An attribute that is simply there.
fn attribute(name: &str) -> Attribute {
    let mut attribute = Attribute { name: name.to_owned(), ..Default::default() };
    attribute.set_type(value::Type::Text);
    attribute.text = Some(value::Text { value: "yes".to_owned() });
    attribute
}
