// SPDX-License-Identifier: Apache-2.0

//! Carries out what the state machine asks for.

use std::collections::HashMap;

use mesos_agent_state::{Change, Input, Output, RequestKey, ToMaster};
use mesos_wire::{Upid, WireMessage};
use tokio::sync::oneshot;

use super::{Answer, Engine, Exit, log};
use crate::machine;

/// While more bytes than this wait for their way to a peer, executors' messages are dropped. A
/// quarter of what breaks the connection.
const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// Requests whose answer is still to come; only looked up, never iterated.
#[derive(Default)]
pub(super) struct Waiting(HashMap<RequestKey, oneshot::Sender<Answer>>);

impl Waiting {
    pub(super) fn add(&mut self, request: RequestKey, answer: oneshot::Sender<Answer>) {
        self.0.insert(request, answer);
    }

    fn answer(&mut self, request: RequestKey, answer: Answer) {
        if let Some(waiting) = self.0.remove(&request) {
            // The client may have gone.
            let _ = waiting.send(answer);
        }
    }
}

impl Engine {
    pub(super) fn change(&mut self, change: Change) {
        if let Change::ExecutorCompleted { container, .. } = &change {
            // Its end is dealt with: the launcher's record of it has served.
            self.surroundings.containerizer.forget(container);
        }
        self.surroundings.publisher.change(change);
    }

    /// Does one thing; the agent's end if that is it.
    pub(super) fn effect(&mut self, output: Output) -> Option<Exit> {
        let containerizer = &self.surroundings.containerizer;
        match output {
            Output::Detect => self.detect(),
            Output::Link { pid } => {
                if let Some(peer) = parse(&pid) {
                    self.surroundings.peers.link(&peer);
                }
            }
            Output::Unlink { pid } => {
                if let Some(peer) = parse(&pid) {
                    self.surroundings.peers.unlink(&peer);
                }
            }
            Output::ToMaster { to, message } => self.tell_master(&to, &message),
            Output::ExecutorAccepted { connection } => self.streams.start(connection),
            Output::ExecutorRefused { connection, status, body } => {
                self.streams.refuse(connection, Answer { status, body });
            }
            Output::ExecutorEvent { connection, event } => self.streams.push(connection, &event),
            Output::CloseExecutor { connection } => self.streams.forget(connection),
            Output::Answer { request, status, body } => {
                self.waiting.answer(request, Answer { status, body });
            }
            Output::Launch(spec) => containerizer.launch(*spec),
            Output::UpdateContainer { container, resources } => {
                containerizer.update(&container, resources);
            }
            Output::Signal { container, signal } => containerizer.signal(&container, signal),
            Output::Destroy { container } => containerizer.destroy(&container),
            Output::RunProbe { container, probe, what, timeout } => {
                containerizer.probe(container, probe, *what, timeout);
            }
            Output::Checkpoint { write, path, store } => {
                self.surroundings.disk.store(write, path, store);
            }
            Output::RemovePath { path } => self.surroundings.disk.remove(path),
            Output::MeasureDiskUsage => self.measure_disk(),
            Output::Change(change) => self.change(change),
            Output::Log { level, text } => log(level, &text),
            Output::Exit { reason, failed } => return Some(Exit { reason, failed }),
        }
        None
    }

    pub(super) fn detect(&self) {
        let (detector, inputs) =
            (self.surroundings.detector.clone(), self.surroundings.input_sender.clone());
        tokio::spawn(async move {
            let master = detector.detect().await;
            // The engine may have ended.
            let _ = inputs.send(Input::MasterDetected(Some(master)));
        });
    }

    fn measure_disk(&self) {
        let (path, inputs) =
            (self.surroundings.work_dir.clone(), self.surroundings.input_sender.clone());
        // A file system of another machine may keep it waiting.
        tokio::task::spawn_blocking(move || {
            inputs.send(Input::DiskUsage { used: machine::disk_usage(&path) })
        });
    }

    fn tell_master(&mut self, to: &str, message: &ToMaster) {
        match message {
            ToMaster::Register(message) => self.send(to, message),
            ToMaster::Reregister(message) => self.send(to, message),
            ToMaster::Unregister(message) => self.send(to, message),
            ToMaster::StatusUpdate(message) => self.send(to, message),
            ToMaster::ExecutorToFramework(message) => {
                if self.has_room_for_messages(to) {
                    self.send(to, message);
                }
            }
            ToMaster::ExitedExecutor(message) => self.send(to, message),
            ToMaster::UpdateSlave(message) => self.send(to, message),
            ToMaster::UpdateOperationStatus(message) => self.send(to, message),
            ToMaster::Pong(message) => self.send(to, message),
        }
    }

    /// Executors' messages are the only ones that executors alone decide the number of, and may be
    /// lost: they must not fill the queue that status updates and answers to pings need.
    fn has_room_for_messages(&mut self, to: &str) -> bool {
        let queued = parse(to).map_or(0, |to| self.surroundings.peers.queued(&to));
        if queued <= MESSAGE_BYTES_MAX {
            return true;
        }
        self.dropped_messages += 1;
        if self.dropped_messages.is_power_of_two() {
            tracing::warn!(
                to,
                queued,
                dropped = self.dropped_messages,
                "executors' messages dropped: they come faster than they can be sent"
            );
        }
        false
    }

    /// Best effort: a message that cannot be sent is like one that is lost.
    fn send<M: WireMessage>(&self, to: &str, message: &M) {
        if let Some(to) = parse(to)
            && let Err(error) = self.surroundings.peers.send(&self.surroundings.upid, &to, message)
        {
            tracing::warn!(message = M::NAME, %error, "message not sent");
        }
    }
}

/// A process address; senders are checked on arrival, so failing is a bug of
/// ours that must not take the agent down.
fn parse(pid: &str) -> Option<Upid> {
    pid.parse().inspect_err(|error| tracing::error!(%error, "cannot send to a master")).ok()
}
