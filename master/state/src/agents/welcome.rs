// SPDX-License-Identifier: Apache-2.0

//! An agent that this master has not had yet, or has lost, is back with its tasks.
//!
//! Its tasks are not killed, not even when their schedulers were told that they
//! are lost: they are told again. Only tasks of completed frameworks end.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use mesos_allocator::{AgentKey, FrameworkKey, Usage};
use mesos_core::{
    resources::{Resource, Resources},
    trial::{self, Defect},
};
use mesos_proto::{
    internal::{
        CheckpointResourcesMessage, ShutdownFrameworkMessage, SlaveReregisteredMessage,
        UpdateFrameworkMessage,
    },
    partial::{CompletedFramework, Reregistration, TaskParts},
    v1::{self, FrameworkInfo, task_status::Reason},
};

use super::{
    capabilities::AgentCapabilities, register::NewAgent, removal::id_of, reregister::sum_of,
};
use crate::{
    change::{Change, TaskKey},
    frameworks::roles_of,
    master::Master,
    output::ToAgent,
    statuses::MasterStatus,
    tasks::{TaskIds, TaskRecord, is_terminal},
};

impl Master {
    /// Takes a returning agent in with everything that it reports.
    pub(super) fn welcome_back(&mut self, pid: String, message: Reregistration) {
        let Reregistration {
            agent: info,
            tasks,
            executor_infos,
            completed_frameworks,
            version,
            checkpointed_resources,
            frameworks,
            agent_capabilities,
            resource_version_uuid,
        } = message;
        if let Some(other) = self.agents.by_pid.get(pid.as_str()).copied() {
            // Two agents cannot listen at one address: the other one is no more.
            self.remove_agent_later(other, crate::writes::AgentRemoval::Replaced);
        }
        let agent_id: Arc<str> = id_of(&info).into();
        let was_recovered = self.agents.recovered.remove(&agent_id).is_some();
        let row = ["unreachable, forgotten | ReregisterSlave", "recovered | ReregisterSlave"];
        trial::reached("agents", row[usize::from(was_recovered)]);
        let unreachable = self.agents.unreachable.remove(&agent_id);
        // An agent that this very master lost brings no history that it does not have.
        let is_new = unreachable.is_none_or(|since| since < self.agents.started);
        let known = self.recover_frameworks_of(&frameworks);
        let capabilities = AgentCapabilities::new(&agent_capabilities);
        let inject = !capabilities.multi_role;
        let report =
            Report { agent_id: agent_id.clone(), frameworks: &frameworks, inject, checked: true };
        let tasks = self.tasks_to_add(&tasks, &report);
        if !was_recovered {
            self.announce_return(&tasks, unreachable.is_some());
        }
        for (framework_id, task_id) in
            self.agents.unreachable_tasks.remove(&agent_id).unwrap_or_default()
        {
            self.forget_unreachable_task(&framework_id, &task_id, &agent_id);
        }
        self.metrics.slave_reregistrations += 1;
        let key = self.add_agent(NewAgent {
            pid,
            info,
            version: version.unwrap_or_default(),
            capabilities: agent_capabilities,
            checkpointed: checkpointed_resources,
            resource_version: resource_version_uuid,
            returning: true,
        });
        if is_new {
            self.recover_history(completed_frameworks, &agent_id);
        }
        let usages = self.add_report(key, tasks, executor_infos, &report);
        let (total, spec) = self.allocator_agent(key);
        self.allocator.add_agent(key, spec, total, &usages, true);
        self.send(
            key,
            ToAgent::Reregistered(Box::new(SlaveReregisteredMessage {
                agent_id: v1::AgentId { value: agent_id.to_string() },
                reconciliations: Vec::new(),
                connection: Some(self.connection()),
            })),
        );
        self.shut_down_completed(key, &frameworks);
        for framework in known {
            self.send_framework(key, framework);
        }
        self.start_pings(key);
        self.info(format!("Re-registered agent {agent_id}"));
    }

    /// Recovers the frameworks that are not known; gives back those that are.
    fn recover_frameworks_of(&mut self, frameworks: &[FrameworkInfo]) -> Vec<FrameworkKey> {
        let mut known = Vec::new();
        for info in frameworks {
            let id = info.id.as_ref().map_or("", |id| id.value.as_str());
            if let Some(key) = self.frameworks.find(id) {
                known.push(key);
            } else if !self.frameworks.completed.contains_key(id) {
                self.recover_framework(info.clone(), None);
            }
        }
        known
    }

