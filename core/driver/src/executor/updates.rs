// SPDX-License-Identifier: Apache-2.0

//! The calls of an executor: status updates, messages, heartbeats.

use bytes::Bytes;
use mesos_core::{task_state::is_terminal, time::Time};
use mesos_proto::v1::{TaskState, TaskStatus, executor, executor::call, task_status};

use super::{Driver, Output, Phase, lanes::Entry, unacknowledged::Number};
use crate::{CallKey, Error, ErrorKind, Retry, SendKey};

/// The end of a task goes ahead of what is refused so often in a row: after 6.3 s.
const REFUSALS_BEFORE_THE_END_MAX: u32 = 7;

/// A call that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Outstanding {
    name: &'static str,
    /// Unset for the driver's own calls, and for updates, whose lanes have it.
    key: Option<CallKey>,
    /// The update that it carries, of which task.
    update: Option<(String, Number)>,
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
            self.cannot_update(&status)
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
        let task_id = status.task_id.value.clone();
        let number = self.unacknowledged.add(status);
        if !self.is_subscribed() {
            self.outputs.push_back(Output::Answered { key, result: Ok(()) });
            return;
        }
        if self.lanes.push(&task_id, Entry { number, key: Some(key) }) {
            self.send_update(number);
            return;
        }
        if self.lanes.refusals(&task_id) > 0 {
            self.answer_kept(&task_id);
        }
        if self.shutdown_deadline.is_some() {
            self.let_end_go_ahead(&task_id);
        }
    }

    /// Nobody waits for an agent without room, which may last as long as a scheduler is
    /// away: the updates are kept, as those are that are made without a subscription.
    fn answer_kept(&mut self, task_id: &str) {
        for key in self.lanes.take_keys(task_id) {
            self.outputs.push_back(Output::Answered { key, result: Ok(()) });
        }
    }

    /// Sends the first of a lane.
    fn send_update(&mut self, number: Number) {
        let Some(status) = self.unacknowledged.get(number).cloned() else { return };
        let update = Some((status.task_id.value.clone(), number));
        let mut call = self.new_call(call::Type::Update);
        call.update = Some(call::Update { status });
        self.send(None, update, call);
    }

    /// After SUBSCRIBED: what SUBSCRIBE carried is to be acknowledged now, the rest is to be sent.
    pub(super) fn fill_lanes(&mut self, now: Time) {
        let mut firsts = Vec::new();
        for (number, task_id) in self.unacknowledged.all() {
            if self.lanes.push(task_id, Entry { number, key: None }) {
                firsts.push((task_id.to_owned(), number));
            }
        }
        for (task_id, number) in firsts {
            if self.unacknowledged.is_told(number) {
                self.lanes.await_acknowledgement(now, &task_id);
            } else {
                self.send_update(number);
            }
        }
    }

    /// Sends what has paused long enough.
    pub(super) fn send_due(&mut self, now: Time) {
        while let Some(task_id) = self.lanes.due(now) {
            if let Some(number) = self.lanes.resume(&task_id) {
                self.send_update(number);
            }
        }
    }

    /// Whether nothing is to be sent, nor to be answered.
    pub(super) fn all_said(&self) -> bool {
        self.outstanding.is_empty() && self.lanes.is_empty()
    }

    /// The agent has these updates of a task.
    pub(super) fn acknowledged(&mut self, task_id: &str, updates: Vec<(Number, TaskState)>) {
        for (number, state) in updates {
            if is_terminal(state) {
                // What the agent has dropped of a SUBSCRIBE, it takes no more.
                let earlier = self.lanes.entries(task_id).filter(|entry| entry.number < number);
                let earlier = earlier.map(|entry| entry.number).collect();
                self.drop_updates(task_id, earlier, "the agent has the end of the task");
            }
            let is_first = self.lanes.first(task_id) == Some(number);
            if is_first && !self.lanes.is_pausing(task_id) {
                // The answer to it tells its lane.
                continue;
            }
            self.done(task_id, number, Ok(()));
            let next = self.lanes.first(task_id).filter(|_| is_first);
            if next.is_some_and(|next| !self.unacknowledged.is_told(next))
                && let Some(next) = self.lanes.resume(task_id)
            {
                self.send_update(next);
            }
        }
    }

    /// Gives up updates that the agent will not take any more.
    fn drop_updates(&mut self, task_id: &str, numbers: Vec<Number>, reason: &str) {
        if numbers.is_empty() {
            return;
        }
        self.note(&format!("{} updates of task '{task_id}' are dropped: {reason}", numbers.len()));
        for number in numbers {
            self.unacknowledged.remove(number);
            let is_first = self.lanes.first(task_id) == Some(number);
            if !is_first || self.lanes.is_pausing(task_id) {
                self.done(task_id, number, Err(Error::new(ErrorKind::Unavailable, reason)));
            }
        }
    }

    /// The executor stops: the agent has what a SUBSCRIBE has carried, or never will.
    pub(super) fn await_no_acknowledgements(&mut self) {
        for task_id in self.lanes.pausing() {
            while let Some(first) = self.lanes.first(&task_id)
                && self.unacknowledged.is_told(first)
            {
                self.done(&task_id, first, Ok(()));
            }
            if let Some(first) = self.lanes.resume(&task_id) {
                self.send_update(first);
            }
        }
    }

    /// Lets the ends of tasks go ahead of what the agent has no room for.
    pub(super) fn let_ends_go_ahead(&mut self) {
        for task_id in self.lanes.pausing() {
            self.let_end_go_ahead(&task_id);
        }
    }

    fn let_end_go_ahead(&mut self, task_id: &str) {
        let is_end = |entry: &Entry| {
            self.unacknowledged.get(entry.number).is_some_and(|status| is_terminal(status.state()))
        };
        if !self.lanes.is_refused(task_id) {
            return;
        }
        let entries: Vec<Entry> = self.lanes.entries(task_id).collect();
        let Some(end) = entries.iter().position(is_end).filter(|end| *end > 0) else { return };
        let before = entries[..end].iter().map(|entry| entry.number).collect();
        let reason = "the agent had no room for them until the task had ended";
        self.drop_updates(task_id, before, reason);
        if let Some(number) = self.lanes.resume(task_id) {
            self.send_update(number);
        }
    }

    /// Takes an update out of its lane, and answers who made it.
    fn done(&mut self, task_id: &str, number: Number, result: Result<(), Error>) {
        if let Some(Entry { key: Some(key), .. }) = self.lanes.remove(task_id, number) {
            self.outputs.push_back(Output::Answered { key, result });
        }
    }

    /// The executor sends a message, which is not kept: it may be lost anyway.
    pub(super) fn message(&mut self, key: CallKey, data: Bytes) {
        if let Some(error) = self.cannot_call() {
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
        let result = match status {
            200 | 202 => Ok(()),
            _ => Err(Error::from_status(outstanding.name, status, body)),
        };
        let back = self.is_subscribed() && self.config.recovery.is_some();
        match outstanding.update {
            // The agent knows no such subscription (any more); the next one carries the update.
            Some(_) if status == 403 && back => {
                self.stream_lost(now, format!("UPDATE was answered with 403: {body}"));
            }
            Some((task_id, number)) => self.update_answered(now, &task_id, number, result),
            None => self.answer(&outstanding, result),
        }
        if matches!(self.phase, Phase::Leaving { .. }) && self.all_said() {
            self.end();
        }
    }

    /// The agent has said what becomes of the first update of a lane.
    fn update_answered(
        &mut self,
        now: Time,
        task_id: &str,
        number: Number,
        result: Result<(), Error>,
    ) {
        let kept = self.unacknowledged.get(number).is_some();
        match result {
            Err(error) if kept && error.retry != Retry::Never => {
                let refusals = self.lanes.refused(now, task_id);
                self.refused_updates += 1;
                if self.refused_updates.is_power_of_two() {
                    self.note(&format!("{error}; it will be sent again"));
                }
                self.answer_kept(task_id);
                let hurry =
                    self.shutdown_deadline.is_some() || matches!(self.phase, Phase::Leaving { .. });
                if hurry || refusals >= REFUSALS_BEFORE_THE_END_MAX {
                    self.let_end_go_ahead(task_id);
                }
                return;
            }
            // The same update would be refused again, and with it every SUBSCRIBE.
            Err(error) if kept => {
                self.unacknowledged.remove(number);
                self.done(task_id, number, Err(error));
            }
            Ok(()) | Err(_) => self.done(task_id, number, Ok(())),
        }
        if let Some(next) = self.lanes.first(task_id) {
            self.send_update(next);
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
        let lost = |name: &str| {
            let kind = if ended { ErrorKind::Stopped } else { ErrorKind::Transport };
            Error::new(kind, format!("the answer to {name} was lost: {reason}"))
        };
        for key in self.lanes.clear().into_iter().filter_map(|entry| entry.key) {
            let result = if ended { Err(lost("UPDATE")) } else { Ok(()) };
            self.outputs.push_back(Output::Answered { key, result });
        }
        for (_, outstanding) in std::mem::take(&mut self.outstanding) {
            if outstanding.update.is_none() {
                self.answer(&outstanding, Err(lost(outstanding.name)));
            }
        }
    }

    /// Why no update can be kept now. There is always room for the end of a task, and
    /// one task cannot take the room of all others.
    fn cannot_update(&self, status: &TaskStatus) -> Option<Error> {
        if let Some(stopped) = self.has_stopped() {
            return Some(stopped);
        }
        let max = self.config.outstanding_calls_max;
        let busy = if is_terminal(status.state()) {
            None
        } else if !self.is_subscribed() && self.unacknowledged.updates() >= max {
            Some(format!("{max} updates wait for the agent already"))
        } else if self.lanes.waiting_of(&status.task_id.value) >= max / 2 {
            Some(format!("{} updates of the task wait for the agent already", max / 2))
        } else {
            self.is_busy()
        };
        busy.map(|message| Error::new(ErrorKind::Busy, message))
    }

    /// Why no other call can be made now.
    fn cannot_call(&self) -> Option<Error> {
        if let Some(stopped) = self.has_stopped() {
            return Some(stopped);
        }
        if !self.is_subscribed() {
            let message = "there is no subscription now";
            return Some(Error::new(ErrorKind::Disconnected, message));
        }
        self.is_busy().map(|message| Error::new(ErrorKind::Busy, message))
    }

    fn is_busy(&self) -> Option<String> {
        let max = self.config.outstanding_calls_max;
        (self.outstanding.len() + self.lanes.waiting() >= max)
            .then(|| format!("{max} calls wait for their answer already"))
    }

    fn has_stopped(&self) -> Option<Error> {
        let message = match self.phase {
            Phase::Leaving { .. } | Phase::Ended => "the executor driver has ended",
            Phase::Closing => "the agent is gone for good",
            Phase::Idle
            | Phase::Subscribing { .. }
            | Phase::Subscribed { .. }
            | Phase::Waiting { .. } => return None,
        };
        Some(Error::new(ErrorKind::Stopped, message))
    }

    fn send(
        &mut self,
        key: Option<CallKey>,
        update: Option<(String, Number)>,
        call: executor::Call,
    ) {
        let send = SendKey(self.last_send.0 + 1);
        self.last_send = send;
        let name = call.r#type().as_str_name();
        self.outstanding.insert(send, Outstanding { name, key, update });
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
