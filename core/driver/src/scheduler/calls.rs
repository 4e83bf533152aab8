// SPDX-License-Identifier: Apache-2.0

//! The calls of a scheduler: what is checked, sent, kept for the next
//! subscription, and how an answer is passed on.

use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_proto::v1::{TaskStatus, scheduler, scheduler::call};

use super::{Accepted, Driver, Output, Phase, Stopped, UpdateKey};
use crate::{CallKey, Error, ErrorKind, SendKey};

/// A call that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Outstanding {
    name: &'static str,
    /// Unset for the driver's own calls.
    key: Option<CallKey>,
    change: Change,
}

/// What a call changes in later subscriptions.
#[derive(Clone, Debug)]
pub(super) enum Change {
    None,
    Suppress(Vec<String>),
    Revive(Vec<String>),
    Update(Box<call::UpdateFramework>),
}

impl Driver {
    /// A call of the scheduler.
    pub(super) fn call(&mut self, key: CallKey, mut call: scheduler::Call) {
        if let Some(update) = &mut call.update_framework {
            self.subscription.complete(&mut update.framework_info);
        }
        let result = match check(&call, self.framework_id().map(|id| id.value.as_str())) {
            Ok(change) if self.is_subscribed() => self.call_subscribed(key, change, call),
            Ok(change) => self.call_unsubscribed(change, call.r#type().as_str_name()).map(Some),
            Err(error) => Err(error),
        };
        match result {
            Ok(None) => {}
            Ok(Some(accepted)) => {
                self.outputs.push_back(Output::Answered { key, result: Ok(accepted) });
            }
            Err(error) => self.outputs.push_back(Output::Answered { key, result: Err(error) }),
        }
    }

    /// Sends the call; its answer comes later.
    fn call_subscribed(
        &mut self,
        key: CallKey,
        change: Change,
        call: scheduler::Call,
    ) -> Result<Option<Accepted>, Error> {
        match &change {
            // Tried on a copy: the change counts once the master has answered.
            Change::Suppress(roles) => self.subscription.clone().suppress(roles)?,
            Change::Revive(roles) => self.subscription.clone().revive(roles)?,
            Change::Update(_) | Change::None => {}
        }
        let max = self.config.outstanding_calls_max;
        if self.outstanding.len() >= max {
            let message = format!("{max} calls wait for their answer already");
            return Err(Error::new(ErrorKind::Busy, message));
        }
        self.send(Some(key), change, call);
        Ok(None)
    }

    /// Keeps what the next subscription can carry, and refuses the rest.
    fn call_unsubscribed(&mut self, change: Change, name: &'static str) -> Result<Accepted, Error> {
        match change {
            Change::Suppress(roles) => self.subscription.suppress(&roles)?,
            Change::Revive(roles) => self.subscription.revive(&roles)?,
            Change::Update(update) => self.subscription.update(*update),
            Change::None => {
                let message = format!("{name} was not sent: there is no subscription now");
                return Err(Error::new(ErrorKind::Disconnected, message));
            }
        }
        Ok(Accepted::ForNextSubscription)
    }

    /// Sends `call` on the current subscription; `None` when there is none.
    pub(super) fn send(
        &mut self,
        key: Option<CallKey>,
        change: Change,
        mut call: scheduler::Call,
    ) -> Option<SendKey> {
        let Phase::Subscribed { master, stream_id, .. } = &self.phase else {
            return None;
        };
        let (master, stream_id) = (master.clone(), stream_id.clone());
        call.framework_id = self.subscription.framework_id().cloned();
        if let Some(update) = &mut call.update_framework {
            update.framework_info.id = call.framework_id.clone();
        }
        let send = SendKey(self.last_send.0 + 1);
        self.last_send = send;
        let name = call.r#type().as_str_name();
        self.outstanding.insert(send, Outstanding { name, key, change });
        self.outputs.push_back(Output::Send { send, master, stream_id, call: Box::new(call) });
        Some(send)
    }

    /// The scheduler has handled an update; acknowledges it, unless the subscription is
    /// gone: the agent then sends the update again.
    pub(super) fn acknowledge(&mut self, update: UpdateKey) {
        if trial::has(Defect::DriverDoesNotAcknowledge) {
            return;
        }
        let call = scheduler::Call {
            r#type: Some(call::Type::Acknowledge.into()),
            acknowledge: Some(call::Acknowledge {
                agent_id: update.agent_id,
                task_id: update.task_id,
                uuid: update.uuid,
            }),
            ..Default::default()
        };
        self.send(None, Change::None, call);
    }

    pub(super) fn call_answered(&mut self, now: Time, send: SendKey, status: u16, body: &str) {
        let Some(outstanding) = self.outstanding.remove(&send) else {
            return;
        };
        let accepted = matches!(status, 200 | 202);
        if accepted {
            self.apply(outstanding.change);
        }
        if self.is_teardown(send) {
            self.left(if accepted {
                Ok(Stopped::TornDown)
            } else {
                Err(Error::from_status(outstanding.name, status, body))
            });
            return;
        }
        let is_update = outstanding.name == call::Type::UpdateFramework.as_str_name();
        if is_update && self.is_subscribed() && is_of_the_stream(status, body) {
            // What was kept for this subscription is in the next one too.
            let message = format!("{} was not taken: {body}", outstanding.name);
            let error = Error::new(ErrorKind::Disconnected, message.clone());
            self.answer(outstanding.key, outstanding.name, Err(error));
            self.stream_lost(now, message);
            return;
        }
        // Nobody else hears that what was kept for this subscription is refused.
        let kept = is_update && outstanding.key.is_none();
        if kept && self.is_subscribed() && matches!(status, 400..=499) {
            self.end(Err(Error::from_status(outstanding.name, status, body)));
            return;
        }
        let redirected = matches!(status, 301 | 302 | 307 | 308);
        let result = if accepted {
            Ok(Accepted::ByMaster)
        } else if redirected {
            let message =
                format!("{} was not taken: the master does not lead any more", outstanding.name);
            Err(Error::new(ErrorKind::Disconnected, message))
        } else {
            Err(Error::from_status(outstanding.name, status, body))
        };
        self.answer(outstanding.key, outstanding.name, result);
        if redirected {
            self.stream_lost(now, "the master does not lead any more".to_owned());
        }
        self.leave_when_answered();
    }

    pub(super) fn call_failed(&mut self, send: SendKey, reason: String) {
        let Some(outstanding) = self.outstanding.remove(&send) else {
            return;
        };
        if self.is_teardown(send) {
            self.left(Ok(Stopped::NotTornDown));
            return;
        }
        let message = format!("the answer to {} was lost: {reason}", outstanding.name);
        let error = Error::new(ErrorKind::Transport, message);
        self.answer(outstanding.key, outstanding.name, Err(error));
        self.leave_when_answered();
    }

    fn is_teardown(&self, send: SendKey) -> bool {
        matches!(self.phase, Phase::Leaving { teardown, .. } if teardown == Some(send))
    }

    /// Ends a driver that another scheduler takes over from, once nothing is in flight.
    fn leave_when_answered(&mut self) {
        let leaves = matches!(self.phase, Phase::Leaving { teardown: None, .. });
        if leaves && self.outstanding.is_empty() {
            self.left(Ok(Stopped::LeftForFailover));
        }
    }

    /// The subscription is gone: no answer will come, or its meaning is gone.
    pub(super) fn fail_outstanding(&mut self, reason: &str) {
        let ended = self.phase == Phase::Ended;
        for (_, outstanding) in std::mem::take(&mut self.outstanding) {
            let kept = match &outstanding.change {
                Change::Suppress(_) | Change::Revive(_) => !ended,
                Change::None | Change::Update(_) => false,
            };
            let result = if kept {
                self.apply(outstanding.change);
                Ok(Accepted::ForNextSubscription)
            } else {
                let kind = if ended { ErrorKind::Stopped } else { ErrorKind::Transport };
                let name = outstanding.name;
                Err(Error::new(kind, format!("the answer to {name} was lost: {reason}")))
            };
            self.answer(outstanding.key, outstanding.name, result);
        }
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::None => {}
            // The roles were checked when the call was made; a role that an update has
            // removed since is not suppressed.
            Change::Suppress(roles) => drop(self.subscription.suppress(&roles)),
            Change::Revive(roles) => drop(self.subscription.revive(&roles)),
            Change::Update(update) => self.subscription.update(*update),
        }
    }

