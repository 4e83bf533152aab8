// SPDX-License-Identifier: Apache-2.0

//! `mesos-execute`: runs one task, or one task group, through the v1 API.
//!
//! Prints what Mesos's own `mesos-execute` prints. Exits with 0 only when
//! every task has finished. Refuses what it cannot do (uploading packages to
//! HDFS) instead of ignoring it.

mod container;
mod flags;
mod framework;
mod print;
mod runner;
mod work;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use mesos_client::{ContentType, SchedulerClient};
use mesos_flags::{Loaded, Source};

use self::{flags::Flags, runner::Runner, work::Work};

/// Why a task cannot even be asked for.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The command line is wrong; the help text helps.
    #[error("{0}")]
    Usage(String),
    /// A value is wrong.
    #[error("{0}")]
    Value(String),
}

/// Everything that follows from the command line.
#[derive(Debug)]
struct Plan {
    framework: mesos_client::v1::FrameworkInfo,
    work: Work,
    content_type: ContentType,
}

/// Runs the tool with `arguments`, the program's name not among them.
#[expect(clippy::print_stdout, reason = "it is a command line tool")]
pub async fn main(arguments: &[String]) -> ExitCode {
    let source = Source {
        program: "mesos-execute",
        arguments,
        environment: &[],
        prefix: "MESOS_",
        read_file: &|path| std::fs::read_to_string(path),
    };
    let flags: Flags = match mesos_flags::load(&source) {
        Ok(Loaded::Flags(flags, warnings)) => {
            for warning in warnings {
                eprintln!("{warning}");
            }
            flags
        }
        Ok(Loaded::Help(text)) => {
            println!("{text}");
            return ExitCode::SUCCESS;
        }
        Ok(Loaded::Version) => {
            println!("mesos 1.11.0 (mesos-rs {})", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}\n\nSee mesos-execute --help");
            return ExitCode::FAILURE;
        }
    };
    let plan = match plan(&flags) {
        Ok(plan) => plan,
        Err(ExecuteError::Usage(message)) => {
            eprintln!("{message}\n\nSee mesos-execute --help");
            return ExitCode::FAILURE;
        }
        Err(ExecuteError::Value(message)) => {
            eprintln!("{message}");
            return ExitCode::FAILURE;
        }
    };
    match execute(&flags, plan).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Checks the flags against each other, and makes of them what is to be run.
fn plan(flags: &Flags) -> Result<Plan, ExecuteError> {
    flags.check()?;
    let content_type = match flags.content_type.as_str() {
        "json" | "application/json" => ContentType::Json,
        "protobuf" | "application/x-protobuf" => ContentType::Protobuf,
        other => {
            return Err(ExecuteError::Value(format!(
                "Invalid content type '{other}'; expected 'protobuf' or 'json'"
            )));
        }
    };
    let framework = framework::info(flags)?;
    Ok(Plan { framework, work: work::from_flags(flags)?, content_type })
}

/// Runs the plan; whether everything has finished well.
async fn execute(flags: &Flags, plan: Plan) -> Result<bool, mesos_client::Error> {
    let mut builder = SchedulerClient::builder(&flags.master, plan.framework)
        .content_type(plan.content_type)
        .acknowledgement(mesos_client::Acknowledgement::Explicit);
    if let (Some(principal), Some(secret)) = (&flags.principal, &flags.secret) {
        builder = builder.credential(principal, secret.reveal());
    }
    let (client, events) = builder.start()?;
    let runner = Runner::new(client, plan.work, &flags.role, flags.kill_after);
    runner.run(events).await
}
