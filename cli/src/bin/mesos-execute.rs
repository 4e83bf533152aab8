// SPDX-License-Identifier: Apache-2.0

//! Runs one task, or one task group, and tells what becomes of it.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // Colours would only litter a file.
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(is_terminal).init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    mesos_cli::execute::main(&arguments).await
}
