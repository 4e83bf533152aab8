// SPDX-License-Identifier: Apache-2.0

//! What master and agent have in common as processes.
//!
//! | module | what |
//! |---|---|
//! | [`clock`] | wall-clock time that never runs backwards |
//! | [`logging`] | log lines: where they go, and in which form |
//! | [`open_files`] | how many files the process may have open |
//! | [`worker_threads`] | how many threads it answers with |
//!
//! Nothing here knows what a daemon is for.

pub mod clock;
pub mod logging;
pub mod open_files;
pub mod worker_threads;
