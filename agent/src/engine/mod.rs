// SPDX-License-Identifier: Apache-2.0

//! The one task that owns the state machine.
//!
//! ```text
//!   HTTP handlers, wire ──commands──▶ ┌────────┐ ──messages──▶ the master
//!   containers, checkpoints ──inputs─▶│ engine │ ──events────▶ executors' streams
//!   timers, broken links ────────────▶└────────┘ ──orders────▶ containers, checkpoints
//!                                          └───── changes ───▶ views
//! ```
//!
//! It takes what has come in as one batch, lets the state machine handle it,
//! publishes what changed to the views, and only then answers and sends:
//! whoever has an answer sees its effect in `/state`.
//!
//! It never waits for a reader, a client, the master or the disk. The queue of
//! commands is bounded; handlers wait when it is full. What containers and
//! checkpoints report is bounded by what the machine has asked of them.

mod command;
mod effects;
mod handle;
mod streams;

use std::{path::PathBuf, time::Instant};

use mesos_agent_state::{Agent, Input, Output, output::Level};
use mesos_containerizer::Containerizer;
use mesos_daemon::clock::Clock;
use mesos_wire::{LinkBroken, Peers, Upid};
use tokio::{
    sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel},
    time::sleep_until,
};

pub use self::handle::{Answer, Closed, Handle, Subscription};
use self::{command::Command, effects::Waiting, streams::Streams};
use crate::{checkpoint::Disk, detector::Detector, views::Publisher};

/// Commands that may wait.
const QUEUE: usize = 4096;
/// Commands, or inputs, handled before outputs are carried out.
const BATCH: usize = 256;

/// How the agent ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Why.
    pub reason: String,
    /// Whether something is wrong.
    pub failed: bool,
}

/// What the engine needs of its surroundings.
pub struct Surroundings {
    /// The clock that the state machine was started with.
    pub clock: Clock,
    /// The agent's own address on the wire.
    pub upid: Upid,
    /// The connections to masters.
    pub peers: Peers,
    /// Where `peers` reports broken links.
    pub broken_links: Receiver<LinkBroken>,
    /// Finds the master.
    pub detector: Detector,
    /// The containers.
    pub containerizer: std::sync::Arc<Containerizer>,
    /// The checkpoints.
    pub disk: Disk,
    /// What they all report, and where to report more.
    pub inputs: UnboundedReceiver<Input>,
    /// The other end of `inputs`.
    pub input_sender: UnboundedSender<Input>,
    /// Where the views take changes from.
    pub publisher: Publisher,
    /// The file system whose use is measured.
    pub work_dir: PathBuf,
    /// Bytes that may wait on an executor's stream.
    pub max_stream_bytes: usize,
}

/// The owner of the state machine.
pub struct Engine {
    agent: Agent,
    surroundings: Surroundings,
    commands: Receiver<Command>,
    waiting: Waiting,
    streams: Streams,
    /// Executors' messages that there was no room for.
    dropped_messages: u64,
}

impl Engine {
    /// An engine around a state machine, and the handle for those who use it.
    pub fn new(agent: Agent, surroundings: Surroundings) -> (Engine, Handle) {
        let (sender, commands): (Sender<Command>, _) = channel(QUEUE);
        let streams =
            Streams::new(surroundings.max_stream_bytes, surroundings.input_sender.clone());
        let waiting = Waiting::default();
        let engine =
            Engine { agent, surroundings, commands, waiting, streams, dropped_messages: 0 };
        (engine, Handle::new(sender))
    }

    /// Runs until the agent is to end. Dropping the future leaves everything as it is, for
    /// the next agent to find.
    pub async fn run(mut self) -> Exit {
        let mut commands = Vec::with_capacity(BATCH);
        let mut inputs = Vec::with_capacity(BATCH);
        self.detect();
        loop {
            if let Some(exit) = self.carry_out() {
                return exit;
            }
            let wake = self.next_wake();
            tokio::select! {
                biased;
                count = self.surroundings.inputs.recv_many(&mut inputs, BATCH) => {
                    assert!(count > 0, "the engine holds a sender itself");
                    inputs.drain(..).for_each(|input| self.handle(input));
                }
                Some(broken) = self.surroundings.broken_links.recv() => {
                    tracing::info!(peer = %broken.peer, reason = broken.reason, "link broken");
                    self.handle(Input::MasterLinkBroken { pid: broken.peer.to_string() });
                }
                () = sleep_until(wake.into()) => self.handle(Input::Wake),
                count = self.commands.recv_many(&mut commands, BATCH) => {
                    if count == 0 {
                        let reason = "nobody uses the agent any more".to_owned();
                        return Exit { reason, failed: false };
                    }
                    commands.drain(..).for_each(|command| self.command(command));
                }
            }
        }
    }

    /// When something is due that nobody sends.
    fn next_wake(&self) -> Instant {
        let timeout = self.agent.poll_timeout().map(|(time, _)| time);
        self.surroundings.clock.moment(timeout.unwrap_or(mesos_core::time::Time::NEVER))
    }

    fn handle(&mut self, input: Input) {
        if let Input::ExecutorConnectionClosed { connection } = &input {
            self.streams.forget(*connection);
        }
        self.agent.handle(self.surroundings.clock.now(), input);
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Input(input) => self.handle(input),
            Command::Request { request, input, answer } => {
                self.waiting.add(request, answer);
                self.handle(input);
            }
            Command::Subscribe { connection, input, media, answer } => {
                self.streams.add(connection, media, answer);
                self.handle(input);
            }
        }
    }

    /// Does what the state machine asks for: the views first.
    fn carry_out(&mut self) -> Option<Exit> {
        let mut rest = Vec::new();
        while let Some(output) = self.agent.poll_output() {
            if let Output::Change(change) = output {
                self.change(change);
            } else {
                rest.push(output);
            }
        }
        self.surroundings.publisher.publish(self.agent.metrics());
        rest.into_iter().find_map(|output| self.effect(output))
    }
}

fn log(level: Level, text: &str) {
    match level {
        Level::Info => tracing::info!("{text}"),
        Level::Warn => tracing::warn!("{text}"),
        Level::Error => tracing::error!("{text}"),
    }
}
