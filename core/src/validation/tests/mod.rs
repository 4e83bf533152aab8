// SPDX-License-Identifier: Apache-2.0

//! Refusals compared with those that Apache Mesos 1.11.0 was recorded to give.

mod calls;
mod golden;
mod launches;
mod operations;
mod rules;
