// SPDX-License-Identifier: Apache-2.0

//! The event streams of executors.

use std::collections::HashMap;

use mesos_agent_state::{ConnectionKey, Input};
use mesos_net::{EventSender, MediaType, event_stream, media};
use mesos_proto::v1::executor;
use tokio::sync::{mpsc::UnboundedSender, oneshot};

use super::{Answer, Subscription};

/// A SUBSCRIBE that has no answer yet, or the stream that it became.
enum Stream {
    Asked { media: MediaType, answer: oneshot::Sender<Subscription> },
    Open { media: MediaType, events: EventSender },
}

/// All streams; only looked up, never iterated.
pub(super) struct Streams {
    streams: HashMap<ConnectionKey, Stream>,
    max_queued: usize,
    /// Told when a stream's answer is over, whatever the reason.
    inputs: UnboundedSender<Input>,
}

impl Streams {
    pub(super) fn new(max_queued: usize, inputs: UnboundedSender<Input>) -> Self {
        Streams { streams: HashMap::new(), max_queued, inputs }
    }

    /// Remembers who waits for a stream.
    pub(super) fn add(
        &mut self,
        connection: ConnectionKey,
        media: MediaType,
        answer: oneshot::Sender<Subscription>,
    ) {
        self.streams.insert(connection, Stream::Asked { media, answer });
    }

    /// Starts the answer. If the client is gone already, the stream is over at once.
    pub(super) fn start(&mut self, connection: ConnectionKey) {
        let Some(Stream::Asked { media, answer }) = self.streams.remove(&connection) else {
            return;
        };
        let (events, receiver) = event_stream(self.max_queued);
        let (over, inputs) = (events.over(), self.inputs.clone());
        tokio::spawn(async move {
            over.await;
            // The engine may have ended.
            let _ = inputs.send(Input::ExecutorConnectionClosed { connection });
        });
        self.streams.insert(connection, Stream::Open { media, events });
        let _ = answer.send(Subscription::Started(receiver));
    }

    /// Answers with an HTTP error.
    pub(super) fn refuse(&mut self, connection: ConnectionKey, refusal: Answer) {
        if let Some(Stream::Asked { answer, .. }) = self.streams.remove(&connection) {
            // The client may have gone.
            let _ = answer.send(Subscription::Refused(refusal));
        }
    }

    /// Writes an event. A client that does not read is cut off; the stream is
    /// then reported to be over like any other.
    pub(super) fn push(&self, connection: ConnectionKey, event: &executor::Event) {
        if let Some(Stream::Open { media, events }) = self.streams.get(&connection)
            && let Err(error) = events.push(&media::encode(*media, event))
        {
            tracing::debug!(connection = connection.0, %error, "event not sent");
        }
    }

    /// Ends a stream after what was written to it, or forgets one that is over.
    pub(super) fn forget(&mut self, connection: ConnectionKey) {
        self.streams.remove(&connection);
    }
}
