// SPDX-License-Identifier: Apache-2.0

//! The native executor driver.

use std::{
    collections::BTreeMap,
    ffi::{c_char, c_void},
};

use mesos_client::v0::{CallbackError, CallbackResult, ExecutorDriver, SerializedExecutor, Status};

use crate::{
    boundary::{check_size, guard, read, write},
    bytes::{mesos_bytes, text},
    error::{Fault, mesos_error},
    handles::{self, Handles},
    scheduler::mesos_status,
};

static DRIVERS: Handles<ExecutorDriver> = Handles::new("executor driver");

/// An executor driver; all zero is none.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mesos_executor_driver {
    /// Its number.
    pub id: u64,
}

/// What an executor is called with; see mesos_scheduler_callbacks.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mesos_executor_callbacks {
    /// sizeof(struct mesos_executor_callbacks).
    pub size: usize,
    /// Given to each callback.
    pub context: *mut c_void,
    /// ExecutorInfo, FrameworkInfo, SlaveInfo: subscribed for the first time.
    pub registered: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_executor_driver,
            executor: mesos_bytes,
            framework: mesos_bytes,
            agent: mesos_bytes,
        ) -> bool,
    >,
    /// SlaveInfo: the agent has restarted.
    pub reregistered: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_executor_driver,
            agent: mesos_bytes,
        ) -> bool,
    >,
    /// The agent is away; it is waited for.
    pub disconnected:
        Option<unsafe extern "C" fn(context: *mut c_void, driver: mesos_executor_driver) -> bool>,
    /// TaskInfo: run it, without blocking.
    pub launch_task: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_executor_driver,
            task: mesos_bytes,
        ) -> bool,
    >,
    /// TaskID: stop it.
    pub kill_task: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_executor_driver,
            task_id: mesos_bytes,
        ) -> bool,
    >,
    /// The message itself.
    pub framework_message: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_executor_driver,
            data: mesos_bytes,
        ) -> bool,
    >,
    /// Stop every task and the driver; the process is killed when its grace period is over.
    pub shutdown:
        Option<unsafe extern "C" fn(context: *mut c_void, driver: mesos_executor_driver) -> bool>,
    /// UTF-8 without NUL at its end: the driver cannot go on, and has been aborted.
    pub error: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            driver: mesos_executor_driver,
            message: mesos_bytes,
        ) -> bool,
    >,
    /// No callback will come any more; called once.
    pub release: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

/// The callbacks with the driver's handle.
struct Callbacks {
    table: mesos_executor_callbacks,
    driver: mesos_executor_driver,
}

// SAFETY: the caller of `mesos_executor_driver_new` says that the context may be used on the
// driver's threads, and they use it one at a time.
unsafe impl Send for Callbacks {}

impl Drop for Callbacks {
    fn drop(&mut self) {
        if let Some(release) = self.table.release {
            // SAFETY: the caller of `mesos_executor_driver_new` says so.
            unsafe { release(self.table.context) };
        }
    }
}

/// Calls `$name` of the table, if it is there.
macro_rules! call {
    ($self:ident, $name:ident $(, $argument:expr)*) => {
        match $self.table.$name {
            Some(function) => {
                // SAFETY: the caller of `mesos_executor_driver_new` says that the function can be
                // called with its context; the bytes outlive the call.
                let good = unsafe { function($self.table.context, $self.driver $(, $argument)*) };
                if good {
                    Ok(())
                } else {
                    let name = stringify!($name);
                    Err(CallbackError(format!("the callback '{name}' failed")))
                }
            }
            None => Ok(()),
        }
    };
}

impl SerializedExecutor for Callbacks {
    fn registered(
        &mut self,
        _: &ExecutorDriver,
        executor: &[u8],
        framework: &[u8],
        agent: &[u8],
    ) -> CallbackResult {
        let (executor, framework) = (mesos_bytes::of(executor), mesos_bytes::of(framework));
        call!(self, registered, executor, framework, mesos_bytes::of(agent))
    }

    fn reregistered(&mut self, _: &ExecutorDriver, agent: &[u8]) -> CallbackResult {
        call!(self, reregistered, mesos_bytes::of(agent))
    }

    fn disconnected(&mut self, _: &ExecutorDriver) -> CallbackResult {
        call!(self, disconnected)
    }

    fn launch_task(&mut self, _: &ExecutorDriver, task: &[u8]) -> CallbackResult {
        call!(self, launch_task, mesos_bytes::of(task))
    }

    fn kill_task(&mut self, _: &ExecutorDriver, task_id: &[u8]) -> CallbackResult {
        call!(self, kill_task, mesos_bytes::of(task_id))
    }

    fn framework_message(&mut self, _: &ExecutorDriver, data: &[u8]) -> CallbackResult {
        call!(self, framework_message, mesos_bytes::of(data))
    }

