// SPDX-License-Identifier: Apache-2.0

//! `MesosExecutorDriver`: the blocking, calling-back executor driver.

mod builder;
mod machine;
mod serialized;

use std::{
    cell::RefCell,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use mesos_driver::v0::{
    Status,
    executor::{Callback, Method},
};
use mesos_proto::v1::{AgentInfo, ExecutorInfo, FrameworkInfo, TaskId, TaskInfo, TaskStatus};

use self::builder::Settings;
pub use self::{builder::ExecutorDriverBuilder, serialized::SerializedExecutor};
use crate::calling_back::{
    callbacks::{self, CallbackResult},
    session::{Owner, Session},
    threads,
};

/// What an executor is told, one method for each callback of `mesos::Executor`.
///
/// The defaults do nothing. An `Err` aborts the driver.
#[expect(unused_variables, reason = "the defaults do nothing")]
pub trait Executor: Send + 'static {
    /// The agent has the executor, for the first time.
    fn registered(
        &mut self,
        driver: &ExecutorDriver,
        executor: ExecutorInfo,
        framework: FrameworkInfo,
        agent: AgentInfo,
    ) -> CallbackResult {
        Ok(())
    }

    /// The agent has restarted and has the executor again.
    fn reregistered(&mut self, driver: &ExecutorDriver, agent: AgentInfo) -> CallbackResult {
        Ok(())
    }

    /// The agent is away; it is waited for.
    fn disconnected(&mut self, driver: &ExecutorDriver) -> CallbackResult {
        Ok(())
    }

    /// Run a task, without blocking.
    fn launch_task(&mut self, driver: &ExecutorDriver, task: TaskInfo) -> CallbackResult {
        Ok(())
    }

    /// Stop a task and report it.
    fn kill_task(&mut self, driver: &ExecutorDriver, task_id: TaskId) -> CallbackResult {
        Ok(())
    }

    /// The scheduler sent a message.
    fn framework_message(&mut self, driver: &ExecutorDriver, data: Bytes) -> CallbackResult {
        Ok(())
    }

    /// Stop every task, report it, and stop the driver; the process is killed when the grace
    /// period is over. The last callback.
    fn shutdown(&mut self, driver: &ExecutorDriver) -> CallbackResult {
        Ok(())
    }

    /// The driver cannot go on; it has been aborted before this.
    fn error(&mut self, driver: &ExecutorDriver, message: &str) -> CallbackResult {
        Ok(())
    }
}

/// Nothing is acknowledged to an agent.
type ExecutorSession = Session<Method, Infallible>;

/// An executor driver; see [`super`] for what holds for it. Clones are the same driver.
#[derive(Clone, Debug)]
pub struct ExecutorDriver {
    shared: Arc<Shared>,
    /// Unset in what callbacks get, which does not keep the driver alive.
    _owner: Option<Arc<Owner<Method, Infallible>>>,
}

#[derive(Debug)]
struct Shared {
    session: Arc<ExecutorSession>,
    /// Until the driver starts.
    settings: Mutex<Option<Settings>>,
}

impl ExecutorDriver {
    /// Prepares a driver with the environment of this process, which an agent has set.
    /// Whatever is wrong is told by `start`.
    pub fn builder(executor: impl Executor) -> ExecutorDriverBuilder {
        ExecutorDriverBuilder::new(Box::new(executor))
    }

    fn new(settings: Settings) -> Self {
        let session = Arc::new(Session::new());
        let shared = Shared { session: Arc::clone(&session), settings: Mutex::new(Some(settings)) };
        ExecutorDriver { shared: Arc::new(shared), _owner: Some(Arc::new(Owner(session))) }
    }

