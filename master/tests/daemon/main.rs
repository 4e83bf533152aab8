// SPDX-License-Identifier: Apache-2.0

//! A whole master on loopback, with an agent and schedulers made of sockets.

mod agent;
mod daemon;
mod endpoints;
mod operator;
mod registry;
mod scheduler;
mod tasks;
