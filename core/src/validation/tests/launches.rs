// SPDX-License-Identifier: Apache-2.0

//! Every recorded LAUNCH and LAUNCH_GROUP is judged as Apache Mesos judged it.

use std::collections::{BTreeSet, VecDeque};

use mesos_proto::v1::{ExecutorInfo, Offer, TaskInfo, offer::Operation, resource::AllocationInfo};

use super::{
    super::{
        operation, task,
        task::{TaskContext, TaskIdUse},
        task_group,
    },
    golden::Conversation,
};
use crate::resources::{Resources, operation as operations};

/// Does to an operation what the master does before it checks the tasks.
pub(super) fn prepare(operation: &mut Operation, framework: &Conversation, role: &str) {
    operations::upgrade(operation);
    operations::visit_resources(operation, &mut |resource| {
        resource
            .allocation_info
            .get_or_insert_with(|| AllocationInfo { role: Some(role.to_owned()) });
    });
    let fill = |executor: &mut ExecutorInfo| {
        executor.framework_id.get_or_insert(framework.framework.id.clone().unwrap());
    };
    if let Some(launch) = &mut operation.launch {
        launch.task_infos.iter_mut().filter_map(|task| task.executor.as_mut()).for_each(fill);
    }
    if let Some(group) = &mut operation.launch_group {
        fill(&mut group.executor);
        for task in &mut group.task_group.tasks {
            task.executor.get_or_insert(group.executor.clone());
        }
    }
}

/// The state of the replayed master, as far as the launches change it.
struct Replay {
    conversation: Conversation,
    /// What is left of the offers being accepted.
    offered: Resources,
    /// The tasks launched from them.
    known: BTreeSet<String>,
    /// The executor of the last group that was accepted.
    running: Option<ExecutorInfo>,
}

impl Replay {
    /// The refusal of each task of an operation, in order; `None` where it is accepted.
    fn judge(&mut self, mut operation: Operation, offer: &Offer) -> Vec<(String, Option<String>)> {
        let shape = operation::shape(&operation);
        prepare(&mut operation, &self.conversation, &self.conversation.role(offer));
        let framework_id = self.conversation.framework.id.clone().unwrap();
        let group = operation.launch_group;
        let tasks: Vec<TaskInfo> = match &group {
            Some(group) => group.task_group.tasks.clone(),
            None => operation.launch.unwrap_or_default().task_infos,
        };
        let mut verdicts = Vec::new();
        for task in &tasks {
            let context = TaskContext {
                framework_id: &framework_id,
                agent_id: &offer.agent_id,
                agent_limits_resources: true,
                offered: &self.offered,
                task_id_use: &|id| self.known.contains(&id.value).then_some(TaskIdUse::Active),
                running_executor: &|id| self.running.as_ref().filter(|e| e.executor_id == *id),
            };
            let verdict = shape.clone().and_then(|()| match &group {
                Some(group) => {
                    task_group::validate(&group.task_group, &group.executor, &context, None)
                }
                None => task::validate(task, &context),
            });
            if verdict.is_ok() && group.is_none() {
                self.known.insert(task.task_id.value.clone());
                self.offered -= Resources::from_proto(&task.resources);
            }
            let refusal = verdict.err().map(|error| error.to_string());
            verdicts.push((task.task_id.value.clone(), refusal));
        }
        // A group without tasks starts its executor too.
        if let Some(group) = group
            && verdicts.iter().all(|(_, refusal)| refusal.is_none())
        {
            self.running = Some(group.executor);
        }
        verdicts
    }
}

/// Judges every task of a conversation, and returns how many were refused.
fn replay(golden: &'static str) -> usize {
    let mut conversation = Conversation::read(golden);
    let mut errors = std::mem::take(&mut conversation.task_errors);
    let calls = std::mem::take(&mut conversation.calls);
    let mut replay =
        Replay { conversation, offered: Resources::new(), known: BTreeSet::new(), running: None };
    let mut refused = 0;
    for accept in calls.iter().filter_map(|(call, _)| call.accept.as_ref()) {
        let offers: Vec<Offer> =
            replay.conversation.accepted(accept).into_iter().cloned().collect();
        let Some(offer) = offers.first() else { continue };
        replay.known.clear();
        replay.offered = Resources::new();
        for offer in &offers {
            replay.offered += Resources::from_proto(&offer.resources);
        }
        replay.offered.allocate(&replay.conversation.role(offer));
        for operation in &accept.operations {
            for (task_id, verdict) in replay.judge(operation.clone(), offer) {
                let Some(verdict) = verdict else { continue };
                let expected = errors.get_mut(&task_id).and_then(VecDeque::pop_front);
                assert_eq!(Some(verdict), expected, "task {task_id:?}: {operation:?}");
                refused += 1;
            }
        }
    }
    errors.retain(|_, messages| !messages.is_empty());
    assert!(errors.is_empty(), "Mesos refused, we did not: {errors:?}");
    refused
}

macro_rules! replayed {
    ($($name:ident: $file:literal refuses $count:literal;)*) => {
        $(
            #[test]
            fn $name() {
                let golden = include_str!(
                    concat!("../../../../tests/conformance/goldens/scheduler-api/", $file)
                );
                assert_eq!(replay(golden), $count);
            }
        )*
    };
}

replayed! {
    task_ids_are_judged_as_recorded: "invalid-task-id.json" refuses 9;
    task_resources_are_judged_as_recorded: "invalid-task-resources.json" refuses 13;
    commands_and_environments_are_judged_as_recorded:
        "invalid-command-and-environment.json" refuses 4;
    checks_and_policies_are_judged_as_recorded: "invalid-checks-and-policies.json" refuses 23;
    executors_are_judged_as_recorded: "command-and-executor.json" refuses 9;
    groups_are_judged_as_recorded: "invalid-launch-group.json" refuses 14;
    a_full_task_info_is_accepted: "launch-full-task-info.json" refuses 0;
}
