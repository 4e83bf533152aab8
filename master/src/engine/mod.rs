// SPDX-License-Identifier: Apache-2.0

//! The one task that owns the state machine.
//!
//! ```text
//!   HTTP handlers, wire ──commands──▶ ┌────────┐ ──messages──▶ agents
//!   registry ──outcomes──────────────▶│ engine │ ──events────▶ schedulers' streams
//!   timers, broken links ────────────▶└────────┘ ──changes───▶ views
//!                                          └───── writes ────▶ registry
//! ```
//!
//! It takes what has come in as one batch, lets the state machine handle it,
//! tells the views what changed, and only then answers and sends: whoever has
//! an answer sees its effect in `/state`.
//!
//! It never waits for a reader, a client, an agent or the disk. The queue of
//! commands is bounded; handlers wait when it is full.

mod command;
mod effects;
mod handle;
mod streams;

use std::{
    collections::VecDeque,
    io,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use mesos_daemon::clock::Clock;
use mesos_master_state::{Input, LogLevel, Master, Output, RegistryChange, StreamKey, WriteKey};
use mesos_wire::{LinkBroken, Peers, Upid};
use tokio::{sync::mpsc, time::sleep_until};

pub use self::handle::{Answer, Closed, Counted, Handle, Subscription};
use self::{command::Command, effects::Waiting, streams::Streams};
use crate::{
    metrics::Timers,
    registry::{self, Outcome, Store, Writer},
    views::{Feed, Note},
};

/// Commands that may wait.
const QUEUE: usize = 1024;
/// Commands handled before outputs are carried out.
const BATCH: usize = 256;

/// Why the engine ended by itself.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fatal(pub String);

/// What the engine needs of its surroundings.
pub struct Surroundings {
    /// The clock that the state machine was started with.
    pub clock: Clock,
    /// The master's own address on the wire.
    pub upid: Upid,
    /// The connections to agents.
    pub peers: Peers,
    /// Where `peers` reports broken links.
    pub broken_links: mpsc::Receiver<LinkBroken>,
    /// Where the views take changes from.
    pub feed: Feed,
    /// Bytes that may wait on a scheduler's stream.
    pub max_stream_bytes: usize,
    /// How long a write of the registry may take.
    pub store_timeout: Duration,
}

/// The owner of the state machine.
pub struct Engine {
    master: Master,
    surroundings: Surroundings,
    writer: Writer,
    outcomes: mpsc::UnboundedReceiver<Outcome>,
    commands: mpsc::Receiver<Command>,
    /// Streams that ended; also those the engine gave up itself.
    ended: mpsc::UnboundedReceiver<StreamKey>,
    waiting: Waiting,
    streams: Streams,
    /// Writes that are not durable yet, oldest first, each with its deadline.
    pending: VecDeque<(WriteKey, Instant)>,
    timers: Timers,
    /// What was said and not yet told to the views.
    notes: Vec<Note>,
}

impl Engine {
    /// An engine around a state machine, the handle for those who use it, and the
    /// thread that writes the registry, which ends some time after the engine.
    ///
    /// # Errors
    /// When the registry's thread cannot be started.
    pub fn new(
        master: Master,
        store: impl Store + 'static,
        surroundings: Surroundings,
    ) -> io::Result<(Self, Handle, JoinHandle<()>)> {
        let (sender, commands) = mpsc::channel(QUEUE);
        let (report, outcomes) = mpsc::unbounded_channel();
        let (writer, thread) = registry::start(store, move |outcome| report.send(outcome).is_ok())?;
        let (over, ended) = mpsc::unbounded_channel();
        let streams = Streams::new(surroundings.max_stream_bytes, over);
        let engine = Engine {
            master,
            surroundings,
            writer,
            outcomes,
            commands,
            ended,
            waiting: Waiting::default(),
            streams,
            pending: VecDeque::new(),
            timers: Timers::default(),
            notes: Vec::new(),
        };
        Ok((engine, Handle::new(sender), thread))
    }

    /// Runs until every handle is dropped, or until the master cannot go on.
    ///
    /// # Errors
    /// When the state machine says so, or the registry does not store.
    pub async fn run(mut self) -> Result<(), Fatal> {
        let mut batch = Vec::with_capacity(BATCH);
        self.carry_out()?;
        loop {
            let wake = self.next_wake();
            tokio::select! {
                biased;
                Some(outcome) = self.outcomes.recv() => self.registry(outcome),
                Some(broken) = self.surroundings.broken_links.recv() => {
                    tracing::info!(peer = %broken.peer, reason = broken.reason, "link broken");
                    self.handle(Input::AgentLinkBroken { pid: broken.peer.to_string() });
                }
                Some(stream) = self.ended.recv() => {
                    self.streams.forget(stream);
                    self.handle(Input::StreamClosed { stream });
                }
                count = self.commands.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return Ok(());
                    }
                    for command in batch.drain(..) {
                        self.command(command);
                    }
                }
                // Last, as whatever else is handled looks at the clock too.
                () = sleep_until(wake.into()) => self.handle(Input::Wake),
            }
            self.check_writes()?;
            self.carry_out()?;
        }
    }

    /// When something is due that nobody sends.
    fn next_wake(&self) -> Instant {
        let clock = &self.surroundings.clock;
        let timer = self.master.poll_timeout().map(|(time, _)| clock.moment(time));
        let write = self.pending.front().map(|(_, deadline)| *deadline);
        let idle = clock.moment(mesos_core::time::Time::NEVER);
        timer.into_iter().chain(write).min().unwrap_or(idle)
    }

    fn handle(&mut self, input: Input) {
        let runs = self.master.metrics().allocation_runs;
        let begun = Instant::now();
        self.master.handle(self.surroundings.clock.now(), input);
        if self.master.metrics().allocation_runs != runs {
            // Whatever else was handled took far less than an allocation.
            self.timers.allocation_run.add(begun.elapsed());
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Input(input) => self.handle(input),
            Command::Request { request, input, answer } => {
                if let Input::SchedulerCall { call, .. } = &input {
                    self.notes.push(Note::of_call(call));
                }
                self.waiting.add(request, answer);
                self.handle(input);
            }
            Command::Subscribe { stream, input, media, answer } => {
                self.streams.add(stream, media, answer);
                self.handle(input);
            }
            Command::Metrics(answer) => {
                // The asker may have gone.
                let counted = Counted {
                    metrics: self.master.metrics().clone(),
                    gauges: self.master.gauges(),
                    timers: self.timers.clone(),
                    queued_writes: self.pending.len(),
                };
                let _ = answer.send(counted);
            }
        }
    }

    fn registry(&mut self, outcome: Outcome) {
        self.pending.pop_front();
        match outcome {
            Outcome::Stored { write, took } => {
                self.timers.state_store.add(took);
                self.handle(Input::RegistryStored { write });
            }
            Outcome::Failed { write, reason } => {
                self.handle(Input::RegistryFailed { write, reason });
            }
        }
    }

    /// A store that hangs is as bad as one that fails.
    fn check_writes(&mut self) -> Result<(), Fatal> {
        match self.pending.front() {
            // What has been stored but not been handled yet is not late.
            Some(_) if !self.outcomes.is_empty() => Ok(()),
            Some((_, deadline)) if *deadline <= Instant::now() => Err(Fatal(format!(
                "storing a change of the registry took longer than {:?} (--registry_store_timeout)",
                self.surroundings.store_timeout
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// Does what the state machine asks for: the views first.
    fn carry_out(&mut self) -> Result<(), Fatal> {
        let mut changes = Vec::new();
        let mut rest = Vec::new();
        while let Some(output) = self.master.poll_output() {
            if let Output::Change(change) = output {
                changes.push(change);
            } else {
                rest.push(output);
            }
        }
        self.surroundings.feed.changed(std::mem::take(&mut self.notes), changes);
        let result = rest.into_iter().try_for_each(|output| self.effect(output));
        self.surroundings.feed.changed(std::mem::take(&mut self.notes), Vec::new());
        result
    }

    fn store(&mut self, write: WriteKey, changes: Vec<RegistryChange>) {
        self.pending.push_back((write, Instant::now() + self.surroundings.store_timeout));
        self.writer.store(write, changes);
    }
}

fn log(level: LogLevel, message: &str) {
    match level {
        LogLevel::Info => tracing::info!("{message}"),
        LogLevel::Warning => tracing::warn!("{message}"),
    }
}
