// SPDX-License-Identifier: Apache-2.0

//! What travels on the network, and how the master's and the agent's names for
//! the messages of the wire correspond.

use std::sync::Arc;

use mesos_agent_state as agent;
use mesos_driver::{Attempt, SendKey};
use mesos_master_state::{self as master, StreamKey};
use mesos_proto::{internal::PingSlaveMessage, v1::scheduler};

/// One message on one connection. `life` is the life of the scheduler that a
/// packet comes from or goes to: a process started anew knows nothing of it.
#[derive(Clone, Debug)]
pub(crate) enum Packet {
    ToMaster {
        from: String,
        to: String,
        message: Box<agent::ToMaster>,
    },
    ToAgent {
        message: Box<master::ToAgent>,
    },
    Ping {
        observer: String,
        message: PingSlaveMessage,
    },
    Subscribe {
        life: u64,
        attempt: Attempt,
        stream: StreamKey,
        call: Box<scheduler::Call>,
    },
    Call {
        life: u64,
        send: SendKey,
        stream_id: String,
        call: Box<scheduler::Call>,
    },
    Answer {
        life: u64,
        send: SendKey,
        status: u16,
        body: String,
    },
    Opened {
        life: u64,
        attempt: Attempt,
        stream_id: String,
    },
    Refused {
        life: u64,
        attempt: Attempt,
        status: u16,
        location: Option<String>,
        body: String,
    },
    Event {
        life: u64,
        attempt: Attempt,
        event: Box<scheduler::Event>,
    },
    /// The master closed the stream.
    End {
        life: u64,
        attempt: Attempt,
    },
}

/// A message of an agent, as the master takes it.
pub(crate) fn from_agent(to: &str, message: agent::ToMaster) -> master::FromAgent {
    use agent::ToMaster as Sent;
    use master::FromAgent as Taken;
    match message {
        Sent::Register(message) => Taken::Register(Box::new(message)),
        Sent::Reregister(message) => Taken::Reregister(Box::new(message.into())),
        Sent::Unregister(message) => Taken::Unregister(message),
        Sent::StatusUpdate(message) => Taken::StatusUpdate(Box::new(message)),
        Sent::ExecutorToFramework(message) => Taken::ExecutorToFramework(message),
        Sent::ExitedExecutor(message) => Taken::ExitedExecutor(message),
        Sent::UpdateSlave(message) => Taken::UpdateSlave(Box::new(message)),
        Sent::UpdateOperationStatus(message) => Taken::UpdateOperationStatus(Box::new(message)),
        Sent::Pong(_) => {
            let observer = to.split('@').next().unwrap_or_default().to_owned();
            Taken::Pong { observer }
        }
    }
}

/// A message of the master, as an agent takes it.
pub(crate) fn from_master(message: master::ToAgent) -> agent::FromMaster {
    use agent::FromMaster as Taken;
    use master::ToAgent as Sent;
    match message {
        Sent::Registered(message) => Taken::Registered(message),
        Sent::Reregistered(message) => Taken::Reregistered(*message),
        Sent::Shutdown(message) => Taken::Shutdown(message),
        Sent::RunTask(message) => Taken::RunTask(*message),
        Sent::RunTaskGroup(message) => Taken::RunTaskGroup(*message),
        Sent::KillTask(message) => Taken::KillTask(message),
        Sent::ShutdownExecutor(message) => Taken::ShutdownExecutor(message),
        Sent::ShutdownFramework(message) => Taken::ShutdownFramework(message),
        Sent::FrameworkToExecutor(message) => Taken::FrameworkToExecutor(message),
        Sent::UpdateFramework(message) => Taken::UpdateFramework(Arc::unwrap_or_clone(message)),
        Sent::StatusUpdateAcknowledgement(message) => Taken::StatusUpdateAcknowledgement(message),
        Sent::CheckpointResources(message) => Taken::CheckpointResources(message),
        Sent::ApplyOperation(message) => Taken::ApplyOperation(*message),
        Sent::ReconcileOperations(message) => Taken::ReconcileOperations(message),
        Sent::AcknowledgeOperationStatus(message) => Taken::AcknowledgeOperationStatus(message),
        Sent::Drain(message) => Taken::Drain(message),
    }
}

