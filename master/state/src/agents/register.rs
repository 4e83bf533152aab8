// SPDX-License-Identifier: Apache-2.0

//! RegisterSlaveMessage: an agent without an id wants to join.
//!
//! It is admitted to the registry first and answered then. What is refused is
//! refused without an answer, as in Mesos: the agent tries again for ever, and
//! the log says why.

use std::sync::Arc;

use mesos_allocator::AgentSpec;
use mesos_core::{
    ids,
    resources::{Resources, validate},
    trial::{self, Defect},
};
use mesos_proto::{
    internal::{MasterSlaveConnection, RegisterSlaveMessage, SlaveRegisteredMessage},
    v1,
};

use super::{Agent, Busy, capabilities::AgentCapabilities, observer::Observer, version};
use crate::{
    change::{AgentRecord, Change},
    master::Master,
    output::{Output, ToAgent},
    registry::RegistryChange,
    writes::{AgentRemoval, Continuation},
};

impl Master {
    /// Message: RegisterSlaveMessage.
    pub(crate) fn register_agent(&mut self, pid: String, mut message: RegisterSlaveMessage) {
        self.metrics.messages_register_slave += 1;
        let version = message.version.as_deref().unwrap_or_default();
        let checked = self.check_agent(&message.agent, version);
        if let Err(reason) = checked.and_then(|()| bounded(message.checkpointed_resources.len())) {
            self.warn(format!(
                "Ignoring the registration of the agent at {pid} ({}): {reason}",
                message.agent.hostname
            ));
            return;
        }
        if self.agents.registering.contains(&pid) {
            return;
        }
        if let Some(key) = self.agents.by_pid.get(pid.as_str()).copied() {
            let agent = &self.agents.registered[key];
            // With another version of its resources it is another process, that knows
            // nothing of what the one before had.
            let is_same = agent.resource_version == message.resource_version_uuid;
            if agent.record.connected && is_same {
                let agent_id = agent.record.id.to_string();
                self.send_registered(pid, agent_id);
                return;
            }
            self.remove_agent_later(key, AgentRemoval::Replaced);
        }
        let agent_id = self.new_agent_id();
        self.agents.busy.insert(agent_id.as_str().into(), Busy::Admitting);
        message.agent.id = Some(v1::AgentId { value: agent_id });
        let info = Arc::new(message.agent.clone());
        self.agents.registering.insert(pid.clone());
        let message = Box::new(message);
        if trial::has(Defect::AdmittedBeforeStored) {
            self.store(vec![RegistryChange::AdmitAgent { info }], Continuation::Nothing);
            return self.agent_admitted(pid, *message);
        }
        self.store(
            vec![RegistryChange::AdmitAgent { info }],
            Continuation::Register { pid, message },
        );
    }

    /// An id that no agent has, not even one that made it up.
    fn new_agent_id(&mut self) -> String {
        loop {
            let id = format!("{}-S{}", self.config.master_info.id, self.agents.next_id);
            self.agents.next_id += 1;
            if self.agents.find(&id).is_none() && !self.agents.busy.contains_key(id.as_str()) {
                return id;
            }
        }
    }

    /// What new and returning agents must fulfil.
    pub(super) fn check_agent(&self, info: &v1::AgentInfo, version: &str) -> Result<(), String> {
        if let Some(id) = &info.id {
            ids::validate(&id.value).map_err(|error| error.to_string())?;
        }
        bounded(info.resources.len())?;
        validate::all(&info.resources).map_err(|error| error.to_string())?;
        version::check(version)?;
        if info.domain.is_some() && self.config.master_info.domain.is_none() {
            return Err("it has a fault domain, but the master has none (--domain)".into());
        }
        if self.config.require_agent_domain && info.domain.is_none() {
            return Err("it has no fault domain (--domain), which this master requires".into());
        }
        Ok(())
    }

    /// The registry has admitted a new agent.
    pub(crate) fn agent_admitted(&mut self, pid: String, message: RegisterSlaveMessage) {
        self.agents.registering.remove(&pid);
        let agent_id = message.agent.id.as_ref().map(|id| id.value.clone()).unwrap_or_default();
        self.agents.busy.remove(agent_id.as_str());
        if let Some(key) = self.agents.by_pid.get(pid.as_str()).copied() {
            // The one it replaces could not be taken off the registry in time.
            let replaced = self.agents.registered[key].record.id.clone();
            let change = RegistryChange::RemoveAgent { agent_id: replaced.to_string() };
            self.store(vec![change], Continuation::Nothing);
            self.agent_left(&replaced, AgentRemoval::Replaced);
        }
        trial::reached("agents", "(none) | RegisterSlave, admitted by the registry");
        self.metrics.slave_registrations += 1;
        let resource_version = message.resource_version_uuid;
        let agent = NewAgent {
            pid: pid.clone(),
            info: message.agent,
            version: message.version.unwrap_or_default(),
            capabilities: message.agent_capabilities,
            checkpointed: message.checkpointed_resources,
            resource_version,
            returning: false,
        };
        let key = self.add_agent(agent);
        let (total, spec) = self.allocator_agent(key);
        self.allocator.add_agent(key, spec, total, &[], true);
        self.info(format!("Registered agent {agent_id} at {pid}"));
        self.send_registered(pid, agent_id);
        self.start_pings(key);
    }

