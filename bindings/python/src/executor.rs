// SPDX-License-Identifier: Apache-2.0

//! The native executor driver, in serialized messages.

use mesos_client::v0::{self, CallbackResult, SerializedExecutor};
use pyo3::{
    prelude::*,
    types::{PyBytes, PyTuple},
};

use crate::{
    callee::{Callee, Caller},
    waiting,
};

/// See `mesos.executor.MesosExecutorDriver`. Statuses are those of `mesos_pb2.Status`.
#[pyclass(module = "_mesos_rs._native", frozen)]
pub(crate) struct ExecutorDriver {
    driver: v0::ExecutorDriver,
    callee: Callee,
}

impl Drop for ExecutorDriver {
    fn drop(&mut self) {
        waiting::at_drop(|| self.driver.close());
    }
}

#[pymethods]
impl ExecutorDriver {
    #[new]
    fn new() -> Self {
        mesos_client::log_to_stderr();
        let callee = Callee::new();
        let calls = Calls(Caller::new(callee.clone()));
        ExecutorDriver { driver: v0::ExecutorDriver::builder_serialized(calls).build(), callee }
    }

    /// Starts; `callee` has a method for each callback.
    fn start(&self, py: Python<'_>, callee: Py<PyAny>) -> i32 {
        self.callee.give(callee);
        waiting::aside(py, || self.driver.start())
    }

    fn stop(&self, py: Python<'_>) -> i32 {
        waiting::aside(py, || self.driver.stop())
    }

    fn abort(&self, py: Python<'_>) -> i32 {
        waiting::aside(py, || self.driver.abort())
    }

    fn join(&self, py: Python<'_>) -> PyResult<i32> {
        waiting::for_end(py, |patience| self.driver.join_for(patience))
    }

    /// Ends what runs, and waits for the callback that runs.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        waiting::aside(py, || self.driver.stop());
        waiting::for_end(py, |patience| self.driver.join_for(patience))?;
        py.detach(|| self.driver.close());
        Ok(())
    }

    fn status(&self, py: Python<'_>) -> i32 {
        waiting::aside(py, || self.driver.status())
    }

    fn send_status_update(&self, py: Python<'_>, status: &[u8]) -> i32 {
        waiting::aside(py, || self.driver.send_status_update_serialized(status))
    }

    fn send_framework_message(&self, py: Python<'_>, data: &[u8]) -> i32 {
        waiting::aside(py, || self.driver.send_framework_message(data.to_vec()))
    }
}

/// Calls the methods that Mesos's Python executors have.
struct Calls(Caller);

impl SerializedExecutor for Calls {
    fn registered(
        &mut self,
        _: &v0::ExecutorDriver,
        executor: &[u8],
        framework: &[u8],
        agent: &[u8],
    ) -> CallbackResult {
        self.0.call("registered", |py| {
            let infos = (PyBytes::new(py, executor), PyBytes::new(py, framework));
            (infos.0, infos.1, PyBytes::new(py, agent)).into_pyobject(py)
        })
    }

    fn reregistered(&mut self, _: &v0::ExecutorDriver, agent: &[u8]) -> CallbackResult {
        self.0.call("reregistered", |py| (PyBytes::new(py, agent),).into_pyobject(py))
    }

    fn disconnected(&mut self, _: &v0::ExecutorDriver) -> CallbackResult {
        self.0.call("disconnected", |py| Ok(PyTuple::empty(py)))
    }

    fn launch_task(&mut self, _: &v0::ExecutorDriver, task: &[u8]) -> CallbackResult {
        self.0.call("launchTask", |py| (PyBytes::new(py, task),).into_pyobject(py))
    }

    fn kill_task(&mut self, _: &v0::ExecutorDriver, task_id: &[u8]) -> CallbackResult {
        self.0.call("killTask", |py| (PyBytes::new(py, task_id),).into_pyobject(py))
    }

    fn framework_message(&mut self, _: &v0::ExecutorDriver, data: &[u8]) -> CallbackResult {
        self.0.call("frameworkMessage", |py| (PyBytes::new(py, data),).into_pyobject(py))
    }

    fn shutdown(&mut self, _: &v0::ExecutorDriver) -> CallbackResult {
        self.0.call("shutdown", |py| Ok(PyTuple::empty(py)))
    }

    fn error(&mut self, _: &v0::ExecutorDriver, message: &str) -> CallbackResult {
        self.0.call("error", |py| (message,).into_pyobject(py))
    }
}
