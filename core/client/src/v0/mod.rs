// SPDX-License-Identifier: Apache-2.0

//! The native API of Mesos (v0): blocking drivers that call back.
//!
//! This is what `MesosSchedulerDriver` and `MesosExecutorDriver` of C++, Java
//! and Python are made of; a Rust framework that likes callbacks can use it too:
//!
//! ```no_run
//! use mesos_client::v0::{CallbackResult, Scheduler, SchedulerDriver, Status};
//! use mesos_client::v1::{Filters, FrameworkInfo, Offer};
//!
//! struct Decliner;
//!
//! impl Scheduler for Decliner {
//!     fn resource_offers(&mut self, driver: &SchedulerDriver, offers: Vec<Offer>) -> CallbackResult {
//!         for offer in offers {
//!             driver.decline_offer(offer.id, Filters::default());
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let framework = FrameworkInfo { name: "decliner".into(), ..Default::default() };
//! let driver = SchedulerDriver::builder(Decliner, framework, "127.0.0.1:5050").build();
//! assert_eq!(driver.run(), Status::Stopped);
//! ```
//!
//! # What holds for both drivers
//!
//! - Callbacks come one after another on one thread of the driver's own, and none after
//!   `join` has returned. An `error` out of `start` comes on the thread of `start`.
//! - Every method may be called on any thread and inside of callbacks. `join` inside of a
//!   callback would wait for itself: it returns the status at once.
//! - `stop` and `abort` do not wait. `join` waits for the callback that runs, and after `stop`
//!   for the answers to what was sent before (5 s at most).
//! - A callback that panics or returns an error aborts the driver; [`SchedulerDriver::failure`]
//!   then has the text, and `error` is not called.
//! - Misuse (see `mesos_driver::v0`) and arguments that are no protobuf of the right kind abort
//!   the driver, and `error` is called with the reason.
//! - A method that finds too many calls without an answer waits for room.
//! - Dropping a driver that was not stopped ends it without a TEARDOWN, and waits for the callback
//!   that runs, unless dropped inside of it, and half a second at most for a master that has been
//!   sent everything and does not answer (5 s for one that does not read, and for an agent).
//! - Nobody waits for a driver that is being started (`local` takes seconds) but `start`; it counts
//!   as running, and what it is asked meanwhile comes after that.
//! - In a child after `fork`, a driver of the parent does nothing, and its methods return
//!   [`Status::Aborted`].

mod arguments;
mod executor;
mod scheduler;

pub use mesos_driver::v0::Status;

pub use crate::calling_back::callbacks::{CallbackError, CallbackResult};

pub use self::{
    executor::{Executor, ExecutorDriver, ExecutorDriverBuilder, SerializedExecutor},
    scheduler::{
        Scheduler, SchedulerDriver, SchedulerDriverBuilder, SerializedMethods, SerializedScheduler,
    },
};
