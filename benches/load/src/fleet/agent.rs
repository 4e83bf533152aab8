// SPDX-License-Identifier: Apache-2.0

//! What one simulated agent does about what it is told.

use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use mesos_proto::{
    internal::{
        KillTaskMessage, PongSlaveMessage, RunTaskMessage, SlaveRegisteredMessage,
        SlaveReregisteredMessage, StatusUpdate, StatusUpdateAcknowledgementMessage,
        StatusUpdateMessage, UnregisterSlaveMessage,
    },
    v1::{AgentId, FrameworkId, TaskId, TaskState, TaskStatus, task_status},
};
use mesos_wire::{Upid, encode};
use prost::Message as _;

use super::{Fleet, State, Tasks, receive::Message};
use crate::cluster;

/// How an agent behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Well,
    /// Does everything so much later.
    Slow(Duration),
    /// Takes everything in and never says a word, not even to pings.
    Silent,
    /// Says everything twice.
    Repeating,
}

/// One agent.
pub(super) struct Agent {
    pub(super) pid: Upid,
    pub(super) mood: Mood,
    /// When it last asked to be admitted, until it is.
    pub(super) said_hello: Option<Instant>,
    id: Option<AgentId>,
    /// Only looked up. The tasks it was asked to run, and the last state it said.
    tasks: HashMap<TaskId, (FrameworkId, TaskState)>,
}

impl Agent {
    pub(super) fn new(number: usize, address: SocketAddr) -> Self {
        Agent {
            pid: Upid::new(format!("slave({number})"), address),
            mood: Mood::Well,
            said_hello: None,
            id: None,
            tasks: HashMap::new(),
        }
    }
}

impl Fleet {
    /// Handles a message at once, or later if the agent is slow.
    pub(super) fn receive(&self, message: Message) {
        let mood = self.state.borrow().agents.get(message.agent).map(|agent| agent.mood);
        match mood {
            Some(Mood::Slow(delay)) => {
                let fleet = self.clone();
                tokio::task::spawn_local(async move {
                    tokio::time::sleep(delay).await;
                    fleet.state.borrow_mut().handle(&message);
                });
            }
            Some(Mood::Silent) => {}
            Some(Mood::Well | Mood::Repeating) | None => self.state.borrow_mut().handle(&message),
        }
    }
}

impl State {
    fn handle(&mut self, message: &Message) {
        let (agent, body) = (message.agent, message.body.clone());
        let handled = match message.name.as_str() {
            "PingSlaveMessage" => self.pong(agent, &message.from),
            "SlaveRegisteredMessage" => SlaveRegisteredMessage::decode(body)
                .map(|it| self.admitted(agent, it.agent_id))
                .ok(),
            "SlaveReregisteredMessage" => {
                let message = SlaveReregisteredMessage::decode(body);
                message.map(|it| self.admitted(agent, it.agent_id)).ok()
            }
            "RunTaskMessage" => RunTaskMessage::decode(body).ok().map(|it| self.run(agent, it)),
            "KillTaskMessage" => KillTaskMessage::decode(body).ok().map(|it| {
                self.report(agent, &it.framework_id, &it.task_id, TaskState::TaskKilled);
            }),
            "StatusUpdateAcknowledgementMessage" => {
                StatusUpdateAcknowledgementMessage::decode(body)
                    .ok()
                    .map(|it| self.acknowledged(agent, &it.task_id))
            }
            "ShutdownMessage" => {
                self.counts.shut_down += 1;
                Some(())
            }
            // A simulated agent has no executors and nothing on disk.
            "UpdateFrameworkMessage"
            | "ShutdownFrameworkMessage"
            | "CheckpointResourcesMessage"
            | "ReconcileOperationsMessage" => Some(()),
            _ => None,
        };
        if handled.is_none() || agent == 0 {
            self.counts.unknown += 1;
        }
        self.changed.notify_waiters();
    }

    fn pong(&mut self, agent: usize, observer: &str) -> Option<()> {
        let observer: Upid = observer.parse().ok()?;
        let mut buffer = Vec::new();
        encode(&self.agents.get(agent)?.pid, &observer, &PongSlaveMessage {}, &mut buffer);
        self.counts.pings += 1;
        self.send(agent, buffer.into());
        Some(())
    }

    fn admitted(&mut self, agent: usize, id: AgentId) {
        let Some(it) = self.agents.get_mut(agent) else { return };
        it.id = Some(id);
        // A second answer, to an agent that repeats itself, is not counted.
        let Some(said_hello) = it.said_hello.take() else { return };
        let now = Instant::now();
        self.counts.admitted += 1;
        self.counts.admission.record(now - said_hello);
        self.counts.last_admitted = Some(now);
    }

    fn run(&mut self, agent: usize, message: RunTaskMessage) {
        let framework = message.framework.id.unwrap_or_default();
        self.counts.launched += 1;
        self.report(agent, &framework, &message.task.task_id, TaskState::TaskRunning);
    }

    fn acknowledged(&mut self, agent: usize, task: &TaskId) {
        let Some(it) = self.agents.get_mut(agent) else { return };
        let Some((framework, state)) = it.tasks.get(task).cloned() else { return };
        if state != TaskState::TaskRunning {
            it.tasks.remove(task);
            self.counts.ended += 1;
        } else if self.tasks == Tasks::Finish {
            self.report(agent, &framework, task, TaskState::TaskFinished);
        }
    }

    pub(super) fn report(
        &mut self,
        agent: usize,
        framework: &FrameworkId,
        task: &TaskId,
        state: TaskState,
    ) {
        let Some(it) = self.agents.get_mut(agent) else { return };
        it.tasks.insert(task.clone(), (framework.clone(), state));
        self.updates += 1;
        let uuid = Bytes::from(format!("{:016x}", self.updates));
        let agent_id = it.id.clone().unwrap_or_else(|| cluster::former_id(agent));
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let timestamp = since_1970.unwrap_or_default().as_secs_f64();
        let executor_id = Some(cluster::command_executor(task));
        let status = TaskStatus {
            task_id: task.clone(),
            state: state.into(),
            source: Some(task_status::Source::Executor.into()),
            agent_id: Some(agent_id.clone()),
            executor_id: executor_id.clone(),
            timestamp: Some(timestamp),
            uuid: Some(uuid.clone()),
            ..Default::default()
        };
        let update = StatusUpdate {
            framework_id: framework.clone(),
            executor_id,
            agent_id: Some(agent_id),
            status,
            timestamp,
            uuid: Some(uuid),
            latest_state: Some(state.into()),
        };
        let pid = Some(it.pid.to_string());
        let message = self.encode(agent, &StatusUpdateMessage { update, pid });
        self.send(agent, message);
    }

    pub(super) fn unregister(&mut self, agent: usize) {
        let Some(agent_id) = self.agents.get(agent).and_then(|it| it.id.clone()) else { return };
        let message = self.encode(agent, &UnregisterSlaveMessage { agent_id });
        self.send(agent, message);
    }

    fn send(&mut self, agent: usize, message: Bytes) {
        if self.agents[agent].mood == Mood::Repeating {
            self.wires.send(agent, message.clone());
        }
        self.wires.send(agent, message);
    }
}