    /// Takes over the completed tasks that an agent remembers, which a new master
    /// does not know. Those of frameworks that are not known are nobody's.
    fn recover_history(&mut self, frameworks: Vec<CompletedFramework>, agent_id: &Arc<str>) {
        let report =
            Report { agent_id: agent_id.clone(), frameworks: &[], inject: false, checked: false };
        for framework in frameworks {
            let id = framework.framework_info.id.unwrap_or_default().value;
            let Some(key) = self.frameworks.find(&id) else { continue };
            for task in &framework.tasks {
                let record = self.record_of(key, &TaskParts::of(task), &report);
                self.changed(Change::TaskCompleted(Arc::new(record)));
            }
        }
    }

    /// The reported tasks, without those of completed frameworks.
    pub(super) fn tasks_to_add(
        &mut self,
        tasks: &[Bytes],
        report: &Report<'_>,
    ) -> Vec<(FrameworkKey, TaskRecord)> {
        let mut added = Vec::with_capacity(tasks.len());
        let forgotten = usize::from(trial::has(Defect::ReturnForgetsTask));
        for task in tasks.iter().skip(forgotten) {
            let task = TaskParts::of(task);
            let Some(key) = self.frameworks.find(task.framework_id) else { continue };
            added.push((key, self.record_of(key, &task, report)));
        }
        added
    }

    fn record_of(
        &mut self,
        key: FrameworkKey,
        task: &TaskParts<'_>,
        report: &Report<'_>,
    ) -> TaskRecord {
        let (resources, role) = self.resources_of(key, task, report);
        let framework = &mut self.frameworks.registered[key];
        let agent = match task.agent_id == &*report.agent_id {
            true => report.agent_id.clone(),
            false => task.agent_id.into(),
        };
        let ids = TaskIds {
            task: task.task_id.into(),
            framework: framework.record.id.clone(),
            agent,
            role,
        };
        self.next_task += 1;
        let task_key = TaskKey(self.next_task);
        TaskRecord::reported(task_key, task, ids, resources, &mut framework.shapes)
    }

    /// The resources of a reported task and the role that they are allocated to.
    fn resources_of(
        &mut self,
        key: FrameworkKey,
        task: &TaskParts<'_>,
        report: &Report<'_>,
    ) -> (Resources, Arc<str>) {
        let framework = &mut self.frameworks.registered[key];
        let known = framework.shapes.reported(&task.resources).filter(|_| !report.inject);
        if let Some(known) = known {
            return (known.resources.clone(), known.role.clone());
        }
        let mut resources = task.decode_resources();
        let sum = sum_of(&resources);
        report.inject(task.framework_id, &mut resources);
        let resources = Resources::from_proto(&resources);
        let role = role_of(&resources, &framework.record.roles);
        if report.inject || !report.checked || !names_a_role(&resources) {
            return (framework.shapes.share_resources(resources), role);
        }
        let known = framework.shapes.remember_reported(&task.resources, resources, role, sum);
        (known.resources, known.role)
    }

    /// Tells schedulers that tasks they may think lost are there.
    fn announce_return(&mut self, tasks: &[(FrameworkKey, TaskRecord)], was_unreachable: bool) {
        let message = match was_unreachable {
            true => "Unreachable agent re-reregistered",
            false => "Unknown agent reregistered",
        };
        for (key, task) in tasks {
            let spec = &task.spec;
            if self.frameworks.registered[*key].unreachable.get(&spec.task_id).is_some() {
                trial::reached("tasks", "unreachable | its agent is back and still has it");
            }
            self.forget_unreachable_task(&spec.framework_id, &spec.task_id, &spec.agent_id);
            let status =
                MasterStatus { state: task.state, reason: Reason::AgentReregistered, message };
            if self.frameworks.registered[*key].connected() {
                let status = status.of_task_with_health(self.now, task);
                self.send_status(*key, status);
            }
        }
    }

    /// Adds tasks and executors; gives back what they use, for the allocator.
    pub(super) fn add_report(
        &mut self,
        key: AgentKey,
        tasks: Vec<(FrameworkKey, TaskRecord)>,
        executors: Vec<v1::ExecutorInfo>,
        report: &Report<'_>,
    ) -> Vec<Usage> {
        let mut used: BTreeMap<(FrameworkKey, Arc<str>), Resources> = BTreeMap::new();
        let forgotten = match trial::has(Defect::ReturnForgetsExecutor) {
            true => executors.len(),
            false => 0,
        };
        for mut info in executors.into_iter().skip(forgotten) {
            let framework_id = info.framework_id.as_ref().map_or("", |id| id.value.as_str());
            let Some(framework) = self.frameworks.find(framework_id) else { continue };
            report.inject(framework_id, &mut info.resources);
            let resources = Resources::from_proto(&info.resources);
            let roles = &self.frameworks.registered[framework].record.roles;
            let role = role_of(&resources, roles);
            *used.entry((framework, role.clone())).or_default() += &resources;
            self.add_executor(key, framework, info, (role, resources));
        }
        for (framework, task) in tasks {
            let taken = &self.frameworks.registered[framework].tasks;
            if taken.contains_key(&task.spec.task_id) {
                self.warn(format!(
                    "Task '{}' of framework {} runs on agent {} too; that one is not counted",
                    task.spec.task_id, task.spec.framework_id, task.spec.agent_id
                ));
                continue;
            }
            if !is_terminal(task.state) {
                let of_role = used.entry((framework, task.spec.role.clone())).or_default();
                *of_role += &task.spec.resources;
            }
            self.add_task(task, framework, key);
        }
        let used = used.into_iter();
        used.map(|((framework, role), resources)| Usage {
            framework,
            role: role.to_string(),
            resources,
        })
        .collect()
    }

