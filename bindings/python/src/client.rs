// SPDX-License-Identifier: Apache-2.0

//! The asyncio clients: `mesos_client`'s, whose answers go to Python's event loop.

use std::{mem, process, sync::Arc};

use mesos_client::{
    self as client, Acknowledgement, Error, ErrorKind, ExecutorEvent, ExecutorEvents,
    SchedulerEvent, SchedulerEvents, Stopped,
};
use mesos_proto::{
    Described,
    v1::{FrameworkInfo, TaskStatus, scheduler::Call, scheduler::OfferConstraints},
};
use prost::Message;
use pyo3::{
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyBytes, PyList, PyModule},
};
use tokio::{runtime::Handle, sync::Mutex};

use crate::{
    outcome::{raised, tell},
    runtime,
};

/// Adds the classes.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<SchedulerClient>()?;
    module.add_class::<ExecutorClient>()
}

/// Where a client lives: the threads that serve it are not there in a child of its process.
struct Home {
    handle: Handle,
    process: u32,
}

impl Home {
    fn here() -> PyResult<Self> {
        Ok(Home { handle: runtime::handle()?, process: process::id() })
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> PyResult<()> {
        if self.process != process::id() {
            let text = "this client belongs to the parent of this process";
            return Err(raised(&Error::new(ErrorKind::Stopped, text)));
        }
        self.handle.spawn(work);
        Ok(())
    }

    /// For a client's end. In a child of the process its parts are kept for ever: to drop them
    /// would wake a thread that is not there, with locks that it may have had at the fork.
    fn keep_in_child<T>(&self, parts: impl FnOnce() -> T) {
        if self.process != process::id() {
            mem::forget(parts());
        }
    }
}

fn decode<M: Described>(bytes: &[u8], kind: ErrorKind) -> Result<M, Error> {
    mesos_proto::decode(bytes).map_err(|error| Error::new(kind, error.to_string()))
}

/// See `mesos_rs.Scheduler`.
#[pyclass(module = "_mesos_rs._native", frozen)]
struct SchedulerClient {
    client: client::SchedulerClient,
    events: Arc<Mutex<SchedulerEvents>>,
    home: Home,
}

impl Drop for SchedulerClient {
    fn drop(&mut self) {
        self.home.keep_in_child(|| (self.client.clone(), Arc::clone(&self.events)));
    }
}

#[pymethods]
impl SchedulerClient {
    #[new]
    fn new(
        py: Python<'_>,
        master: String,
        framework: &[u8],
        credential: Option<(String, String)>,
        suppressed_roles: Vec<String>,
        offer_constraints: Option<PyBackedBytes>,
        explicit: bool,
    ) -> PyResult<Self> {
        let home = Home::here()?;
        let made = || {
            let framework: FrameworkInfo = decode(framework, ErrorKind::Configuration)?;
            let mut builder = client::SchedulerClient::builder(master, framework)
                .suppressed_roles(suppressed_roles)
                .acknowledgement(if explicit {
                    Acknowledgement::Explicit
                } else {
                    Acknowledgement::Implicit
                });
            if let Some((principal, secret)) = credential {
                builder = builder.credential(&principal, &secret);
            }
            if let Some(bytes) = offer_constraints {
                let constraints: OfferConstraints = decode(&bytes, ErrorKind::Configuration)?;
                builder = builder.offer_constraints(constraints);
            }
            let _inside = home.handle.enter();
            builder.start()
        };
        let (client, events) = py.detach(made).map_err(|error| raised(&error))?;
        Ok(SchedulerClient { client, events: Arc::new(Mutex::new(events)), home })
    }

    /// The next event, or `None` at the end. When nobody hears it, the client stops.
    fn next(&self, done: Py<PyAny>) -> PyResult<()> {
        let (client, events) = (self.client.clone(), Arc::clone(&self.events));
        self.home.spawn(async move {
            let next = events.lock().await.next().await;
            if !tell(done, next, scheduler_event) {
                // It may have ended before.
                let _ = client.stop_for_failover().await;
            }
        })
    }

    /// Makes a call.
    fn call(&self, call: PyBackedBytes, done: Py<PyAny>) -> PyResult<()> {
        let client = self.client.clone();
        self.home.spawn(async move {
            let outcome = match decode::<Call>(&call, ErrorKind::InvalidCall) {
                Ok(call) => client.call(call).await,
                Err(error) => Err(error),
            };
            tell(done, outcome, |py, _| Ok(py.None().into_bound(py)));
        })
    }

    /// Stops; the value is whether the framework is gone from the cluster.
    fn stop(&self, failover: bool, done: Py<PyAny>) -> PyResult<()> {
        let client = self.client.clone();
        self.home.spawn(async move {
            let outcome =
                if failover { client.stop_for_failover().await } else { client.stop().await };
            tell(done, outcome, |py, stopped| {
                let gone = match stopped {
                    Stopped::TornDown => true,
                    Stopped::LeftForFailover | Stopped::NotTornDown => false,
                };
                Ok(gone.into_pyobject(py)?.to_owned().into_any())
            });
        })
    }
}

/// See `mesos_rs.Executor`.
#[pyclass(module = "_mesos_rs._native", frozen)]
struct ExecutorClient {
    client: client::ExecutorClient,
    events: Arc<Mutex<ExecutorEvents>>,
    home: Home,
}

impl Drop for ExecutorClient {
    fn drop(&mut self) {
        self.home.keep_in_child(|| (self.client.clone(), Arc::clone(&self.events)));
    }
}

#[pymethods]
impl ExecutorClient {
    #[new]
    fn new(py: Python<'_>) -> PyResult<Self> {
        let home = Home::here()?;
        let made = || {
            let builder = client::ExecutorClient::from_environment()?;
            let _inside = home.handle.enter();
            builder.start()
        };
        let (client, events) = py.detach(made).map_err(|error| raised(&error))?;
        Ok(ExecutorClient { client, events: Arc::new(Mutex::new(events)), home })
    }

