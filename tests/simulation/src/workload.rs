// SPDX-License-Identifier: Apache-2.0

//! What simulated frameworks launch: tasks of every kind, and the calls to say so.

use mesos_core::{resources::Resources, rng::Rng};
use mesos_proto::v1::{
    AgentId, CommandInfo, DurationInfo, ExecutorId, ExecutorInfo, Filters, FrameworkId,
    HealthCheck, KillPolicy, Offer, OfferId, OperationId, ResourceProviderId, TaskGroupInfo,
    TaskId, TaskInfo, executor_info, health_check,
    offer::{self, operation},
    scheduler::{
        AttributeConstraint, Call, OfferConstraints,
        attribute_constraint::{
            Predicate, Selector,
            predicate::{self, Exists, NotExists},
            selector,
        },
        call,
        offer_constraints::{RoleConstraints, role_constraints::Group},
    },
};

/// What a task needs.
const TASK_RESOURCES: &str = "cpus:0.5;mem:64";

/// What an executor needs.
const EXECUTOR_RESOURCES: &str = "cpus:0.1;mem:32;disk:32";

/// How a framework runs its tasks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Style {
    /// Each by itself.
    Commands,
    /// In an executor of the framework, one for each agent.
    Executor,
    /// The same, in groups.
    Groups,
}

/// Tasks to launch on one offer.
pub(crate) struct Launch {
    tasks: Vec<TaskInfo>,
    group_of: Option<ExecutorInfo>,
}

impl Launch {
    pub(crate) fn task_ids(&self) -> impl Iterator<Item = &String> {
        self.tasks.iter().map(|task| &task.task_id.value)
    }
}

/// As many tasks as an offer holds, three at most; their ids come from `next_id`.
pub(crate) fn launch(
    style: &Style,
    framework_id: Option<FrameworkId>,
    name: &str,
    offer: &Offer,
    rng: &mut Rng,
    mut next_id: impl FnMut() -> Option<String>,
) -> Option<Launch> {
    let role = offer.allocation_info.as_ref().and_then(|info| info.role.clone());
    let role = role.unwrap_or_else(|| "*".to_owned());
    let needs = Resources::parse(TASK_RESOURCES, "*").expect("the text is valid").allocated(&role);
    let mut rest = Resources::from_proto(&offer.resources);
    let executor = (*style != Style::Commands).then(|| executor(name, framework_id, &role));
    if let Some(executor) = &executor
        && !offer.executor_ids.contains(&executor.executor_id)
    {
        let needs = Resources::from_proto(&executor.resources);
        if !rest.contains(&needs) {
            return None;
        }
        rest -= &needs;
    }
    let mut tasks = Vec::new();
    for _ in 0..=rng.below(3) {
        if !rest.contains(&needs) {
            break;
        }
        let Some(id) = next_id() else { break };
        rest -= &needs;
        let mut task = TaskInfo {
            name: id.clone(),
            task_id: TaskId { value: id },
            agent_id: offer.agent_id.clone(),
            resources: needs.to_proto(),
            ..Default::default()
        };
        match style {
            Style::Commands => {
                task.command = Some(command("sleep 60"));
                add_extras(&mut task, rng);
            }
            Style::Executor => task.executor = executor.clone(),
            Style::Groups => task.command = Some(command("sleep 60")),
        }
        tasks.push(task);
    }
    let group_of = executor.filter(|_| *style == Style::Groups);
    (!tasks.is_empty()).then_some(Launch { tasks, group_of })
}

/// Whatever else a command task may ask for.
fn add_extras(task: &mut TaskInfo, rng: &mut Rng) {
    let seconds = |seconds: u64| DurationInfo { nanoseconds: seconds as i64 * 1_000_000_000 };
    match rng.below(8) {
        0 => task.kill_policy = Some(KillPolicy { grace_period: Some(seconds(rng.below(20))) }),
        1 => task.max_completion_time = Some(seconds(1 + rng.below(20))),
        2 => {
            task.health_check = Some(HealthCheck {
                r#type: Some(health_check::Type::Command as i32),
                command: Some(command("true")),
                delay_seconds: Some(1.0),
                interval_seconds: Some(2.0),
                consecutive_failures: Some(3),
                grace_period_seconds: Some(1.0),
                ..Default::default()
            });
        }
        _ => {}
    }
}

