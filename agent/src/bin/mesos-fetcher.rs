// SPDX-License-Identifier: Apache-2.0

//! The `mesos-fetcher` program: puts the files of one container into its
//! sandbox, as the task's user, in a process that the agent bounds.

use std::process::ExitCode;

fn main() -> ExitCode {
    mesos_containerizer::fetcher::main()
}
