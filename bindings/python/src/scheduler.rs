// SPDX-License-Identifier: Apache-2.0

//! The native scheduler driver, in serialized messages.

use mesos_client::v0::{self, CallbackResult, SerializedScheduler};
use pyo3::{
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyBytes, PyList, PyTuple},
};

use crate::{
    callee::{Callee, Caller},
    waiting,
};

/// See `mesos.scheduler.MesosSchedulerDriver`. Statuses are those of `mesos_pb2.Status`.
#[pyclass(module = "_mesos_rs._native", frozen)]
pub(crate) struct SchedulerDriver {
    driver: v0::SchedulerDriver,
    callee: Callee,
}

impl Drop for SchedulerDriver {
    fn drop(&mut self) {
        waiting::at_drop(|| self.driver.close());
    }
}

fn slices(messages: &[PyBackedBytes]) -> Vec<&[u8]> {
    messages.iter().map(|message| &**message).collect()
}

#[pymethods]
impl SchedulerDriver {
    #[new]
    fn new(
        framework: &[u8],
        master: String,
        implicit_acknowledgements: bool,
        credential: Option<PyBackedBytes>,
        suppressed_roles: Vec<String>,
    ) -> Self {
        mesos_client::log_to_stderr();
        let callee = Callee::new();
        let calls = Calls(Caller::new(callee.clone()));
        let mut builder = v0::SchedulerDriver::builder_serialized(calls, framework, master)
            .implicit_acknowledgements(implicit_acknowledgements)
            .suppressed_roles(suppressed_roles);
        if let Some(credential) = credential {
            builder = builder.credential_serialized(&credential);
        }
        SchedulerDriver { driver: builder.build(), callee }
    }

    /// Starts; `callee` has a method for each callback.
    fn start(&self, py: Python<'_>, callee: Py<PyAny>) -> i32 {
        self.callee.give(callee);
        waiting::aside(py, || self.driver.start())
    }

    fn stop(&self, py: Python<'_>, failover: bool) -> i32 {
        waiting::aside(py, || self.driver.stop(failover))
    }

    fn abort(&self, py: Python<'_>) -> i32 {
        waiting::aside(py, || self.driver.abort())
    }

    fn join(&self, py: Python<'_>) -> PyResult<i32> {
        waiting::for_end(py, |patience| self.driver.join_for(patience))
    }

    /// Ends what runs, and waits for the callback that runs.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        waiting::aside(py, || self.driver.stop(true));
        waiting::for_end(py, |patience| self.driver.join_for(patience))?;
        py.detach(|| self.driver.close());
        Ok(())
    }

    fn status(&self, py: Python<'_>) -> i32 {
        waiting::aside(py, || self.driver.status())
    }

    fn request_resources(&self, py: Python<'_>, requests: Vec<PyBackedBytes>) -> i32 {
        waiting::aside(py, || self.driver.serialized().request_resources(&slices(&requests)))
    }

    fn launch_tasks(
        &self,
        py: Python<'_>,
        offer_ids: Vec<PyBackedBytes>,
        tasks: Vec<PyBackedBytes>,
        filters: &[u8],
    ) -> i32 {
        waiting::aside(py, || {
            self.driver.serialized().launch_tasks(&slices(&offer_ids), &slices(&tasks), filters)
        })
    }

    fn accept_offers(
        &self,
        py: Python<'_>,
        offer_ids: Vec<PyBackedBytes>,
        operations: Vec<PyBackedBytes>,
        filters: &[u8],
    ) -> i32 {
        waiting::aside(py, || {
            let (offer_ids, operations) = (slices(&offer_ids), slices(&operations));
            self.driver.serialized().accept_offers(&offer_ids, &operations, filters)
        })
    }

    fn decline_offer(&self, py: Python<'_>, offer_id: &[u8], filters: &[u8]) -> i32 {
        waiting::aside(py, || self.driver.serialized().decline_offer(offer_id, filters))
    }

    fn revive_offers(&self, py: Python<'_>, roles: Option<Vec<String>>) -> i32 {
        waiting::aside(py, || self.driver.serialized().revive_offers(roles))
    }

    fn suppress_offers(&self, py: Python<'_>, roles: Option<Vec<String>>) -> i32 {
        waiting::aside(py, || self.driver.serialized().suppress_offers(roles))
    }

    fn kill_task(&self, py: Python<'_>, task_id: &[u8]) -> i32 {
        waiting::aside(py, || self.driver.serialized().kill_task(task_id))
    }

    fn acknowledge_status_update(&self, py: Python<'_>, status: &[u8]) -> i32 {
        waiting::aside(py, || self.driver.serialized().acknowledge_status_update(status))
    }

    fn send_framework_message(
        &self,
        py: Python<'_>,
        executor_id: &[u8],
        agent_id: &[u8],
        data: &[u8],
    ) -> i32 {
        waiting::aside(py, || {
            self.driver.serialized().send_framework_message(executor_id, agent_id, data)
        })
    }

    fn reconcile_tasks(&self, py: Python<'_>, statuses: Vec<PyBackedBytes>) -> i32 {
        waiting::aside(py, || self.driver.serialized().reconcile_tasks(&slices(&statuses)))
    }

    fn update_framework(
        &self,
        py: Python<'_>,
        framework: &[u8],
        suppressed_roles: Vec<String>,
        offer_constraints: Option<PyBackedBytes>,
    ) -> i32 {
        waiting::aside(py, || {
            let constraints = offer_constraints.as_deref();
            self.driver.serialized().update_framework(framework, suppressed_roles, constraints)
        })
    }
}

