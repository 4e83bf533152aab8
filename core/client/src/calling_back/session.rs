// SPDX-License-Identifier: Apache-2.0

//! What the threads of one driver share: its status, the way to the thread
//! that does its input and output, and who waits for what.
//!
//! Two threads serve a driver: one runs the state machine and its sockets,
//! the other runs callbacks. Methods run on any thread; they take the lock
//! only to look at the status and to put a command into the queue.
//!
//! Invariants: a command is queued only while the machine's thread lives, or
//! is being started; the callback thread does not begin a callback when the
//! status is not RUNNING, but for the one `error` that an abort brings with it.
//! Starting may take long (a cluster of its own), and nobody waits for it but
//! who starts or closes: what others ask meanwhile is queued.

use std::{
    process,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread::{self, JoinHandle, ThreadId},
    time::{Duration, Instant},
};

use mesos_driver::{
    Error, ErrorKind,
    v0::{Lifecycle, Status},
};
use tokio::sync::mpsc;

use super::callbacks::{CallbackResult, caught, guard};

/// How many methods may wait for their answer before the next one waits.
const METHODS_WAITING_MAX: usize = 8192;

/// The longest patience; an instant beyond the clock's range would be a panic.
const PATIENCE_MAX: Duration = Duration::from_secs(365 * 24 * 3600);

/// What the thread of the state machine is told.
#[derive(Debug)]
pub(crate) enum Command<M, H> {
    /// Carry out a method.
    Method(M),
    /// The callback of an update has returned.
    Handled(H),
    /// `abort()`.
    Abort,
    /// `stop(failover)`.
    Stop { failover: bool },
    /// The last owner has gone, and waits for the end.
    Close,
}

impl<M, H> Command<M, H> {
    /// Whether nothing is to be told after it.
    pub(crate) fn ends_callbacks(&self) -> bool {
        match self {
            Command::Abort | Command::Stop { .. } | Command::Close => true,
            Command::Method(_) | Command::Handled(_) => false,
        }
    }
}

/// See the module. `M` is what methods ask for, `H` what acknowledges an update.
#[derive(Debug)]
pub(crate) struct Session<M, H> {
    state: Mutex<State<M, H>>,
    changed: Condvar,
    /// The process that started the threads; 0 before.
    process: AtomicU32,
}

#[derive(Debug)]
struct State<M, H> {
    lifecycle: Lifecycle,
    /// While the machine's thread takes commands.
    commands: Option<mpsc::UnboundedSender<Command<M, H>>>,
    /// The one that calls back; while starting, the one that starts.
    callback_thread: Option<ThreadId>,
    calling_back: bool,
    starting: bool,
    threads: Vec<JoinHandle<()>>,
    methods_waiting: usize,
    /// What the last callback, `error`, is to be told.
    error: Option<String>,
    /// Why a callback failed.
    failure: Option<String>,
}

impl<M, H> Session<M, H> {
    pub(crate) fn new() -> Self {
        Session {
            state: Mutex::new(State {
                lifecycle: Lifecycle::default(),
                commands: None,
                callback_thread: None,
                calling_back: false,
                starting: false,
                threads: Vec::new(),
                methods_waiting: 0,
                error: None,
                failure: None,
            }),
            changed: Condvar::new(),
            process: AtomicU32::new(0),
        }
    }

    /// No code of a framework runs under the lock, so poison means nothing.
    fn lock(&self) -> MutexGuard<'_, State<M, H>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is a child of the process that started the driver: its threads are not here,
    /// and the lock may be held by one of them for ever.
    fn is_forked(&self) -> bool {
        let process = self.process.load(Ordering::Relaxed);
        process != 0 && process != process::id()
    }

    pub(crate) fn status(&self) -> Status {
        if self.is_forked() { Status::Aborted } else { self.lock().lifecycle.status() }
    }

    pub(crate) fn failure(&self) -> Option<String> {
        if self.is_forked() { None } else { self.lock().failure.clone() }
    }

