// SPDX-License-Identifier: Apache-2.0

//! Event streams: RecordIO over a chunked answer that stays open.
//!
//! | event | effect |
//! |---|---|
//! | push | the record is framed and queued; it leaves in one HTTP chunk |
//! | push beyond the bound | the stream is cut: its connection is closed |
//! | the sender is dropped | the stream ends after what was pushed |
//! | the client goes away | pushes fail, `over` resolves |
//!
//! One record is one chunk, length line included: existing clients rely on it.
//!
//! A record may be pushed as a function that encodes it later. It runs on the task of
//! the connection, so that whoever has events to give does not pay for their form.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering, fence},
    },
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use tokio::sync::{Notify, mpsc};

use crate::Cut;

/// Why a record was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The client is gone.
    #[error("the client closed its event stream")]
    Closed,
    /// The client reads too slowly; the stream was cut.
    #[error("the client does not read its event stream; it was closed")]
    TooSlow,
}

/// A record that waits: how much it counts for, and its chunk.
struct Waiting {
    size: usize,
    chunk: Chunk,
}

enum Chunk {
    Encoded(Bytes),
    /// Encodes it.
    Later(Box<dyn FnOnce() -> Bytes + Send>),
}

#[derive(Debug)]
struct Shared {
    /// Bytes pushed and not yet given to the connection.
    queued: AtomicUsize,
    max_queued: usize,
    cut: AtomicBool,
    /// Ends the connection that the stream is the answer on, once known.
    connection: OnceLock<Arc<Notify>>,
    /// Told when the receiving end is dropped.
    gone: Notify,
}

/// The end that events are pushed into; dropping it ends the stream.
pub struct EventSender {
    records: mpsc::UnboundedSender<Waiting>,
    shared: Arc<Shared>,
}

/// The end that is the body of the answer.
pub struct EventStream {
    records: mpsc::UnboundedReceiver<Waiting>,
    shared: Arc<Shared>,
}

/// A stream on which at most `max_queued` bytes may wait.
pub fn event_stream(max_queued: usize) -> (EventSender, EventStream) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared {
        queued: AtomicUsize::new(0),
        max_queued,
        cut: AtomicBool::new(false),
        connection: OnceLock::new(),
        gone: Notify::new(),
    });
    let sender = EventSender { records: sender, shared: shared.clone() };
    let stream = EventStream { records: receiver, shared };
    (sender, stream)
}

impl EventSender {
    /// Queues one record; never waits.
    pub fn push(&self, record: &[u8]) -> Result<(), PushError> {
        self.push_now(record.len(), |out| out.extend_from_slice(record))
    }

    /// The same for a record of about `size` bytes that `encode` appends.
    pub fn push_now(
        &self,
        size: usize,
        encode: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), PushError> {
        let chunk = frame(size, encode);
        self.queue(Waiting { size: chunk.len(), chunk: Chunk::Encoded(chunk) })
    }

    /// Queues one record that is encoded when the connection takes it: `encode`
    /// appends it. `size` is about what its bytes will be, and counts towards the bound.
    pub fn push_with(
        &self,
        size: usize,
        encode: impl FnOnce(&mut Vec<u8>) + Send + 'static,
    ) -> Result<(), PushError> {
        let chunk = Chunk::Later(Box::new(move || frame(size, encode)));
        self.queue(Waiting { size, chunk })
    }

    fn queue(&self, record: Waiting) -> Result<(), PushError> {
        if self.shared.cut.load(Ordering::Relaxed) {
            return Err(PushError::TooSlow);
        }
        let size = record.size;
        let queued = self.shared.queued.fetch_add(size, Ordering::Relaxed);
        // One record may exceed the bound; a second one behind it may not.
        if queued > 0 && queued.saturating_add(size) > self.shared.max_queued {
            self.shared.cut();
            return Err(PushError::TooSlow);
        }
        self.records.send(record).map_err(|_| PushError::Closed)
    }

    /// Resolves when the answer is over: the client went away, the stream was
    /// cut, or the sender was dropped and the rest was written. For one waiter.
    pub fn over(&self) -> impl Future<Output = ()> + Send + 'static {
        let shared = self.shared.clone();
        async move { shared.gone.notified().await }
    }

    /// Whether pushing has become useless.
    pub fn is_closed(&self) -> bool {
        self.records.is_closed()
    }
}

impl EventStream {
    pub(crate) fn poll_record(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Cut>>> {
        if self.shared.cut.load(Ordering::Relaxed) {
            return Poll::Ready(Some(Err(Cut)));
        }
        self.records.poll_recv(context).map(|record| {
            record.map(|record| {
                self.shared.queued.fetch_sub(record.size, Ordering::Relaxed);
                Ok(match record.chunk {
                    Chunk::Encoded(chunk) => chunk,
                    Chunk::Later(encode) => encode(),
                })
            })
        })
    }

    /// Names what ends the connection, for a client that does not even let its
    /// socket's buffer drain.
    pub(crate) fn attach(&self, connection: Arc<Notify>) {
        let connection = self.shared.connection.get_or_init(|| connection);
        // Of this and a cut at the same time, one sees the other (see `Shared::cut`).
        fence(Ordering::SeqCst);
        if self.shared.cut.load(Ordering::Relaxed) {
            connection.notify_one();
        }
    }
}

impl fmt::Debug for EventSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSender").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.shared.gone.notify_one();
    }
}

impl Shared {
    fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
        // Without it both could look before what the other writes can be seen, and nobody
        // would end the connection.
        fence(Ordering::SeqCst);
        if let Some(connection) = self.connection.get() {
            connection.notify_one();
        }
    }
}

/// `<decimal length>\n<record>`. The record is appended behind room for the length,
/// which is known only then.
fn frame(size: usize, encode: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    const ROOM: usize = "18446744073709551615\n".len();
    let mut chunk = Vec::with_capacity(ROOM + size);
    chunk.resize(ROOM, b'\n');
    encode(&mut chunk);
    let length = (chunk.len() - ROOM).to_string();
    let start = ROOM - 1 - length.len();
    chunk[start..ROOM - 1].copy_from_slice(length.as_bytes());
    let mut framed = Bytes::from(chunk);
    // Not a slice, which would have to be told from the whole by a counter of its own.
    framed.advance(start);
    framed
}