/// Whether it does no harm when a message comes twice: what senders repeat anyway.
pub(crate) fn may_come_twice(packet: &Packet) -> bool {
    match packet {
        Packet::ToMaster { message, .. } => match **message {
            agent::ToMaster::Register(_)
            | agent::ToMaster::Reregister(_)
            | agent::ToMaster::StatusUpdate(_)
            | agent::ToMaster::Pong(_) => true,
            agent::ToMaster::Unregister(_)
            | agent::ToMaster::ExecutorToFramework(_)
            | agent::ToMaster::ExitedExecutor(_)
            | agent::ToMaster::UpdateSlave(_)
            | agent::ToMaster::UpdateOperationStatus(_) => false,
        },
        Packet::ToAgent { message } => matches!(
            **message,
            master::ToAgent::KillTask(_)
                | master::ToAgent::StatusUpdateAcknowledgement(_)
                | master::ToAgent::Registered(_)
                | master::ToAgent::Reregistered(_)
        ),
        Packet::Ping { .. } => true,
        Packet::Subscribe { .. }
        | Packet::Call { .. }
        | Packet::Answer { .. }
        | Packet::Opened { .. }
        | Packet::Refused { .. }
        | Packet::Event { .. }
        | Packet::End { .. } => false,
    }
}

impl Packet {
    /// A few words for the trace.
    pub(crate) fn label(&self) -> String {
        match self {
            Packet::ToMaster { to, message, .. } => to_master(to, message),
            Packet::ToAgent { message } => to_agent(message),
            Packet::Ping { observer, message } => {
                format!("PING from {observer}, connected: {}", message.connected)
            }
            Packet::Subscribe { attempt, call, .. } => {
                let info = call.subscribe.as_ref().map(|subscribe| &subscribe.framework_info);
                let id = info.and_then(|info| info.id.as_ref()).map(|id| id.value.as_str());
                format!("SUBSCRIBE {} as {}", attempt.0, id.unwrap_or("new"))
            }
            Packet::Call { call, .. } => call_label(call),
            Packet::Answer { status, body, .. } => format!("answer {status} {body}"),
            Packet::Opened { attempt, .. } => format!("stream {} open", attempt.0),
            Packet::Refused { status, body, .. } => format!("subscription refused {status} {body}"),
            Packet::Event { event, .. } => event_label(event),
            Packet::End { .. } => "end of stream".to_owned(),
        }
    }
}

fn to_master(to: &str, message: &agent::ToMaster) -> String {
    use agent::ToMaster;
    match message {
        ToMaster::Register(_) => "Register".to_owned(),
        ToMaster::Reregister(message) => {
            let tasks = message
                .tasks
                .iter()
                .map(|task| format!("{}={}", task.task_id.value, task.state().as_str_name()));
            format!("Reregister {}", tasks.collect::<Vec<_>>().join(" "))
        }
        ToMaster::Unregister(_) => "Unregister".to_owned(),
        ToMaster::StatusUpdate(message) => {
            let update = &message.update;
            let latest = update.latest_state.map(|_| update.latest_state().as_str_name());
            format!(
                "StatusUpdate {} {} (latest {})",
                update.status.task_id.value,
                update.status.state().as_str_name(),
                latest.unwrap_or("unset")
            )
        }
        ToMaster::ExecutorToFramework(_) => "ExecutorToFramework".to_owned(),
        ToMaster::ExitedExecutor(message) => {
            format!("ExitedExecutor {}", message.executor_id.value)
        }
        ToMaster::UpdateSlave(_) => "UpdateSlave".to_owned(),
        ToMaster::UpdateOperationStatus(_) => "UpdateOperationStatus".to_owned(),
        ToMaster::Pong(_) => format!("PONG to {to}"),
    }
}

