// SPDX-License-Identifier: Apache-2.0

//! Messages of agents, from their bytes to what the state machine takes.

use bytes::Bytes;
use http::StatusCode;
use mesos_master_state::FromAgent;
use mesos_net::{Reply, Request};
use mesos_proto::{
    Described,
    internal::{
        ExecutorToFrameworkMessage, ExitedExecutorMessage, PongSlaveMessage, RegisterSlaveMessage,
        ReregisterSlaveMessage, StatusUpdateMessage, UnregisterSlaveMessage,
        UpdateOperationStatusMessage, UpdateSlaveMessage,
    },
    partial::Reregistration,
};
use mesos_wire::{Envelope, WireMessage};

use crate::engine::Handle;

/// The process that agents send to.
const MASTER: &str = "master";
/// What the processes start with that ping agents, one for each.
const OBSERVER: &str = "slave-observer(";

/// Takes a message and answers it: 202 whenever the receiver exists, whether or
/// not the message makes sense. That is only logged, as the sender does not look.
pub async fn receive(engine: &Handle, envelope: Envelope, request: Request) -> Reply {
    let is_observer = envelope.to.starts_with(OBSERVER);
    if envelope.to != MASTER && !is_observer {
        return Reply::not_found();
    }
    let Some(from) = envelope.from else {
        tracing::warn!(name = envelope.name, peer = %request.peer, "message without a sender");
        return Reply::empty(StatusCode::ACCEPTED);
    };
    let Envelope { to, name, .. } = envelope;
    let handed =
        engine.agent_message(from.to_string(), || decode(&name, to, is_observer, &request.body));
    match handed.await {
        Ok(Ok(())) => {}
        Ok(Err(reason)) => tracing::warn!(name, %from, %reason, "message not taken"),
        Err(closed) => return Reply::text(StatusCode::SERVICE_UNAVAILABLE, closed.to_string()),
    }
    Reply::empty(StatusCode::ACCEPTED)
}

/// Why a message is not taken.
#[derive(Debug, thiserror::Error)]
enum NotTaken {
    /// Not one that a master, or an observer, understands.
    #[error("a master does not understand it")]
    Unknown,
    /// Its body is not that message.
    #[error(transparent)]
    Malformed(#[from] mesos_proto::DecodeError),
}

/// The message of a name.
fn decode(name: &str, to: String, is_observer: bool, body: &Bytes) -> Result<FromAgent, NotTaken> {
    if is_observer {
        let pong = (name == PongSlaveMessage::NAME).then_some(FromAgent::Pong { observer: to });
        return pong.ok_or(NotTaken::Unknown);
    }
    let message = match name {
        RegisterSlaveMessage::NAME => FromAgent::Register(Box::new(read(body)?)),
        ReregisterSlaveMessage::NAME => {
            FromAgent::Reregister(Box::new(Reregistration::read(body.clone())?))
        }
        UnregisterSlaveMessage::NAME => FromAgent::Unregister(read(body)?),
        StatusUpdateMessage::NAME => FromAgent::StatusUpdate(Box::new(read(body)?)),
        ExecutorToFrameworkMessage::NAME => FromAgent::ExecutorToFramework(read(body)?),
        ExitedExecutorMessage::NAME => FromAgent::ExitedExecutor(read(body)?),
        UpdateSlaveMessage::NAME => FromAgent::UpdateSlave(Box::new(read(body)?)),
        UpdateOperationStatusMessage::NAME => {
            FromAgent::UpdateOperationStatus(Box::new(read(body)?))
        }
        _ => return Err(NotTaken::Unknown),
    };
    Ok(message)
}

fn read<M: Described>(body: &[u8]) -> Result<M, NotTaken> {
    Ok(mesos_proto::decode(body)?)
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn messages_are_known_by_name_and_receiver() {
        let pong = |name, to: &str| decode(name, to.to_owned(), true, &Bytes::new());
        let taken = pong("mesos.internal.PongSlaveMessage", "slave-observer(3)");
        assert!(matches!(
            taken,
            Ok(FromAgent::Pong { observer }) if observer == "slave-observer(3)"
        ));
        assert!(matches!(
            pong("mesos.internal.NoSuchMessage", "slave-observer(3)"),
            Err(NotTaken::Unknown)
        ));

        let unregister = UnregisterSlaveMessage::default().encode_to_vec().into();
        let taken = decode(UnregisterSlaveMessage::NAME, MASTER.to_owned(), false, &unregister);
        assert!(matches!(taken, Ok(FromAgent::Unregister(_))));
        let pong = decode(PongSlaveMessage::NAME, MASTER.to_owned(), false, &Bytes::new());
        assert!(matches!(pong, Err(NotTaken::Unknown)));
    }

    #[test]
    fn a_message_without_its_required_fields_is_refused() {
        for body in [&[][..], &[0xff, 0xff]] {
            let refused = decode(
                RegisterSlaveMessage::NAME,
                MASTER.to_owned(),
                false,
                &Bytes::from_static(body),
            );
            assert!(refused.is_err());
        }
    }
}
