// SPDX-License-Identifier: Apache-2.0

//! The master's life, from the outside.

mod agents;
mod failover;
mod frameworks;
mod offers;
mod slice;
mod tasks;
