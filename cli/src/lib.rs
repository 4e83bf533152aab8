// SPDX-License-Identifier: Apache-2.0

//! The command line tools: `mesos-execute` and `mesos-local`.

pub mod execute;
pub mod local;
