// SPDX-License-Identifier: Apache-2.0

//! The executor driver in serialized protobuf, as bindings use it.
//!
//! Messages are those of v0 (`mesos.TaskInfo` …), whose bytes are the same as
//! those of v1. Bytes that are not the expected message, or lack a required
//! field, are misuse: the driver is aborted and `error` gets the reason.

use bytes::Bytes;
use mesos_driver::v0::{Status, executor::Method};
use mesos_proto::v1::{AgentInfo, ExecutorInfo, FrameworkInfo, TaskId, TaskInfo};
use prost::Message;

use super::{CallbackResult, Executor, ExecutorDriver, ExecutorDriverBuilder};
use crate::v0::arguments;

/// What an executor in another language is told: [`Executor`] with serialized messages.
pub trait SerializedExecutor: Send + 'static {
    /// `ExecutorInfo`, `FrameworkInfo`, `SlaveInfo`.
    fn registered(
        &mut self,
        driver: &ExecutorDriver,
        executor: &[u8],
        framework: &[u8],
        agent: &[u8],
    ) -> CallbackResult;
    /// `SlaveInfo`.
    fn reregistered(&mut self, driver: &ExecutorDriver, agent: &[u8]) -> CallbackResult;
    /// Nothing.
    fn disconnected(&mut self, driver: &ExecutorDriver) -> CallbackResult;
    /// `TaskInfo`.
    fn launch_task(&mut self, driver: &ExecutorDriver, task: &[u8]) -> CallbackResult;
    /// `TaskID`.
    fn kill_task(&mut self, driver: &ExecutorDriver, task_id: &[u8]) -> CallbackResult;
    /// The message itself.
    fn framework_message(&mut self, driver: &ExecutorDriver, data: &[u8]) -> CallbackResult;
    /// Nothing.
    fn shutdown(&mut self, driver: &ExecutorDriver) -> CallbackResult;
    /// A text.
    fn error(&mut self, driver: &ExecutorDriver, message: &str) -> CallbackResult;
}

struct Serializing<E>(E);

impl<E: SerializedExecutor> Executor for Serializing<E> {
    fn registered(
        &mut self,
        driver: &ExecutorDriver,
        executor: ExecutorInfo,
        framework: FrameworkInfo,
        agent: AgentInfo,
    ) -> CallbackResult {
        let (executor, framework) = (executor.encode_to_vec(), framework.encode_to_vec());
        self.0.registered(driver, &executor, &framework, &agent.encode_to_vec())
    }

    fn reregistered(&mut self, driver: &ExecutorDriver, agent: AgentInfo) -> CallbackResult {
        self.0.reregistered(driver, &agent.encode_to_vec())
    }

    fn disconnected(&mut self, driver: &ExecutorDriver) -> CallbackResult {
        self.0.disconnected(driver)
    }

    fn launch_task(&mut self, driver: &ExecutorDriver, task: TaskInfo) -> CallbackResult {
        self.0.launch_task(driver, &task.encode_to_vec())
    }

    fn kill_task(&mut self, driver: &ExecutorDriver, task_id: TaskId) -> CallbackResult {
        self.0.kill_task(driver, &task_id.encode_to_vec())
    }

    fn framework_message(&mut self, driver: &ExecutorDriver, data: Bytes) -> CallbackResult {
        self.0.framework_message(driver, &data)
    }

    fn shutdown(&mut self, driver: &ExecutorDriver) -> CallbackResult {
        self.0.shutdown(driver)
    }

    fn error(&mut self, driver: &ExecutorDriver, message: &str) -> CallbackResult {
        self.0.error(driver, message)
    }
}

impl ExecutorDriver {
    /// [`ExecutorDriver::builder`] for an executor that wants serialized messages.
    pub fn builder_serialized(executor: impl SerializedExecutor) -> ExecutorDriverBuilder {
        ExecutorDriverBuilder::new(Box::new(Serializing(executor)))
    }

    /// [`ExecutorDriver::send_status_update`] with a serialized `TaskStatus`.
    pub fn send_status_update_serialized(&self, status: &[u8]) -> Status {
        self.method(|| arguments::decode(status).map(|it| Method::SendStatusUpdate(Box::new(it))))
    }
}
