// SPDX-License-Identifier: Apache-2.0

//! The methods of `mesos::SchedulerDriver` that ask for something, what makes
//! one misuse, and the v1 call of each.

use std::collections::BTreeSet;

use bytes::Bytes;
use mesos_proto::v1::{
    AgentId, ExecutorId, Filters, FrameworkInfo, OfferId, Request, TaskId, TaskInfo, TaskStatus,
    offer::{Operation, operation},
    scheduler::{Call, OfferConstraints, call},
};

use crate::scheduler::{Acknowledgement, UpdateKey};

/// One call of a driver's method.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    /// `requestResources`.
    RequestResources(Vec<Request>),
    /// `launchTasks`, and the deprecated form with one offer.
    LaunchTasks {
        /// The offers to use, of one agent.
        offer_ids: Vec<OfferId>,
        /// What to launch.
        tasks: Vec<TaskInfo>,
        /// For what is left of the offers.
        filters: Filters,
    },
    /// `acceptOffers`.
    AcceptOffers {
        /// The offers to use, of one agent.
        offer_ids: Vec<OfferId>,
        /// What to do with them.
        operations: Vec<Operation>,
        /// For what is left of the offers.
        filters: Filters,
    },
    /// `declineOffer`.
    DeclineOffer {
        /// Which.
        offer_id: OfferId,
        /// For how long not to see it again.
        filters: Filters,
    },
    /// `reviveOffers`.
    ReviveOffers(Roles),
    /// `suppressOffers`.
    SuppressOffers(Roles),
    /// `killTask`.
    KillTask(TaskId),
    /// `acknowledgeStatusUpdate`.
    AcknowledgeStatusUpdate(Box<TaskStatus>),
    /// `sendFrameworkMessage`.
    SendFrameworkMessage {
        /// To which executor.
        executor_id: ExecutorId,
        /// Where it runs.
        agent_id: AgentId,
        /// The message.
        data: Bytes,
    },
    /// `reconcileTasks`; none means all.
    ReconcileTasks(Vec<TaskStatus>),
    /// `updateFramework`.
    UpdateFramework {
        /// The new description; its id must be the framework's.
        framework: Box<FrameworkInfo>,
        /// The roles it wants no offers for; replaces the set.
        suppressed_roles: Vec<String>,
        /// Replaces the constraints; unset for none.
        offer_constraints: Option<OfferConstraints>,
    },
}

/// The roles that a revival or a suppression is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roles {
    /// Every role of the framework.
    All,
    /// These. None of them is nothing to do, other than in the v1 call, where it means all.
    Named(Vec<String>),
}

/// What a method comes to.
#[derive(Debug)]
pub(super) enum Asked {
    /// Nothing.
    Nothing,
    /// A call to the master, and the tasks that it launches.
    Call(Box<Call>, Vec<TaskId>),
    /// An acknowledgement.
    Acknowledge(UpdateKey),
}

impl Method {
    /// Whether this may be asked of a driver at all.
    ///
    /// # Errors
    /// Misuse, where Apache Mesos ends the process: the driver is to be
    /// aborted, and this text given to `error`.
    pub fn check(&self, acknowledgement: Acknowledgement) -> Result<(), String> {
        match self {
            Method::AcknowledgeStatusUpdate(_) => match acknowledgement {
                Acknowledgement::Explicit => Ok(()),
                Acknowledgement::Implicit => Err("Cannot call acknowledgeStatusUpdate: \
                     Implicit acknowledgements are enabled"
                    .to_owned()),
            },
            Method::AcceptOffers { operations, .. } => {
                if operations.iter().all(|operation| operation.id.is_none()) {
                    return Ok(());
                }
                Err("An offer operation's 'id' field was set, which is disallowed because the \
                     SchedulerDriver cannot handle offer operation status updates"
                    .to_owned())
            }
            Method::UpdateFramework { suppressed_roles, .. } => {
                let distinct: BTreeSet<&String> = suppressed_roles.iter().collect();
                let duplicates = suppressed_roles.len() - distinct.len();
                if duplicates == 0 {
                    return Ok(());
                }
                let roles = suppressed_roles.join(", ");
                Err(format!(
                    "Invalid suppressed role list: contains {duplicates} duplicates {{ {roles} }}"
                ))
            }
            Method::RequestResources(_)
            | Method::LaunchTasks { .. }
            | Method::DeclineOffer { .. }
            | Method::ReviveOffers(_)
            | Method::SuppressOffers(_)
            | Method::KillTask(_)
            | Method::SendFrameworkMessage { .. }
            | Method::ReconcileTasks(_) => Ok(()),
        }
    }

