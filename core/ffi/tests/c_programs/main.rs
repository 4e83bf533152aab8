// SPDX-License-Identifier: Apache-2.0

//! Programs in C against a real cluster: plain, under AddressSanitizer, and under valgrind; and
//! the scenarios of `tests/bindings/scenarios.toml`, in C and in Rust.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod compile;
mod detect;
mod freeing;
mod library;
mod refusals;
mod rust_scenarios;
mod scenarios;
mod smoke;