    fn answer(&mut self, key: Option<CallKey>, name: &str, result: Result<Accepted, Error>) {
        match (key, result) {
            (Some(key), result) => self.outputs.push_back(Output::Answered { key, result }),
            (None, Ok(_)) => {}
            // The agent repeats what was not acknowledged.
            (None, Err(error)) => self.note(&format!("{name} failed: {error}")),
        }
    }
}

/// What a call changes in later subscriptions.
///
/// # Errors
/// A call that the driver makes itself, that has no type, or that lacks its content.
fn check(call: &scheduler::Call, framework_id: Option<&str>) -> Result<Change, Error> {
    let invalid = |message: &str| Err(Error::new(ErrorKind::InvalidCall, message));
    match call.r#type() {
        call::Type::Unknown => invalid("the call has no type"),
        call::Type::Subscribe => invalid("SUBSCRIBE is sent by the driver itself"),
        call::Type::Teardown => invalid("TEARDOWN is sent by stopping the driver"),
        call::Type::Suppress => {
            Ok(Change::Suppress(call.suppress.clone().unwrap_or_default().roles))
        }
        call::Type::Revive => Ok(Change::Revive(call.revive.clone().unwrap_or_default().roles)),
        call::Type::UpdateFramework => {
            let Some(update) = &call.update_framework else {
                return invalid("UPDATE_FRAMEWORK without 'update_framework'");
            };
            let named = update.framework_info.id.as_ref().map(|id| id.value.as_str());
            match (named, framework_id) {
                (Some(named), Some(known)) if named != known => invalid(&format!(
                    "UPDATE_FRAMEWORK names the framework '{named}', but this is '{known}'"
                )),
                _ => Ok(Change::Update(Box::new(update.clone()))),
            }
        }
        call::Type::Accept
        | call::Type::Decline
        | call::Type::AcceptInverseOffers
        | call::Type::DeclineInverseOffers
        | call::Type::Kill
        | call::Type::Shutdown
        | call::Type::Acknowledge
        | call::Type::AcknowledgeOperationStatus
        | call::Type::Reconcile
        | call::Type::ReconcileOperations
        | call::Type::Message
        | call::Type::Request => Ok(Change::None),
    }
}

pub(super) fn teardown() -> scheduler::Call {
    scheduler::Call { r#type: Some(call::Type::Teardown.into()), ..Default::default() }
}

/// What acknowledges `status`; `None` for one that must not be acknowledged
/// (the master's own, and answers to reconciliation, have no uuid).
pub(super) fn update_key(status: &TaskStatus) -> Option<Box<UpdateKey>> {
    let uuid = status.uuid.clone().filter(|uuid| !uuid.is_empty())?;
    let agent_id = status.agent_id.clone()?;
    Some(Box::new(UpdateKey { agent_id, task_id: status.task_id.clone(), uuid }))
}

/// Whether a master refuses a call since it knows no such subscription (any more),
/// and not for what the call says. The texts are those of Apache's masters and ours.
fn is_of_the_stream(status: u16, body: &str) -> bool {
    const REFUSALS: [(u16, &str); 3] = [
        (400, "Framework cannot be found"),
        (400, "The stream ID "),
        (403, "Framework is not subscribed"),
    ];
    REFUSALS.iter().any(|(refusal, text)| status == *refusal && body.starts_with(text))
}
