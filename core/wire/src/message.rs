// SPDX-License-Identifier: Apache-2.0

//! The names of the messages.

use mesos_proto::{internal, v0};

/// A message of the wire and the name it has in request paths.
pub trait WireMessage: prost::Message + Default {
    /// The full name, e.g. `mesos.internal.PingSlaveMessage`.
    const NAME: &'static str;
}

macro_rules! messages {
    ($($message:ident),* $(,)?) => {
        $(impl WireMessage for internal::$message {
            const NAME: &'static str = concat!("mesos.internal.", stringify!($message));
        })*

        /// Decodes and encodes again; `None` for a name that is not in the table.
        #[cfg(test)]
        pub(crate) fn recode(name: &str, body: &[u8]) -> Option<Result<Vec<u8>, prost::DecodeError>> {
            match name {
                $(<internal::$message as WireMessage>::NAME => {
                    Some(<internal::$message as prost::Message>::decode(body)
                        .map(|message| prost::Message::encode_to_vec(&message)))
                })*
                _ => None,
            }
        }

        /// Encodes a request of the named message from its body.
        #[cfg(test)]
        pub(crate) fn request(
            name: &str,
            body: &[u8],
            from: &crate::Upid,
            to: &crate::Upid,
        ) -> Option<Vec<u8>> {
            let mut buffer = Vec::new();
            match name {
                $(<internal::$message as WireMessage>::NAME => {
                    let message = <internal::$message as prost::Message>::decode(body).ok()?;
                    crate::encode(from, to, &message, &mut buffer);
                })*
                _ => return None,
            }
            Some(buffer)
        }
    };
}

messages!(
    // Agent to master.
    RegisterSlaveMessage,
    ReregisterSlaveMessage,
    UnregisterSlaveMessage,
    UpdateSlaveMessage,
    StatusUpdateMessage,
    ExecutorToFrameworkMessage,
    ExitedExecutorMessage,
    UpdateOperationStatusMessage,
    PongSlaveMessage,
    // Master to agent.
    SlaveRegisteredMessage,
    SlaveReregisteredMessage,
    PingSlaveMessage,
    ShutdownMessage,
    RunTaskMessage,
    RunTaskGroupMessage,
    KillTaskMessage,
    ShutdownExecutorMessage,
    ShutdownFrameworkMessage,
    FrameworkToExecutorMessage,
    UpdateFrameworkMessage,
    StatusUpdateAcknowledgementMessage,
    CheckpointResourcesMessage,
    ApplyOperationMessage,
    ReconcileOperationsMessage,
    AcknowledgeOperationStatusMessage,
    DrainSlaveMessage,
    // v0 executor driver.
    RegisterExecutorMessage,
    ExecutorRegisteredMessage,
    ReregisterExecutorMessage,
    ExecutorReregisteredMessage,
    ReconnectExecutorMessage,
    // v0 scheduler driver.
    SubmitSchedulerRequest,
    SubmitSchedulerResponse,
    RegisterFrameworkMessage,
    ReregisterFrameworkMessage,
    FrameworkRegisteredMessage,
    FrameworkReregisteredMessage,
    UnregisterFrameworkMessage,
    DeactivateFrameworkMessage,
    ResourceRequestMessage,
    ResourceOffersMessage,
    InverseOffersMessage,
    LaunchTasksMessage,
    RescindResourceOfferMessage,
    RescindInverseOfferMessage,
    ReviveOffersMessage,
    ReconcileTasksMessage,
    LostSlaveMessage,
    FrameworkErrorMessage,
);

/// What v0 scheduler drivers send; not the v1 call, whose numbers differ.
impl WireMessage for v0::Call {
    const NAME: &'static str = "mesos.scheduler.Call";
}