    /// Adds an agent that the registry knows; the allocator is told by the caller.
    pub(super) fn add_agent(&mut self, new: NewAgent) -> mesos_allocator::AgentKey {
        let id: Arc<str> = new.info.id.as_ref().map_or("", |id| id.value.as_str()).into();
        let pid: Arc<str> = new.pid.as_str().into();
        let total = total_resources(&new.info.resources, &new.checkpointed);
        let key = self.agents.registered.next_key();
        let record = AgentRecord {
            key,
            id: id.clone(),
            info: Arc::new(new.info),
            pid: pid.clone(),
            version: new.version,
            total,
            registered_time: self.now,
            reregistered_time: new.returning.then_some(self.now),
            connected: true,
            active: true,
            capabilities: new.capabilities,
        };
        let observer = Observer::new(self.agents.next_observer);
        self.agents.next_observer += 1;
        self.agents.registered.insert(Agent {
            capabilities: AgentCapabilities::new(&record.capabilities),
            record: Arc::new(record),
            resource_version: new.resource_version,
            tasks: Default::default(),
            executors: Default::default(),
            offers: Default::default(),
            killed: Default::default(),
            used: Resources::default(),
            offered: Resources::default(),
            observer,
            reregister_timer: None,
        });
        self.agents.by_id.insert(id, key);
        self.agents.by_pid.insert(pid, key);
        self.outputs.push_back(Output::Link { pid: new.pid });
        self.changed(Change::Agent(self.agents.registered[key].record.clone()));
        key
    }

    /// How the allocator sees an agent.
    pub(super) fn allocator_agent(&self, key: mesos_allocator::AgentKey) -> (Resources, AgentSpec) {
        let agent = &self.agents.registered[key];
        let spec = AgentSpec {
            info: agent.record.info.clone(),
            multi_role: agent.capabilities.multi_role,
            hierarchical_role: agent.capabilities.hierarchical_role,
        };
        (agent.record.total.clone(), spec)
    }

    /// What agents are told about the connection.
    pub(super) fn connection(&self) -> MasterSlaveConnection {
        let timeout = self.config.agent_ping_timeout * self.config.max_agent_ping_timeouts;
        MasterSlaveConnection { total_ping_timeout_seconds: Some(timeout.as_secs_f64()) }
    }

    fn send_registered(&mut self, pid: String, agent_id: String) {
        let message = SlaveRegisteredMessage {
            agent_id: v1::AgentId { value: agent_id },
            connection: Some(self.connection()),
        };
        self.send_to(pid, ToAgent::Registered(message));
    }
}

/// How many resources an agent may list at a time: sums of them cost the square
/// of their number when all are different.
const MAX_RESOURCES: usize = 10_000;

/// Refuses a list that is too long to be summed up.
pub(super) fn bounded(count: usize) -> Result<(), String> {
    match count {
        0..=MAX_RESOURCES => Ok(()),
        count => Err(format!("it lists {count} resources, more than {MAX_RESOURCES}")),
    }
}

/// An agent to add.
pub(super) struct NewAgent {
    pub(super) pid: String,
    pub(super) info: v1::AgentInfo,
    pub(super) version: String,
    pub(super) capabilities: Vec<v1::agent_info::Capability>,
    pub(super) checkpointed: Vec<v1::Resource>,
    pub(super) resource_version: Option<v1::Uuid>,
    pub(super) returning: bool,
}

/// What an agent has: its resources, of which the checkpointed ones have taken
/// another form (dynamically reserved, volumes). Those that do not fit in what
/// the agent has now are left out; the agent itself refuses to start with them.
pub(super) fn total_resources(info: &[v1::Resource], checkpointed: &[v1::Resource]) -> Resources {
    let mut total = Resources::from_proto(info);
    for resource in Resources::from_proto(checkpointed).to_proto() {
        let whole = Resources::from_proto(std::slice::from_ref(&resource));
        let mut plain = resource;
        let is_dynamic = |info: &v1::resource::ReservationInfo| {
            info.r#type() == v1::resource::reservation_info::Type::Dynamic
        };
        let first_dynamic = plain.reservations.iter().position(is_dynamic);
        plain.reservations.truncate(first_dynamic.unwrap_or(plain.reservations.len()));
        plain.shared = None;
        plain.disk = plain.disk.filter(|disk| disk.source.is_some()).map(|disk| {
            let source = disk.source;
            v1::resource::DiskInfo { source, ..Default::default() }
        });
        let plain = Resources::from_proto(&[plain]);
        if total.contains(&plain) {
            total -= &plain;
            total += &whole;
        }
    }
    total
}
