// SPDX-License-Identifier: Apache-2.0

//! What others ask of the engine.

use mesos_agent_state::{ConnectionKey, Input, RequestKey};
use mesos_net::MediaType;
use tokio::sync::oneshot;

use super::{Answer, Subscription};

/// One thing to do.
pub(super) enum Command {
    /// Something that nobody waits for.
    Input(Input),
    /// A request and who waits for its answer.
    Request {
        /// Its name.
        request: RequestKey,
        /// The request.
        input: Input,
        /// Who waits.
        answer: oneshot::Sender<Answer>,
    },
    /// A SUBSCRIBE and who waits for its stream.
    Subscribe {
        /// Its name.
        connection: ConnectionKey,
        /// The call.
        input: Input,
        /// How events are to be encoded.
        media: MediaType,
        /// Who waits.
        answer: oneshot::Sender<Subscription>,
    },
}
