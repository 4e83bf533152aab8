// SPDX-License-Identifier: Apache-2.0

//! See [`mesos_fuzz::agent_calls`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mesos_fuzz::agent_calls::run(data));
