// SPDX-License-Identifier: Apache-2.0

//! The native scheduler driver.

use std::ffi::{c_char, c_void};

use mesos_client::v0::{
    CallbackError, CallbackResult, SchedulerDriver, SerializedScheduler, Status,
};

use crate::{
    boundary::{check_size, guard, read, write},
    bytes::{list, mesos_bytes, text, texts},
    error::{Fault, mesos_error},
    handles::{self, Handles},
};

static DRIVERS: Handles<SchedulerDriver> = Handles::new("scheduler driver");

/// The status of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum mesos_status {
    /// The function was refused, and its `error` is set.
    Invalid = 0,
    /// `start` was not called.
    NotStarted = 1,
    /// Callbacks come, and methods are carried out.
    Running = 2,
    /// Ended by `abort` or by an error.
    Aborted = 3,
    /// Ended by `stop`.
    Stopped = 4,
}

impl From<Status> for mesos_status {
    fn from(status: Status) -> Self {
        match status {
            Status::NotStarted => mesos_status::NotStarted,
            Status::Running => mesos_status::Running,
            Status::Aborted => mesos_status::Aborted,
            Status::Stopped => mesos_status::Stopped,
        }
    }
}

/// A scheduler driver; all zero is none.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mesos_scheduler_driver {
    /// Its number.
    pub id: u64,
}

/// What a scheduler is called with. Members may be NULL: then that is not heard.
///
/// Each callback returns whether it went well; false (an exception, in other languages) aborts the
/// driver, and `error` is not called for it. They come one after another on one thread of the
/// driver; an `error` out of a start that fails comes on the thread of that start.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mesos_scheduler_callbacks {
    /// sizeof(struct mesos_scheduler_callbacks).
    pub size: usize,
    /// Given to each callback.
    pub context: *mut c_void,
    /// FrameworkID, MasterInfo: subscribed for the first time.
    pub registered: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_scheduler_driver,
            framework_id: mesos_bytes,
            master: mesos_bytes,
        ) -> bool,
    >,
    /// MasterInfo: subscribed again.
    pub reregistered: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_scheduler_driver,
            master: mesos_bytes,
        ) -> bool,
    >,
    /// There is no master now.
    pub disconnected:
        Option<unsafe extern "C" fn(context: *mut c_void, driver: mesos_scheduler_driver) -> bool>,
    /// Offer, at least one.
    pub resource_offers: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_scheduler_driver,
            offers: *const mesos_bytes,
            offers_count: usize,
        ) -> bool,
    >,
    /// OfferID: the offer is no longer good.
    pub offer_rescinded: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_scheduler_driver,
            offer_id: mesos_bytes,
        ) -> bool,
    >,
    /// TaskStatus. With implicit acknowledgement, returning true acknowledges.
    pub status_update: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_scheduler_driver,
            status: mesos_bytes,
        ) -> bool,
    >,
    /// ExecutorID, SlaveID, and the message itself.
    pub framework_message: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_scheduler_driver,
            executor_id: mesos_bytes,
            agent_id: mesos_bytes,
            data: mesos_bytes,
        ) -> bool,
    >,
    /// SlaveID: the agent was removed from the cluster.
    pub agent_lost: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_scheduler_driver,
            agent_id: mesos_bytes,
        ) -> bool,
    >,
    /// ExecutorID, SlaveID, and the wait status, or -1.
    pub executor_lost: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_scheduler_driver,
            executor_id: mesos_bytes,
            agent_id: mesos_bytes,
            status: i32,
        ) -> bool,
    >,
    /// UTF-8 without NUL at its end: the driver cannot go on, and has been aborted.
    pub error: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_scheduler_driver,
            message: mesos_bytes,
        ) -> bool,
    >,
    /// No callback will come any more; called once, on whichever thread that is known, at the
    /// latest by mesos_scheduler_driver_free unless that is called inside of a callback.
    pub release: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

/// What a scheduler driver is made of.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mesos_scheduler_options {
    /// sizeof(struct mesos_scheduler_options).
    pub size: usize,
    /// FrameworkInfo. With an id, the driver takes over from whichever scheduler has it.
    /// An empty user or hostname is filled in.
    pub framework: mesos_bytes,
    /// host:port, zk://host:port,.../path, or file:///path to a file that holds one of these; or
    /// local for a cluster that start starts for this driver (the program mesos-local), and that
    /// ends with it.
    pub master: *const c_char,
    /// Credential; `data` NULL for none.
    pub credential: mesos_bytes,
    /// Whether updates are acknowledged when their callback returns, or by
    /// mesos_scheduler_driver_acknowledge_status_update.
    pub implicit_acknowledgements: bool,
    /// Role names, to begin with.
    pub suppressed_roles: *const mesos_bytes,
    /// How many.
    pub suppressed_roles_count: usize,
}

