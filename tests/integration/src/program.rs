// SPDX-License-Identifier: Apache-2.0

//! Programs of other languages, run to their end.

use std::{
    io::Read,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a program may run.
const PATIENCE: Duration = Duration::from_secs(180);

/// Runs a command to its end, which must come in time: later it is killed.
///
/// # Panics
/// It cannot be started.
pub fn run(command: &mut Command) -> Output {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
    let out = child.stdout.take();
    let err = child.stderr.take();
    thread::scope(|scope| {
        let stdout = scope.spawn(move || all_of(out));
        let stderr = scope.spawn(move || all_of(err));
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            match child.try_wait().expect("a child can be waited for") {
                Some(status) => break status,
                None if Instant::now() > deadline => {
                    let _ = child.kill();
                    break child.wait().expect("a child can be waited for");
                }
                None => thread::sleep(Duration::from_millis(20)),
            }
        };
        let stdout = stdout.join().unwrap_or_default();
        Output { status, stdout, stderr: stderr.join().unwrap_or_default() }
    })
}

fn all_of(stream: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        let _ = stream.read_to_end(&mut bytes);
    }
    bytes
}

/// What a program printed, for a message.
#[must_use]
pub fn text(output: &Output) -> String {
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
