// SPDX-License-Identifier: Apache-2.0

//! `MesosSchedulerDriver`: the blocking, calling-back scheduler driver.

mod builder;
mod environment;
mod machine;
mod methods;
mod serialized;

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use mesos_driver::{
    scheduler::UpdateKey,
    v0::{
        Status,
        scheduler::{Callback, Method},
    },
};
use mesos_proto::v1::{
    AgentId, ExecutorId, FrameworkId, FrameworkInfo, MasterInfo, Offer, OfferId, TaskStatus,
};

use self::builder::Settings;
pub use self::{
    builder::SchedulerDriverBuilder,
    serialized::{SerializedMethods, SerializedScheduler},
};
use crate::calling_back::{
    callbacks::{self, CallbackResult},
    session::{Owner, Session},
    threads,
};

/// What a framework is told, one method for each callback of `mesos::Scheduler`.
///
/// The defaults do nothing. An `Err` aborts the driver.
#[expect(unused_variables, reason = "the defaults do nothing")]
pub trait Scheduler: Send + 'static {
    /// The master has the framework, for the first time in the life of this driver.
    fn registered(
        &mut self,
        driver: &SchedulerDriver,
        framework_id: FrameworkId,
        master: MasterInfo,
    ) -> CallbackResult {
        Ok(())
    }

    /// A master has the framework again, after `disconnected`.
    fn reregistered(&mut self, driver: &SchedulerDriver, master: MasterInfo) -> CallbackResult {
        Ok(())
    }

    /// There is no master now. Offers in hand are void; tasks go on.
    fn disconnected(&mut self, driver: &SchedulerDriver) -> CallbackResult {
        Ok(())
    }

    /// At least one offer, each to be accepted or declined.
    fn resource_offers(&mut self, driver: &SchedulerDriver, offers: Vec<Offer>) -> CallbackResult {
        Ok(())
    }

    /// An offer is no longer good.
    fn offer_rescinded(&mut self, driver: &SchedulerDriver, offer_id: OfferId) -> CallbackResult {
        Ok(())
    }

    /// A task changed its state. With implicit acknowledgement, returning acknowledges.
    fn status_update(&mut self, driver: &SchedulerDriver, status: TaskStatus) -> CallbackResult {
        Ok(())
    }

    /// An executor sent a message.
    fn framework_message(
        &mut self,
        driver: &SchedulerDriver,
        executor_id: ExecutorId,
        agent_id: AgentId,
        data: Bytes,
    ) -> CallbackResult {
        Ok(())
    }

    /// An agent was removed from the cluster.
    fn agent_lost(&mut self, driver: &SchedulerDriver, agent_id: AgentId) -> CallbackResult {
        Ok(())
    }

    /// An executor ended; `status` is as from `waitpid`, or -1.
    fn executor_lost(
        &mut self,
        driver: &SchedulerDriver,
        executor_id: ExecutorId,
        agent_id: AgentId,
        status: i32,
    ) -> CallbackResult {
        Ok(())
    }

    /// The driver cannot go on; it has been aborted before this.
    fn error(&mut self, driver: &SchedulerDriver, message: &str) -> CallbackResult {
        Ok(())
    }
}

type SchedulerSession = Session<Box<Method>, UpdateKey>;

/// A scheduler driver; see [`super`] for what holds for it. Clones are the same driver.
#[derive(Clone, Debug)]
pub struct SchedulerDriver {
    shared: Arc<Shared>,
    /// Unset in what callbacks get, which does not keep the driver alive.
    _owner: Option<Arc<Owner<Box<Method>, UpdateKey>>>,
}

#[derive(Debug)]
struct Shared {
    session: Arc<SchedulerSession>,
    implicit_acknowledgements: bool,
    /// Until the driver starts.
    settings: Mutex<Option<Settings>>,
}

impl SchedulerDriver {
    /// Prepares a driver for the master at `master`: `host:port`, `zk://host:port,…/path`,
    /// `file:///path` to a file that holds one of these, or `local` (`localquiet`) for a cluster
    /// that `start` starts for this driver (the program `mesos-local`) and that ends with it.
    ///
    /// With `framework.id` set, it takes over from whichever scheduler has that id. An empty user
    /// or hostname is filled in. Whatever is wrong is told by `start`.
    pub fn builder(
        scheduler: impl Scheduler,
        framework: FrameworkInfo,
        master: impl Into<String>,
    ) -> SchedulerDriverBuilder {
        SchedulerDriverBuilder::new(Box::new(scheduler), framework, master.into())
    }

    fn new(settings: Settings) -> Self {
        let session = Arc::new(Session::new());
        let shared = Shared {
            session: Arc::clone(&session),
            implicit_acknowledgements: settings.implicit_acknowledgements,
            settings: Mutex::new(Some(settings)),
        };
        SchedulerDriver { shared: Arc::new(shared), _owner: Some(Arc::new(Owner(session))) }
    }

    /// Starts the driver. When it cannot start, `error` is called on this thread, and the
    /// driver is aborted.
    pub fn start(&self) -> Status {
        let scheduler = RefCell::new(None);
        let begin = |commands| {
            let mut settings = self.take_settings().ok_or("the driver has been started before")?;
            let mut scheduler = scheduler.borrow_mut();
            *scheduler = settings.scheduler.take();
            let prepared = settings.prepare()?;
            let driver = SchedulerDriver { shared: Arc::clone(&self.shared), _owner: None };
            threads::begin(
                &self.shared.session,
                commands,
                &mut scheduler,
                move |runtime, side| runtime.block_on(machine::run(prepared, side)),
                move |mut scheduler, told| {
                    let session = Arc::clone(&driver.shared.session);
                    let call = |callback| call(&mut *scheduler, &driver, callback);
                    callbacks::serve(&session, told, call, |text| Callback::Error(text.to_owned()));
                },
            )
        };
        self.shared.session.start(begin, |reason| match (scheduler.take(), reason) {
            (Some(mut scheduler), Some(reason)) => scheduler.error(self, reason),
            (Some(_) | None, _) => Ok(()),
        })
    }

    fn take_settings(&self) -> Option<Settings> {
        self.shared.settings.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Ends the driver, and the framework with its tasks unless `failover`.
    pub fn stop(&self, failover: bool) -> Status {
        self.shared.session.stop(failover)
    }

    /// Ends the callbacks. The framework and its tasks stay while this driver is not stopped or
    /// dropped, and for its failover timeout after that.
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
}

fn call(
    scheduler: &mut dyn Scheduler,
    driver: &SchedulerDriver,
    callback: Callback,
) -> CallbackResult {
    match callback {
        Callback::Registered { framework_id, master } => {
            scheduler.registered(driver, framework_id, *master)
        }
        Callback::Reregistered(master) => scheduler.reregistered(driver, *master),
        Callback::Disconnected => scheduler.disconnected(driver),
        Callback::ResourceOffers(offers) => scheduler.resource_offers(driver, offers),
        Callback::OfferRescinded(offer_id) => scheduler.offer_rescinded(driver, offer_id),
        Callback::StatusUpdate(status) => scheduler.status_update(driver, *status),
        Callback::FrameworkMessage { executor_id, agent_id, data } => {
            scheduler.framework_message(driver, executor_id, agent_id, data)
        }
        Callback::AgentLost(agent_id) => scheduler.agent_lost(driver, agent_id),
        Callback::ExecutorLost { executor_id, agent_id, status } => {
            scheduler.executor_lost(driver, executor_id, agent_id, status)
        }
        Callback::Error(message) => scheduler.error(driver, &message),
    }
}
