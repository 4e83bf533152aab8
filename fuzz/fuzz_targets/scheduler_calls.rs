// SPDX-License-Identifier: Apache-2.0

//! See [`mesos_fuzz::scheduler_calls`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mesos_fuzz::scheduler_calls::run(data));
