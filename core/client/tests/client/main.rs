// SPDX-License-Identifier: Apache-2.0

//! The clients against a server whose answers are written by hand.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod executor;
mod fake_server;
mod goldens;
mod native_executor;
mod native_scheduler;
mod raw;
mod scheduler;
