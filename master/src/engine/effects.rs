// SPDX-License-Identifier: Apache-2.0

//! Carries out what the state machine asks for.

use std::collections::HashMap;

use mesos_master_state::{Output, RequestKey, ToAgent};
use mesos_wire::{Upid, WireMessage};
use tokio::sync::oneshot;

use super::{Answer, Engine, Fatal, log};

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
    /// Does one thing.
    pub(super) fn effect(&mut self, output: Output) -> Result<(), Fatal> {
        match output {
            Output::ToAgent { pid, message } => self.to_agent(&pid, &message),
            Output::Ping { pid, observer, message } => {
                let from = Upid::new(observer, self.surroundings.upid.address);
                self.send(&from, &pid, &message);
            }
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
            Output::Answer { request, status, body } => {
                self.waiting.answer(request, Answer { status, body });
            }
            Output::Explained { request, explanations } => {
                let body = serde_json::json!({ "explanations": explanations }).to_string();
                self.waiting.answer(request, Answer { status: 200, body });
            }
            Output::Subscribed { stream, stream_id } => self.streams.start(stream, stream_id),
            Output::RefuseSubscribe { stream, status, body } => {
                self.streams.refuse(stream, Answer { status, body });
            }
            Output::Event { stream, event } => self.streams.push(stream, event, &mut self.notes),
            Output::CloseStream { stream } => self.streams.forget(stream),
            Output::Store { write, changes } => self.store(write, changes),
            Output::Change(change) => self.surroundings.feed.changed(Vec::new(), vec![change]),
            Output::Log { level, message } => log(level, &message),
            Output::Fatal { reason } => return Err(Fatal(reason)),
        }
        Ok(())
    }

    fn to_agent(&self, pid: &str, message: &ToAgent) {
        let from = &self.surroundings.upid;
        match message {
            ToAgent::Registered(message) => self.send(from, pid, message),
            ToAgent::Reregistered(message) => self.send(from, pid, &**message),
            ToAgent::Shutdown(message) => self.send(from, pid, message),
            ToAgent::RunTask(message) => self.send(from, pid, &**message),
            ToAgent::RunTaskGroup(message) => self.send(from, pid, &**message),
            ToAgent::KillTask(message) => self.send(from, pid, message),
            ToAgent::ShutdownExecutor(message) => self.send(from, pid, message),
            ToAgent::ShutdownFramework(message) => self.send(from, pid, message),
            ToAgent::FrameworkToExecutor(message) => self.send(from, pid, message),
            ToAgent::UpdateFramework(message) => self.send(from, pid, &**message),
            ToAgent::StatusUpdateAcknowledgement(message) => self.send(from, pid, message),
            ToAgent::CheckpointResources(message) => self.send(from, pid, message),
            ToAgent::ApplyOperation(message) => self.send(from, pid, &**message),
            ToAgent::ReconcileOperations(message) => self.send(from, pid, message),
            ToAgent::AcknowledgeOperationStatus(message) => self.send(from, pid, message),
            ToAgent::Drain(message) => self.send(from, pid, message),
        }
    }

    /// Best effort: a message that cannot be sent is like one that is lost.
    fn send<M: WireMessage>(&self, from: &Upid, pid: &str, message: &M) {
        if let Some(to) = parse(pid)
            && let Err(error) = self.surroundings.peers.send(from, &to, message)
        {
            tracing::warn!(message = M::NAME, %error, "message not sent");
        }
    }
}

/// A process address; senders are checked on arrival, so failing is a bug of
/// ours that must not take the master down.
fn parse(pid: &str) -> Option<Upid> {
    pid.parse().inspect_err(|error| tracing::error!(%error, "cannot send to an agent")).ok()
}
