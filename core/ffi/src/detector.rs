// SPDX-License-Identifier: Apache-2.0

//! Following the leading master, for those who talk to it themselves.

use std::{
    ffi::{c_char, c_void},
    thread::{self, ThreadId},
};

use mesos_client::{MasterDetector, v0::CallbackError, v1::MasterInfo};
use prost::Message;

use crate::{
    boundary::{check_size, guard, read, write},
    bytes::{mesos_bytes, text},
    error::mesos_error,
    handles::{self, Handles},
};

static DETECTORS: Handles<MasterDetector> = Handles::new("detector");

/// A detector; all zero is none.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mesos_detector {
    /// Its number.
    pub id: u64,
}

/// What the user of a detector is called with. Members may be NULL.
///
/// The callbacks come one after another on one thread, perhaps before mesos_detector_open has
/// returned.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mesos_detector_callbacks {
    /// sizeof(struct mesos_detector_callbacks).
    pub size: usize,
    /// Given to each callback.
    pub context: *mut c_void,
    /// MasterInfo: this master leads now; empty (`len` 0) while none does. Returns whether it went
    /// well; false ends the calls. A state that has passed while this ran is not told.
    pub detected: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            detector: mesos_detector,
            master: mesos_bytes,
        ) -> bool,
    >,
    /// No callback will come any more; called once.
    pub release: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

struct Callbacks {
    table: mesos_detector_callbacks,
    detector: mesos_detector,
    /// Who opens the detector; its callbacks come on another thread.
    opener: ThreadId,
}

// SAFETY: who opens a detector says that the context may be used on its thread.
unsafe impl Send for Callbacks {}

impl Drop for Callbacks {
    fn drop(&mut self) {
        // Otherwise it could not be opened, and whoever wanted it has its context still.
        if self.opener != thread::current().id()
            && let Some(release) = self.table.release
        {
            // SAFETY: who opened the detector says so.
            unsafe { release(self.table.context) };
        }
    }
}

impl Callbacks {
    fn detected(&self, master: Option<MasterInfo>) -> Result<(), CallbackError> {
        let Some(function) = self.table.detected else { return Ok(()) };
        let master = master.map(|it| it.encode_to_vec()).unwrap_or_default();
        // SAFETY: who opened the detector says that the function can be called; the bytes outlive
        // the call.
        let went_well =
            unsafe { function(self.table.context, self.detector, mesos_bytes::of(&master)) };
        if went_well {
            Ok(())
        } else {
            Err(CallbackError("the callback 'detected' failed".to_owned()))
        }
    }
}

/// Follows the leader of what a driver would be given as its master: zk://host:port,.../path,
/// host:port (which is told once), file:///path, or local (whose cluster lives as long as the
/// detector). While ZooKeeper does not answer, the leader stays. When this fails, `release` is
/// not called.
///
/// # Safety
/// The pointers are NULL or as their names say, the callbacks can be called on another thread with
/// their context until `release` is, and `detector` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_detector_open(
    callbacks: *const mesos_detector_callbacks,
    master: *const c_char,
    detector: *mut mesos_detector,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            mesos_client::log_to_stderr();
            let table = *read(callbacks, "callbacks")?;
            check_size::<mesos_detector_callbacks>(table.size, "callbacks")?;
            let master = text(master, "master")?;
            let handle = mesos_detector { id: handles::reserve() };
            write(detector, handle, "detector")?;
            let callbacks = Callbacks { table, detector: handle, opener: thread::current().id() };
            // The callback may use the handle at once: nobody finds it before it is there.
            DETECTORS.insert_with(handle.id, || {
                Ok(MasterDetector::open(master, move |master| callbacks.detected(master))?)
            })?;
            Ok(true)
        })
    }
}

/// Ends the detector, waits for the callback that runs unless called inside of it, and frees it. A
/// dead handle is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn mesos_detector_free(detector: mesos_detector) {
    // SAFETY: the error is not wanted.
    unsafe {
        guard(std::ptr::null_mut(), (), || {
            if let Some(detector) = DETECTORS.remove(detector.id) {
                detector.close();
            }
            Ok(())
        });
    }
}
