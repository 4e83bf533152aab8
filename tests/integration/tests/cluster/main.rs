// SPDX-License-Identifier: Apache-2.0

//! Scenarios on real clusters, each with a master and agents of its own.

mod commands;
mod executors;
mod failover;
mod fetching;
mod kills;
mod restarts;
mod third_party;
mod tools;
mod users;
