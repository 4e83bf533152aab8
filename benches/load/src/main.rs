// SPDX-License-Identifier: Apache-2.0

//! The program `mesos-load`; see the library of the same name.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    match mesos_load::main(env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mesos-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}