    /// Starts the driver. When it cannot start, `error` is called on this thread, and the
    /// driver is aborted.
    pub fn start(&self) -> Status {
        let executor = RefCell::new(None);
        let begin = |commands| {
            let mut settings = self.take_settings().ok_or("the driver has been started before")?;
            let mut executor = executor.borrow_mut();
            *executor = settings.executor.take();
            let prepared = settings.prepare()?;
            let driver = ExecutorDriver { shared: Arc::clone(&self.shared), _owner: None };
            threads::begin(
                &self.shared.session,
                commands,
                &mut executor,
                move |runtime, side| runtime.block_on(machine::run(prepared, side)),
                move |mut executor, told| {
                    let session = Arc::clone(&driver.shared.session);
                    let call = |callback| call(&mut *executor, &driver, callback);
                    callbacks::serve(&session, told, call, |text| Callback::Error(text.to_owned()));
                },
            )
        };
        self.shared.session.start(begin, |reason| match (executor.take(), reason) {
            (Some(mut executor), Some(reason)) => executor.error(self, reason),
            (Some(_) | None, _) => Ok(()),
        })
    }

    fn take_settings(&self) -> Option<Settings> {
        self.shared.settings.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Ends the driver, once the agent has what was sent.
    pub fn stop(&self) -> Status {
        self.shared.session.stop(false)
    }

    /// Ends the callbacks.
    pub fn abort(&self) -> Status {
        self.shared.session.abort()
    }

    /// Waits until the driver is stopped or aborted; returns at once inside of a callback.
    pub fn join(&self) -> Status {
        self.shared.session.join()
    }

    /// [`Self::join`] with little patience: `None` if the driver has not ended by then.
    pub fn join_for(&self, patience: Duration) -> Option<Status> {
        self.shared.session.join_for(patience)
    }

    /// `start` and then `join`.
    pub fn run(&self) -> Status {
        match self.start() {
            Status::Running => self.join(),
            status @ (Status::NotStarted | Status::Aborted | Status::Stopped) => status,
        }
    }

    /// What dropping the last clone does: ends whatever runs, without a TEARDOWN, and waits for the
    /// callback that runs, unless called inside of it.
    pub fn close(&self) {
        self.shared.session.close();
        // What was not started ends here, with the object that it would have called back.
        drop(self.take_settings());
    }

    /// The status now.
    pub fn status(&self) -> Status {
        self.shared.session.status()
    }

    /// Why a callback failed, if one did.
    pub fn failure(&self) -> Option<String> {
        self.shared.session.failure()
    }

    /// Reports the state of a task, repeatedly until the scheduler has acknowledged it.
    ///
    /// Its uuid, time and agent are filled in. TASK_STAGING and an empty task id are misuse.
    pub fn send_status_update(&self, status: TaskStatus) -> Status {
        self.method(|| Ok(Method::SendStatusUpdate(Box::new(status))))
    }

    /// Sends a message to the scheduler. It can be lost without a word.
    pub fn send_framework_message(&self, data: impl Into<Bytes>) -> Status {
        self.method(|| Ok(Method::SendFrameworkMessage(data.into())))
    }

    fn method(&self, make: impl FnOnce() -> Result<Method, String>) -> Status {
        self.shared.session.method(|| {
            let method = make()?;
            method.check()?;
            Ok(method)
        })
    }
}

fn call(
    executor: &mut dyn Executor,
    driver: &ExecutorDriver,
    callback: Callback,
) -> CallbackResult {
    match callback {
        Callback::Registered { executor: info, framework, agent } => {
            executor.registered(driver, *info, *framework, *agent)
        }
        Callback::Reregistered(agent) => executor.reregistered(driver, *agent),
        Callback::Disconnected => executor.disconnected(driver),
        Callback::LaunchTask(task) => executor.launch_task(driver, *task),
        Callback::KillTask(task_id) => executor.kill_task(driver, task_id),
        Callback::FrameworkMessage(data) => executor.framework_message(driver, data),
        Callback::Shutdown => executor.shutdown(driver),
        Callback::Error(message) => executor.error(driver, &message),
    }
}
