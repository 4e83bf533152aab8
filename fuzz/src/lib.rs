// SPDX-License-Identifier: Apache-2.0

//! What anyone may send to a daemon, made up by a fuzzer.
//!
//! One module for each target: `run` takes any bytes and panics only if
//! something is wrong with the code under test. Nothing here depends on
//! libFuzzer, so that a recorded input can be run anywhere.

pub mod agent_calls;
pub mod choice;
pub mod flags;
pub mod grammar;
pub mod http;
pub mod json;
pub mod recordio;
pub mod reregistration;
pub mod resources;
pub mod scheduler_calls;
pub mod trace;
pub mod wire;