fn executor(name: &str, framework_id: Option<FrameworkId>, role: &str) -> ExecutorInfo {
    let resources = Resources::parse(EXECUTOR_RESOURCES, "*").expect("the text is valid");
    ExecutorInfo {
        r#type: Some(executor_info::Type::Custom as i32),
        executor_id: executor_id(name),
        framework_id,
        command: Some(command("run tasks")),
        resources: resources.allocated(role).to_proto(),
        ..Default::default()
    }
}

/// The executor of the framework `name`.
pub(crate) fn executor_id(name: &str) -> ExecutorId {
    ExecutorId { value: format!("{name}-executor") }
}

fn command(value: &str) -> CommandInfo {
    CommandInfo { value: Some(value.to_owned()), ..Default::default() }
}

/// A call of some type, with its part filled in.
pub(crate) fn call(kind: call::Type, fill: impl FnOnce(&mut Call)) -> Call {
    let mut call = Call { r#type: Some(kind as i32), ..Default::default() };
    fill(&mut call);
    call
}

fn filters(refuse_seconds: Option<f64>) -> Option<Filters> {
    refuse_seconds.map(|seconds| Filters { refuse_seconds: Some(seconds) })
}

pub(crate) fn decline(offer: OfferId, refuse_seconds: Option<f64>) -> Call {
    call(call::Type::Decline, |it| {
        it.decline =
            Some(call::Decline { offer_ids: vec![offer], filters: filters(refuse_seconds) });
    })
}

pub(crate) fn accept(offer: OfferId, launch: Launch, refuse_seconds: Option<f64>) -> Call {
    let mut operation = offer::Operation::default();
    match launch.group_of {
        None => {
            operation.r#type = Some(operation::Type::Launch as i32);
            operation.launch = Some(operation::Launch { task_infos: launch.tasks });
        }
        Some(executor) => {
            operation.r#type = Some(operation::Type::LaunchGroup as i32);
            operation.launch_group = Some(operation::LaunchGroup {
                executor,
                task_group: TaskGroupInfo { tasks: launch.tasks },
            });
        }
    }
    call(call::Type::Accept, |it| {
        it.accept = Some(call::Accept {
            offer_ids: vec![offer],
            operations: vec![operation],
            filters: filters(refuse_seconds),
        });
    })
}

/// Only agents that have the attribute `zone`, or that do not.
pub(crate) fn constraints(roles: &[String], rng: &mut Rng) -> OfferConstraints {
    let predicate = match rng.below(2) {
        0 => predicate::Predicate::Exists(Exists {}),
        _ => predicate::Predicate::NotExists(NotExists {}),
    };
    let constraint = AttributeConstraint {
        selector: Selector { selector: Some(selector::Selector::AttributeName("zone".to_owned())) },
        predicate: Predicate { predicate: Some(predicate) },
    };
    let group = Group { attribute_constraints: vec![constraint] };
    let of_role = RoleConstraints { groups: vec![group] };
    let of_roles = roles.iter().map(|role| (role.clone(), of_role.clone()));
    OfferConstraints { role_constraints: of_roles.collect() }
}

/// A call that changes nothing.
pub(crate) fn rare_call(rng: &mut Rng) -> Call {
    match rng.below(6) {
        0 => call(call::Type::Request, |it| it.request = Some(Default::default())),
        1 => call(call::Type::AcceptInverseOffers, |it| {
            it.accept_inverse_offers = Some(Default::default());
        }),
        2 => call(call::Type::DeclineInverseOffers, |it| {
            it.decline_inverse_offers = Some(Default::default());
        }),
        3 => call(call::Type::ReconcileOperations, |it| {
            it.reconcile_operations = Some(Default::default());
        }),
        4 => call(call::Type::AcknowledgeOperationStatus, |it| {
            it.acknowledge_operation_status = Some(call::AcknowledgeOperationStatus {
                operation_id: OperationId { value: "none".to_owned() },
                uuid: vec![7; 16].into(),
                agent_id: Some(AgentId { value: "none".to_owned() }),
                resource_provider_id: Some(ResourceProviderId { value: "none".to_owned() }),
            });
        }),
        _ => decline(OfferId { value: "never made".to_owned() }, None),
    }
}
