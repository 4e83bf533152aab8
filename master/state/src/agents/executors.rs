// SPDX-License-Identifier: Apache-2.0

//! The executors of an agent that tasks named. Those that an agent makes up for
//! command tasks are the agent's own matter.

use std::sync::Arc;

use mesos_allocator::{AgentKey, FrameworkKey};
use mesos_proto::v1;

use super::Executor;
use crate::{change::Change, master::Master};

impl Master {
    /// Adds an executor to its agent and framework. The allocator knows already.
    pub(crate) fn add_executor(
        &mut self,
        agent: AgentKey,
        framework: FrameworkKey,
        info: v1::ExecutorInfo,
        executor: (Arc<str>, mesos_core::resources::Resources),
    ) {
        let (role, resources) = executor;
        let info = Arc::new(info);
        let executor_id: Box<str> = info.executor_id.value.as_str().into();
        self.changed(Change::ExecutorAdded { agent, framework, info: info.clone() });
        self.use_resources(agent, framework, &resources);
        let executor = Executor { info, role, resources, in_doubt: false };
        self.agents.registered[agent].executors.insert((framework, executor_id.clone()), executor);
        self.frameworks.registered[framework].executors.insert((agent, executor_id));
    }

    /// Removes an executor and frees its resources; says whether it was known.
    pub(crate) fn remove_executor(
        &mut self,
        agent: AgentKey,
        framework: FrameworkKey,
        executor_id: &str,
    ) -> bool {
        let key = (framework, executor_id.into());
        let Some(executor) = self.agents.registered[agent].executors.remove(&key) else {
            return false;
        };
        self.frameworks.registered[framework].executors.remove(&(agent, key.1));
        self.free_resources(agent, framework, &executor.role, &executor.resources);
        let executor_id = executor_id.to_owned();
        self.changed(Change::ExecutorRemoved { agent, framework, executor_id });
        true
    }
}