    fn shut_down_completed(&mut self, key: AgentKey, frameworks: &[FrameworkInfo]) {
        for framework_id in frameworks.iter().filter_map(|info| info.id.as_ref()) {
            if self.frameworks.completed.contains_key(framework_id.value.as_str()) {
                let framework_id = framework_id.clone();
                let message = ShutdownFrameworkMessage { framework_id };
                self.send(key, ToAgent::ShutdownFramework(message));
            }
        }
    }

    /// Tells an agent the newest infos of its frameworks, or to end those that have ended.
    pub(super) fn tell_frameworks(&mut self, key: AgentKey, frameworks: Vec<FrameworkInfo>) {
        let known = self.recover_frameworks_of(&frameworks);
        self.shut_down_completed(key, &frameworks);
        for framework in known {
            self.send_framework(key, framework);
        }
    }

    /// Tells an agent what a framework is now.
    pub(crate) fn send_framework(&mut self, agent: AgentKey, framework: FrameworkKey) {
        let framework = &mut self.frameworks.registered[framework];
        let record = &framework.record;
        let told = framework.told.get_or_insert_with(|| {
            let message = UpdateFrameworkMessage {
                framework_id: v1::FrameworkId { value: record.id.to_string() },
                pid: Some(crate::calls::NO_PID.to_owned()),
                framework_info: Some(FrameworkInfo::clone(&record.info)),
            };
            (record.info.clone(), Arc::new(message))
        });
        if !Arc::ptr_eq(&told.0, &record.info) {
            let mut message = UpdateFrameworkMessage::clone(&told.1);
            message.framework_info = Some(FrameworkInfo::clone(&record.info));
            *told = (record.info.clone(), Arc::new(message));
        }
        let message = told.1.clone();
        self.send(agent, ToAgent::UpdateFramework(message));
    }

    /// Tells an agent without resource providers what it has to have on disk.
    pub(super) fn send_checkpointed_resources(
        &mut self,
        key: AgentKey,
        mut resources: Vec<v1::Resource>,
    ) {
        if !self.agents.registered[key].capabilities.reservation_refinement {
            match Resources::from_proto(&resources).to_pre_refinement() {
                Ok(downgraded) => resources = downgraded,
                Err(error) => return self.warn(format!("Not sending checkpoints: {error}")),
            }
        }
        let message = CheckpointResourcesMessage { resources };
        self.send(key, ToAgent::CheckpointResources(message));
    }
}

/// The frameworks of a re-registration.
pub(super) struct Report<'a> {
    /// Whose report it is.
    pub(super) agent_id: Arc<str>,
    pub(super) frameworks: &'a [FrameworkInfo],
    /// The agent is too old to tell for which role its resources are allocated.
    pub(super) inject: bool,
    /// Whether the resources of its tasks are known to be valid.
    pub(super) checked: bool,
}

impl Report<'_> {
    /// Fills in the role that an agent without MULTI_ROLE does not tell.
    fn inject(&self, framework_id: &str, resources: &mut [v1::Resource]) {
        if !self.inject {
            return;
        }
        let info = self
            .frameworks
            .iter()
            .find(|info| info.id.as_ref().is_some_and(|id| id.value == framework_id));
        let role = info.and_then(|info| roles_of(info).into_iter().next());
        for resource in resources.iter_mut().filter(|it| it.allocation_info.is_none()) {
            resource.allocation_info = Some(v1::resource::AllocationInfo { role: role.clone() });
        }
    }
}

/// The role that resources are allocated to; the framework's first one if they do not say.
fn role_of(resources: &Resources, roles: &[String]) -> Arc<str> {
    let role = resources.iter().find_map(Resource::allocation_role);
    role.or(roles.first().map(String::as_str)).unwrap_or("*").into()
}

/// Whether it does not take the framework to know the role of resources.
fn names_a_role(resources: &Resources) -> bool {
    resources.iter().any(|resource| resource.allocation_role().is_some())
}