/// The callbacks with the driver's handle.
struct Callbacks {
    table: mesos_scheduler_callbacks,
    driver: mesos_scheduler_driver,
}

// SAFETY: the caller of `mesos_scheduler_driver_new` says that the context may be used on the
// driver's threads, and they use it one at a time.
unsafe impl Send for Callbacks {}

impl Drop for Callbacks {
    fn drop(&mut self) {
        if let Some(release) = self.table.release {
            // SAFETY: the caller of `mesos_scheduler_driver_new` says so.
            unsafe { release(self.table.context) };
        }
    }
}

fn result(went_well: bool, name: &str) -> CallbackResult {
    if went_well { Ok(()) } else { Err(CallbackError(format!("the callback '{name}' failed"))) }
}

/// Calls `$name` of the table, if it is there.
macro_rules! call {
    ($self:ident, $name:ident $(, $argument:expr)*) => {
        match $self.table.$name {
            Some(function) => {
                // SAFETY: the caller of `mesos_scheduler_driver_new` says that the function can be
                // called with its context; the bytes outlive the call.
                let went_well = unsafe { function($self.table.context, $self.driver $(, $argument)*) };
                result(went_well, stringify!($name))
            }
            None => Ok(()),
        }
    };
}

impl SerializedScheduler for Callbacks {
    fn registered(&mut self, _: &SchedulerDriver, id: &[u8], master: &[u8]) -> CallbackResult {
        call!(self, registered, mesos_bytes::of(id), mesos_bytes::of(master))
    }

    fn reregistered(&mut self, _: &SchedulerDriver, master: &[u8]) -> CallbackResult {
        call!(self, reregistered, mesos_bytes::of(master))
    }

    fn disconnected(&mut self, _: &SchedulerDriver) -> CallbackResult {
        call!(self, disconnected)
    }

    fn resource_offers(&mut self, _: &SchedulerDriver, offers: &[Vec<u8>]) -> CallbackResult {
        let offers: Vec<mesos_bytes> = offers.iter().map(|it| mesos_bytes::of(it)).collect();
        call!(self, resource_offers, offers.as_ptr(), offers.len())
    }

    fn offer_rescinded(&mut self, _: &SchedulerDriver, offer_id: &[u8]) -> CallbackResult {
        call!(self, offer_rescinded, mesos_bytes::of(offer_id))
    }

    fn status_update(&mut self, _: &SchedulerDriver, status: &[u8]) -> CallbackResult {
        call!(self, status_update, mesos_bytes::of(status))
    }

    fn framework_message(
        &mut self,
        _: &SchedulerDriver,
        executor_id: &[u8],
        agent_id: &[u8],
        data: &[u8],
    ) -> CallbackResult {
        let (executor_id, agent_id) = (mesos_bytes::of(executor_id), mesos_bytes::of(agent_id));
        call!(self, framework_message, executor_id, agent_id, mesos_bytes::of(data))
    }

    fn agent_lost(&mut self, _: &SchedulerDriver, agent_id: &[u8]) -> CallbackResult {
        call!(self, agent_lost, mesos_bytes::of(agent_id))
    }

    fn executor_lost(
        &mut self,
        _: &SchedulerDriver,
        executor_id: &[u8],
        agent_id: &[u8],
        status: i32,
    ) -> CallbackResult {
        let (executor_id, agent_id) = (mesos_bytes::of(executor_id), mesos_bytes::of(agent_id));
        call!(self, executor_lost, executor_id, agent_id, status)
    }

    fn error(&mut self, _: &SchedulerDriver, message: &str) -> CallbackResult {
        call!(self, error, mesos_bytes::of(message.as_bytes()))
    }
}