    /// Starts the two threads with what `begin` gives. When that fails, `tell` gets what `error`
    /// has to be told, nothing if the driver was ended meanwhile; who is called back ends in it.
    pub(crate) fn start(
        &self,
        begin: impl FnOnce(mpsc::UnboundedReceiver<Command<M, H>>) -> Result<Begun, String>,
        tell: impl FnOnce(Option<&str>) -> CallbackResult,
    ) -> Status {
        if self.is_forked() {
            return Status::Aborted;
        }
        let mut state = self.lock();
        if !state.lifecycle.start().act {
            return state.lifecycle.status();
        }
        self.process.store(process::id(), Ordering::Relaxed);
        let (commands, receiver) = mpsc::unbounded_channel();
        state.commands = Some(commands);
        state.callback_thread = Some(thread::current().id());
        state.calling_back = true;
        state.starting = true;
        drop(state);
        // A panic must not leave a driver that seems to be starting.
        let begun = caught(|| begin(receiver), "the driver has a defect");
        match begun.unwrap_or_else(|panic| Err(panic.0)) {
            Ok(begun) => {
                let mut state = self.lock();
                // The first callback may be waiting in `join` already, which `started` wakes to
                // see that it is the one that calls back.
                state.callback_thread = Some(begun.callbacks.thread().id());
                state.threads = vec![begun.machine, begun.callbacks];
                self.started(state)
            }
            Err(reason) => {
                self.machine_ended();
                let mut state = self.lock();
                let aborts = state.lifecycle.abort().act;
                // Misuse meanwhile has aborted the driver, and comes first.
                let told = state.error.take().or(aborts.then_some(reason));
                drop(state);
                if let Err(failure) = guard(|| tell(told.as_deref())) {
                    self.callback_failed(failure.0);
                }
                let mut state = self.lock();
                state.calling_back = false;
                self.started(state)
            }
        }
    }

    /// [`Session::start`] for those that have nobody to call back: a failure, also a panic, is the
    /// error.
    pub(crate) fn open(
        &self,
        begin: impl FnOnce(mpsc::UnboundedReceiver<Command<M, H>>) -> Result<Begun, String>,
    ) -> Result<(), Error> {
        let mut failed = None;
        self.start(begin, |reason| {
            failed = reason.map(|reason| Error::new(ErrorKind::Configuration, reason));
            Ok(())
        });
        failed.map_or(Ok(()), Err)
    }

    fn started(&self, mut state: MutexGuard<'_, State<M, H>>) -> Status {
        state.starting = false;
        self.changed.notify_all();
        state.lifecycle.status()
    }

    /// Queues a method; `Err` of `make` is misuse.
    pub(crate) fn method(&self, make: impl FnOnce() -> Result<M, String>) -> Status {
        if self.is_forked() {
            return Status::Aborted;
        }
        let mut state = self.lock();
        if !state.lifecycle.method().act {
            return state.lifecycle.status();
        }
        let method = match make() {
            Ok(method) => method,
            Err(misuse) => {
                state.error = Some(misuse);
                return self.abort_locked(state);
            }
        };
        while state.methods_waiting >= METHODS_WAITING_MAX {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            if !state.lifecycle.method().act {
                return state.lifecycle.status();
            }
        }
        if state.commands.is_none() {
            // The machine has ended, and the last callbacks are on their way.
            return state.lifecycle.status();
        }
        state.methods_waiting += 1;
        state.send(Command::Method(method));
        state.lifecycle.status()
    }

    pub(crate) fn abort(&self) -> Status {
        if self.is_forked() { Status::Aborted } else { self.abort_locked(self.lock()) }
    }

    fn abort_locked(&self, mut state: MutexGuard<'_, State<M, H>>) -> Status {
        let step = state.lifecycle.abort();
        if step.act {
            state.send(Command::Abort);
            self.changed.notify_all();
        }
        step.returns
    }

    pub(crate) fn stop(&self, failover: bool) -> Status {
        if self.is_forked() {
            return Status::Aborted;
        }
        let mut state = self.lock();
        let step = state.lifecycle.stop();
        if step.act {
            state.send(Command::Stop { failover });
            self.changed.notify_all();
        }
        step.returns
    }

    /// Waits until the driver has ended; see the module above for what that is.
    pub(crate) fn join(&self) -> Status {
        loop {
            if let Some(status) = self.join_for(PATIENCE_MAX) {
                return status;
            }
        }
    }

