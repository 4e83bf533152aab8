// SPDX-License-Identifier: Apache-2.0

//! Short words for the outputs.

use mesos_allocator::{AgentKey, FrameworkKey};

use crate::{
    change::Change,
    input::RequestKey,
    master::Master,
    output::{LogLevel, Output, ToAgent},
};

impl Master {
    /// Sends a message to a registered agent.
    pub(crate) fn send(&mut self, agent: AgentKey, message: ToAgent) {
        let pid = self.agents.registered[agent].record.pid.to_string();
        self.send_to(pid, message);
    }

    /// Sends a message to wherever an agent listens.
    pub(crate) fn send_to(&mut self, pid: String, message: ToAgent) {
        self.outputs.push_back(Output::ToAgent { pid, message });
    }

    /// Tells the readers.
    pub(crate) fn changed(&mut self, change: Change) {
        self.outputs.push_back(Output::Change(change));
    }

    /// Tells the readers about an agent.
    pub(crate) fn agent_changed(&mut self, agent: AgentKey) {
        let record = self.agents.registered[agent].record.clone();
        self.changed(Change::Agent(record));
    }

    /// Tells the readers about a framework.
    pub(crate) fn framework_changed(&mut self, framework: FrameworkKey) {
        let record = self.frameworks.registered[framework].record.clone();
        self.changed(Change::Framework(record));
    }

    /// Tells the readers what is used and offered, once per input however often it changed.
    pub(crate) fn report_usage(&mut self) {
        for key in std::mem::take(&mut self.dirty_agents) {
            let Some(agent) = self.agents.registered.get(key) else { continue };
            let (used, offered) = (agent.used.clone(), agent.offered.clone());
            self.changed(Change::AgentUsage { agent: key, used, offered });
        }
        for key in std::mem::take(&mut self.dirty_frameworks) {
            let Some(framework) = self.frameworks.registered.get(key) else { continue };
            let (used, offered) = (framework.used.clone(), framework.offered.clone());
            self.changed(Change::FrameworkUsage { framework: key, used, offered });
        }
    }

    /// Answers a request.
    pub(crate) fn answer(&mut self, request: RequestKey, status: u16, body: impl Into<String>) {
        let body = body.into();
        self.outputs.push_back(Output::Answer { request, status, body });
    }

    /// Tells the operator about a step.
    pub(crate) fn info(&mut self, message: String) {
        self.outputs.push_back(Output::Log { level: LogLevel::Info, message });
    }

    /// Tells the operator that something was refused, dropped or lost.
    pub(crate) fn warn(&mut self, message: String) {
        self.outputs.push_back(Output::Log { level: LogLevel::Warning, message });
    }

    /// Stops for good.
    pub(crate) fn fatal(&mut self, reason: String) {
        self.stopped = true;
        self.outputs.push_back(Output::Fatal { reason });
    }
}
