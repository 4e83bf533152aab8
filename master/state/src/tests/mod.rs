// SPDX-License-Identifier: Apache-2.0

//! The master's life, from the outside.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test picks one kind of output")]

mod agents;
mod failover;
mod frameworks;
mod hostile;
mod offers;
mod slice;
mod tasks;
mod transcript;