/// Calls the methods that Mesos's Python schedulers have.
struct Calls(Caller);

impl SerializedScheduler for Calls {
    fn registered(
        &mut self,
        _: &v0::SchedulerDriver,
        framework_id: &[u8],
        master: &[u8],
    ) -> CallbackResult {
        self.0.call("registered", |py| {
            (PyBytes::new(py, framework_id), PyBytes::new(py, master)).into_pyobject(py)
        })
    }

    fn reregistered(&mut self, _: &v0::SchedulerDriver, master: &[u8]) -> CallbackResult {
        self.0.call("reregistered", |py| (PyBytes::new(py, master),).into_pyobject(py))
    }

    fn disconnected(&mut self, _: &v0::SchedulerDriver) -> CallbackResult {
        self.0.call("disconnected", |py| Ok(PyTuple::empty(py)))
    }

    fn resource_offers(&mut self, _: &v0::SchedulerDriver, offers: &[Vec<u8>]) -> CallbackResult {
        self.0.call("resourceOffers", |py| {
            let offers = PyList::new(py, offers.iter().map(|offer| PyBytes::new(py, offer)))?;
            (offers,).into_pyobject(py)
        })
    }

    fn offer_rescinded(&mut self, _: &v0::SchedulerDriver, offer_id: &[u8]) -> CallbackResult {
        self.0.call("offerRescinded", |py| (PyBytes::new(py, offer_id),).into_pyobject(py))
    }

    fn status_update(&mut self, _: &v0::SchedulerDriver, status: &[u8]) -> CallbackResult {
        self.0.call("statusUpdate", |py| (PyBytes::new(py, status),).into_pyobject(py))
    }

    fn framework_message(
        &mut self,
        _: &v0::SchedulerDriver,
        executor_id: &[u8],
        agent_id: &[u8],
        data: &[u8],
    ) -> CallbackResult {
        self.0.call("frameworkMessage", |py| {
            let ids = (PyBytes::new(py, executor_id), PyBytes::new(py, agent_id));
            (ids.0, ids.1, PyBytes::new(py, data)).into_pyobject(py)
        })
    }

    fn agent_lost(&mut self, _: &v0::SchedulerDriver, agent_id: &[u8]) -> CallbackResult {
        self.0.call("slaveLost", |py| (PyBytes::new(py, agent_id),).into_pyobject(py))
    }

    fn executor_lost(
        &mut self,
        _: &v0::SchedulerDriver,
        executor_id: &[u8],
        agent_id: &[u8],
        status: i32,
    ) -> CallbackResult {
        self.0.call("executorLost", |py| {
            let ids = (PyBytes::new(py, executor_id), PyBytes::new(py, agent_id));
            (ids.0, ids.1, status).into_pyobject(py)
        })
    }

    fn error(&mut self, _: &v0::SchedulerDriver, message: &str) -> CallbackResult {
        self.0.call("error", |py| (message,).into_pyobject(py))
    }
}
