// SPDX-License-Identifier: Apache-2.0

//! The v1 executor API: what is right with a call, whom it is from, and what it does.
//!
//! | call | file | needs a subscription | answer |
//! |---|---|---|---|
//! | SUBSCRIBE | subscribe.rs | – | 200 and a stream |
//! | UPDATE | update.rs | yes | 202 |
//! | MESSAGE | message.rs | yes | 202 |
//! | HEARTBEAT | here | no, nor anything else | 202 |
//!
//! Refusals: 400 for what is wrong with the call or unknown to the agent, 403 before SUBSCRIBE,
//! 503 while the agent recovers (SUBSCRIBE excepted) or has no room (room.rs), 501 for a call type that is unknown.
//!
//! In Mesos: `Http::executor` in `src/slave/http.cpp`.

mod message;
mod room;
mod subscribe;
mod update;
mod validate;

use mesos_core::{time::Time, trial};
use mesos_proto::v1::executor::{Call, Event, call::Type, event};

use crate::{
    agent::{Agent, Phase},
    change::ExecutorState,
    config::EXECUTOR_HEARTBEAT_INTERVAL,
    executor::{ContainerState, Kind},
    key::{ConnectionKey, ContainerId, RequestKey},
    timers::Timer,
};

pub use validate::validate;

/// A status code and a text.
type Refusal = (u16, String);

impl Agent {
    pub(crate) fn executor_call(&mut self, now: Time, request: RequestKey, call: Call) {
        let (status, body) = match self.dispatch(now, call) {
            Ok(()) => (202, String::new()),
            Err(refusal) => refusal,
        };
        self.outbox.answer(request, status, &body);
    }

    fn dispatch(&mut self, now: Time, call: Call) -> Result<(), Refusal> {
        check(&call)?;
        if call.r#type() == Type::Heartbeat {
            trial::reached("executor calls", "HEARTBEAT");
            return Ok(());
        }
        if self.phase == Phase::Recovering {
            return Err((503, "Agent has not finished recovery".to_owned()));
        }
        let container = self.find_executor(&call)?;
        let registering = self
            .executor_in(&container)
            .is_some_and(|executor| executor.state == ExecutorState::Registering);
        if registering {
            return Err((403, "Executor is not subscribed".to_owned()));
        }
        trial::reached("executor calls", call.r#type().as_str_name());
        match call.r#type() {
            Type::Update => {
                if let Some(update) = call.update {
                    self.make_room(&call.framework_id.value, &update.status, &container)?;
                    self.executor_update(now, &call.framework_id.value, update.status, &container);
                }
                Ok(())
            }
            Type::Message => {
                if let Some(message) = call.message {
                    self.executor_message(call.framework_id, call.executor_id, message.data);
                }
                Ok(())
            }
            Type::Subscribe => Err((400, "SUBSCRIBE must open a stream".to_owned())),
            Type::Heartbeat => Ok(()),
            Type::Unknown => Err((501, String::new())),
        }
    }

    /// The container of the executor that a call is from.
    fn find_executor(&self, call: &Call) -> Result<ContainerId, Refusal> {
        let Some(framework) = self.frameworks.get(&call.framework_id.value) else {
            return Err((400, "Framework cannot be found".to_owned()));
        };
        let Some(executor) = framework.executors.get(&call.executor_id.value) else {
            return Err((400, "Executor cannot be found".to_owned()));
        };
        if executor.is_command() {
            let text = "Executor belongs to a command task, and the agent itself plays its part";
            return Err((403, text.to_owned()));
        }
        if executor.container_state == ContainerState::Unlaunched {
            return Err((403, "Executor has not been launched yet".to_owned()));
        }
        Ok(executor.container.clone())
    }

    pub(crate) fn executor_connection_closed(&mut self, connection: ConnectionKey) {
        let Some(container) = self.connections.remove(&connection) else { return };
        let Some(executor) = self.executor_in(&container) else { return };
        let Kind::Custom { connection: current, heartbeat } = &mut executor.kind else { return };
        if *current != Some(connection) {
            return;
        }
        *current = None;
        let heartbeat = heartbeat.take();
        let text = format!("Executor '{}' in container {container} disconnected", executor.id);
        self.timers.cancel(heartbeat);
        self.outbox.warn(text);
    }

    pub(crate) fn executor_heartbeat(&mut self, now: Time, connection: ConnectionKey) {
        let Some(container) = self.connections.get(&connection).cloned() else { return };
        let mut event = Event::default();
        event.set_type(event::Type::Heartbeat);
        self.outbox.event(connection, event);
        self.schedule_heartbeat(now, &container, connection);
    }

    fn schedule_heartbeat(
        &mut self,
        now: Time,
        container: &ContainerId,
        connection: ConnectionKey,
    ) {
        let at = now + EXECUTOR_HEARTBEAT_INTERVAL;
        let key = self.timers.set(at, Timer::ExecutorHeartbeat(connection));
        if let Some(executor) = self.executor_in(container)
            && let Kind::Custom { heartbeat, .. } = &mut executor.kind
        {
            let old = heartbeat.replace(key);
            self.timers.cancel(old);
        }
    }
}

fn check(call: &Call) -> Result<(), Refusal> {
    validate(call).map_err(|error| (400, format!("Failed to validate Executor::Call: {error}")))
}
