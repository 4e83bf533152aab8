// SPDX-License-Identifier: Apache-2.0

//! `MesosExecutorDriver`: the v1 executor machine with the semantics of v0.
//!
//! | state | input | next | what is done |
//! |---|---|---|---|
//! | serving | SUBSCRIBED | serving | `Registered` the first time, `Reregistered` later |
//! | serving | LAUNCH, LAUNCH_GROUP | serving | `LaunchTask`, once for each task |
//! | serving | SHUTDOWN, the agent is gone for good | `Quiet` | `Shutdown`, the last callback |
//! | any but ended | `SendStatusUpdate` | same | kept until acknowledged, and sent |
//! | any | the grace period after `Shutdown` is over | `Ended` | `KillSelf` |
//! | any | `Abort` | `Quiet` | |
//! | any | `Stop` | `Ended` | first waits for the answers to what was sent, 5 s at most |
//!
//! Every update gets a uuid, the time and the agent's id of this driver, in
//! place of whatever the executor put there.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use bytes::Bytes;
use mesos_core::time::Time;
use mesos_proto::v1::{
    AgentId, AgentInfo, ExecutorInfo, FrameworkInfo, TaskId, TaskInfo, TaskState, TaskStatus,
    executor::Call,
};

use crate::{
    Attempt, CallKey, SendKey,
    executor::{self, Config, Event},
};

/// One callback of an executor.
#[derive(Clone, Debug, PartialEq)]
pub enum Callback {
    /// Subscribed for the first time.
    Registered {
        /// The executor, as the framework described it.
        executor: Box<ExecutorInfo>,
        /// The framework.
        framework: Box<FrameworkInfo>,
        /// The agent.
        agent: Box<AgentInfo>,
    },
    /// The agent has restarted.
    Reregistered(Box<AgentInfo>),
    /// The agent is away; it is waited for.
    Disconnected,
    /// Run a task.
    LaunchTask(Box<TaskInfo>),
    /// Stop a task.
    KillTask(TaskId),
    /// The scheduler sent a message.
    FrameworkMessage(Bytes),
    /// Stop every task, report it, and stop the driver within the grace period.
    Shutdown,
    /// The driver cannot go on. The shell aborts it before it calls this.
    Error(String),
}

/// One call of a driver's method.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    /// `sendStatusUpdate`.
    SendStatusUpdate(Box<TaskStatus>),
    /// `sendFrameworkMessage`.
    SendFrameworkMessage(Bytes),
}

impl Method {
    /// Whether this may be asked of a driver at all.
    ///
    /// # Errors
    /// Misuse: the driver is to be aborted, and this text given to `error`.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Method::SendStatusUpdate(status) if status.state() == TaskState::TaskStaging => {
                Err("Attempted to send TASK_STAGING status update".to_owned())
            }
            Method::SendStatusUpdate(status) if status.task_id.value.is_empty() => {
                Err("Attempted to send a status update without a task id".to_owned())
            }
            Method::SendStatusUpdate(_) | Method::SendFrameworkMessage(_) => Ok(()),
        }
    }
}

/// An input of the driver.
#[derive(Clone, Debug)]
pub enum Input {
    /// What happened on the network, and `Start` and `Wake`, as for the v1 machine.
    /// Its `Update`, `Message` and `Stop` are not for this one and ignored.
    Client(executor::Input),
    /// A method that the lifecycle lets through and that has been checked.
    Method(Method),
    /// `abort()`.
    Abort,
    /// `stop()`.
    Stop,
}

/// An output of the driver.
#[derive(Clone, Debug)]
pub enum Output {
    /// As [`executor::Output::Subscribe`].
    Subscribe {
        /// Names this attempt in the inputs about it.
        attempt: Attempt,
        /// The SUBSCRIBE call.
        call: Box<Call>,
    },
    /// As [`executor::Output::Disconnect`].
    Disconnect {
        /// Which attempt.
        attempt: Attempt,
    },
    /// As [`executor::Output::Send`].
    Send {
        /// Names this call in the inputs about it.
        send: SendKey,
        /// The call.
        call: Box<Call>,
    },
    /// Call back; for [`Callback::Error`], after aborting the driver.
    Callback(Box<Callback>),
    /// A method that took a place in the queue is done: one more may come.
    MethodDone,
    /// Worth a line in the log.
    Note(String),
    /// The grace period is over: kill the executor and all it started.
    KillSelf,
    /// The last output.
    Ended,
}

