// SPDX-License-Identifier: Apache-2.0

//! The program of the README of `mesos-client`, as it stands there: `hello-of-readme MASTER`.

#![allow(clippy::print_stdout, reason = "it tells the user what happens")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what comes besides need not be known here")]

include!(concat!(env!("OUT_DIR"), "/readme.rs"));
