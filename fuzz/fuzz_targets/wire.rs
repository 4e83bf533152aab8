// SPDX-License-Identifier: Apache-2.0

//! See [`mesos_fuzz::wire`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mesos_fuzz::wire::run(data));