/// The native executor driver; see the module.
#[derive(Debug)]
pub struct Driver {
    client: executor::Driver,
    /// `MESOS_SLAVE_ID`.
    agent_id: AgentId,
    /// No callback any more.
    quiet: bool,
    last_key: CallKey,
    outputs: VecDeque<Output>,
}

impl Driver {
    /// A driver that waits for `Start`.
    pub fn new(config: Config, agent_id: AgentId, seed: u64) -> Self {
        Driver {
            client: executor::Driver::new(config, seed),
            agent_id,
            quiet: false,
            last_key: CallKey(0),
            outputs: VecDeque::new(),
        }
    }

    /// Takes what has happened, at the time `now`, which never goes back.
    pub fn handle(&mut self, now: Time, input: Input) {
        match input {
            Input::Client(
                executor::Input::Update { .. }
                | executor::Input::Message { .. }
                | executor::Input::Stop,
            ) => {}
            Input::Client(input) => self.client.handle(now, input),
            Input::Method(method) => {
                self.last_key = CallKey(self.last_key.0 + 1);
                let input = self.client_input(self.last_key, method);
                self.client.handle(now, input);
            }
            Input::Abort => self.quiet = true,
            Input::Stop => self.client.handle(now, executor::Input::Stop),
        }
        self.follow_client();
    }

    /// The next thing to carry out.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to hand in `Wake`, and what for.
    pub fn poll_timeout(&self) -> Option<(Time, &'static str)> {
        self.client.poll_timeout()
    }

    fn client_input(&self, key: CallKey, method: Method) -> executor::Input {
        match method {
            Method::SendStatusUpdate(mut status) => {
                status.uuid = None;
                status.timestamp = None;
                status.agent_id = Some(self.agent_id.clone());
                executor::Input::Update { key, status }
            }
            Method::SendFrameworkMessage(data) => executor::Input::Message { key, data },
        }
    }

    /// Carries over what the v1 machine has put out.
    fn follow_client(&mut self) {
        while let Some(output) = self.client.poll_output() {
            let output = match output {
                executor::Output::Subscribe { attempt, call } => {
                    Output::Subscribe { attempt, call }
                }
                executor::Output::Disconnect { attempt } => Output::Disconnect { attempt },
                executor::Output::Send { send, call } => Output::Send { send, call },
                executor::Output::Event(event) => {
                    self.event(event);
                    continue;
                }
                executor::Output::Answered { result, .. } => {
                    if let Err(error) = result {
                        self.outputs.push_back(Output::Note(error.message));
                    }
                    Output::MethodDone
                }
                executor::Output::Note(text) => Output::Note(text),
                executor::Output::KillSelf => Output::KillSelf,
                executor::Output::Ended(result) => {
                    if let Err(error) = result {
                        self.outputs.push_back(Output::Note(error.message));
                    }
                    Output::Ended
                }
            };
            self.outputs.push_back(output);
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Subscribed { executor, framework, agent, again: false, .. } => {
                self.tell(Callback::Registered { executor, framework, agent });
            }
            Event::Subscribed { agent, again: true, .. } => {
                self.tell(Callback::Reregistered(agent));
            }
            Event::Disconnected { reason } => {
                self.outputs.push_back(Output::Note(format!("disconnected: {reason}")));
                self.tell(Callback::Disconnected);
            }
            Event::Launch(task) => self.tell(Callback::LaunchTask(task)),
            Event::LaunchGroup(group) => {
                for task in group.tasks {
                    self.tell(Callback::LaunchTask(Box::new(task)));
                }
            }
            Event::Kill { task_id, .. } => self.tell(Callback::KillTask(task_id)),
            Event::Acknowledged { .. } => {}
            Event::Message(data) => self.tell(Callback::FrameworkMessage(data)),
            Event::Shutdown { reason } => {
                self.outputs.push_back(Output::Note(format!("asked to shut down: {reason}")));
                self.tell(Callback::Shutdown);
                self.quiet = true;
            }
        }
    }

    fn tell(&mut self, callback: Callback) {
        if !self.quiet {
            self.outputs.push_back(Output::Callback(Box::new(callback)));
        }
    }
}