    fn shutdown(&mut self, _: &ExecutorDriver) -> CallbackResult {
        call!(self, shutdown)
    }

    fn error(&mut self, _: &ExecutorDriver, message: &str) -> CallbackResult {
        call!(self, error, mesos_bytes::of(message.as_bytes()))
    }
}

/// Makes a driver, which does nothing before it is started. Returns whether it is made.
///
/// `environment` is an array of "NAME=value" that ends with NULL, as `environ` is; NULL for the
/// environment of this process. What is wrong with it is told by start, through `error`.
///
/// # Safety
/// The pointers are NULL or as their names say, the callbacks can be called on other threads with
/// their context until `release` is, and `driver` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_executor_driver_new(
    callbacks: *const mesos_executor_callbacks,
    environment: *const *const c_char,
    driver: *mut mesos_executor_driver,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: all pointers are as the caller says.
    unsafe {
        guard(error, false, || {
            mesos_client::log_to_stderr();
            let table = *read(callbacks, "callbacks")?;
            check_size::<mesos_executor_callbacks>(table.size, "callbacks")?;
            let environment = variables(environment)?;
            let handle = mesos_executor_driver { id: handles::reserve() };
            write(driver, handle, "driver")?;
            let callbacks = Callbacks { table, driver: handle };
            let mut builder = ExecutorDriver::builder_serialized(callbacks);
            if let Some(environment) = environment {
                builder = builder.environment(environment);
            }
            DRIVERS.insert(handle.id, builder.build());
            Ok(true)
        })
    }
}

/// Reads an array like `environ`; entries without '=' are skipped.
///
/// # Safety
/// `array` is NULL, or an array of NUL-terminated strings that ends with NULL.
pub(crate) unsafe fn variables(
    array: *const *const c_char,
) -> Result<Option<BTreeMap<String, String>>, Fault> {
    if array.is_null() {
        return Ok(None);
    }
    let mut variables = BTreeMap::new();
    let mut at = array;
    loop {
        // SAFETY: `at` is within the array, whose end was not reached.
        let entry = unsafe { at.read() };
        if entry.is_null() {
            return Ok(Some(variables));
        }
        // SAFETY: NUL-terminated, as the caller says.
        let entry = unsafe { text(entry, "an entry of 'environment'") }?;
        if let Some((name, value)) = entry.split_once('=') {
            variables.insert(name.to_owned(), value.to_owned());
        }
        // SAFETY: the entry was not the last.
        at = unsafe { at.add(1) };
    }
}

/// Ends the driver if it was not stopped, waits for the callback that runs unless called inside
/// of it, and frees it. A dead handle is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn mesos_executor_driver_free(driver: mesos_executor_driver) {
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
    driver: mesos_executor_driver,
    error: *mut *mut mesos_error,
    method: impl FnOnce(&ExecutorDriver) -> Result<Status, Fault>,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { guard(error, mesos_status::Invalid, || Ok(method(&DRIVERS.get(driver.id)?)?.into())) }
}

/// The status now.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_executor_driver_status(
    driver: mesos_executor_driver,
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
pub unsafe extern "C" fn mesos_executor_driver_start(
    driver: mesos_executor_driver,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { on(driver, error, |driver| Ok(driver.start())) }
}

/// Ends the driver, once the agent has what was sent. Does not wait.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_executor_driver_stop(
    driver: mesos_executor_driver,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { on(driver, error, |driver| Ok(driver.stop())) }
}

/// Ends the callbacks. Does not wait.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_executor_driver_abort(
    driver: mesos_executor_driver,
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
pub unsafe extern "C" fn mesos_executor_driver_join(
    driver: mesos_executor_driver,
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
pub unsafe extern "C" fn mesos_executor_driver_run(
    driver: mesos_executor_driver,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe { on(driver, error, |driver| Ok(driver.run())) }
}

/// TaskStatus: reports the state of a task, repeatedly until the scheduler has acknowledged it.
/// Its uuid, time and agent are filled in. TASK_STAGING is misuse and aborts the driver.
///
/// # Safety
/// The bytes are readable; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_executor_driver_send_status_update(
    driver: mesos_executor_driver,
    status: mesos_bytes,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| Ok(driver.send_status_update_serialized(status.get("status")?)))
    }
}

/// The message itself, which can be lost without a word.
///
/// # Safety
/// The bytes are readable; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_executor_driver_send_framework_message(
    driver: mesos_executor_driver,
    data: mesos_bytes,
    error: *mut *mut mesos_error,
) -> mesos_status {
    // SAFETY: as the caller says.
    unsafe {
        on(driver, error, |driver| Ok(driver.send_framework_message(data.get("data")?.to_vec())))
    }
}