    /// The method in the words of v1.
    pub(super) fn into_asked(self) -> Asked {
        match self {
            Method::RequestResources(requests) => Asked::Call(
                Box::new(Call {
                    request: Some(call::Request { requests }),
                    ..of(call::Type::Request)
                }),
                Vec::new(),
            ),
            Method::LaunchTasks { offer_ids, tasks, filters } => {
                let launch = Operation {
                    r#type: Some(operation::Type::Launch.into()),
                    launch: Some(operation::Launch { task_infos: tasks }),
                    ..Default::default()
                };
                accept(offer_ids, vec![launch], filters)
            }
            Method::AcceptOffers { offer_ids, operations, filters } => {
                accept(offer_ids, operations, filters)
            }
            Method::DeclineOffer { offer_id, filters } => {
                let decline = call::Decline { offer_ids: vec![offer_id], filters: Some(filters) };
                plain(Call { decline: Some(decline), ..of(call::Type::Decline) })
            }
            Method::ReviveOffers(Roles::Named(roles))
            | Method::SuppressOffers(Roles::Named(roles))
                if roles.is_empty() =>
            {
                Asked::Nothing
            }
            Method::ReviveOffers(roles) => plain(Call {
                revive: Some(call::Revive { roles: roles.into_names() }),
                ..of(call::Type::Revive)
            }),
            Method::SuppressOffers(roles) => plain(Call {
                suppress: Some(call::Suppress { roles: roles.into_names() }),
                ..of(call::Type::Suppress)
            }),
            Method::KillTask(task_id) => plain(Call {
                kill: Some(call::Kill { task_id, agent_id: None, kill_policy: None }),
                ..of(call::Type::Kill)
            }),
            Method::AcknowledgeStatusUpdate(status) => acknowledge(*status),
            Method::SendFrameworkMessage { executor_id, agent_id, data } => plain(Call {
                message: Some(call::Message { agent_id, executor_id, data }),
                ..of(call::Type::Message)
            }),
            Method::ReconcileTasks(statuses) => {
                let tasks = statuses
                    .into_iter()
                    .map(|status| call::reconcile::Task {
                        task_id: status.task_id,
                        agent_id: status.agent_id,
                    })
                    .collect();
                plain(Call {
                    reconcile: Some(call::Reconcile { tasks }),
                    ..of(call::Type::Reconcile)
                })
            }
            Method::UpdateFramework { framework, suppressed_roles, offer_constraints } => {
                plain(Call {
                    update_framework: Some(call::UpdateFramework {
                        framework_info: *framework,
                        suppressed_roles,
                        offer_constraints,
                    }),
                    ..of(call::Type::UpdateFramework)
                })
            }
        }
    }
}

impl Roles {
    fn into_names(self) -> Vec<String> {
        match self {
            Roles::All => Vec::new(),
            Roles::Named(roles) => roles,
        }
    }
}

fn of(kind: call::Type) -> Call {
    Call { r#type: Some(kind.into()), ..Default::default() }
}

fn plain(call: Call) -> Asked {
    Asked::Call(Box::new(call), Vec::new())
}

fn accept(offer_ids: Vec<OfferId>, operations: Vec<Operation>, filters: Filters) -> Asked {
    let launched = operations.iter().flat_map(tasks_of).map(|task| task.task_id.clone()).collect();
    let accept = call::Accept { offer_ids, operations, filters: Some(filters) };
    Asked::Call(Box::new(Call { accept: Some(accept), ..of(call::Type::Accept) }), launched)
}

/// The tasks that `operation` launches.
fn tasks_of(operation: &Operation) -> impl Iterator<Item = &TaskInfo> {
    let single = operation.launch.iter().flat_map(|launch| &launch.task_infos);
    let group = operation.launch_group.iter().flat_map(|launch| &launch.task_group.tasks);
    single.chain(group)
}

/// Updates without a uuid or an agent (the master's own, the driver's own) need none.
fn acknowledge(status: TaskStatus) -> Asked {
    match (status.uuid, status.agent_id) {
        (Some(uuid), Some(agent_id)) if !uuid.is_empty() => {
            Asked::Acknowledge(UpdateKey { agent_id, task_id: status.task_id, uuid })
        }
        (Some(_) | None, Some(_) | None) => Asked::Nothing,
    }
}
