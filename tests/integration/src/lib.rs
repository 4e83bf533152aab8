// SPDX-License-Identifier: Apache-2.0

//! Real masters and agents on loopback, and frameworks to try them with.
//!
//! A [`Cluster`] is a master and agents with work directories of their own, on
//! ports that were free. Whatever they started is gone when it is dropped.
//! Nothing here sleeps for a fixed time: tests wait for a condition, with a
//! deadline.

mod binaries;
mod cluster;
mod daemon;
mod framework;
mod http;
mod processes;
pub mod program;
mod python;
pub mod scenarios;
mod tasks;
mod wait;
mod zookeeper;

pub use self::{
    binaries::binary,
    cluster::{Cluster, ClusterBuilder},
    daemon::{Daemon, free_port, free_ports},
    framework::TestFramework,
    http::get_json,
    processes::{mentioning, running, running_in},
    python::{Python, python_with},
    tasks::{command, task, with_uri},
    wait::{DEADLINE, until},
    zookeeper::ZooKeeper,
};
