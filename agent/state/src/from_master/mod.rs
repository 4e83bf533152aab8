// SPDX-License-Identifier: Apache-2.0

//! The messages of a master, one file each.
//!
//! | message | file | only from the present master |
//! |---|---|---|
//! | SlaveRegistered | registered.rs | yes |
//! | SlaveReregistered | reregistered.rs | yes |
//! | RunTask | run_task.rs (with assignment.rs) | yes |
//! | RunTaskGroup | run_task_group.rs (with assignment.rs) | yes |
//! | KillTask | kill_task.rs | yes |
//! | ShutdownExecutor | shutdown_executor.rs | yes |
//! | ShutdownFramework | shutdown_framework.rs | yes |
//! | FrameworkToExecutor | framework_to_executor.rs | no: old schedulers send it themselves |
//! | UpdateFramework | update_framework.rs | yes |
//! | CheckpointResources | checkpoint_resources.rs | yes |
//! | ApplyOperation, ReconcileOperations, AcknowledgeOperationStatus | operations.rs | yes |
//! | StatusUpdateAcknowledgement | status_update_acknowledgement.rs | no: old schedulers too |
//! | Shutdown | shutdown.rs | yes |
//! | DrainSlave | drain.rs | yes |
//! | PingSlave | ping.rs | no: the sender is one of the master's observers |

mod assignment;
mod checkpoint_resources;
mod drain;
mod framework_to_executor;
mod kill_task;
mod operations;
mod ping;
mod registered;
mod reregistered;
mod run_task;
mod run_task_group;
mod shutdown;
mod shutdown_executor;
mod shutdown_framework;
mod status_update_acknowledgement;
mod update_framework;

use mesos_core::{
    time::Time,
    trial::{self, Defect},
};

use crate::{agent::Agent, input::FromMaster};

pub(crate) use drain::decorate as decorate_drained;

impl Agent {
    pub(crate) fn master_message(&mut self, now: Time, from: &str, message: FromMaster) {
        if must_be_from_master(&message)
            && self.registration.master.as_deref() != Some(from)
            && !trial::has(Defect::FormerMasterObeyed)
        {
            let master = self.registration.master.as_deref().unwrap_or("None");
            self.outbox.warn(format!(
                "Ignoring {} from {from} because it is not the expected master: {master}",
                name(&message)
            ));
            return;
        }
        trial::reached("messages", row(&message));
        match message {
            FromMaster::Registered(message) => self.registered(now, message),
            FromMaster::Reregistered(message) => self.reregistered(now, message),
            FromMaster::RunTask(message) => self.run_task(now, message),
            FromMaster::RunTaskGroup(message) => self.run_task_group(now, message),
            FromMaster::KillTask(message) => self.kill_task(now, &message),
            FromMaster::ShutdownExecutor(message) => self.shutdown_executor(now, message),
            FromMaster::ShutdownFramework(message) => self.shutdown_framework(now, &message),
            FromMaster::FrameworkToExecutor(message) => self.framework_to_executor(message),
            FromMaster::UpdateFramework(message) => self.update_framework(now, message),
            FromMaster::CheckpointResources(message) => self.checkpoint_resources(message),
            FromMaster::ApplyOperation(message) => self.apply_operation(message),
            FromMaster::ReconcileOperations(message) => self.reconcile_operations(message),
            FromMaster::AcknowledgeOperationStatus(message) => {
                self.acknowledge_operation_status(&message);
            }
            FromMaster::StatusUpdateAcknowledgement(message) => {
                self.status_update_acknowledgement(now, from, message);
            }
            FromMaster::Shutdown(message) => self.shut_down(now, message),
            FromMaster::Drain(message) => self.drain(now, message),
            FromMaster::Ping(message) => self.ping(now, from, message),
        }
    }
}

fn must_be_from_master(message: &FromMaster) -> bool {
    match message {
        FromMaster::Registered(_)
        | FromMaster::Reregistered(_)
        | FromMaster::RunTask(_)
        | FromMaster::RunTaskGroup(_)
        | FromMaster::KillTask(_)
        | FromMaster::ShutdownExecutor(_)
        | FromMaster::ShutdownFramework(_)
        | FromMaster::UpdateFramework(_)
        | FromMaster::CheckpointResources(_)
        | FromMaster::ApplyOperation(_)
        | FromMaster::ReconcileOperations(_)
        | FromMaster::AcknowledgeOperationStatus(_)
        | FromMaster::Shutdown(_)
        | FromMaster::Drain(_) => true,
        FromMaster::FrameworkToExecutor(_)
        | FromMaster::StatusUpdateAcknowledgement(_)
        | FromMaster::Ping(_) => false,
    }
}

/// The row of the table.
fn row(message: &FromMaster) -> &'static str {
    match message {
        FromMaster::Registered(_) => "SlaveRegistered",
        FromMaster::Reregistered(_) => "SlaveReregistered",
        FromMaster::RunTask(_) => "RunTask",
        FromMaster::RunTaskGroup(_) => "RunTaskGroup",
        FromMaster::KillTask(_) => "KillTask",
        FromMaster::ShutdownExecutor(_) => "ShutdownExecutor",
        FromMaster::ShutdownFramework(_) => "ShutdownFramework",
        FromMaster::FrameworkToExecutor(_) => "FrameworkToExecutor",
        FromMaster::UpdateFramework(_) => "UpdateFramework",
        FromMaster::CheckpointResources(_) => "CheckpointResources",
        FromMaster::ApplyOperation(_) => "ApplyOperation",
        FromMaster::ReconcileOperations(_) => "ReconcileOperations",
        FromMaster::AcknowledgeOperationStatus(_) => "AcknowledgeOperationStatus",
        FromMaster::StatusUpdateAcknowledgement(_) => "StatusUpdateAcknowledgement",
        FromMaster::Shutdown(_) => "Shutdown",
        FromMaster::Drain(_) => "DrainSlave",
        FromMaster::Ping(_) => "PingSlave",
    }
}

fn name(message: &FromMaster) -> &'static str {
    match message {
        FromMaster::Registered(_) => "registration",
        FromMaster::Reregistered(_) => "re-registration",
        FromMaster::RunTask(_) => "run task message",
        FromMaster::RunTaskGroup(_) => "run task group message",
        FromMaster::KillTask(_) => "kill task message",
        FromMaster::ShutdownExecutor(_) => "shutdown executor message",
        FromMaster::ShutdownFramework(_) => "shutdown framework message",
        FromMaster::FrameworkToExecutor(_) => "framework message",
        FromMaster::UpdateFramework(_) => "update framework message",
        FromMaster::CheckpointResources(_) => "checkpoint resources message",
        FromMaster::ApplyOperation(_) => "apply operation message",
        FromMaster::ReconcileOperations(_) => "reconcile operations message",
        FromMaster::AcknowledgeOperationStatus(_) => "operation status acknowledgement",
        FromMaster::StatusUpdateAcknowledgement(_) => "status update acknowledgement",
        FromMaster::Shutdown(_) => "shutdown message",
        FromMaster::Drain(_) => "drain message",
        FromMaster::Ping(_) => "ping",
    }
}
