// SPDX-License-Identifier: Apache-2.0

//! See [`mesos_fuzz::http`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mesos_fuzz::http::run(data));
