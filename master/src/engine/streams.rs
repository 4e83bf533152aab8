// SPDX-License-Identifier: Apache-2.0

//! The event streams of schedulers.

use std::{collections::HashMap, sync::Arc};

use mesos_master_state::StreamKey;
use mesos_net::{EventSender, MediaType, event_stream, media};
use mesos_proto::v1::scheduler;
use prost::Message;
use tokio::sync::{mpsc, oneshot};

use super::{Answer, Subscription};
use crate::views::Note;

/// An event of so many bytes in protobuf is encoded at once.
const SMALL: usize = 512;

/// A SUBSCRIBE that has no answer yet, or the stream that it became.
enum Stream {
    Asked { media: MediaType, answer: oneshot::Sender<Subscription> },
    Open { media: MediaType, events: EventSender, framework_id: Option<Arc<str>> },
}

/// All streams; only looked up, never iterated.
pub(super) struct Streams {
    streams: HashMap<StreamKey, Stream>,
    max_queued: usize,
    /// Told when a stream's answer is over, whatever the reason.
    over: mpsc::UnboundedSender<StreamKey>,
}

impl Streams {
    pub(super) fn new(max_queued: usize, over: mpsc::UnboundedSender<StreamKey>) -> Self {
        Streams { streams: HashMap::new(), max_queued, over }
    }

    /// Remembers who waits for a stream.
    pub(super) fn add(
        &mut self,
        stream: StreamKey,
        media: MediaType,
        answer: oneshot::Sender<Subscription>,
    ) {
        self.streams.insert(stream, Stream::Asked { media, answer });
    }

    /// Starts the answer. If the client is gone already, the stream is over at once.
    pub(super) fn start(&mut self, stream: StreamKey, stream_id: String) {
        let Some(Stream::Asked { media, answer }) = self.streams.remove(&stream) else {
            return;
        };
        let (events, receiver) = event_stream(self.max_queued);
        let (over, told) = (events.over(), self.over.clone());
        tokio::spawn(async move {
            over.await;
            // The engine may have ended.
            let _ = told.send(stream);
        });
        self.streams.insert(stream, Stream::Open { media, events, framework_id: None });
        let _ = answer.send(Subscription::Started { stream_id, events: receiver });
    }

    /// Answers with an HTTP error.
    pub(super) fn refuse(&mut self, stream: StreamKey, refusal: Answer) {
        if let Some(Stream::Asked { answer, .. }) = self.streams.remove(&stream) {
            // The client may have gone.
            let _ = answer.send(Subscription::Refused(refusal));
        }
    }

    /// Writes an event. A small one is encoded here: kept as it is until the connection
    /// takes it, it would need several times the memory. A large one is encoded by the
    /// connection's task. A client that does not read is cut off; the stream is then
    /// reported to be over like any other. Notes what is to be counted.
    pub(super) fn push(
        &mut self,
        stream: StreamKey,
        event: Box<scheduler::Event>,
        notes: &mut Vec<Note>,
    ) {
        let Some(Stream::Open { media, events, framework_id }) = self.streams.get_mut(&stream)
        else {
            return;
        };
        if let Some(subscribed) = &event.subscribed {
            *framework_id = Some(subscribed.framework_id.value.as_str().into());
        }
        let kind = event.r#type();
        let (media, size) = (*media, event.encoded_len());
        let pushed = if size <= SMALL {
            events.push_now(size, |out| media::encode_to(media, &*event, out))
        } else {
            events.push_with(size, move |out| media::encode_to(media, &*event, out))
        };
        if let Err(error) = pushed {
            tracing::debug!(stream = stream.0, %error, "event not sent");
        }
        let Some(framework_id) = framework_id else { return };
        if !notes.last_mut().is_some_and(|last| last.counts_too(framework_id, kind)) {
            notes.push(Note::Sent { framework_id: framework_id.clone(), event: kind, count: 1 });
        }
    }

    /// Ends a stream after what was written to it, or forgets one that is over.
    pub(super) fn forget(&mut self, stream: StreamKey) {
        self.streams.remove(&stream);
    }
}
