// SPDX-License-Identifier: Apache-2.0

//! The program `mesos-load`; see the library of the same name.

use std::{env, process::ExitCode};

/// As in the master: the load shares the machine with what it measures.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match mesos_load::main(env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mesos-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}
