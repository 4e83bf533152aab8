// SPDX-License-Identifier: Apache-2.0

//! The calls of an executor: status updates, messages, heartbeats.

use bytes::Bytes;
use mesos_core::time::Time;
use mesos_proto::v1::{TaskState, TaskStatus, executor, executor::call, task_status};

use super::{Driver, Output, Phase};
use crate::{CallKey, Error, ErrorKind, Retry, SendKey};

/// A call that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Outstanding {
    name: &'static str,
    /// Unset for the driver's own calls.
    key: Option<CallKey>,
    /// The update that it carries.
    uuid: Option<Bytes>,
}

impl Driver {
    /// The executor reports on a task.
    ///
    /// Without a subscription the update is kept for the next one; without any
    /// hope for one it is refused.
    pub(super) fn update(&mut self, now: Time, key: CallKey, mut status: TaskStatus) {
        let invalid = |message: &str| Some(Error::new(ErrorKind::InvalidCall, message));
        let refusal = if status.state() == TaskState::TaskStaging {
            invalid("TASK_STAGING is the master's; begin with TASK_STARTING or TASK_RUNNING")
        } else if status.task_id.value.is_empty() {
            invalid("the status has an empty task id")
        } else {
            self.cannot_call(true)
        };
        if let Some(error) = refusal {
            self.outputs.push_back(Output::Answered { key, result: Err(error) });
            return;
        }
        let uuid = match status.uuid.take().filter(|uuid| uuid.len() == 16) {
            Some(uuid) => uuid,
            None => Bytes::copy_from_slice(&self.rng.uuid()),
        };
        status.uuid = Some(uuid);
        status.source = Some(task_status::Source::Executor.into());
        status.executor_id = Some(self.config.executor_id.clone());
        status.timestamp.get_or_insert(now.as_secs_f64());
        if status.agent_id.is_none() {
            status.agent_id.clone_from(&self.agent_id);
        }
        self.unacknowledged.add(status.clone());
        if self.is_subscribed() {
            self.send_update(Some(key), status);
        } else {
            self.outputs.push_back(Output::Answered { key, result: Ok(()) });
        }
    }

    pub(super) fn send_update(&mut self, key: Option<CallKey>, status: TaskStatus) {
        let uuid = status.uuid.clone();
        let mut call = self.new_call(call::Type::Update);
        call.update = Some(call::Update { status });
        self.send(key, uuid, call);
    }

    /// The executor sends a message, which is not kept: it may be lost anyway.
    pub(super) fn message(&mut self, key: CallKey, data: Bytes) {
        if let Some(error) = self.cannot_call(false) {
            self.outputs.push_back(Output::Answered { key, result: Err(error) });
            return;
        }
        let mut call = self.new_call(call::Type::Message);
        call.message = Some(call::Message { data });
        self.send(Some(key), None, call);
    }

    pub(super) fn send_heartbeat(&mut self) {
        let call = self.new_call(call::Type::Heartbeat);
        self.send(None, None, call);
    }

    pub(super) fn new_call(&self, kind: call::Type) -> executor::Call {
        executor::Call {
            executor_id: self.config.executor_id.clone(),
            framework_id: self.config.framework_id.clone(),
            r#type: Some(kind.into()),
            ..Default::default()
        }
    }

    pub(super) fn call_answered(&mut self, now: Time, send: SendKey, status: u16, body: &str) {
        let Some(outstanding) = self.outstanding.remove(&send) else {
            return;
        };
        let leaving = matches!(self.phase, Phase::Leaving { .. });
        if matches!(status, 200 | 202) {
            self.answer(&outstanding, Ok(()));
        } else {
            let error = Error::from_status(outstanding.name, status, body);
            let retryable = error.retry != Retry::Never;
            match &outstanding.uuid {
                // The agent cannot take the update now, but will with the next SUBSCRIBE.
                Some(_) if retryable && !leaving && self.config.recovery.is_some() => {
                    let reason = error.message;
                    self.outstanding.insert(send, outstanding);
                    self.stream_lost(now, reason);
                    return;
                }
                // The same update would be refused again, and with it every SUBSCRIBE.
                Some(uuid) => self.unacknowledged.remove(uuid),
                None => {}
            }
            self.answer(&outstanding, Err(error));
        }
        if leaving && self.outstanding.is_empty() {
            self.end();
        }
    }

    pub(super) fn call_failed(&mut self, now: Time, send: SendKey, reason: String) {
        if !self.outstanding.contains_key(&send) {
            return;
        }
        if matches!(self.phase, Phase::Leaving { .. }) {
            self.end();
        } else {
            self.stream_lost(now, reason);
        }
    }

    /// No answer will come: updates are kept for the next subscription, the rest is lost.
    pub(super) fn fail_outstanding(&mut self, reason: &str) {
        let ended = self.phase == Phase::Ended;
        for (_, outstanding) in std::mem::take(&mut self.outstanding) {
            let result = if outstanding.uuid.is_some() && !ended {
                Ok(())
            } else {
                let kind = if ended { ErrorKind::Stopped } else { ErrorKind::Transport };
                let name = outstanding.name;
                Err(Error::new(kind, format!("the answer to {name} was lost: {reason}")))
            };
            self.answer(&outstanding, result);
        }
    }

    /// Why no call can be taken now; `kept` calls only need a way back to the agent.
    fn cannot_call(&self, kept: bool) -> Option<Error> {
        let max = self.config.outstanding_calls_max;
        match self.phase {
            Phase::Leaving { .. } | Phase::Ended => {
                Some(Error::new(ErrorKind::Stopped, "the executor driver has ended"))
            }
            Phase::Closing => Some(Error::new(ErrorKind::Stopped, "the agent is gone for good")),
            Phase::Idle | Phase::Subscribing { .. } | Phase::Waiting { .. } if !kept => {
                Some(Error::new(ErrorKind::Disconnected, "there is no subscription now"))
            }
            Phase::Idle | Phase::Subscribing { .. } | Phase::Waiting { .. } => {
                (self.unacknowledged.updates() >= max).then(|| {
                    let message = format!("{max} updates wait for the agent already");
                    Error::new(ErrorKind::Busy, message)
                })
            }
            Phase::Subscribed { .. } => (self.outstanding.len() >= max).then(|| {
                let message = format!("{max} calls wait for their answer already");
                Error::new(ErrorKind::Busy, message)
            }),
        }
    }

    fn send(&mut self, key: Option<CallKey>, uuid: Option<Bytes>, call: executor::Call) {
        let send = SendKey(self.last_send.0 + 1);
        self.last_send = send;
        let name = call.r#type().as_str_name();
        self.outstanding.insert(send, Outstanding { name, key, uuid });
        self.outputs.push_back(Output::Send { send, call: Box::new(call) });
    }

    fn answer(&mut self, outstanding: &Outstanding, result: Result<(), Error>) {
        match (outstanding.key, result) {
            (Some(key), result) => self.outputs.push_back(Output::Answered { key, result }),
            (None, Ok(())) => {}
            (None, Err(error)) => self.note(&format!("{} failed: {error}", outstanding.name)),
        }
    }
}
