// SPDX-License-Identifier: Apache-2.0

//! Mesos for Rust: frameworks and executors over the v1 HTTP APIs.
//!
//! A framework is a [`SchedulerClient`] to make calls with, and
//! [`SchedulerEvents`] to read:
//!
//! ```no_run
//! use mesos_client::{
//!     SchedulerClient, SchedulerEvent,
//!     v1::{FrameworkInfo, Filters},
//! };
//!
//! # async fn run() -> Result<(), mesos_client::Error> {
//! let framework = FrameworkInfo { name: "hello".into(), ..Default::default() };
//! let (client, mut events) = SchedulerClient::builder("127.0.0.1:5050", framework).start()?;
//! while let Some(event) = events.next().await? {
//!     match event {
//!         SchedulerEvent::Offers(offers) => {
//!             let ids = offers.into_iter().map(|offer| offer.id).collect();
//!             client.decline(ids, Filters::default()).await?;
//!         }
//!         SchedulerEvent::Update(status) => println!("{:?}", status.state()),
//!         other => println!("{other:?}"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! An executor is an [`ExecutorClient`] and its [`ExecutorEvents`]; the
//! environment that the agent gives it says all it needs:
//!
//! ```no_run
//! use mesos_client::{
//!     ExecutorClient, ExecutorEvent,
//!     v1::{TaskState, TaskStatus},
//! };
//!
//! # async fn run() -> Result<(), mesos_client::Error> {
//! let (client, mut events) = ExecutorClient::from_environment()?.start()?;
//! while let Some(event) = events.next().await? {
//!     match event {
//!         ExecutorEvent::Launch(task) => {
//!             let status = TaskStatus {
//!                 task_id: task.task_id,
//!                 state: TaskState::TaskFinished.into(),
//!                 ..Default::default()
//!             };
//!             client.update(status).await?;
//!         }
//!         ExecutorEvent::Shutdown { .. } => client.stop().await?,
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What the clients do by themselves (back-off, redirects, heartbeats, resent
//! updates and roles) is decided by the state machines of `mesos-driver`;
//! this crate gives them sockets and a clock.

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod calling_back;
mod clock;
mod content_type;
mod detection;
mod detector;
mod executor;
mod identity;
mod local;
#[cfg(feature = "logging")]
mod logging;
mod master;
mod scheduler;
mod transport;

pub mod raw;
pub mod v0;

pub use mesos_core::resources::Resources;
pub use mesos_driver::{
    Error, ErrorKind, Retry,
    executor::Event as ExecutorEvent,
    scheduler::{Accepted, Acknowledgement, Event as SchedulerEvent, Stopped},
};
pub use mesos_proto::v1;

#[cfg(feature = "logging")]
pub use self::logging::log_to_stderr;
pub use self::{
    content_type::ContentType,
    detection::MasterDetector,
    executor::{ExecutorBuilder, ExecutorClient, ExecutorEvents},
    scheduler::{SchedulerBuilder, SchedulerClient, SchedulerEvents},
};
