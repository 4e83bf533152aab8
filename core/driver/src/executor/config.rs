// SPDX-License-Identifier: Apache-2.0

//! What an executor driver is told before it starts, most of it by the
//! environment that the agent gives to an executor.

use std::time::Duration;

use mesos_proto::v1::{ExecutorId, FrameworkId};

/// How an executor outlives its agent (frameworks with `checkpoint`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// How long the executor waits for the agent to come back (`MESOS_RECOVERY_TIMEOUT`).
    pub timeout: Duration,
    /// The longest delay between two attempts (`MESOS_SUBSCRIPTION_BACKOFF_MAX`).
    pub backoff_max: Duration,
}

/// The settings of an executor driver.
#[derive(Clone, Debug)]
pub struct Config {
    /// `MESOS_FRAMEWORK_ID`.
    pub framework_id: FrameworkId,
    /// `MESOS_EXECUTOR_ID`.
    pub executor_id: ExecutorId,
    /// Set with `MESOS_CHECKPOINT=1`; unset, losing the agent ends the executor.
    pub recovery: Option<Recovery>,
    /// How long the executor has to end after SHUTDOWN (`MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD`).
    pub shutdown_grace: Duration,
    /// How long an attempt may take until SUBSCRIBED has arrived. Default: 15 s.
    pub subscribe_timeout: Duration,
    /// How long `stop` waits for the answers to updates. Default: 5 s.
    pub stop_timeout: Duration,
    /// How often the executor shows the agent, and whatever tracks
    /// connections between them, that it is there. Default: 30 min.
    pub heartbeat_interval: Duration,
    /// How many calls may wait for their answer. Default: 10 000.
    pub outstanding_calls_max: usize,
}

impl Config {
    /// The defaults for one executor: no recovery, 5 s of grace.
    pub fn new(framework_id: FrameworkId, executor_id: ExecutorId) -> Self {
        Config {
            framework_id,
            executor_id,
            recovery: None,
            shutdown_grace: Duration::from_secs(5),
            subscribe_timeout: Duration::from_secs(15),
            stop_timeout: Duration::from_secs(5),
            heartbeat_interval: Duration::from_secs(30 * 60),
            outstanding_calls_max: 10_000,
        }
    }
}
