// SPDX-License-Identifier: Apache-2.0

//! The clients against a server whose answers are written by hand.

mod executor;
mod fake_server;
mod scheduler;