    /// [`Session::join`] with little patience: `None` if the driver has not ended by then.
    pub(crate) fn join_for(&self, patience: Duration) -> Option<Status> {
        if self.is_forked() {
            return Some(Status::Aborted);
        }
        let deadline = Instant::now() + patience.min(PATIENCE_MAX);
        let mut state = self.lock();
        loop {
            let status = state.lifecycle.status();
            let ended = match status {
                Status::NotStarted => true,
                Status::Running => false,
                Status::Aborted => !state.calling_back,
                Status::Stopped => !state.calling_back && state.commands.is_none(),
            };
            if ended || state.is_calling_back() {
                return Some(status);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Ends whatever runs, without a TEARDOWN, and waits for it, also if it is just being started or
    /// somebody else ends it; what was not started cannot be any more. For the last owner.
    pub(crate) fn close(&self) {
        if self.is_forked() {
            return;
        }
        let mut state = self.lock();
        if state.lifecycle.close().act {
            self.changed.notify_all();
        }
        state.send(Command::Close);
        while state.starting && !state.is_calling_back() {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_calling_back() {
            // Inside of a callback: both threads end by themselves when it returns.
            return;
        }
        let threads = std::mem::take(&mut state.threads);
        while threads.is_empty() && (state.calling_back || state.commands.is_some()) {
            // Somebody else closes it too.
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        for handle in threads {
            // They catch the panics of callbacks; one of their own was printed.
            let _ = handle.join();
        }
    }

    /// A queued method has been answered.
    pub(crate) fn method_done(&self) {
        let mut state = self.lock();
        if state.methods_waiting >= METHODS_WAITING_MAX {
            self.changed.notify_all();
        }
        state.methods_waiting = state.methods_waiting.saturating_sub(1);
    }

    /// The machine's thread takes no more commands.
    pub(crate) fn machine_ended(&self) {
        let mut state = self.lock();
        state.commands = None;
        state.methods_waiting = 0;
        self.changed.notify_all();
    }

    /// The machine's thread ended by itself, which must not leave a driver that seems to run.
    pub(crate) fn machine_failed(&self, message: &str) {
        let mut state = self.lock();
        if state.lifecycle.abort().act {
            state.error = Some(message.to_owned());
        }
    }

    /// Whether a callback may begin.
    pub(crate) fn is_running(&self) -> bool {
        self.lock().lifecycle.status() == Status::Running
    }

    /// A callback has returned; its update is acknowledged if the driver still runs.
    pub(crate) fn handled(&self, handled: H) {
        let state = self.lock();
        if state.lifecycle.status() == Status::Running {
            state.send(Command::Handled(handled));
        }
    }

    /// A callback failed.
    pub(crate) fn callback_failed(&self, failure: String) {
        let mut state = self.lock();
        state.failure.get_or_insert(failure);
        self.abort_locked(state);
    }

    /// The machine cannot go on.
    pub(crate) fn abort_for(&self, error: String) {
        let mut state = self.lock();
        if state.lifecycle.status() == Status::Running {
            state.error = Some(error);
            self.abort_locked(state);
        }
    }

    /// What the last callback has to say.
    pub(crate) fn take_error(&self) -> Option<String> {
        self.lock().error.take()
    }

    /// The last callback has returned, and the framework's object is gone. If nobody has ended the
    /// driver, its machine has; it must not seem to run.
    pub(crate) fn callbacks_ended(&self) {
        let mut state = self.lock();
        state.calling_back = false;
        self.abort_locked(state);
        self.changed.notify_all();
    }
}

impl<M, H> State<M, H> {
    /// Whether this is called by a callback.
    fn is_calling_back(&self) -> bool {
        self.callback_thread == Some(thread::current().id())
    }

    fn send(&self, command: Command<M, H>) {
        if let Some(commands) = &self.commands {
            // The machine has ended: so has whatever this would change.
            let _ = commands.send(command);
        }
    }
}

/// Ends what it owns with the last clone of its holder.
#[derive(Debug)]
pub(crate) struct Owner<M, H>(pub(crate) Arc<Session<M, H>>);

impl<M, H> Drop for Owner<M, H> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// What a started driver consists of.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) machine: JoinHandle<()>,
    pub(crate) callbacks: JoinHandle<()>,
}