/// Makes a driver, which does nothing before it is started. Returns whether it is made.
///
/// Only pointers are checked here; what is wrong with their contents is told by start, through
/// the callback `error`. When this fails, `release` is not called.
///
/// # Safety
/// The pointers are NULL or as their names say, the callbacks can be called on other threads with
/// their context until `release` is, and `driver` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_new(
    callbacks: *const mesos_scheduler_callbacks,
    options: *const mesos_scheduler_options,
    driver: *mut mesos_scheduler_driver,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: all pointers are as the caller says.
    unsafe {
        guard(error, false, || {
            mesos_client::log_to_stderr();
            let table = *read(callbacks, "callbacks")?;
            check_size::<mesos_scheduler_callbacks>(table.size, "callbacks")?;
            let options = read(options, "options")?;
            check_size::<mesos_scheduler_options>(options.size, "options")?;
            let framework = options.framework.get("options->framework")?;
            let master = text(options.master, "options->master")?;
            let credential = options.credential.get("options->credential")?;
            let roles = texts(
                options.suppressed_roles,
                options.suppressed_roles_count,
                "options->suppressed_roles",
            )?;
            let handle = mesos_scheduler_driver { id: handles::reserve() };
            write(driver, handle, "driver")?;
            let callbacks = Callbacks { table, driver: handle };
            let mut builder = SchedulerDriver::builder_serialized(callbacks, framework, master)
                .implicit_acknowledgements(options.implicit_acknowledgements)
                .suppressed_roles(roles);
            if !options.credential.data.is_null() {
                builder = builder.credential_serialized(credential);
            }
            DRIVERS.insert(handle.id, builder.build());
            Ok(true)
        })
    }
}

/// Ends the driver if it was not stopped (without a TEARDOWN), waits for the callback that runs
/// unless called inside of it, and frees it. A dead handle is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn mesos_scheduler_driver_free(driver: mesos_scheduler_driver) {
    // SAFETY: the error is not wanted.
    unsafe {
        guard(std::ptr::null_mut(), (), || {
            if let Some(driver) = DRIVERS.remove(driver.id) {
                driver.close();
            }
            Ok(())
        });
    }
}

/// Runs `method` on the driver that the handle stands for.
///
/// # Safety
/// `error` is NULL or can be written to.
unsafe fn on(
    driver: mesos_scheduler_driver,
    error: *mut *mut mesos_error,
    method: impl FnOnce(&SchedulerDriver) -> Result<Status, Fault>,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { guard(error, mesos_status::Invalid, || Ok(method(&DRIVERS.get(driver.id)?)?.into())) }
}

/// The status now.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_status(
    driver: mesos_scheduler_driver,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { on(driver, error, |driver| Ok(driver.status())) }
}

/// Starts the driver. When it cannot start, `error` is called on this thread, and the driver
/// is aborted.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_start(
    driver: mesos_scheduler_driver,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { on(driver, error, |driver| Ok(driver.start())) }
}

/// Ends the driver, and the framework with its tasks unless `failover`. Does not wait. After an
/// abort, returns MESOS_STATUS_ABORTED.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_stop(
    driver: mesos_scheduler_driver,
    failover: bool,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { on(driver, error, |driver| Ok(driver.stop(failover))) }
}

/// Ends the callbacks; the framework and its tasks stay. Does not wait.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_abort(
    driver: mesos_scheduler_driver,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { on(driver, error, |driver| Ok(driver.abort())) }
}

/// Waits until the driver is stopped or aborted and no callback runs. Inside of a callback, or
/// before the start, returns at once.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_join(
    driver: mesos_scheduler_driver,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { on(driver, error, |driver| Ok(driver.join())) }
}

/// Start and then join.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_run(
    driver: mesos_scheduler_driver,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { on(driver, error, |driver| Ok(driver.run())) }
}

/// Request: asks the allocator for resources; the built-in one does not listen.
///
/// # Safety
/// `requests` has `requests_count` elements; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_request_resources(
    driver: mesos_scheduler_driver,
    requests: *const mesos_bytes,
    requests_count: usize,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| {
            let requests = list(requests, requests_count, "requests")?;
            Ok(driver.serialized().request_resources(&requests))
        })
    }
}

/// OfferID, TaskInfo, Filters: launches tasks on offers of one agent. Without a master now,
/// each task gets a TASK_LOST at once.
///
/// # Safety
/// The arrays have as many elements as said; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_launch_tasks(
    driver: mesos_scheduler_driver,
    offer_ids: *const mesos_bytes,
    offer_ids_count: usize,
    tasks: *const mesos_bytes,
    tasks_count: usize,
    filters: mesos_bytes,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| {
            let offer_ids = list(offer_ids, offer_ids_count, "offer_ids")?;
            let tasks = list(tasks, tasks_count, "tasks")?;
            let filters = filters.get("filters")?;
            Ok(driver.serialized().launch_tasks(&offer_ids, &tasks, filters))
        })
    }
}