fn to_agent(message: &master::ToAgent) -> String {
    use master::ToAgent;
    match message {
        ToAgent::Registered(message) => format!("Registered {}", message.agent_id.value),
        ToAgent::Reregistered(_) => "Reregistered".to_owned(),
        ToAgent::Shutdown(message) => format!("Shutdown: {}", message.message()),
        ToAgent::RunTask(message) => {
            let launch = message.launch_executor.map_or("", |launch| {
                if launch { " with its executor" } else { " in a running executor" }
            });
            format!("RunTask {}{launch}", message.task.task_id.value)
        }
        ToAgent::RunTaskGroup(_) => "RunTaskGroup".to_owned(),
        ToAgent::KillTask(message) => format!("KillTask {}", message.task_id.value),
        ToAgent::ShutdownExecutor(message) => {
            let id = message.executor_id.as_ref().map(|id| id.value.as_str());
            format!("ShutdownExecutor {}", id.unwrap_or_default())
        }
        ToAgent::ShutdownFramework(message) => {
            format!("ShutdownFramework {}", message.framework_id.value)
        }
        ToAgent::FrameworkToExecutor(_) => "FrameworkToExecutor".to_owned(),
        ToAgent::UpdateFramework(_) => "UpdateFramework".to_owned(),
        ToAgent::StatusUpdateAcknowledgement(message) => {
            format!("Acknowledgement {}", message.task_id.value)
        }
        ToAgent::CheckpointResources(_) => "CheckpointResources".to_owned(),
        ToAgent::ApplyOperation(_) => "ApplyOperation".to_owned(),
        ToAgent::ReconcileOperations(_) => "ReconcileOperations".to_owned(),
        ToAgent::AcknowledgeOperationStatus(_) => "AcknowledgeOperationStatus".to_owned(),
        ToAgent::Drain(_) => "Drain".to_owned(),
    }
}

fn call_label(call: &scheduler::Call) -> String {
    let mut label = call.r#type().as_str_name().to_owned();
    if let Some(accept) = &call.accept {
        let offers = accept.offer_ids.iter().map(|id| short(&id.value));
        let tasks = accept.operations.iter().flat_map(|operation| {
            let tasks = operation.launch.iter().flat_map(|launch| &launch.task_infos);
            let groups = operation.launch_group.iter();
            tasks.chain(groups.flat_map(|launch| &launch.task_group.tasks))
        });
        let tasks = tasks.map(|task| task.task_id.value.as_str());
        label += &format!(
            " {} launching {}",
            offers.collect::<Vec<_>>().join(","),
            tasks.collect::<Vec<_>>().join(",")
        );
    }
    if let Some(decline) = &call.decline {
        let offers: Vec<&str> = decline.offer_ids.iter().map(|id| short(&id.value)).collect();
        label += &format!(" {}", offers.join(","));
    }
    if let Some(kill) = &call.kill {
        label += &format!(" {}", kill.task_id.value);
    }
    if let Some(acknowledge) = &call.acknowledge {
        label += &format!(" {}", acknowledge.task_id.value);
    }
    if let Some(reconcile) = &call.reconcile {
        let tasks: Vec<&str> =
            reconcile.tasks.iter().map(|task| task.task_id.value.as_str()).collect();
        label += &format!(" [{}]", tasks.join(","));
    }
    label
}

fn event_label(event: &scheduler::Event) -> String {
    let mut label = event.r#type().as_str_name().to_owned();
    if let Some(subscribed) = &event.subscribed {
        label += &format!(" {}", subscribed.framework_id.value);
    }
    if let Some(offers) = &event.offers {
        for offer in &offers.offers {
            label += &format!(" {}", short(&offer.id.value));
        }
    }
    if let Some(rescind) = &event.rescind {
        label += &format!(" {}", short(&rescind.offer_id.value));
    }
    if let Some(update) = &event.update {
        let status = &update.status;
        label += &format!(
            " {} {} {} {} {}",
            status.task_id.value,
            status.state().as_str_name(),
            status.source().as_str_name(),
            status.reason.map(|_| status.reason().as_str_name()).unwrap_or(""),
            status.message()
        );
    }
    if let Some(error) = &event.error {
        label += &format!(" {}", error.message);
    }
    label
}

/// The end of a long id.
pub(crate) fn short(id: &str) -> &str {
    id.rsplit('-').next().unwrap_or(id)
}
