// SPDX-License-Identifier: Apache-2.0

//! Messages of the master, from their bytes to what the state machine takes.

use http::StatusCode;
use mesos_agent_state::FromMaster;
use mesos_net::{Reply, Request};
use mesos_proto::{
    Described,
    internal::{
        AcknowledgeOperationStatusMessage, ApplyOperationMessage, CheckpointResourcesMessage,
        DrainSlaveMessage, FrameworkToExecutorMessage, KillTaskMessage, PingSlaveMessage,
        ReconcileOperationsMessage, RunTaskGroupMessage, RunTaskMessage, ShutdownExecutorMessage,
        ShutdownFrameworkMessage, ShutdownMessage, SlaveRegisteredMessage,
        SlaveReregisteredMessage, StatusUpdateAcknowledgementMessage, UpdateFrameworkMessage,
    },
};
use mesos_wire::{Envelope, WireMessage};

use crate::{engine::Handle, identity::PROCESS};

/// Takes a message and answers it: 202 whenever the receiver exists, whether or
/// not the message makes sense. That is only logged, as the sender does not look.
pub async fn receive(engine: &Handle, envelope: Envelope, request: Request) -> Reply {
    if envelope.to != PROCESS {
        return Reply::not_found();
    }
    let Some(from) = envelope.from else {
        tracing::warn!(name = envelope.name, peer = %request.peer, "message without a sender");
        return Reply::empty(StatusCode::ACCEPTED);
    };
    match decode(&envelope.name, &request.body) {
        Ok(Some(message)) => match engine.master_message(from.to_string(), message).await {
            Ok(()) => Reply::empty(StatusCode::ACCEPTED),
            Err(closed) => Reply::text(StatusCode::SERVICE_UNAVAILABLE, closed.to_string()),
        },
        Ok(None) => {
            tracing::warn!(name = envelope.name, %from, "message not understood");
            Reply::empty(StatusCode::ACCEPTED)
        }
        Err(reason) => {
            tracing::warn!(name = envelope.name, %from, reason, "malformed message");
            Reply::empty(StatusCode::ACCEPTED)
        }
    }
}

/// The message of a name; `None` for one that an agent does not take.
fn decode(name: &str, body: &[u8]) -> Result<Option<FromMaster>, String> {
    let message = match name {
        SlaveRegisteredMessage::NAME => FromMaster::Registered(read(body)?),
        SlaveReregisteredMessage::NAME => FromMaster::Reregistered(read(body)?),
        RunTaskMessage::NAME => FromMaster::RunTask(read(body)?),
        RunTaskGroupMessage::NAME => FromMaster::RunTaskGroup(read(body)?),
        KillTaskMessage::NAME => FromMaster::KillTask(read(body)?),
        ShutdownExecutorMessage::NAME => FromMaster::ShutdownExecutor(read(body)?),
        ShutdownFrameworkMessage::NAME => FromMaster::ShutdownFramework(read(body)?),
        FrameworkToExecutorMessage::NAME => FromMaster::FrameworkToExecutor(read(body)?),
        UpdateFrameworkMessage::NAME => FromMaster::UpdateFramework(read(body)?),
        CheckpointResourcesMessage::NAME => FromMaster::CheckpointResources(read(body)?),
        ApplyOperationMessage::NAME => FromMaster::ApplyOperation(read(body)?),
        ReconcileOperationsMessage::NAME => FromMaster::ReconcileOperations(read(body)?),
        StatusUpdateAcknowledgementMessage::NAME => {
            FromMaster::StatusUpdateAcknowledgement(read(body)?)
        }
        AcknowledgeOperationStatusMessage::NAME => {
            FromMaster::AcknowledgeOperationStatus(read(body)?)
        }
        ShutdownMessage::NAME => FromMaster::Shutdown(read(body)?),
        DrainSlaveMessage::NAME => FromMaster::Drain(read(body)?),
        PingSlaveMessage::NAME => FromMaster::Ping(read(body)?),
        _ => return Ok(None),
    };
    Ok(Some(message))
}

fn read<M: Described>(body: &[u8]) -> Result<M, String> {
    mesos_proto::decode(body).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn messages_are_known_by_name() {
        let ping = PingSlaveMessage { connected: true }.encode_to_vec();
        let taken = decode("mesos.internal.PingSlaveMessage", &ping);
        assert_eq!(taken, Ok(Some(FromMaster::Ping(PingSlaveMessage { connected: true }))));
        assert_eq!(decode("mesos.internal.RegisterSlaveMessage", &[]), Ok(None));
    }

    #[test]
    fn a_message_without_its_required_fields_is_refused() {
        for body in [&[][..], &[0xff, 0xff]] {
            assert!(decode(RunTaskMessage::NAME, body).is_err());
        }
    }
}
