// SPDX-License-Identifier: Apache-2.0

//! The socket of one connection, with the bounds in time that HTTP itself does
//! not have.
//!
//! | phase | what may take how long | then |
//! |---|---|---|
//! | waiting | until the first request begins: `first_request_timeout`; until a further one: `idle_timeout` | closed |
//! | head | `head_timeout` from its first byte on | refused, closed |
//! | request | the body has bounds of its own; an answer must be read at `min_rate`, looked at each `answer_grace` | closed |
//!
//! Also here: what the HTTP library says when it cannot read a head is an empty
//! answer. It is held back, since nothing else is written in that phase, and
//! [`crate::refusal`] says instead what is wrong.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use crate::{Settings, window::Window};

const WAITING: u8 = 0;
const HEAD: u8 = 1;
const REQUEST: u8 = 2;
/// The answer is complete but not written yet.
const ENDING: u8 = 3;

/// Where a connection is; shared with what serves its requests.
#[derive(Debug, Default)]
pub(crate) struct Phase {
    phase: AtomicU8,
    /// Whether the answer in the making has a length: only then is it timed.
    timed: AtomicBool,
}

impl Phase {
    /// A head was read.
    pub(crate) fn request_begins(&self) {
        self.phase.store(REQUEST, Ordering::Relaxed);
        self.timed.store(false, Ordering::Relaxed);
    }

    /// The answer is known; an event stream is not timed.
    pub(crate) fn answer_begins(&self, timed: bool) {
        self.timed.store(timed, Ordering::Relaxed);
    }

    /// All of the answer was handed over.
    pub(crate) fn answer_ends(&self) {
        self.phase.store(ENDING, Ordering::Relaxed);
    }

    fn get(&self) -> u8 {
        self.phase.load(Ordering::Relaxed)
    }

    fn set(&self, phase: u8) {
        self.phase.store(phase, Ordering::Relaxed);
    }
}

/// Why the guard ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expired {
    /// No request began.
    Idle,
    /// A head was not completed.
    Head,
    /// An answer was not read.
    Answer,
}

/// A socket under guard.
#[derive(Debug)]
pub(crate) struct Guard<S> {
    stream: S,
    settings: Settings,
    phase: Arc<Phase>,
    /// Since when it is waiting, or when the head began.
    since: Instant,
    served: bool,
    timer: Option<Pin<Box<Sleep>>>,
    expired: Option<Expired>,
    held_back: bool,
    /// Bytes written so far.
    sent: u64,
    /// Since an answer has had to wait for its reader.
    blocked: Option<Window>,
}

impl<S> Guard<S> {
    pub(crate) fn new(stream: S, settings: Settings, phase: Arc<Phase>) -> Self {
        Guard {
            stream,
            settings,
            phase,
            since: Instant::now(),
            served: false,
            timer: None,
            expired: None,
            held_back: false,
            sent: 0,
            blocked: None,
        }
    }

    /// Why it ended the connection, if it did.
    pub(crate) fn expired(&self) -> Option<Expired> {
        self.expired
    }

    /// Whether the answer to an unreadable head was held back.
    pub(crate) fn held_back(&self) -> bool {
        self.held_back
    }

    /// The socket, without a guard.
    pub(crate) fn into_inner(self) -> S {
        self.stream
    }

    fn fail(&mut self, expired: Expired) -> io::Error {
        self.expired = Some(expired);
        io::ErrorKind::TimedOut.into()
    }

    /// Ready once it is past `deadline`; else whoever polls is woken then, or earlier.
    ///
    /// The timer is moved only to an earlier time: most deadlines are never met,
    /// and every request has some.
    fn poll_deadline(&mut self, context: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        if deadline <= Instant::now() {
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(context).is_ready() {
            if timer.deadline() >= deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    /// Fails when no request has begun, or was completed, for too long.
    fn check_head(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let (limit, expired) = match self.phase.get() {
            HEAD => (self.settings.head_timeout, Expired::Head),
            WAITING if self.served => (self.settings.idle_timeout, Expired::Idle),
            WAITING => (self.settings.first_request_timeout, Expired::Idle),
            _ => return Ok(()),
        };
        match self.poll_deadline(context, self.since + limit) {
            Poll::Ready(()) => Err(self.fail(expired)),
            Poll::Pending => Ok(()),
        }
    }

    /// Whether what is written now is the HTTP library's answer to a head that
    /// it cannot read.
    fn holds_back(&mut self) -> bool {
        let holds = matches!(self.phase.get(), WAITING | HEAD);
        self.held_back |= holds;
        holds
    }

    fn written(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => self.sent += *bytes as u64,
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                if let Err(error) = self.check_reader(context) {
                    return Poll::Ready(Err(error));
                }
            }
        }
        written
    }

    /// Fails when the client has taken too little for too long.
    fn check_reader(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if !self.phase.timed.load(Ordering::Relaxed) {
            self.blocked = None;
            return Ok(());
        }
        let Settings { answer_grace, min_rate, .. } = self.settings;
        let fresh = Window::new(answer_grace, min_rate, self.sent);
        let mut window = self.blocked.unwrap_or(fresh);
        while self.poll_deadline(context, window.end()).is_ready() {
            if !window.renew(self.sent) {
                return Err(self.fail(Expired::Answer));
            }
        }
        self.blocked = Some(window);
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(Ok(())) if buffer.filled().len() > before => {
                if this.phase.get() == WAITING {
                    this.phase.set(HEAD);
                    this.since = Instant::now();
                }
                Poll::Ready(Ok(()))
            }
            Poll::Pending => match this.check_head(context) {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            },
            over => over,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.holds_back() {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.holds_back() {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        if this.phase.get() == ENDING && matches!(flushed, Poll::Ready(Ok(()))) {
            this.phase.set(WAITING);
            this.served = true;
            this.blocked = None;
            this.since = Instant::now();
            this.check_head(context)?;
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.held_back {
            // The refusal is still to be written.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
