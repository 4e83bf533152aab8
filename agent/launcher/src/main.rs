// SPDX-License-Identifier: Apache-2.0

//! `mesos-launcher`: one container's first process.
//!
//! ```text
//! read the specification ─ become subreaper ─ start the command ─┐
//!      ┌─────────────────────────────────────────────────────────┘
//!      ▼                     destroy signal, or the command ended
//!   Watching ───────────────────────────────────────────────▶ Ending
//!      │ any other signal: to every process of the container     │ no process left
//!      └──────────────────────────────────────────────────       ▼
//!                                                           exit 0
//! ```
//!
//! If the container must not outlive its agent, a second thread waits for the
//! agent's end and then sends the signals that the agent would have sent.
//!
//! It decides nothing and logs nothing; what goes wrong before the command runs
//! is reported over the pipe and written to the command's standard error.
//! It is started by the agent only; a person who starts it is told so.

mod child;
mod orphan;
mod runtime;
mod signals;
mod watch;

use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::FromRawFd,
    process::ExitCode,
    time::Duration,
};

use mesos_launcher::{
    REPORT_FD, SPEC_FD,
    report::{Report, Stage},
    spec::{self, Spec},
};

/// What the world is told of a command that never ran: it exited with status 1.
const NEVER_RAN: i32 = 1 << 8;

fn main() -> ExitCode {
    if !signals::is_open(SPEC_FD) || !signals::is_open(REPORT_FD) {
        let text = "mesos-launcher is started by mesos-agent, for one container each time; \
                    it is of no use by hand\n";
        // Nobody is left to tell when standard error is closed as well.
        let _ = io::stderr().write_all(text.as_bytes());
        return ExitCode::from(64);
    }
    signals::detach();
    // SAFETY: both descriptors are open, as just checked, and nothing else owns them.
    let (specification, reports) =
        unsafe { (File::from_raw_fd(SPEC_FD), File::from_raw_fd(REPORT_FD)) };
    run(specification, Reports(reports));
    ExitCode::SUCCESS
}

/// The pipe to the agent, which may have gone.
struct Reports(File);

impl Reports {
    fn send(&mut self, report: Report) {
        // An agent that has restarted reads the status from the runtime directory.
        let _ = self.0.write_all(&report.encode());
    }
}

/// A step that failed before the command ran.
struct Failure {
    stage: Stage,
    error: io::Error,
}

fn run(specification: File, mut reports: Reports) {
    let spec = match read(specification) {
        Ok(spec) => spec,
        Err(failure) => return give_up(&failure, None, &mut reports),
    };
    let mut runtime = match runtime::Directory::claim(spec.runtime_directory.as_deref()) {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure { stage: Stage::RuntimeDirectory, error };
            return give_up(&failure, None, &mut reports);
        }
    };
    let command = match child::start(&spec) {
        Ok(pid) => pid,
        Err(failure) => return give_up(&failure, Some(&runtime), &mut reports),
    };
    if let Some(agent) = spec.agent
        && let Err(error) =
            orphan::end_with(agent.pid, Duration::from_millis(agent.grace_ms.into()))
    {
        complain(&format!("Failed to watch the agent: {error}"));
    }
    if let Err(error) = runtime.note_command(command) {
        complain(&format!("Failed to note the process id of the command: {error}"));
    }
    // The secrets in it are of no more use.
    drop(spec);
    reports.send(Report::Started { pid: command });
    watch::until_empty(command, |wait_status| {
        if let Err(error) = runtime.keep_status(wait_status) {
            complain(&format!("Failed to write the exit status of the command: {error}"));
        }
        reports.send(Report::Exited { wait_status });
    });
}

fn read(specification: File) -> Result<Spec, Failure> {
    let failed = |error| Failure { stage: Stage::Specification, error };
    let mut bytes = Vec::new();
    specification.take(spec::LONGEST as u64).read_to_end(&mut bytes).map_err(failed)?;
    Spec::decode(&bytes).map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))
}

fn give_up(failure: &Failure, runtime: Option<&runtime::Directory>, reports: &mut Reports) {
    complain(&format!("Failed to {}: {}", failure.stage, text_of(&failure.error)));
    let errno = failure.error.raw_os_error().unwrap_or(libc::EINVAL);
    reports.send(Report::Failed { stage: failure.stage, errno });
    if let Some(runtime) = runtime
        && let Err(error) = runtime.keep_status(NEVER_RAN)
    {
        complain(&format!("Failed to write the exit status of the command: {error}"));
    }
    reports.send(Report::Exited { wait_status: NEVER_RAN });
}

/// The system's words without Rust's addition of the error's number.
fn text_of(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

fn complain(text: &str) {
    // The standard error of the command is the last place to complain to.
    let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
}
