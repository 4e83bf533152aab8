// SPDX-License-Identifier: Apache-2.0

//! The two connections of a client: the event stream and the one for calls.

use mesos_driver::{Attempt, SendKey};
use mesos_proto::Described;
use tokio::sync::mpsc;

use super::{Answer, Calls, News, Stream, Target};

/// The connections that a driver has asked for.
pub(crate) struct Wires<E> {
    target: Target,
    stream: Option<Stream<E>>,
    calls: Option<Calls>,
    answers: mpsc::UnboundedSender<Answer>,
}

impl<E: prost::Message + Described + Default + Send + 'static> Wires<E> {
    /// No connection; the answers to calls will come on the channel.
    pub(crate) fn new(target: Target) -> (Self, mpsc::UnboundedReceiver<Answer>) {
        let (answers, answered) = mpsc::unbounded_channel();
        (Wires { target, stream: None, calls: None, answers }, answered)
    }

    /// Opens the event stream with the SUBSCRIBE call.
    pub(crate) fn subscribe<C: prost::Message + Described>(
        &mut self,
        attempt: Attempt,
        authority: String,
        call: &C,
    ) {
        tracing::debug!(attempt = attempt.0, authority, "subscribing");
        let body = self.target.content_type.encode(call);
        self.stream = Some(Stream::open(attempt, authority, self.target.clone(), body));
    }

    /// Connects the event stream; its SUBSCRIBE follows.
    pub(crate) fn connect(&mut self, attempt: Attempt, authority: String) {
        tracing::debug!(attempt = attempt.0, authority, "connecting");
        self.stream = Some(Stream::connect(attempt, authority, self.target.clone()));
    }

    /// Sends SUBSCRIBE on an event stream that is connected.
    pub(crate) fn post<C: prost::Message + Described>(&mut self, call: &C) {
        if let Some(stream) = &mut self.stream {
            stream.post(self.target.content_type.encode(call));
        }
    }

    /// Drops both.
    pub(crate) fn disconnect(&mut self, attempt: Attempt) {
        tracing::debug!(attempt = attempt.0, "disconnecting");
        self.stream = None;
        self.calls = None;
    }

    /// Sends a call after those sent before.
    pub(crate) fn send<C: prost::Message + Described>(
        &mut self,
        send: SendKey,
        authority: &str,
        stream_id: Option<&str>,
        call: &C,
    ) {
        let body = self.target.content_type.encode(call);
        let calls = match self.calls.take() {
            Some(calls) if calls.authority() == authority => calls,
            _ => Calls::new(authority.to_owned(), &self.target, self.answers.clone()),
        };
        self.calls.insert(calls).send(send, stream_id, &body);
    }

    /// Waits until all calls that were sent are on their way; does not borrow this.
    pub(crate) fn written(&self) -> impl Future<Output = ()> + use<E> {
        let unwritten = self.calls.as_ref().map(Calls::unwritten);
        async move {
            if let Some(mut unwritten) = unwritten {
                // Without the connection, nothing is on its way any more.
                let _ = unwritten.wait_for(|count| *count == 0).await;
            }
        }
    }

    /// The next news of the stream; never, without one. May be dropped while waiting.
    ///
    /// After [`News::Failed`] there is no stream any more.
    pub(crate) async fn news(&mut self) -> (Attempt, News<E>) {
        let Some(stream) = &mut self.stream else {
            return std::future::pending().await;
        };
        let attempt = stream.attempt();
        let news = stream.next().await;
        if matches!(news, News::Failed { .. }) {
            self.stream = None;
        }
        (attempt, news)
    }
}