/// OfferID, Offer.Operation, Filters: applies operations to offers of one agent.
///
/// # Safety
/// The arrays have as many elements as said; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_accept_offers(
    driver: mesos_scheduler_driver,
    offer_ids: *const mesos_bytes,
    offer_ids_count: usize,
    operations: *const mesos_bytes,
    operations_count: usize,
    filters: mesos_bytes,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| {
            let offer_ids = list(offer_ids, offer_ids_count, "offer_ids")?;
            let operations = list(operations, operations_count, "operations")?;
            let filters = filters.get("filters")?;
            Ok(driver.serialized().accept_offers(&offer_ids, &operations, filters))
        })
    }
}

/// OfferID, Filters: gives an offer back.
///
/// # Safety
/// The bytes are readable; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_decline_offer(
    driver: mesos_scheduler_driver,
    offer_id: mesos_bytes,
    filters: mesos_bytes,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| {
            let (offer_id, filters) = (offer_id.get("offer_id")?, filters.get("filters")?);
            Ok(driver.serialized().decline_offer(offer_id, filters))
        })
    }
}

/// Wants offers for all roles of the framework again.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_revive_offers(
    driver: mesos_scheduler_driver,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { on(driver, error, |driver| Ok(driver.revive_offers())) }
}

/// Wants offers for these roles again; without any, nothing happens.
///
/// # Safety
/// `roles` has `roles_count` elements; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_revive_offers_for_roles(
    driver: mesos_scheduler_driver,
    roles: *const mesos_bytes,
    roles_count: usize,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| {
            Ok(driver.revive_offers_for(texts(roles, roles_count, "roles")?))
        })
    }
}

/// Wants no offers until it revives them.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_suppress_offers(
    driver: mesos_scheduler_driver,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { on(driver, error, |driver| Ok(driver.suppress_offers())) }
}

/// Wants no offers for these roles; without any, nothing happens.
///
/// # Safety
/// `roles` has `roles_count` elements; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_suppress_offers_for_roles(
    driver: mesos_scheduler_driver,
    roles: *const mesos_bytes,
    roles_count: usize,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| {
            Ok(driver.suppress_offers_for(texts(roles, roles_count, "roles")?))
        })
    }
}

/// TaskID: stops a task.
///
/// # Safety
/// The bytes are readable; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_kill_task(
    driver: mesos_scheduler_driver,
    task_id: mesos_bytes,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| Ok(driver.serialized().kill_task(task_id.get("task_id")?)))
    }
}

/// TaskStatus: acknowledges an update. With implicit acknowledgement, it is misuse and aborts
/// the driver.
///
/// # Safety
/// The bytes are readable; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_acknowledge_status_update(
    driver: mesos_scheduler_driver,
    status: mesos_bytes,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| {
            Ok(driver.serialized().acknowledge_status_update(status.get("status")?))
        })
    }
}

/// ExecutorID, SlaveID, and the message itself, which can be lost without a word.
///
/// # Safety
/// The bytes are readable; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_send_framework_message(
    driver: mesos_scheduler_driver,
    executor_id: mesos_bytes,
    agent_id: mesos_bytes,
    data: mesos_bytes,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| {
            let executor_id = executor_id.get("executor_id")?;
            let agent_id = agent_id.get("agent_id")?;
            let data = data.get("data")?;
            Ok(driver.serialized().send_framework_message(executor_id, agent_id, data))
        })
    }
}

/// TaskStatus: asks for the latest state of these tasks; of all when there is none.
///
/// # Safety
/// `statuses` has `statuses_count` elements; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_reconcile_tasks(
    driver: mesos_scheduler_driver,
    statuses: *const mesos_bytes,
    statuses_count: usize,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| {
            let statuses = list(statuses, statuses_count, "statuses")?;
            Ok(driver.serialized().reconcile_tasks(&statuses))
        })
    }
}

/// FrameworkInfo with the framework's id, role names, scheduler.OfferConstraints (empty for
/// none): replaces the three.
///
/// # Safety
/// `suppressed_roles` has as many elements as said; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_driver_update_framework(
    driver: mesos_scheduler_driver,
    framework: mesos_bytes,
    suppressed_roles: *const mesos_bytes,
    suppressed_roles_count: usize,
    offer_constraints: mesos_bytes,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| {
            let framework = framework.get("framework")?;
            let roles = texts(suppressed_roles, suppressed_roles_count, "suppressed_roles")?;
            let constraints = offer_constraints.get("offer_constraints")?;
            Ok(driver.serialized().update_framework(framework, roles, Some(constraints)))
        })
    }
}