    /// The next event, or `None` at the end. When nobody hears it, the client stops.
    fn next(&self, done: Py<PyAny>) -> PyResult<()> {
        let (client, events) = (self.client.clone(), Arc::clone(&self.events));
        self.home.spawn(async move {
            let next = events.lock().await.next().await;
            if !tell(done, next, executor_event) {
                // It may have ended before.
                let _ = client.stop().await;
            }
        })
    }

    /// Reports the state of a task.
    fn update(&self, status: PyBackedBytes, done: Py<PyAny>) -> PyResult<()> {
        let client = self.client.clone();
        self.home.spawn(async move {
            let outcome = match decode::<TaskStatus>(&status, ErrorKind::InvalidCall) {
                Ok(status) => client.update(status).await,
                Err(error) => Err(error),
            };
            tell(done, outcome, |py, ()| Ok(py.None().into_bound(py)));
        })
    }

    /// Sends a message to the scheduler.
    fn message(&self, data: PyBackedBytes, done: Py<PyAny>) -> PyResult<()> {
        let client = self.client.clone();
        self.home.spawn(async move {
            let outcome = client.message(data.to_vec()).await;
            tell(done, outcome, |py, ()| Ok(py.None().into_bound(py)));
        })
    }

    /// Stops.
    fn stop(&self, done: Py<PyAny>) -> PyResult<()> {
        let client = self.client.clone();
        self.home.spawn(async move {
            let outcome = client.stop().await;
            tell(done, outcome, |py, ()| Ok(py.None().into_bound(py)));
        })
    }
}

fn bytes<'py>(py: Python<'py>, message: &impl Message) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &message.encode_to_vec())
}

fn list<'py, M: Message>(py: Python<'py>, messages: &[M]) -> PyResult<Bound<'py, PyList>> {
    PyList::new(py, messages.iter().map(|message| bytes(py, message)))
}

/// A tuple of what Python's event of that name is made of.
macro_rules! event {
    ($py:ident, $($part:expr),+) => {
        ($($part,)+).into_pyobject($py)?.into_any()
    };
}

fn scheduler_event(py: Python<'_>, event: Option<SchedulerEvent>) -> PyResult<Bound<'_, PyAny>> {
    let Some(event) = event else { return Ok(py.None().into_bound(py)) };
    Ok(match event {
        SchedulerEvent::Subscribed { framework_id, master, again } => {
            let master = master.map(|master| bytes(py, &master));
            event!(py, "subscribed", framework_id.value, master, again)
        }
        SchedulerEvent::Disconnected { reason } => event!(py, "disconnected", reason),
        SchedulerEvent::Offers(offers) => event!(py, "offers", list(py, &offers)?),
        SchedulerEvent::InverseOffers(offers) => event!(py, "inverse_offers", list(py, &offers)?),
        SchedulerEvent::Rescind(id) => event!(py, "rescind", id.value),
        SchedulerEvent::RescindInverseOffer(id) => event!(py, "rescind_inverse_offer", id.value),
        SchedulerEvent::Update(status) => event!(py, "update", bytes(py, &status)),
        SchedulerEvent::UpdateOperationStatus(status) => {
            event!(py, "operation_update", bytes(py, &status))
        }
        SchedulerEvent::Message { agent_id, executor_id, data } => {
            event!(py, "message", agent_id.value, executor_id.value, PyBytes::new(py, &data))
        }
        SchedulerEvent::AgentLost(id) => event!(py, "agent_lost", id.value),
        SchedulerEvent::ExecutorExited { agent_id, executor_id, status } => {
            let agent_id = agent_id.map(|id| id.value);
            event!(py, "executor_exited", agent_id, executor_id.value, status)
        }
    })
}

fn executor_event(py: Python<'_>, event: Option<ExecutorEvent>) -> PyResult<Bound<'_, PyAny>> {
    let Some(event) = event else { return Ok(py.None().into_bound(py)) };
    Ok(match event {
        ExecutorEvent::Subscribed { executor, framework, agent, container_id: _, again } => {
            let (executor, framework) = (bytes(py, &*executor), bytes(py, &*framework));
            event!(py, "subscribed", executor, framework, bytes(py, &*agent), again)
        }
        ExecutorEvent::Disconnected { reason } => event!(py, "disconnected", reason),
        ExecutorEvent::Launch(task) => event!(py, "launch", bytes(py, &*task)),
        ExecutorEvent::LaunchGroup(group) => event!(py, "launch_group", bytes(py, &group)),
        ExecutorEvent::Kill { task_id, kill_policy } => {
            event!(py, "kill", task_id.value, kill_policy.map(|policy| bytes(py, &policy)))
        }
        ExecutorEvent::Acknowledged { task_id, uuid } => {
            event!(py, "acknowledged", task_id.value, PyBytes::new(py, &uuid))
        }
        ExecutorEvent::Message(data) => event!(py, "message", PyBytes::new(py, &data)),
        ExecutorEvent::Shutdown { reason } => event!(py, "shutdown", reason),
    })
}
